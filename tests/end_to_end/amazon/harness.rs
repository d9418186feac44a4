//! A household: the API and the skill in this process, with Amazon as a test decides and a clock that can be moved on.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use end_to_end::amazon::{FakeAmazon, Utterance};
use end_to_end::api::{Api, CREDENTIALS, STREAM_BASE_URL};
use end_to_end::envelope::{Envelope, SKILL};
use ma_alexa::account::OneTimeWord;
use ma_alexa::amazon::AmazonTransport;
use ma_alexa::amazon::live::{Dialer, LiveStage};
use ma_alexa::api::ApiState;
use ma_alexa::app;
use ma_alexa::bridge::testing::FakeTickets;
use ma_alexa::clock::testing::ShiftedClock;
use ma_alexa::clock::{Clock as _, SystemRandom};
use ma_alexa::config::{AmazonEndpoint, Config, Env, Settings};
use ma_alexa::control::Control;
use ma_alexa::deps::Deps;
use ma_alexa::playback::Household;
use ma_alexa::probe::{AddressPolicy, HttpProber};
use ma_alexa::renderer::NewsFeed;
use ma_alexa::secrets::FileSecrets;
use ma_alexa::skill::Skill;
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::store::{PlaybackStore as _, SetupStore as _, Store};
use ma_alexa::telemetry::Metrics;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::home;

/// How long a test waits for what is to hold, and how often it looks.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(10);

/// No text at all.
pub(crate) const NONE: [String; 0] = [];

/// A household over real HTTP and a real SQLite file.
pub(crate) struct Harness {
    pub(crate) amazon: FakeAmazon,
    pub(crate) api: Api,
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) skill: Arc<Skill>,
    pub(crate) state: ApiState,
    /// Hears what the skill hears.
    pub(crate) feed: NewsFeed,
    pub(super) store: SqliteStore,
    env: Env,
    folder: TempDir,
    server: JoinHandle<()>,
    /// Ends what hears live events.
    hearing: Mutex<Option<(mpsc::Sender<()>, JoinHandle<()>)>>,
}

impl Harness {
    /// A household without a session.
    pub(crate) async fn start() -> Self {
        let amazon = FakeAmazon::start().await;
        let url = amazon.url();
        Self::behind(amazon, url).await
    }

    /// The same, where what is sent to Amazon goes to another address.
    pub(crate) async fn behind(amazon: FakeAmazon, url: String) -> Self {
        Self::with(amazon, url, &[]).await
    }

    /// A household without a session, with these variables and keys of grants.
    pub(crate) async fn start_with(variables: &[(&'static str, String)]) -> Self {
        let amazon = FakeAmazon::start().await;
        let url = amazon.url();
        Self::with(amazon, url, variables).await
    }

    /// Makes the credentials in whose file the token of Music Assistant is kept.
    pub(crate) async fn make_credentials(&self) {
        make_credentials(self.folder.path()).await;
    }

    /// The same, with a session at amazon.de.
    pub(crate) async fn signed_in_with(variables: &[(&'static str, String)]) -> Self {
        let harness = Self::start_with(variables).await;
        harness.amazon.move_to("de");
        harness.sign_in().await;
        harness
    }

    async fn with(amazon: FakeAmazon, url: String, variables: &[(&'static str, String)]) -> Self {
        let clock = Arc::new(ShiftedClock::default());
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("state.db");
        let file = SqliteStore::open(file, clock.clone(), Arc::new(SystemRandom)).unwrap();
        let store: Arc<dyn Store> = Arc::new(file.clone());
        let env = env(url, variables.to_vec());
        let secrets = Arc::new(FileSecrets::new(folder.path().join("secrets")));
        if !variables.is_empty() {
            make_credentials(folder.path()).await;
        }
        let transport = AmazonTransport::new(AmazonEndpoint::from_env(&env).unwrap()).unwrap();
        let deps = Deps {
            store: Arc::clone(&store),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            metrics: Arc::new(Metrics::disabled()),
            config: Arc::new(Config::from_env(&env).unwrap()),
        };
        let state = ApiState::new(
            deps,
            secrets,
            transport,
            Arc::new(HttpProber::new(AddressPolicy::Anywhere).unwrap()),
            None,
        )
        .with_tickets(Some(Arc::new(FakeTickets { is_open: true })));
        let feed = NewsFeed::default();
        let skill = home::skill(&env, clock.clone(), &store).with_listener(Arc::new(feed.clone()));
        let skill = Arc::new(skill);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let router = app::router(&state);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let api = Api::at(&format!("http://{address}"));
        let hearing = Mutex::default();
        Self { amazon, api, clock, skill, state, feed, store: file, env, folder, server, hearing }
    }

    /// A household with a session at amazon.de.
    pub(crate) async fn signed_in() -> Self {
        let harness = Self::start().await;
        harness.amazon.move_to("de");
        harness.sign_in().await;
        harness
    }

    /// A household with a session at amazon.de that hears live events, and has asked for the states once.
    pub(crate) async fn hearing() -> Self {
        let harness = Self::signed_in().await;
        harness.hear().await;
        until(async || harness.state.live().report().stage == LiveStage::Open).await;
        // What plays is asked for last.
        until(async || {
            let asked = harness.amazon.requests("/api/np/list-media-sessions");
            asked.iter().any(|call| call.ended.is_some())
        })
        .await;
        harness
    }

    /// Begins to hear live events.
    pub(super) async fn hear(&self) {
        let url = self.amazon.url();
        let env = Env::new(move |name| (name == "AMAZON_ENDPOINT").then(|| url.clone()));
        let dialer = Dialer::new(AmazonEndpoint::from_env(&env).unwrap()).unwrap();
        let (stop, stopped) = mpsc::channel(1);
        let task = tokio::spawn(self.state.listener(Arc::new(dialer)).run(stopped));
        *self.hearing.lock().await = Some((stop, task));
    }

    /// Ends it.
    pub(super) async fn stop_hearing(&self) {
        let (stop, task) = self.hearing.lock().await.take().unwrap();
        stop.send(()).await.unwrap();
        timeout(PATIENCE, task).await.unwrap().unwrap();
    }

    /// Signs in as a person does.
    pub(crate) async fn sign_in(&self) {
        let done = sign_in(&self.amazon, &self.api).await;
        assert_eq!(done["ready"], true, "{done}");
    }

    /// A POST, with its status.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.api.ask(Method::POST, path, Some(body)).await
    }

    /// A PUT, with its status.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        self.api.ask(Method::PUT, path, Some(body)).await
    }

    /// Another skill of the household, which can ask Music Assistant.
    pub(crate) fn skill_with_control(&self, control: Arc<dyn Control>) -> Skill {
        let store: Arc<dyn Store> = Arc::new(self.store.clone());
        let skill = home::skill(&self.env, self.clock.clone(), &store);
        skill.with_listener(Arc::new(self.feed.clone())).with_control(control)
    }

    /// What the skill answers an Echo.
    pub(crate) async fn ask_skill(&self, envelope: &Envelope) -> Value {
        let envelope = envelope.clone().at(self.clock.now());
        serde_json::to_value(self.skill.answer(&envelope.to_vec()).await.unwrap()).unwrap()
    }

    /// The next Echo that hears a sentence brings its code to the skill; what it was answered.
    pub(crate) async fn next_echo_asks(&self) -> (Utterance, Value) {
        let heard = self.amazon.next_utterance().await;
        let answer = self.ask_skill(&identify(&heard)).await;
        (heard, answer)
    }

    /// Everything that a household keeps.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Puts the session of the developer account into the secret.
    pub(super) fn add_developer(&self) {
        let lwa = self.amazon.lwa();
        let mut secret = self.secret();
        secret["developer"] = json!({
            "client_id": lwa.client_id, "client_secret": lwa.client_secret, "refresh_token": lwa.refresh_token,
        });
        assert!(std::fs::write(self.secret_file(), secret.to_string()).is_ok());
    }

    /// The file of the session.
    pub(crate) fn secret_file(&self) -> PathBuf {
        self.folder.path().join("secrets/amazon.json")
    }

    /// The session as it is kept.
    pub(crate) fn secret(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.secret_file()).unwrap()).unwrap()
    }

    /// The household as it is stored.
    pub(crate) async fn household(&self) -> Household {
        self.store.household(self.clock.now()).await.unwrap()
    }

    /// Changes the settings, and waits until they are read again.
    pub(crate) async fn change_settings(&self, change: impl Fn(&mut Settings) + Send + Sync + 'static) {
        self.store.change_settings(Arc::new(change)).await.unwrap();
        self.pass(Duration::from_mins(1));
    }

    /// Moves the clock on.
    pub(crate) fn pass(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// How many requests Amazon got whose paths begin with `path`.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.amazon.requests(path).len()
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        self.server.abort();
        if let Some((_, task)) = self.hearing.get_mut() {
            task.abort();
        }
    }
}

/// Waits until something holds that can only be looked at.
pub(super) async fn until(holds: impl AsyncFn() -> bool) {
    let looks = async {
        while !holds().await {
            sleep(LOOK).await;
        }
    };
    timeout(PATIENCE, looks).await.unwrap();
}

/// Signs in at `amazon` through `api`; the answer to the last step.
pub(crate) async fn sign_in(amazon: &FakeAmazon, api: &Api) -> Value {
    let (status, begun) = api.ask(Method::POST, "/v1/amazon/login", Some(&json!({}))).await;
    assert_eq!(status, 200, "{begun}");
    let address = amazon.sign_in(begun["url"].as_str().unwrap()).await;
    let body = json!({ "address": address });
    let (status, done) = api.ask(Method::POST, "/v1/amazon/login/complete", Some(&body)).await;
    assert_eq!(status, 200, "{done}");
    done
}

/// What an Echo asks that heard a sentence with a code. Its id for the skill is made of its serial number.
pub(crate) fn identify(heard: &Utterance) -> Envelope {
    let code = heard.text.split_whitespace().find_map(OneTimeWord::parse);
    let code = code.unwrap_or_else(|| panic!("there is no code in {:?}", heard.text));
    with_code(&code).from_echo(&device_id(&heard.serial))
}

async fn make_credentials(folder: &Path) {
    let secrets = FileSecrets::new(folder.join("secrets"));
    secrets.create_missing(Arc::new(SystemRandom)).await.unwrap();
}

/// What an Echo asks that says a code.
pub(crate) fn with_code(code: &OneTimeWord) -> Envelope {
    Envelope::new("identify-echo")
        .with("/request/intent/slots/code/value", json!(code.as_str()))
        .with("/request/intent/slots/code/slotValue/value", json!(code.as_str()))
}

/// The id for the skill of the Echo with this serial number.
pub(crate) fn device_id(serial: &str) -> String {
    format!("amzn1.ask.device.{serial}")
}

fn env(amazon: String, variables: Vec<(&'static str, String)>) -> Env {
    Env::new(move |name| {
        let fixed = CREDENTIALS.iter().find(|(known, _)| *known == name);
        match name {
            "AMAZON_ENDPOINT" => Some(amazon.clone()),
            "SKILL_ID" => Some(SKILL.to_owned()),
            "STREAM_BASE_URL" => Some(STREAM_BASE_URL.to_owned()),
            _ => {
                let given = variables.iter().find(|(known, _)| *known == name);
                let given = given.map(|(_, value)| value.clone());
                given.or_else(|| fixed.map(|(_, value)| (*value).to_owned()))
            }
        }
    })
}
