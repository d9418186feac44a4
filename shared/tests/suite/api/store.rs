//! A store in memory that runs the pure functions of `playback`, and fails when told to.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use ma_alexa::alexa::DeviceId;
use ma_alexa::clock::Timestamp;
use ma_alexa::config::Settings;
use ma_alexa::playback::{
    Asked, Claim, Digest, Echo, Household, ManualPairing, PlaybackEvent, Player, PlayerId, Push, PushPlan,
    Recorded, RequestId, Revival, Transition, Withdrawal,
};
use ma_alexa::store::{Activity, ActivityStore, PlaybackStore, Pushed, SetupStore, StoreError};

/// What the store does instead of serving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mood {
    #[default]
    Serves,
    IsDown,
    IsNewer,
    Panics,
    ForgetsActivity,
}

#[derive(Debug, Default)]
struct State {
    mood: Mood,
    players: BTreeMap<PlayerId, Player>,
    echos: BTreeMap<String, Echo>,
    settings: Settings,
    settings_reads: usize,
    activity: Vec<Activity>,
}

#[derive(Debug, Default)]
pub(super) struct MemoryStore(Mutex<State>);

impl MemoryStore {
    pub(super) fn set_mood(&self, mood: Mood) {
        self.lock().mood = mood;
    }

    pub(super) fn settings_reads(&self) -> usize {
        self.lock().settings_reads
    }

    pub(super) fn edit_player(&self, player: &str, edit: impl FnOnce(&mut Player)) {
        edit(self.lock().players.get_mut(&PlayerId::from(player)).unwrap());
    }

    pub(super) fn forget_echo(&self, device: &str) {
        self.lock().echos.remove(device);
    }

    /// A test that made the store panic goes on.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> Result<T, StoreError> {
        let mut state = self.lock();
        match state.mood {
            Mood::Serves | Mood::ForgetsActivity => Ok(work(&mut state)),
            Mood::IsDown => Err(StoreError::Unavailable("connection refused by 10.0.0.7".to_owned())),
            Mood::IsNewer => Err(StoreError::Newer { found: 9, known: 1 }),
            Mood::Panics => panic!("the store panics"),
        }
    }

    fn change(
        &self,
        player: &PlayerId,
        change: impl FnOnce(&mut Player) -> Transition,
    ) -> Result<Transition, StoreError> {
        self.with(|state| state.players.get_mut(player).map_or(Transition::Refused, change))
    }
}

#[async_trait]
impl PlaybackStore for MemoryStore {
    async fn household(&self, now: Timestamp) -> Result<Household, StoreError> {
        self.with(|state| Household {
            players: state.players.values().filter(|player| !player.is_expired(now)).cloned().collect(),
            echos: state.echos.values().filter(|echo| !echo.is_expired(now)).cloned().collect(),
            settings: state.settings.clone(),
        })
    }

    async fn note_asked(&self, asked: &Asked) -> Result<Transition, StoreError> {
        self.with(|state| {
            if let Some(echo) = state.echos.get_mut(asked.device.as_str()) {
                return echo.note(asked);
            }
            let device = asked.device.as_str().to_owned();
            state.echos.insert(device, Echo::first(asked));
            Transition::Made
        })
    }

    async fn push(&self, push: &Push) -> Result<Pushed, StoreError> {
        self.with(|state| {
            let known = state.players.get(&push.player).cloned();
            match (push.plan(known.as_ref()), known) {
                (PushPlan::Late(version), _) => Pushed { version, started: false },
                (PushPlan::Describe, Some(mut player)) => {
                    player.describe(push);
                    let version = player.version;
                    state.players.insert(push.player.clone(), player);
                    Pushed { version, started: false }
                }
                (_, known) => {
                    let player = Player::started(known.as_ref(), push);
                    let version = player.version;
                    state.players.insert(push.player.clone(), player);
                    Pushed { version, started: true }
                }
            }
        })
    }

    async fn record(&self, event: &PlaybackEvent, now: Timestamp) -> Result<Recorded, StoreError> {
        self.with(|state| {
            let mut players = state.players.values_mut();
            let player = players.find(|player| player.player.key() == event.token.player);
            let counted = player.and_then(|player| player.record(event, now).stands().then_some(player));
            counted.map_or(Recorded::Ignored, |player| Recorded::Counted(Box::new(player.clone())))
        })
    }

    async fn claim(&self, claim: &Claim) -> Result<Transition, StoreError> {
        self.change(&claim.player, |player| player.claim(claim))
    }

    async fn withdraw(&self, withdrawal: &Withdrawal) -> Result<Transition, StoreError> {
        self.change(&withdrawal.player, |player| player.withdraw(withdrawal))
    }

    async fn revive(&self, revival: &Revival) -> Result<Transition, StoreError> {
        self.change(&revival.player, |player| player.revive(revival))
    }

    async fn pair(&self, pairing: &ManualPairing) -> Result<bool, StoreError> {
        self.with(|state| {
            for player in state.players.values_mut() {
                let learned = player.pairing.as_ref().is_some_and(|pairing| !pairing.kind.is_manual());
                if learned && player.is_served_by(&pairing.device) {
                    player.pairing = None;
                }
            }
            let player = state.players.get_mut(&pairing.player);
            player.map(|player| player.pair(pairing)).is_some()
        })
    }

    async fn unpair(
        &self,
        device: &DeviceId,
        player: Option<&PlayerId>,
        _: &RequestId,
        at: Timestamp,
    ) -> Result<usize, StoreError> {
        self.with(|state| {
            state
                .players
                .values_mut()
                .filter(|known| player.is_none_or(|player| player == &known.player))
                .filter_map(|known| known.unpair(device, at).stands().then_some(()))
                .count()
        })
    }

    async fn make_dormant(&self, user: &Digest, at: Timestamp) -> Result<usize, StoreError> {
        self.with(|state| {
            state
                .players
                .values_mut()
                .filter_map(|player| player.make_dormant(user, at).stands().then_some(()))
                .count()
        })
    }
}

#[async_trait]
impl ActivityStore for MemoryStore {
    async fn note(&self, activity: &Activity) -> Result<(), StoreError> {
        self.with(|state| {
            if state.mood == Mood::ForgetsActivity {
                return Err(StoreError::Unavailable("no room".to_owned()));
            }
            state.activity.push(activity.clone());
            Ok(())
        })?
    }

    async fn recent(&self, limit: usize, _: Timestamp) -> Result<Vec<Activity>, StoreError> {
        self.with(|state| state.activity.iter().rev().take(limit).cloned().collect())
    }
}

#[async_trait]
impl SetupStore for MemoryStore {
    async fn settings(&self) -> Result<Settings, StoreError> {
        self.with(|state| {
            state.settings_reads += 1;
            state.settings.clone()
        })
    }

    async fn put_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        self.with(|state| state.settings = settings.clone())
    }
}
