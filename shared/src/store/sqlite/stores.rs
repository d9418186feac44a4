//! The store's traits: each write runs a pure function on the item that it finds.

use async_trait::async_trait;
use serde_json::Value;

use super::SqliteStore;
use super::items::Items;
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::config::Settings;
use crate::playback::{
    Claim, DeviceBinding, Echo, Household, LastRequest, ManualPairing, PlaybackEvent, Player, PlayerId,
    PlayerKey, Push, PushPlan, Rebind, RecordStray, Recorded, RequestId, Revocation, ShortHash, Transition,
    paired_by_hand, surplus,
};
use crate::store::document::DocumentItem;
use crate::store::item::{self, ACTIVITY, SETTINGS};
use crate::store::{
    ACTIVITY_KEPT, Activity, ActivityStore, Document, PlaybackStore, PushResult, SettingsChange, SetupStore,
    StoreError, VersionedDocument,
};

#[async_trait]
impl PlaybackStore for SqliteStore {
    async fn household(&self, now: Timestamp) -> Result<Household, StoreError> {
        self.read(move |items| items.household(now)).await
    }

    async fn record_request(&self, asked: &LastRequest) -> Result<Transition, StoreError> {
        let asked = asked.clone();
        self.write(move |items| {
            let found: Option<Echo> = items.live(&item::echo_key(&asked.device), asked.at)?;
            let (echo, transition) = match found {
                Some(mut echo) => {
                    let transition = echo.record_request(&asked);
                    (echo, transition)
                }
                None => (Echo::first(&asked), Transition::Applied),
            };
            if transition == Transition::Applied {
                items.put_echo(&echo)?;
            }
            Ok(transition)
        })
        .await
    }

    async fn push(&self, push: &Push) -> Result<PushResult, StoreError> {
        let push = push.clone();
        self.write(move |items| take_push(items, &push)).await
    }

    async fn record(&self, event: &PlaybackEvent, now: Timestamp) -> Result<Recorded, StoreError> {
        let event = event.clone();
        self.write(move |items| {
            let mut player = items.player(event.token.player, now)?;
            let recorded = change(items, player.as_mut(), |player| player.record(&event, now))?;
            Ok(match player.filter(|_| recorded.succeeded()) {
                Some(player) => Recorded::Applied(Box::new(player)),
                None => Recorded::Stale,
            })
        })
        .await
    }

    async fn restore(&self, over: &Player, now: Timestamp) -> Result<Transition, StoreError> {
        let version = over.version;
        self.transition(over.player.key(), now, move |player| player.restore(version, now)).await
    }

    async fn claim(&self, claim: &Claim) -> Result<Transition, StoreError> {
        let claim = claim.clone();
        self.write(move |items| {
            let seen_echo: Option<Echo> = match &claim.seen_echo {
                Some((device, _)) => items.live(&item::echo_key(device), claim.at)?,
                None => None,
            };
            let mut player = items.player(claim.player.key(), claim.at)?;
            change(items, player.as_mut(), |player| player.claim(&claim, seen_echo.as_ref()))
        })
        .await
    }

    async fn revoke(&self, revocation: &Revocation) -> Result<Transition, StoreError> {
        let revocation = revocation.clone();
        self.transition(revocation.player.key(), revocation.at, move |player| player.revoke(&revocation))
            .await
    }

    async fn record_stray(&self, record: &RecordStray) -> Result<Transition, StoreError> {
        let record = record.clone();
        self.transition(record.player.key(), record.at, move |player| player.record_stray(&record)).await
    }

    async fn rebind(&self, rebind: &Rebind) -> Result<Transition, StoreError> {
        let rebind = rebind.clone();
        self.transition(rebind.player.key(), rebind.at, move |player| player.rebind(&rebind)).await
    }

    async fn pair(&self, pairing: &ManualPairing) -> Result<bool, StoreError> {
        let pairing = pairing.clone();
        self.write(move |items| pair(items, &pairing)).await
    }

    async fn bind(&self, binding: &DeviceBinding) -> Result<Transition, StoreError> {
        let binding = binding.clone();
        self.write(move |items| bind(items, &binding)).await
    }

    async fn unpair(
        &self,
        device: &DeviceId,
        player: Option<&PlayerId>,
        _: &RequestId,
        at: Timestamp,
    ) -> Result<usize, StoreError> {
        let (device, only) = (device.clone(), player.cloned());
        self.write(move |items| {
            let wanted = |player: &Player| only.as_ref().is_none_or(|only| &player.player == only);
            let players = items.players(at)?.into_iter().filter(wanted);
            change_all(items, players, |player| player.unpair(&device, at))
        })
        .await
    }

    async fn suspend(&self, user: &ShortHash, at: Timestamp) -> Result<usize, StoreError> {
        let user = user.clone();
        self.write(move |items| {
            let household = items.household(at)?;
            for echo in household.echos.iter().filter(|echo| echo.user.as_ref() == Some(&user)) {
                items.remove(&item::echo_key(&echo.device))?;
            }
            change_all(items, household.players, |player| player.suspend(&user, at))
        })
        .await
    }
}

impl SqliteStore {
    async fn transition(
        &self,
        key: PlayerKey,
        at: Timestamp,
        transition: impl FnOnce(&mut Player) -> Transition + Send + 'static,
    ) -> Result<Transition, StoreError> {
        self.write(move |items| change(items, items.player(key, at)?.as_mut(), transition)).await
    }
}

/// Runs a pure function on a player, if there is one, and writes down what it changed.
fn change(
    items: &Items<'_>,
    player: Option<&mut Player>,
    change: impl FnOnce(&mut Player) -> Transition,
) -> Result<Transition, StoreError> {
    let Some(player) = player else {
        return Ok(Transition::Rejected);
    };
    let transition = change(player);
    if transition == Transition::Applied {
        items.put_player(player)?;
    }
    Ok(transition)
}

/// How many of the players a pure function changed.
fn change_all(
    items: &Items<'_>,
    players: impl IntoIterator<Item = Player>,
    transition: impl Fn(&mut Player) -> Transition,
) -> Result<usize, StoreError> {
    let mut changed = 0;
    for mut player in players {
        if change(items, Some(&mut player), &transition)? == Transition::Applied {
            changed += 1;
        }
    }
    Ok(changed)
}

fn take_push(items: &Items<'_>, push: &Push) -> Result<PushResult, StoreError> {
    let known = items.player(push.player.key(), push.at)?;
    let player = match (push.plan(known.as_ref()), known) {
        (PushPlan::Late(version), _) => {
            return Ok(PushResult { version, started: false });
        }
        (PushPlan::Describe, Some(mut player)) => {
            player.describe(push);
            player
        }
        (_, known) => {
            if known.is_none() {
                drop_surplus(items, push)?;
            }
            Player::started(known.as_ref(), push)
        }
    };
    items.put_player(&player)?;
    Ok(PushResult { version: player.version, started: player.was_started_by(&push.request) })
}

/// Makes room for a new player; see [`surplus`].
fn drop_surplus(items: &Items<'_>, push: &Push) -> Result<(), StoreError> {
    let mut players = items.players(push.at)?;
    players.push(Player::started(None, push));
    for old in surplus(&players, push) {
        items.remove(&item::player_key(old.player.key()))?;
    }
    Ok(())
}

fn pair(items: &Items<'_>, pairing: &ManualPairing) -> Result<bool, StoreError> {
    let Some(player) = items.player(pairing.player.key(), pairing.at)? else {
        return Ok(false);
    };
    if player.was_paired_by(&pairing.request) {
        return Ok(true);
    }
    for changed in paired_by_hand(player, &items.players(pairing.at)?, pairing) {
        items.put_player(&changed)?;
    }
    Ok(true)
}

fn bind(items: &Items<'_>, binding: &DeviceBinding) -> Result<Transition, StoreError> {
    let Some(linked) = items.household(binding.at)?.bind(binding) else {
        return Ok(Transition::AlreadyApplied);
    };
    for echo in &linked.echos {
        items.put_echo(echo)?;
    }
    for player in &linked.players {
        items.put_player(player)?;
    }
    let (key, entry) = item::binding_activity(binding);
    items.put(&key, &entry, Some(entry.expires_at))?;
    Ok(Transition::Applied)
}

#[async_trait]
impl ActivityStore for SqliteStore {
    async fn note(&self, activity: &Activity) -> Result<(), StoreError> {
        let activity = activity.clone();
        let mut nonce = [0; 8];
        self.shared.random.fill(&mut nonce).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        self.write(move |items| {
            let expires_at = activity.at.plus(ACTIVITY_KEPT).seconds();
            let entry = item::WithTtl { expires_at, item: &activity };
            items.put(&item::activity_key(activity.at, nonce), entry, Some(expires_at))
        })
        .await
    }

    async fn recent(&self, limit: usize, now: Timestamp) -> Result<Vec<Activity>, StoreError> {
        self.read(move |items| items.newest(ACTIVITY, limit, now)).await
    }
}

#[async_trait]
impl SetupStore for SqliteStore {
    async fn settings(&self) -> Result<Settings, StoreError> {
        self.read(|items| Ok(items.get_permanent(SETTINGS)?.unwrap_or_default())).await
    }

    async fn put_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        let settings = settings.clone();
        self.write(move |items| {
            items.check_schema(SETTINGS)?;
            items.put(SETTINGS, &settings, None)
        })
        .await
    }

    async fn change_settings(&self, change: SettingsChange) -> Result<Settings, StoreError> {
        self.write(move |items| {
            let mut settings: Settings = items.get_permanent(SETTINGS)?.unwrap_or_default();
            change(&mut settings);
            items.put(SETTINGS, &settings, None)?;
            Ok(settings)
        })
        .await
    }

    async fn document(&self, which: Document) -> Result<Option<VersionedDocument>, StoreError> {
        self.read(move |items| {
            let written: Option<DocumentItem> = items.get_permanent(which.key())?;
            written.map(|written| written.held(which)).transpose()
        })
        .await
    }

    async fn put_document(
        &self,
        which: Document,
        content: &Value,
        read: Option<u64>,
    ) -> Result<bool, StoreError> {
        let write = DocumentItem::after(read, content);
        self.write(move |items| {
            let found: Option<DocumentItem> = items.get_permanent(which.key())?;
            if found.map(|found| found.revision) != read {
                return Ok(false);
            }
            items.put(which.key(), &write, None)?;
            Ok(true)
        })
        .await
    }
}
