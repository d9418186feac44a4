//! The store's traits.

use async_trait::async_trait;
use serde_json::Value;

use super::DynamoStore;
use super::account::if_revision;
use super::expression::Expression;
use super::table::WriteResult;
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::config::Settings;
use crate::playback::{
    Claim, DeviceBinding, Household, LastRequest, ManualPairing, PlaybackEvent, Player, PlayerId, Push,
    Rebind, RecordStray, Recorded, RequestId, Revocation, ShortHash, Transition,
};
use crate::store::document;
use crate::store::item::{self, ACTIVITY, PLAY, SETTINGS};
use crate::store::{
    ACTIVITY_KEPT, Activity, ActivityStore, Document, PlaybackStore, PushResult, SettingsChange, SetupStore,
    StoreError, VersionedDocument,
};

#[async_trait]
impl PlaybackStore for DynamoStore {
    async fn household(&self, now: Timestamp) -> Result<Household, StoreError> {
        item::household(&self.table.all(PLAY).await?, now)
    }

    async fn record_request(&self, asked: &LastRequest) -> Result<Transition, StoreError> {
        self.write_asked(asked).await
    }

    async fn push(&self, push: &Push) -> Result<PushResult, StoreError> {
        self.write_push(push).await
    }

    async fn record(&self, event: &PlaybackEvent, now: Timestamp) -> Result<Recorded, StoreError> {
        self.write_event(event, now).await
    }

    async fn restore(&self, over: &Player, now: Timestamp) -> Result<Transition, StoreError> {
        self.write_restored(over, now).await
    }

    async fn claim(&self, claim: &Claim) -> Result<Transition, StoreError> {
        self.write_claim(claim).await
    }

    async fn revoke(&self, revocation: &Revocation) -> Result<Transition, StoreError> {
        self.write_revocation(revocation).await
    }

    async fn record_stray(&self, record: &RecordStray) -> Result<Transition, StoreError> {
        self.write_stray(record).await
    }

    async fn rebind(&self, rebind: &Rebind) -> Result<Transition, StoreError> {
        self.write_rebind(rebind).await
    }

    async fn pair(&self, pairing: &ManualPairing) -> Result<bool, StoreError> {
        self.write_pair(pairing).await
    }

    async fn bind(&self, binding: &DeviceBinding) -> Result<Transition, StoreError> {
        self.write_binding(binding).await
    }

    async fn unpair(
        &self,
        device: &DeviceId,
        player: Option<&PlayerId>,
        _: &RequestId,
        at: Timestamp,
    ) -> Result<usize, StoreError> {
        self.change_players(at, |found| {
            if player.is_some_and(|player| player != &found.player) {
                return Transition::Rejected;
            }
            found.unpair(device, at)
        })
        .await
    }

    async fn suspend(&self, user: &ShortHash, at: Timestamp) -> Result<usize, StoreError> {
        let household = self.household(at).await?;
        let changed = self.change_each(household.players, at, |found| found.suspend(user, at)).await?;
        for echo in household.echos.iter().filter(|echo| echo.user.as_ref() == Some(user)) {
            self.table.delete(&item::echo_key(&echo.device)).await?;
        }
        Ok(changed)
    }
}

#[async_trait]
impl ActivityStore for DynamoStore {
    async fn note(&self, activity: &Activity) -> Result<(), StoreError> {
        let mut nonce = [0; 8];
        self.random.fill(&mut nonce).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let entry = item::WithTtl { expires_at: activity.at.plus(ACTIVITY_KEPT).seconds(), item: activity };
        let key = item::activity_key(activity.at, nonce);
        self.table.put(&key, &entry, None).await.map(drop)
    }

    async fn recent(&self, limit: usize, now: Timestamp) -> Result<Vec<Activity>, StoreError> {
        // Entries expire in the order of their keys: none that expired stands before one that did not.
        item::read_all(&self.table.newest(ACTIVITY, limit).await?, now)
    }
}

#[async_trait]
impl SetupStore for DynamoStore {
    async fn settings(&self) -> Result<Settings, StoreError> {
        let found = self.table.get(SETTINGS).await?;
        Ok(found.as_ref().map(item::read).transpose()?.unwrap_or_default())
    }

    async fn put_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        let known = Expression::of_known_schema();
        match self.table.put(SETTINGS, settings, Some(&known)).await? {
            WriteResult::Refused(Some(newer)) => item::check_schema(&newer),
            WriteResult::Made(_) | WriteResult::Refused(None) => Ok(()),
        }
    }

    async fn change_settings(&self, change: SettingsChange) -> Result<Settings, StoreError> {
        self.update_document(SETTINGS, |settings: &mut Settings| {
            change(settings);
            settings.clone()
        })
        .await
    }

    async fn document(&self, which: Document) -> Result<Option<VersionedDocument>, StoreError> {
        let found = self.table.get(which.key()).await?;
        let written: Option<document::DocumentItem> = found.as_ref().map(item::read).transpose()?;
        written.map(|written| written.held(which)).transpose()
    }

    async fn put_document(
        &self,
        which: Document,
        content: &Value,
        read: Option<u64>,
    ) -> Result<bool, StoreError> {
        let write = document::DocumentItem::after(read, content);
        let WriteResult::Refused(found) =
            self.table.put(which.key(), &write, Some(&if_revision(read))).await?
        else {
            return Ok(true);
        };
        let found: Option<document::DocumentItem> = found.as_ref().map(item::read).transpose()?;
        // Our own write, whose answer was lost.
        Ok(found == Some(write))
    }
}
