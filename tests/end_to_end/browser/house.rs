//! A household that is not set up: the real router over an empty store, an Amazon and an internet of the test's own,
//! and Echos that do as they are told.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::response::IntoResponse;
use end_to_end::amazon::{FakeAmazon, Utterance, serial};
use end_to_end::api::{Api, stream_url};
use end_to_end::emulator::Emulator;
use end_to_end::envelope::{Envelope, Played};
use end_to_end::internet::{Behavior, Internet, PICTURE, Reply, Request, Site};
use ma_alexa::access::make_sign_in_link;
use ma_alexa::amazon::AmazonTransport;
use ma_alexa::api::ApiState;
use ma_alexa::app;
use ma_alexa::bridge::{Ticket, TicketError, TicketOffice};
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::config::{AmazonEndpoint, Config, Env};
use ma_alexa::deps::Deps;
use ma_alexa::door::HomeHosts;
use ma_alexa::probe::AddressPolicy;
use ma_alexa::renderer_report::{Announcing, OfferedDevice, Serving};
use ma_alexa::secrets::{Created, Credentials, FileSecrets};
use ma_alexa::skill::Skill;
use ma_alexa::store::Store;
use reqwest::Method;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::addon::home_assistant::{INGRESS, home_assistant};
use crate::amazon::harness::{device_id, identify};
use crate::amazon::trial::Sent;
use crate::doctor::sites::door;
use crate::home;

/// The public address of the door.
const DOOR: &str = "https://music.example.com";

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
    /// The address under which a browser opens the pages.
    pub(super) pages: String,
    _folder: TempDir,
    servers: Vec<JoinHandle<()>>,
}

/// Where the household is served from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A process without a door, renderers or changes by themselves.
    Plain,
    /// `ma-alexa` at home: with a door of its own, whose name a variable fixes, and with renderers.
    Home,
    /// The add-on of Home Assistant: the pages are in a frame, and there are no renderers.
    AddOn,
    /// The function `api` in AWS: its state is in DynamoDB, the door and the renderers are at home.
    Aws,
}

/// An office whose tickets nothing asks for here.
#[derive(Debug)]
struct NoTickets;

#[async_trait]
impl TicketOffice for NoTickets {
    async fn issue(&self) -> Result<Ticket, TicketError> {
        Err(TicketError::Unavailable("not in this test".to_owned()))
    }
}

impl House {
    pub(super) async fn start() -> Self {
        Self::open(Place::Plain, Vec::new()).await
    }

    pub(super) async fn at_home() -> Self {
        Self::open(Place::Home, Vec::new()).await
    }

    pub(super) async fn in_an_add_on() -> Self {
        let mut house = Self::open(Place::AddOn, Vec::new()).await;
        let client = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        house.pages = home_assistant(house.base.clone(), client).await + INGRESS;
        house
    }

    /// In AWS, of which `emulator` has the table.
    pub(super) async fn in_aws(emulator: &Emulator) -> Self {
        let mut variables: Vec<_> =
            emulator.variables().into_iter().map(|(name, value)| (name, value.clone())).collect();
        variables.push(("STORE_URL", format!("dynamodb://{}", emulator.create_table().await)));
        Self::open(Place::Aws, variables).await
    }

    async fn open(place: Place, mut variables: Vec<(&'static str, String)>) -> Self {
        let amazon = FakeAmazon::start().await;
        let internet = Internet::start();
        let folder = TempDir::new().unwrap();
        let secrets = FileSecrets::new(folder.path().join("secrets"));
        let (Created::New(credentials) | Created::Existing(credentials)) =
            secrets.create_missing(Arc::new(SystemRandom)).await.unwrap();
        let keys = credentials.grant_keys.clone().unwrap();
        let answer = move |request: &Request| door(request, &keys, SystemClock.now(), &Behavior::does(music));
        internet.put("music.example.com", Site::new(Behavior::does(answer)));
        let mut servers = Vec::new();
        let (music_address, music_server) = serve(Router::new().fallback(sound)).await;
        servers.push(music_server);
        variables.push(("AMAZON_ENDPOINT", amazon.url()));
        if place != Place::Aws {
            variables.push(("STORE_URL", format!("sqlite:{}", folder.path().join("state.db").display())));
        }
        if place != Place::Plain {
            variables.push(("DOOR_URL", DOOR.to_owned()));
            variables.push(("MA_STREAM_ORIGIN", format!("http://{music_address}")));
        }
        if place == Place::AddOn {
            let ingress = [("INGRESS", "on"), ("INGRESS_ADDRESS", "127.0.0.1")];
            variables.extend(ingress.map(|(name, value)| (name, value.to_owned())));
        }
        let env = Env::new(move |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
        });
        let deps = Deps::open(&env, Config::from_env(&env).unwrap()).unwrap();
        let (store, clock) = (Arc::clone(&deps.store), Arc::clone(&deps.clock));
        let state = ApiState::new(
            deps,
            Arc::new(secrets),
            AmazonTransport::new(AmazonEndpoint::from_env(&env).unwrap()).unwrap(),
            internet.prober(AddressPolicy::Anywhere),
            None,
        );
        let state = match place {
            Place::Aws => state.with_tickets(Some(Arc::new(NoTickets))),
            Place::Plain | Place::Home | Place::AddOn => state,
        };
        let skill = Arc::new(home::skill(&env, clock, &store));
        let (address, server) = serve(app::router(&state)).await;
        servers.push(server);
        let mut door = None;
        if matches!(place, Place::Home | Place::AddOn) {
            let router = app::door_router(&state, Router::new(), Arc::new(HomeHosts::default())).unwrap();
            let (address, server) = serve(router).await;
            servers.push(server);
            door = Some(address);
        }
        report_renderers(place, &state);
        let base = format!("http://{address}");
        let pages = base.clone();
        Self { amazon, base, credentials, store, skill, state, door, pages, _folder: folder, servers }
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
                Some(heard) if heard.text.contains(' ') => self.obeys(&heard).await,
                Some(_) | None => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// An Echo asks with the code that it heard, and plays the tones that it gets.
    async fn obeys(&self, heard: &Utterance) {
        let mut tone = Sent::of(&self.ask(identify(heard)).await);
        while let Some(Sent { url, token, .. }) = tone {
            self.fetches(&url).await;
            let echo = device_id(&heard.serial);
            let report = async |report: Envelope| self.ask(report.from_echo(&echo)).await;
            report(Envelope::report("PlaybackStarted", &token, 0)).await;
            tone = Sent::of(&report(Envelope::report("PlaybackNearlyFinished", &token, 20)).await);
            report(Envelope::report("PlaybackFinished", &token, 5040)).await;
        }
    }

    /// An Echo fetches by the door, where it is part of this process.
    async fn fetches(&self, url: &str) {
        let (Some(door), Some(path)) = (self.door, url.strip_prefix(DOOR)) else { return };
        let fetched = Api::at(&format!("http://{door}")).request(Method::GET, path).send().await.unwrap();
        assert_eq!(fetched.status(), 200, "{url}");
        assert!(!fetched.bytes().await.unwrap().is_empty(), "{url}");
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
        self.fetches(&stream.url).await;
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
/// Reports how the media renderers are served at a place, as the program does.
fn report_renderers(place: Place, state: &ApiState) {
    match place {
        Place::Home => {
            state.renderers().serves(Serving::At(SocketAddr::from(([127, 0, 0, 1], 5002))));
            state.renderers().announces(Announcing::Yes);
        }
        Place::AddOn => state.renderers().serves(Serving::Off),
        Place::Plain | Place::Aws => {}
    }
}

async fn serve(router: Router) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
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
