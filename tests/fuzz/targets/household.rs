//! A household in memory, which a skill answers for. The Echo `kitchen` plays, and another start is open.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use ma_alexa::account::{
    Code, CodeUse, DeviceList, Errand, ErrandKind, Lane, LaneAnswer, LaneLeave, LaneState, LaneWish,
    LeaseAnswer, LeaseWish, Sent, VolumeWish, Volumes, Wanted,
};
use ma_alexa::alexa::DeviceId;
use ma_alexa::clock::Timestamp;
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::config::Settings;
use ma_alexa::config::{Env, SkillIds, SpeechOverrides, StreamOverrides};
use ma_alexa::playback::{
    Asked, Claim, Digest, Echo, Household, Link, ManualPairing, Metadata, Origin, PlayToken, PlaybackEvent,
    Player, PlayerId, PlayerKey, Push, Recorded, RequestId, Revival, StreamUrl, Transition, Wanting,
    Withdrawal, paired_by_hand,
};
use ma_alexa::skill::{Accepts, Skill, SkillConfig, SkillParts};
use ma_alexa::store::{
    AccountStore, Activity, ActivityStore, CodeStore, Document, HeldDocument, PlaybackStore, Pushed,
    SettingsChange, SetupStore, StoreError,
};
use ma_alexa::telemetry::Metrics;
use serde_json::Value;

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
        PlayToken::issue(player, 1, issued_at, Origin::Start, &random)
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
    static CONFIG: LazyLock<SkillConfig> = LazyLock::new(config);
    Skill::new(SkillParts {
        store: Arc::new(Kept::default()),
        config: CONFIG.clone(),
        accepts: Accepts::Anything,
        // A panic is answered with a sentence, and shows only here.
        metrics: Arc::new(Metrics::to("fuzz", |line| assert!(!line.contains("\"Panics\":"), "{line}"))),
        clock: Arc::new(ManualClock::at(NOW)),
        random: Arc::new(SeededRandom::new(2)),
    })
}

fn config() -> SkillConfig {
    let env = Env::new(|name| match name {
        "STREAM_BASE_URL" => Some("https://music.example.com".to_owned()),
        "ART_BASE_URL" => Some("https://art.example.com".to_owned()),
        _ => None,
    });
    SkillConfig {
        skill_ids: SkillIds::default(),
        streams: StreamOverrides::from_env(&env).unwrap_or_default(),
        speech: SpeechOverrides::from_env(&env).unwrap_or_default(),
    }
}

/// The players and Echos.
#[derive(Debug)]
struct Kept(Mutex<Household>);

impl Default for Kept {
    fn default() -> Self {
        static BEGINNING: LazyLock<Household> = LazyLock::new(beginning);
        Self(Mutex::new(BEGINNING.clone()))
    }
}

fn beginning() -> Household {
    let mut kitchen = started("Kitchen", 60);
    let asked = Asked {
        device: DeviceId::from(KITCHEN.to_owned()),
        endpoint: None,
        user: None,
        locale: Some("en-US".to_owned()),
        request: "asked".to_owned(),
        at: NOW.minus(Duration::from_mins(1)),
    };
    let claim = Claim {
        player: kitchen.player.clone(),
        version: kitchen.version,
        seen: None,
        seen_echo: None,
        device: asked.device.clone(),
        endpoint: None,
        user: None,
        request: asked.request.clone(),
        at: asked.at,
    };
    assert_eq!(kitchen.claim(&claim, None), Transition::Made);
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
        artist: Some("Somebody".to_owned()),
        album: None,
        image_url: Some("http://192.168.1.5:8095/imageproxy?path=cover.jpg".to_owned()),
    };
    let at = NOW.minus(Duration::from_secs(seconds_ago));
    let push =
        Push { player: stream.player(), stream, metadata, at, request: "push".to_owned(), is_play: false };
    Player::started(None, &push)
}

impl Kept {
    fn lock(&self) -> MutexGuard<'_, Household> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, key: PlayerKey, change: impl FnOnce(&mut Player) -> Transition) -> Transition {
        let mut household = self.lock();
        let player = household.players.iter_mut().find(|player| player.player.key() == key);
        player.map_or(Transition::Refused, change)
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

    async fn note_asked(&self, asked: &Asked) -> Result<Transition, StoreError> {
        let known = self.lock().echo(&asked.device).cloned();
        let Some(mut echo) = known else {
            self.put_echo(Echo::first(asked));
            return Ok(Transition::Made);
        };
        let transition = echo.note(asked);
        self.put_echo(echo);
        Ok(transition)
    }

    async fn push(&self, _: &Push) -> Result<Pushed, StoreError> {
        Err(unused())
    }

    async fn record(&self, event: &PlaybackEvent, now: Timestamp) -> Result<Recorded, StoreError> {
        let recorded = self.change(event.token.player, |player| player.record(event, now));
        let household = self.lock();
        let player = household.players.iter().find(|player| player.player.key() == event.token.player);
        Ok(match player.filter(|_| recorded.stands()) {
            Some(player) => Recorded::Counted(Box::new(player.clone())),
            None => Recorded::Ignored,
        })
    }

    async fn give_back(&self, over: &Player, now: Timestamp) -> Result<Transition, StoreError> {
        Ok(self.change(over.player.key(), |player| player.give_back(over.version, now)))
    }

    async fn claim(&self, claim: &Claim) -> Result<Transition, StoreError> {
        let seen = claim.seen_echo.as_ref().and_then(|(device, _)| self.lock().echo(device).cloned());
        Ok(self.change(claim.player.key(), |player| player.claim(claim, seen.as_ref())))
    }

    async fn withdraw(&self, withdrawal: &Withdrawal) -> Result<Transition, StoreError> {
        Ok(self.change(withdrawal.player.key(), |player| player.withdraw(withdrawal)))
    }

    async fn want(&self, wanting: &Wanting) -> Result<Transition, StoreError> {
        Ok(self.change(wanting.player.key(), |player| player.want(wanting)))
    }

    async fn revive(&self, revival: &Revival) -> Result<Transition, StoreError> {
        Ok(self.change(revival.player.key(), |player| player.revive(revival)))
    }

    async fn pair(&self, pairing: &ManualPairing) -> Result<bool, StoreError> {
        let household = self.lock().clone();
        let Some(player) = household.player(&pairing.player).cloned() else { return Ok(false) };
        self.put_players(paired_by_hand(player, &household.players, pairing));
        Ok(true)
    }

    async fn link(&self, link: &Link) -> Result<Transition, StoreError> {
        let linked = self.lock().link(link);
        let Some(linked) = linked else { return Ok(Transition::Repeated) };
        linked.echos.into_iter().for_each(|echo| self.put_echo(echo));
        self.put_players(linked.players);
        Ok(Transition::Made)
    }

    async fn unpair(
        &self,
        _: &DeviceId,
        _: Option<&PlayerId>,
        _: &RequestId,
        _: Timestamp,
    ) -> Result<usize, StoreError> {
        Err(unused())
    }

    async fn make_dormant(&self, user: &Digest, at: Timestamp) -> Result<usize, StoreError> {
        let mut household = self.lock();
        household.echos.retain(|echo| echo.user.as_ref() != Some(user));
        let changed = household.players.iter_mut().map(|player| player.make_dormant(user, at));
        Ok(changed.filter(|made| *made == Transition::Made).count())
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

#[async_trait]
impl SetupStore for Kept {
    async fn settings(&self) -> Result<Settings, StoreError> {
        Ok(self.lock().settings.clone())
    }

    async fn put_settings(&self, _: &Settings) -> Result<(), StoreError> {
        Err(unused())
    }

    async fn change_settings(&self, _: SettingsChange) -> Result<Settings, StoreError> {
        Err(unused())
    }

    async fn document(&self, _: Document) -> Result<Option<HeldDocument>, StoreError> {
        Err(unused())
    }

    async fn put_document(&self, _: Document, _: &Value, _: Option<u64>) -> Result<bool, StoreError> {
        Err(unused())
    }
}

#[async_trait]
impl CodeStore for Kept {
    async fn issue_code(&self, _: &Errand, _: Timestamp) -> Result<bool, StoreError> {
        Err(unused())
    }

    /// The first code is that of the player `Kitchen`, and the second that of a player that is not known yet.
    async fn take_code(&self, code: &Code, taken: &CodeUse) -> Result<Option<Errand>, StoreError> {
        let player = match code {
            code if *code == Code::nth(0) => "Kitchen",
            code if *code == Code::nth(1) => "Garden",
            _ => return Ok(None),
        };
        let mut errand = Errand {
            code: code.clone(),
            serial: format!("G0{player}"),
            player: PlayerId::from(player),
            kind: ErrandKind::Identify,
            used: None,
            expires_at: NOW.plus(Errand::LASTS).seconds(),
        };
        Ok(errand.take(taken).stands().then_some(errand))
    }

    async fn errand(&self, _: &Code, _: Timestamp) -> Result<Option<Errand>, StoreError> {
        Err(unused())
    }
}

/// A skill does not ask for any of this.
#[async_trait]
impl AccountStore for Kept {
    async fn take_lane(&self, _: Lane, _: &LaneWish) -> Result<LaneAnswer, StoreError> {
        Err(unused())
    }

    async fn leave_lane(&self, _: Lane, _: &LaneLeave) -> Result<(), StoreError> {
        Err(unused())
    }

    async fn lane(&self, _: Lane) -> Result<LaneState, StoreError> {
        Err(unused())
    }

    async fn take_renewal(&self, _: &LeaseWish) -> Result<LeaseAnswer, StoreError> {
        Err(unused())
    }

    async fn leave_renewal(&self, _: &str) -> Result<(), StoreError> {
        Err(unused())
    }

    async fn want_volumes(&self, _: &[VolumeWish], _: Timestamp) -> Result<Wanted, StoreError> {
        Err(unused())
    }

    async fn note_volumes(&self, _: &[(String, Sent)]) -> Result<(), StoreError> {
        Err(unused())
    }

    async fn volumes(&self) -> Result<Volumes, StoreError> {
        Err(unused())
    }

    async fn devices(&self) -> Result<Option<DeviceList>, StoreError> {
        Err(unused())
    }

    async fn put_devices(&self, _: Option<&DeviceList>) -> Result<(), StoreError> {
        Err(unused())
    }
}

fn unused() -> StoreError {
    StoreError::Unavailable("no skill asks for this".to_owned())
}
