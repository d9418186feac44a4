//! A binding: rare, and spread over several items, so that it begins with a read.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::expression::Expression;
use super::table::{self, TransactResult};
use super::{DynamoStore, MAX_ATTEMPTS};
use crate::clock::Timestamp;
use crate::playback::{DeviceBinding, Echo, Household, Transition, short_hash};
use crate::store::StoreError;
use crate::store::item::{self, PLAY};

impl DynamoStore {
    /// One query and one transaction, again where something changed in between.
    pub(super) async fn write_binding(&self, binding: &DeviceBinding) -> Result<Transition, StoreError> {
        for attempt in 0..MAX_ATTEMPTS {
            let household = item::household(&self.table.all(PLAY).await?, binding.at)?;
            let Some(linked) = household.bind(binding) else {
                return Ok(Transition::AlreadyApplied);
            };
            let mut writes = self.player_writes(&household.players, &linked.players, binding.at)?;
            for echo in &linked.echos {
                writes.push(self.echo_write(&household, echo, binding.at)?);
            }
            let (key, entry) = item::binding_activity(binding);
            writes.push(self.table.transact_put(&key, &entry, None)?);
            let (table, at) = (self.table.name(), binding.at.millis());
            let token =
                short_hash(&format!("{table} link {} {} {at} {attempt}", binding.request, binding.player));
            if let TransactResult::Made = self.table.write_all(writes, Some(token.as_str())).await? {
                return Ok(Transition::Applied);
            }
        }
        Err(table::contention(&item::player_key(binding.player.key())))
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
