//! A link: rare, and spread over several items, so that it begins with a read.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::expression::Expression;
use super::table::{self, Transacted};
use super::{DynamoStore, RACES};
use crate::clock::Timestamp;
use crate::playback::{Echo, Household, Link, Transition, digest};
use crate::store::StoreError;
use crate::store::item::{self, PLAY};

impl DynamoStore {
    /// One query and one transaction, again where something changed in between.
    pub(super) async fn write_link(&self, link: &Link) -> Result<Transition, StoreError> {
        for attempt in 0..RACES {
            let household = item::household(&self.table.all(PLAY).await?, link.at)?;
            let Some(linked) = household.link(link) else {
                return Ok(Transition::Repeated);
            };
            let mut writes = self.player_writes(&household.players, &linked.players, link.at)?;
            for echo in &linked.echos {
                writes.push(self.echo_write(&household, echo, link.at)?);
            }
            let (key, entry) = item::link_entry(link);
            writes.push(self.table.transact_put(&key, &entry, None)?);
            let (table, at) = (self.table.name(), link.at.millis());
            let token = digest(&format!("{table} link {} {} {at} {attempt}", link.request, link.player));
            if let Transacted::Made = self.table.write_all(writes, Some(token.as_str())).await? {
                return Ok(Transition::Made);
            }
        }
        Err(table::contended(&item::player_key(link.player.key())))
    }

    /// Writes an Echo as it is to be, if it has still the serial number that was read, or is still absent. When it
    /// asked is left as it is: that may change at the same moment.
    fn echo_write(
        &self,
        household: &Household,
        after: &Echo,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = item::echo_key(&after.device);
        let Some(before) = household.echo(&after.device) else {
            return self.table.transact_put(&key, after, Some(now));
        };
        let mut write = Expression::of_live(now);
        let same = match &before.serial {
            Some(serial) => write.equals("serial", serial),
            None => write.is_absent("serial"),
        };
        write.require(same);
        write.set_or_remove("serial", after.serial.as_ref());
        write.set_or_remove("name", after.name.as_ref());
        write.set_or_remove("endpoint", after.endpoint.as_ref());
        write.set_or_remove("user", after.user.as_ref());
        write.set_or_remove("locale", after.locale.as_ref());
        write.set("expires_at", after.expires_at);
        self.table.transact(&key, write)
    }
}
