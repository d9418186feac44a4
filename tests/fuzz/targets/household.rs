//! A household in memory, which a skill answers for. The Echo `kitchen` plays, and another start is open.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use ma_alexa::alexa::DeviceId;
use ma_alexa::clock::Timestamp;
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::config::{Config, Env, Settings};
use ma_alexa::deps::Deps;
use ma_alexa::playback::{
    AwaitStart, Claim, DeviceBinding, Echo, EchoReport, Household, KeepNext, KnownRoutes, LastRequest,
    ManualPairing, Metadata, PlayToken, Player, PlayerId, PlayerKey, Push, Rebind, RecordStray, Recorded,
    Revocation, RouteOutcome, ShortHash, StartReason, StreamUrl, Transition, WaitState, paired_by_hand,
};
use ma_alexa::skill::{Skill, SkillIdPolicy};
use ma_alexa::store::{Activity, ActivityStore, HandOverStore, PlaybackStore, PushResult, StoreError};
use ma_alexa::telemetry::Metrics;
use serde_json::Value;
use tokio::sync::watch;

use super::aside::unused;

/// When every request comes: 2026-11-22T08:00:00Z.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_795_334_400_000);

/// The Echo that plays.
const KITCHEN: &str = "kitchen";

/// The token of the play that goes on.
pub(super) fn token() -> &'static str {
    static TOKEN: LazyLock<String> = LazyLock::new(|| {
        let player = PlayerId::from("Kitchen").key();
        let random = SeededRandom::new(1);
        let issued_at = NOW.minus(Duration::from_mins(1));
        PlayToken::issue(player, 1, issued_at, StartReason::Start, &random)
            .map(|token| token.encode())
            .unwrap_or_default()
    });
    &TOKEN
}

/// The answer of a skill that has seen nothing but this household; none where it rejects the request.
pub(super) fn answer(body: &[u8]) -> Option<Value> {
    let answering = async {
        let answer = skill().answer(body).await.ok()?;
        serde_json::to_value(answer).ok()
    };
    super::finished(answering)?
}

fn skill() -> Skill {
    static CONFIG: LazyLock<Arc<Config>> = LazyLock::new(config);
    let deps = Deps {
        store: Arc::new(Kept::default()),
        clock: Arc::new(ManualClock::at(NOW)),
        random: Arc::new(SeededRandom::new(2)),
        // A panic is answered with a sentence, and shows only here.
        metrics: Arc::new(Metrics::to("fuzz", |line| assert!(!line.contains("\"Panics\":"), "{line}"))),
        config: Arc::clone(&CONFIG),
    };
    Skill::new(deps, SkillIdPolicy::Anything)
}

fn config() -> Arc<Config> {
    let env = Env::new(|name| match name {
        "STREAM_BASE_URL" => Some("https://music.example.com".to_owned()),
        "ART_BASE_URL" => Some("https://art.example.com".to_owned()),
        _ => None,
    });
    Arc::new(Config::from_env(&env).unwrap_or_default())
}

/// The players and Echos.
#[derive(Debug)]
pub(super) struct Kept(Mutex<Household>);

impl Default for Kept {
    fn default() -> Self {
        static BEGINNING: LazyLock<Household> = LazyLock::new(beginning);
        Self(Mutex::new(BEGINNING.clone()))
    }
}

fn beginning() -> Household {
    let mut kitchen = started("Kitchen", 60);
    let asked = LastRequest {
        device: DeviceId::from(KITCHEN.to_owned()),
        endpoint: None,
        user: None,
        locale: Some("en-US".to_owned()),
        request: "asked".to_owned(),
        at: NOW.minus(Duration::from_mins(1)),
    };
    let claim = Claim {
        player: kitchen.player.clone(),
        version: kitchen.version(),
        seen: None,
        seen_echo: None,
        device: asked.device.clone(),
        endpoint: None,
        user: None,
        request: asked.request.clone(),
        at: asked.at,
    };
    assert_eq!(kitchen.claim(&claim, None), Transition::Applied);
    Household {
        players: vec![kitchen, started("Office", 2)],
        echos: vec![Echo::first(&asked)],
        settings: Settings::default(),
    }
}

fn started(player: &str, seconds_ago: u64) -> Player {
    let address = format!("http://192.168.1.5:8097/flow/session/queue/item/{player}.flac");
    let Ok(stream) = StreamUrl::parse(&address) else { unreachable!("{address} is a stream") };
    let metadata = Metadata {
        title: Some("A <title> & more".to_owned()),
        artist: Some("An artist".to_owned()),
        album: None,
        image_url: Some("http://192.168.1.5:8095/imageproxy?path=cover.jpg".to_owned()),
        ..Metadata::default()
    };
    let at = NOW.minus(Duration::from_secs(seconds_ago));
    let push = Push {
        player: stream.player(),
        stream,
        grant: None,
        metadata,
        at,
        request: "push".to_owned(),
        is_play: false,
        can_skip_speech: None,
        reports_home: false,
    };
    Player::started(None, &push)
}

impl Kept {
    pub(super) fn lock(&self) -> MutexGuard<'_, Household> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, key: PlayerKey, change: impl FnOnce(&mut Player) -> Transition) -> Transition {
        let mut household = self.lock();
        let player = household.players.iter_mut().find(|player| player.player.key() == key);
        player.map_or(Transition::Rejected, change)
    }

    fn put_echo(&self, echo: Echo) {
        let mut household = self.lock();
        household.echos.retain(|known| known.device != echo.device);
        household.echos.push(echo);
    }

    fn put_players(&self, players: Vec<Player>) {
        let mut household = self.lock();
        for player in players {
            household.players.retain(|known| known.player != player.player);
            household.players.push(player);
        }
    }
}

#[async_trait]
impl PlaybackStore for Kept {
    async fn household(&self, _: Timestamp) -> Result<Household, StoreError> {
        Ok(self.lock().clone())
    }

    async fn record_request(&self, asked: &LastRequest) -> Result<Transition, StoreError> {
        let known = self.lock().echo(&asked.device).cloned();
        let Some(mut echo) = known else {
            self.put_echo(Echo::first(asked));
            return Ok(Transition::Applied);
        };
        let transition = echo.record_request(asked);
        self.put_echo(echo);
        Ok(transition)
    }

    async fn push(&self, _: &Push) -> Result<PushResult, StoreError> {
        Err(unused())
    }

    async fn record(&self, event: &EchoReport, now: Timestamp) -> Result<Recorded, StoreError> {
        let recorded = self.change(event.token.player, |player| player.record(event, now));
        let household = self.lock();
        let player = household.players.iter().find(|player| player.player.key() == event.token.player);
        Ok(match player.filter(|_| recorded.succeeded()) {
            Some(player) => Recorded::Applied(Box::new(player.clone())),
            None => Recorded::Stale,
        })
    }

    async fn learn_route(
        &self,
        device: &DeviceId,
        outcome: &RouteOutcome,
        now: Timestamp,
    ) -> Result<Option<KnownRoutes>, StoreError> {
        let mut household = self.lock();
        let echo = household.echos.iter_mut().find(|echo| echo.device == *device);
        Ok(echo.map(|echo| {
            echo.routes.learn(outcome.clone(), now);
            echo.routes.clone()
        }))
    }

    async fn restore(&self, over: &Player, now: Timestamp) -> Result<Transition, StoreError> {
        Ok(self.change(over.player.key(), |player| player.restore(over.version(), now)))
    }

    async fn keep_next(&self, keep: &KeepNext) -> Result<Transition, StoreError> {
        Ok(self.change(keep.player.key(), |player| player.keep_next(keep)))
    }

    async fn claim(&self, claim: &Claim, _: &Household) -> Result<Transition, StoreError> {
        let seen = claim.seen_echo.as_ref().and_then(|(device, _)| self.lock().echo(device).cloned());
        Ok(self.change(claim.player.key(), |player| player.claim(claim, seen.as_ref())))
    }

    async fn revoke(&self, revocation: &Revocation, _: &Household) -> Result<Transition, StoreError> {
        Ok(self.change(revocation.player.key(), |player| player.revoke(revocation)))
    }

    async fn record_stray(&self, record: &RecordStray, _: &Household) -> Result<Transition, StoreError> {
        Ok(self.change(record.player.key(), |player| player.record_stray(record)))
    }

    async fn rebind(&self, rebind: &Rebind, _: &Household) -> Result<Transition, StoreError> {
        Ok(self.change(rebind.player.key(), |player| player.rebind(rebind)))
    }

    async fn pair(&self, pairing: &ManualPairing) -> Result<bool, StoreError> {
        let household = self.lock().clone();
        let Some(player) = household.player(&pairing.player).cloned() else { return Ok(false) };
        self.put_players(paired_by_hand(player, &household.players, pairing));
        Ok(true)
    }

    async fn bind(&self, binding: &DeviceBinding) -> Result<Transition, StoreError> {
        let linked = self.lock().bind(binding);
        let Some(linked) = linked else { return Ok(Transition::AlreadyApplied) };
        linked.echos.into_iter().for_each(|echo| self.put_echo(echo));
        self.put_players(linked.players);
        Ok(Transition::Applied)
    }

    async fn unpair(&self, _: &DeviceId, _: Option<&PlayerId>, _: Timestamp) -> Result<usize, StoreError> {
        Err(unused())
    }

    async fn suspend(&self, user: &ShortHash, at: Timestamp) -> Result<usize, StoreError> {
        let mut household = self.lock();
        household.echos.retain(|echo| echo.user.as_ref() != Some(user));
        let changed = household.players.iter_mut().map(|player| player.suspend(user, at));
        Ok(changed.filter(|made| *made == Transition::Applied).count())
    }
}

#[async_trait]
impl HandOverStore for Kept {
    async fn await_start(&self, wait: &AwaitStart, _: &Household) -> Result<Transition, StoreError> {
        Ok(self.change(wait.player.key(), |player| player.await_start(wait)))
    }

    async fn send_steps(&self, _: PlayerKey, _: &str, _: Timestamp) -> Result<Option<i32>, StoreError> {
        Err(unused())
    }

    async fn hand_over(
        &self,
        player: PlayerKey,
        version: u64,
        at: Timestamp,
    ) -> Result<Transition, StoreError> {
        Ok(self.change(player, |player| player.hand_over(version, at)))
    }

    async fn silence(
        &self,
        player: PlayerKey,
        device: &DeviceId,
        _: Timestamp,
    ) -> Result<Transition, StoreError> {
        Ok(self.change(player, |player| player.silence(device)))
    }

    async fn wait_state(&self, _: PlayerKey, _: &str, _: Timestamp) -> Result<WaitState, StoreError> {
        Err(unused())
    }

    async fn end_wait(&self, _: PlayerKey, _: &str, _: Timestamp) -> Result<WaitState, StoreError> {
        Err(unused())
    }

    fn hand_overs(&self) -> watch::Receiver<u64> {
        watch::Sender::new(0).subscribe()
    }
}

#[async_trait]
impl ActivityStore for Kept {
    async fn note(&self, activity: &Activity) -> Result<(), StoreError> {
        assert!(serde_json::to_string(activity).is_ok());
        Ok(())
    }

    async fn recent(&self, _: usize, _: Timestamp) -> Result<Vec<Activity>, StoreError> {
        Err(unused())
    }
}
