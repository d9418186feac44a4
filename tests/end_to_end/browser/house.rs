//! A household that is not set up: the real router over an empty store, an Amazon and an internet of the test's own,
//! and Echos that do as they are told.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use end_to_end::amazon::{FakeAmazon, serial};
use end_to_end::api::{Api, stream_url};
use end_to_end::envelope::{Envelope, Played};
use end_to_end::internet::{Behavior, Internet, PICTURE, Reply, Request, Site};
use ma_alexa::access::make_sign_in_link;
use ma_alexa::amazon::Transport;
use ma_alexa::api::ApiState;
use ma_alexa::app;
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::config::{AmazonEndpoint, Config, Env};
use ma_alexa::deps::Deps;
use ma_alexa::door::HomeHosts;
use ma_alexa::probe::AddressPolicy;
use ma_alexa::renderer_report::{Announcing, OfferedDevice, Serving};
use ma_alexa::secrets::{Created, Credentials, FileSecrets};
use ma_alexa::skill::Skill;
use ma_alexa::store::Store;
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::telemetry::Metrics;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::amazon::harness::{device_id, identify};
use crate::doctor::harness::door;
use crate::home;

/// A picture that a browser shows: one blue dot (PNG).
const DOT: [u8; 69] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53, 0xde, 0x00,
    0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x90, 0x8d, 0xef, 0x02, 0x00, 0x01, 0xa3,
    0x01, 0x07, 0xe1, 0xac, 0x9b, 0x37, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60,
    0x82,
];

/// The household.
pub(super) struct House {
    pub(super) amazon: FakeAmazon,
    pub(super) base: String,
    pub(super) credentials: Credentials,
    store: Arc<dyn Store>,
    skill: Arc<Skill>,
    state: ApiState,
    /// The address of its own door; none where the door is elsewhere.
    door: Option<SocketAddr>,
    _folder: TempDir,
    servers: Vec<JoinHandle<()>>,
}

impl House {
    pub(super) async fn start() -> Self {
        Self::open(false).await
    }

    /// As `ma-alexa` at home: with a door of its own, whose name a variable fixes, and with renderers.
    pub(super) async fn at_home() -> Self {
        Self::open(true).await
    }

    async fn open(is_home: bool) -> Self {
        let amazon = FakeAmazon::start().await;
        let internet = Internet::start();
        let folder = TempDir::new().unwrap();
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let store = SqliteStore::open(folder.path().join("state.db"), clock.clone(), random.clone());
        let store: Arc<dyn Store> = Arc::new(store.unwrap());
        let secrets = FileSecrets::new(folder.path().join("secrets"));
        let (Created::New(credentials) | Created::Existing(credentials)) =
            secrets.create_missing(random.clone()).await.unwrap();
        let keys = credentials.grant_keys.clone().unwrap();
        let answer = move |request: &Request| door(request, &keys, SystemClock.now(), &Behavior::does(music));
        internet.put("music.example.com", Site::new(Behavior::does(answer)));
        let endpoint = amazon.url();
        let mut servers = Vec::new();
        let (music_address, music_server) = serve(Router::new().fallback(sound)).await;
        servers.push(music_server);
        let env = Env::new(move |name| match name {
            "AMAZON_ENDPOINT" => Some(endpoint.clone()),
            "DOOR_URL" => is_home.then(|| "https://music.example.com".to_owned()),
            "MA_STREAM_ORIGIN" => is_home.then(|| format!("http://{music_address}")),
            _ => None,
        });
        let deps = Deps {
            store: Arc::clone(&store),
            clock: clock.clone(),
            random,
            metrics: Arc::new(Metrics::disabled()),
            config: Arc::new(Config::from_env(&env).unwrap()),
        };
        let state = ApiState::new(
            deps,
            Arc::new(secrets),
            Transport::new(AmazonEndpoint::from_env(&env).unwrap()).unwrap(),
            internet.prober(AddressPolicy::Anywhere),
            None,
        );
        let skill = Arc::new(home::skill(&env, clock, &store));
        let (address, server) = serve(app::router(&state)).await;
        servers.push(server);
        let mut door = None;
        if is_home {
            let router = app::door_router(&state, Router::new(), Arc::new(HomeHosts::default())).unwrap();
            let (address, server) = serve(router).await;
            servers.push(server);
            door = Some(address);
            state.renderers().serves(Serving::At(SocketAddr::from(([127, 0, 0, 1], 5002))));
            state.renderers().announces(Announcing::Yes);
        }
        let base = format!("http://{address}");
        Self { amazon, base, credentials, store, skill, state, door, _folder: folder, servers }
    }

    /// The path of a link that signs the owner in once, as the terminal prints it.
    pub(super) async fn link(&self) -> String {
        let link = make_sign_in_link(self.store.as_ref(), &SystemRandom, SystemClock.now()).await;
        link.unwrap().path()
    }

    /// Music Assistant finds the Echos by itself.
    pub(super) fn find(&self) {
        let (renderers, now) = (self.state.renderers(), SystemClock.now());
        let named = |(serial, name): (&str, &str)| OfferedDevice {
            serial: serial.to_owned(),
            name: name.to_owned(),
            udn: format!("uuid:{serial}"),
        };
        let devices = [(serial::KITCHEN, "Küche"), (serial::LIVING_ROOM, "Wohnzimmer")].map(named);
        renderers.offers(devices.to_vec(), now);
        for device in devices {
            renderers.found(&device.udn, [127, 0, 0, 1].into(), Some("Python/3.13"), now);
        }
    }

    /// Amazon ends the session, and the door leads to another program.
    pub(super) async fn fail(&self) {
        self.amazon.revoke();
        let player = ma_alexa::playback::PlayerId::from("Küche");
        let household = self.store.household(SystemClock.now()).await.unwrap();
        assert!(household.player(&player).is_some());
        self.push_title("Küche", "session-2", "A Case of You").await;
        let echo = device_id(serial::KITCHEN);
        let stream = Played::of(&self.ask(Envelope::new("play-audio").from_echo(&echo)).await);
        let failed = Envelope::failed(&stream.token, "MEDIA_ERROR_INVALID_REQUEST").from_echo(&echo);
        drop(self.ask(failed).await);
        drop(self.state.doctor().check().await);
    }

    /// Echos bring the codes that they hear to the skill.
    pub(super) async fn hear(&self) -> ! {
        loop {
            match self.amazon.heard().await {
                Some(heard) if heard.text.contains(' ') => drop(self.ask(identify(&heard)).await),
                Some(_) | None => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// What the skill answers an Echo, under the id that the set-up remembers.
    async fn ask(&self, envelope: Envelope) -> Value {
        let settings = self.store.settings().await.unwrap();
        let id = json!(settings.skill_ids.first().unwrap().to_string());
        let envelope = envelope.with("/context/System/application/applicationId", id);
        serde_json::to_value(self.skill.answer(&envelope.to_vec()).await.unwrap()).unwrap()
    }

    /// Music Assistant plays on an Echo: it pushes, the Echo asks, and says that it plays.
    pub(super) async fn play(&self, player: &str, serial: &str) {
        self.push(player).await;
        let echo = device_id(serial);
        let stream = Played::of(&self.ask(Envelope::new("play-audio").from_echo(&echo)).await);
        if let Some(door) = self.door {
            let path = stream.url.strip_prefix("https://music.example.com").unwrap();
            let fetched = Api::at(&format!("http://{door}")).request(Method::GET, path).send().await;
            assert!(!fetched.unwrap().bytes().await.unwrap().is_empty());
        }
        drop(self.ask(Envelope::report("PlaybackStarted", &stream.token, 0).from_echo(&echo)).await);
    }

    /// Music Assistant pushes a stream, and no Echo asks for it.
    pub(super) async fn push(&self, player: &str) {
        self.push_title(player, "session-1", "Blue").await;
    }

    async fn push_title(&self, player: &str, session: &str, title: &str) {
        let body = json!({
            "streamUrl": stream_url(session, player),
            "title": title, "artist": "Joni Mitchell", "album": "Blue",
            "imageUrl": format!("http://192.168.1.5:8095{PICTURE}?size=512"),
        });
        let pair = &self.credentials.music_assistant;
        let push = Api::at(&self.base).request(Method::POST, "/ma/push-url");
        let push = push.basic_auth(pair.username(), Some(pair.password())).json(&body);
        assert_eq!(push.send().await.unwrap().status(), 200);
    }

    /// Music Assistant loads its Alexa provider with what a person entered there.
    pub(super) async fn load_provider(&self, username: &str, password: &str) {
        let asked = Api::at(&self.base).request(Method::GET, "/alexa/intents");
        assert_eq!(asked.basic_auth(username, Some(password)).send().await.unwrap().status(), 200);
    }
}

impl Drop for House {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

/// A server on a port of its own.
async fn serve(router: Router) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }))
}

/// A stream of Music Assistant.
async fn sound() -> impl IntoResponse {
    ([("content-type", "audio/mpeg")], vec![0_u8; 4096])
}

/// Music Assistant behind the door, with a picture that a browser shows.
fn music(request: &Request) -> Reply {
    if request.path == PICTURE && request.query.is_empty() {
        let mut picture = Reply::new(200, "image/png", "");
        picture.body = DOT.to_vec();
        return picture;
    }
    Behavior::Streams.reply(request)
}
