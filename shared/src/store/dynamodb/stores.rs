//! The store's traits.

use async_trait::async_trait;
use serde_json::Value;

use super::DynamoStore;
use super::account::unless_overtaken;
use super::expression::Expression;
use super::table::Written;
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::config::Settings;
use crate::playback::{
    Asked, Claim, Digest, Household, Link, ManualPairing, PlaybackEvent, Player, PlayerId, Push, Recorded,
    RequestId, Revival, Transition, Wanting, Withdrawal,
};
use crate::store::document;
use crate::store::item::{self, ACTIVITY, PLAY, SETTINGS};
use crate::store::{
    ACTIVITY_KEPT, Activity, ActivityStore, Document, HeldDocument, PlaybackStore, Pushed, SettingsChange,
    SetupStore, StoreError,
};

#[async_trait]
impl PlaybackStore for DynamoStore {
    async fn household(&self, now: Timestamp) -> Result<Household, StoreError> {
        item::household(&self.table.all(PLAY).await?, now)
    }

    async fn note_asked(&self, asked: &Asked) -> Result<Transition, StoreError> {
        self.write_asked(asked).await
    }

    async fn push(&self, push: &Push) -> Result<Pushed, StoreError> {
        self.write_push(push).await
    }

    async fn record(&self, event: &PlaybackEvent, now: Timestamp) -> Result<Recorded, StoreError> {
        self.write_event(event, now).await
    }

    async fn give_back(&self, over: &Player, now: Timestamp) -> Result<Transition, StoreError> {
        self.write_given_back(over, now).await
    }

    async fn claim(&self, claim: &Claim) -> Result<Transition, StoreError> {
        self.write_claim(claim).await
    }

    async fn withdraw(&self, withdrawal: &Withdrawal) -> Result<Transition, StoreError> {
        self.write_withdrawal(withdrawal).await
    }

    async fn want(&self, wanting: &Wanting) -> Result<Transition, StoreError> {
        self.write_wanting(wanting).await
    }

    async fn revive(&self, revival: &Revival) -> Result<Transition, StoreError> {
        self.write_revival(revival).await
    }

    async fn pair(&self, pairing: &ManualPairing) -> Result<bool, StoreError> {
        self.write_pair(pairing).await
    }

    async fn link(&self, link: &Link) -> Result<Transition, StoreError> {
        self.write_link(link).await
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
                return Transition::Refused;
            }
            found.unpair(device, at)
        })
        .await
    }

    async fn make_dormant(&self, user: &Digest, at: Timestamp) -> Result<usize, StoreError> {
        let household = self.household(at).await?;
        let changed = self.change_each(household.players, at, |found| found.make_dormant(user, at)).await?;
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
        let entry = item::Expiring { expires_at: activity.at.plus(ACTIVITY_KEPT).seconds(), item: activity };
        let key = item::activity_key(activity.at, nonce);
        self.table.put(&key, &entry, None).await.map(drop)
    }

    async fn recent(&self, limit: usize, now: Timestamp) -> Result<Vec<Activity>, StoreError> {
        // Entries expire in the order of their keys: none that expired stands before one that did not.
        item::readable(&self.table.newest(ACTIVITY, limit).await?, now)
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
            Written::Refused(Some(newer)) => item::check_schema(&newer),
            Written::Made(_) | Written::Refused(None) => Ok(()),
        }
    }

    async fn change_settings(&self, change: SettingsChange) -> Result<Settings, StoreError> {
        self.alter(SETTINGS, |settings: &mut Settings| {
            change(settings);
            settings.clone()
        })
        .await
    }

    async fn document(&self, which: Document) -> Result<Option<HeldDocument>, StoreError> {
        let found = self.table.get(which.key()).await?;
        let written: Option<document::Written> = found.as_ref().map(item::read).transpose()?;
        written.map(|written| written.held(which)).transpose()
    }

    async fn put_document(
        &self,
        which: Document,
        content: &Value,
        read: Option<u64>,
    ) -> Result<bool, StoreError> {
        let write = document::Written::after(read, content);
        let Written::Refused(found) =
            self.table.put(which.key(), &write, Some(&unless_overtaken(read))).await?
        else {
            return Ok(true);
        };
        let found: Option<document::Written> = found.as_ref().map(item::read).transpose()?;
        // Our own write, whose answer was lost.
        Ok(found == Some(write))
    }
}
