//! The control at home over a stand-in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ma_alexa::clock::Clock as _;
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::config::Config;
use ma_alexa::control::{
    Action, Control as _, ControlRequest, MusicKind, MusicRequest, MusicSource, MusicUse, Reply, Suggestion,
};
use ma_alexa::deps::Deps;
use ma_alexa::home_control::HomeControl;
use ma_alexa::music_assistant::Connection;
use ma_alexa::playback::PlayerId;
use ma_alexa::renderer_report::RendererReports;
use ma_alexa::store::ActivityStore as _;
use ma_alexa::telemetry::Metrics;
use serde_json::{Value, json};

use crate::api::harness::{FakeSecrets, MA, OWNER, START, credentials, env};
use crate::api::store::FaultyStore;
use crate::music_assistant::stand_in::{Household, StandIn, TOKEN};

/// The control, and what is around it.
pub(super) struct Home {
    pub(super) control: HomeControl,
    pub(super) stand_in: StandIn,
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Arc<FaultyStore>,
    connection: Connection,
    deps: Deps,
    requests: AtomicU64,
}

impl Home {
    pub(super) async fn start(household: Household) -> Self {
        let stand_in = StandIn::start(household).await;
        Self::at(&stand_in.address().to_string(), stand_in)
    }

    /// A home whose Music Assistant is at another address than the stand-in.
    pub(super) fn at(address: &str, stand_in: StandIn) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let store = Arc::new(FaultyStore::new(clock.clone()));
        let secrets = FakeSecrets::with_both_pairs();
        let mut kept = credentials(OWNER, MA);
        kept.ma_token = Some(TOKEN.into());
        secrets.set(Ok(Some(kept)));
        let deps = Deps {
            store: store.clone(),
            clock: clock.clone(),
            random: Arc::new(SeededRandom::new(1)),
            metrics: Arc::new(Metrics::exposed(START)),
            config: Arc::new(Config::from_env(&env(&[("MA_API_URL", address)])).unwrap()),
        };
        let connection = Connection::new(&deps, secrets, RendererReports::default());
        let control = HomeControl::new(&deps, connection.clone());
        Self { control, stand_in, clock, store, connection, deps, requests: AtomicU64::default() }
    }

    /// The control of a process that starts later, over the same store.
    pub(super) async fn later(&self) -> HomeControl {
        let control = HomeControl::new(&self.deps, self.connection.clone());
        control.resume_timers().await;
        control
    }

    /// What a person at the kitchen's Echo asks for, in English.
    pub(super) fn request(&self, action: Action) -> ControlRequest {
        let id = format!("request-{}", self.requests.fetch_add(1, Ordering::SeqCst));
        let until = self.clock.now().plus(Duration::from_secs(5));
        ControlRequest { id, player: PlayerId::from("Kitchen"), locale: "en-US".to_owned(), until, action }
    }

    pub(super) async fn ask(&self, action: Action) -> Reply {
        self.control.carry_out(&self.request(action)).await
    }

    pub(super) async fn ask_in(&self, locale: &str, action: Action) -> Reply {
        let request = ControlRequest { locale: locale.to_owned(), ..self.request(action) };
        self.control.carry_out(&request).await
    }

    /// The commands since the last look that change something, each with its arguments.
    pub(super) fn changes(&self) -> Vec<(String, Value)> {
        let asks = [
            "auth/me",
            "players/all",
            "player_queues/get_active_queue",
            "player_queues/get",
            "music/search",
            "music/item_by_uri",
        ];
        let mut changes = self.stand_in.asked();
        changes.retain(|(command, _)| {
            !asks.contains(&command.as_str())
                && !command.ends_with("/library_items")
                && command != "music/get_library_item"
        });
        changes
    }

    /// The one command that changes something.
    pub(super) fn change(&self) -> (String, Value) {
        let mut changes = self.changes();
        assert_eq!(changes.len(), 1, "{changes:?}");
        changes.remove(0)
    }

    /// The reasons why requests were not carried out, as they are in the activity.
    pub(super) async fn noted(&self) -> Vec<String> {
        let recent = self.store.recent(50, self.clock.now()).await.unwrap();
        let texts = recent.iter().map(|activity| serde_json::to_value(activity).unwrap());
        texts.filter_map(|activity| activity["reason"].as_str().map(str::to_owned)).collect()
    }
}

/// Music by what was heard.
pub(super) fn heard(text: &str) -> Action {
    used(text, None, MusicUse::Play)
}

pub(super) fn used(text: &str, kind: Option<MusicKind>, used: MusicUse) -> Action {
    let selection = MusicSource::Heard { text: text.to_owned(), kind };
    Action::Play(MusicRequest { selection, used, room: None })
}

/// What is suggested for a track of the stand-in.
pub(super) fn suggestion(title: &str) -> Suggestion {
    Suggestion {
        kind: Some(MusicKind::Song),
        title: title.to_owned(),
        artist: Some("Kim, Jo".to_owned()),
        uri: format!("library://track/{title}"),
    }
}

pub(super) fn starting(title: &str) -> Reply {
    Reply::Starting { music: Some(suggestion(title)), room: None }
}

/// A household whose searches find these.
pub(super) fn finding(results: Value) -> Household {
    Household { results, ..Household::default() }
}

/// The players of a house: the kitchen's Echo, and others.
pub(super) fn house(others: &[Value]) -> Value {
    let kitchen =
        json!({ "player_id": "Kitchen", "name": "Kitchen", "provider": "alexa--a1", "available": true });
    [kitchen].iter().chain(others).cloned().collect()
}

pub(super) fn player(id: &str, name: &str) -> Value {
    json!({ "player_id": id, "name": name, "provider": "sonos", "available": true, "playback_state": "playing" })
}
