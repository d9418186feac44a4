//! Pairings follow an Echo to its new name, which is its player's id in Music Assistant.

use super::account::Account;
use crate::account::DeviceList;
use crate::store::{Activity, ActivityKind, StoreError};

impl Account {
    /// Lets pairings follow where a device has another name in `list` than in the list before. A list is a list,
    /// whatever becomes of that.
    pub(super) async fn follow_names(&self, before: Option<&DeviceList>, list: &DeviceList) {
        let is_new = |serial: &str, name: &str| {
            before.and_then(|before| before.get(serial)).is_none_or(|device| device.name != name)
        };
        if list.devices.iter().any(|device| is_new(&device.serial, &device.name))
            && let Err(error) = self.follow(list).await
        {
            tracing::warn!(%error, "the pairings of renamed Echos did not follow");
        }
    }

    async fn follow(&self, list: &DeviceList) -> Result<(), StoreError> {
        let now = self.clock().now();
        let household = self.store().household(now).await?;
        for link in list.renamed(&household, now) {
            let before = household.echo(&link.device).and_then(|echo| echo.name.clone()).unwrap_or_default();
            if self.store().bind(&link).await?.succeeded() {
                let (echo, player) = (link.device.short_hash(), link.player.clone());
                let kind = ActivityKind::Renamed { echo, before, player };
                self.store().note(&Activity { at: now, kind }).await?;
            }
        }
        Ok(())
    }
}
