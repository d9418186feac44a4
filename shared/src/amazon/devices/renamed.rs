//! Pairings follow an Echo to its new name, which is its player's id in Music Assistant.

use crate::account::DeviceList;
use crate::clock::Timestamp;
use crate::store::{Activity, ActivityKind, Store, StoreError};

/// Moves pairings to the new names of devices, where `list` differs from the list before. A failure is only logged.
pub(super) async fn follow_names(
    store: &dyn Store,
    now: Timestamp,
    before: Option<&DeviceList>,
    list: &DeviceList,
) {
    let is_new = |serial: &str, name: &str| {
        before.and_then(|before| before.get(serial)).is_none_or(|device| device.name != name)
    };
    if list.devices.iter().any(|device| is_new(&device.serial, &device.name))
        && let Err(error) = follow(store, now, list).await
    {
        tracing::warn!(%error, "the pairings of renamed Echos did not follow");
    }
}

async fn follow(store: &dyn Store, now: Timestamp, list: &DeviceList) -> Result<(), StoreError> {
    let household = store.household(now).await?;
    for binding in list.renamed(&household, now) {
        let before = household.echo(&binding.device).and_then(|echo| echo.name.clone()).unwrap_or_default();
        if store.bind(&binding).await?.succeeded() {
            let (echo, player) = (binding.device.short_hash(), binding.player.clone());
            let kind = ActivityKind::Renamed { echo, before, player };
            store.note(&Activity { at: now, kind }).await?;
        }
    }
    Ok(())
}
