//! The real router on a loopback port, with everything around it decided by the test.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ma_alexa::account::AmazonSession;
use ma_alexa::alexa::DeviceId;
use ma_alexa::amazon::AmazonTransport;
use ma_alexa::api::ApiState;
use ma_alexa::app;
use ma_alexa::bridge::testing::FakeTickets;
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::clock::{Clock as _, Timestamp};
use ma_alexa::config::{Config, Env, UserPassword};
use ma_alexa::deps::Deps;
use ma_alexa::playback::{
    Claim, EchoReport, Failure, LastRequest, PlayToken, PlayerId, Recorded, ReportKind, StartReason,
    short_hash,
};
use ma_alexa::probe::{AddressPolicy, HttpProber, Prober};
use ma_alexa::secrets::{Credentials, PutResult, SecretStore, SecretVersion, SecretsError, VersionedSession};
use ma_alexa::store::PlaybackStore as _;
use ma_alexa::telemetry::Metrics;
use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Value, json};

use super::store::FaultyStore;

pub(crate) const OWNER: (&str, &str) = ("owner", "owner-password-0001");
pub(crate) const MA: (&str, &str) = ("music-assistant", "push-password-00001");

/// 2026-11-22T08:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_334_400_000);

/// A secret that a test can change, and that counts how often it is read.
#[derive(Debug)]
pub(crate) struct FakeSecrets {
    pub(crate) secret: Mutex<Result<Option<Credentials>, SecretsError>>,
    pub(crate) reads: Mutex<usize>,
    /// Held while a read has to wait.
    pub(crate) door: tokio::sync::Mutex<()>,
}

impl FakeSecrets {
    pub(crate) fn with_both_pairs() -> Arc<Self> {
        Arc::new(Self {
            secret: Mutex::new(Ok(Some(credentials(OWNER, MA)))),
            reads: Mutex::new(0),
            door: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn set(&self, secret: Result<Option<Credentials>, SecretsError>) {
        *self.secret.lock().unwrap() = secret;
    }

    pub(crate) fn reads(&self) -> usize {
        *self.reads.lock().unwrap()
    }
}

#[async_trait]
impl SecretStore for FakeSecrets {
    async fn credentials(&self) -> Result<Option<Credentials>, SecretsError> {
        *self.reads.lock().unwrap() += 1;
        let _door = self.door.lock().await;
        self.secret.lock().unwrap().clone()
    }

    async fn amazon(&self) -> Result<VersionedSession, SecretsError> {
        Ok(VersionedSession::default())
    }

    async fn put_amazon(&self, _: &AmazonSession, _: &SecretVersion) -> Result<PutResult, SecretsError> {
        panic!("the API writes no session")
    }

    async fn put_ma_token(&self, token: Option<&SecretString>) -> Result<(), SecretsError> {
        let mut secret = self.secret.lock().unwrap();
        let credentials = secret.as_mut().map_err(|error| error.clone())?;
        if let Some(credentials) = credentials {
            credentials.ma_token = token.cloned();
        }
        Ok(())
    }

    fn location(&self) -> String {
        "home/credentials".to_owned()
    }
}

pub(crate) fn credentials(owner: (&str, &str), music_assistant: (&str, &str)) -> Credentials {
    Credentials {
        owner: UserPassword::new(owner.0, owner.1).unwrap(),
        music_assistant: UserPassword::new(music_assistant.0, music_assistant.1).unwrap(),
        ma_token: None,
        session_key: Some("a key of at least 32 characters!".into()),
        grant_keys: None,
    }
}

pub(crate) struct App {
    pub(crate) base: String,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<FaultyStore>,
    pub(crate) secrets: Arc<FakeSecrets>,
    pub(crate) metrics: Arc<Mutex<Vec<Value>>>,
    counter: Arc<Metrics>,
    pub(crate) state: ApiState,
    pub(crate) client: reqwest::Client,
}

impl App {
    /// With `STREAM_BASE_URL` and `ART_BASE_URL` set and both pairs in the secret.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[
            ("STREAM_BASE_URL", "https://music.example.com"),
            ("ART_BASE_URL", "https://art.example.com/"),
        ])
        .await
    }

    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::asking(variables, Arc::new(HttpProber::new(AddressPolicy::Anywhere).unwrap())).await
    }

    /// The same, where `prober` asks.
    pub(crate) async fn asking(variables: &[(&str, &str)], prober: Arc<dyn Prober>) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let store = Arc::new(FaultyStore::new(clock.clone()));
        let secrets = FakeSecrets::with_both_pairs();
        Self::over(variables, prober, (store, secrets, clock), 1, recorded()).await
    }

    /// A process at home: it serves `/metrics` and writes no lines of metrics.
    pub(crate) async fn at_home(variables: &[(&str, &str)]) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let store = Arc::new(FaultyStore::new(clock.clone()));
        let prober = Arc::new(HttpProber::new(AddressPolicy::Anywhere).unwrap());
        let counter = Arc::new(Metrics::exposed(START));
        let around = (store, FakeSecrets::with_both_pairs(), clock);
        Self::over(variables, prober, around, 1, (counter, Arc::default())).await
    }

    /// Another instance of the same deployment: with the same store, secrets and clock, and randomness of its own.
    pub(crate) async fn another_instance(&self) -> Self {
        let prober = Arc::new(HttpProber::new(AddressPolicy::Anywhere).unwrap());
        let around = (self.store.clone(), self.secrets.clone(), self.clock.clone());
        Self::over(&[], prober, around, 2, recorded()).await
    }

    /// A process at home that starts over the state of this one.
    pub(crate) async fn again(&self, variables: &[(&str, &str)]) -> Self {
        let prober = Arc::new(HttpProber::new(AddressPolicy::Anywhere).unwrap());
        let around = (self.store.clone(), self.secrets.clone(), self.clock.clone());
        Self::over(variables, prober, around, 3, (Arc::new(Metrics::exposed(START)), Arc::default())).await
    }

    async fn over(
        variables: &[(&str, &str)],
        prober: Arc<dyn Prober>,
        (store, secrets, clock): (Arc<FaultyStore>, Arc<FakeSecrets>, Arc<ManualClock>),
        seed: u64,
        (counter, metrics): (Arc<Metrics>, Arc<Mutex<Vec<Value>>>),
    ) -> Self {
        // Whichever test comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let env = env(variables);
        let deps = Deps {
            store: store.clone(),
            clock: clock.clone(),
            random: Arc::new(SeededRandom::new(seed)),
            metrics: counter.clone(),
            config: Arc::new(Config::from_env(&env).unwrap()),
        };
        let is_in_aws = variables.iter().any(|(name, _)| *name == "BRIDGE_QUEUE");
        let tickets = is_in_aws.then(|| Arc::new(FakeTickets { is_open: true }) as _);
        let state = ApiState::new(deps, secrets.clone(), AmazonTransport::new(None).unwrap(), prober, None)
            .with_tickets(tickets);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let service = app::router(&state).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self {
            base,
            clock,
            store,
            secrets,
            metrics,
            counter,
            state,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn get(&self, path: &str, who: (&str, &str)) -> Answer {
        answer(self.request(Method::GET, path).basic_auth(who.0, Some(who.1))).await
    }

    /// What Music Assistant sends, on `/ma/push-url`.
    pub(crate) async fn push(&self, body: Value) -> Answer {
        self.push_to("/ma/push-url", body).await
    }

    pub(crate) async fn push_to(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path).basic_auth(MA.0, Some(MA.1)).json(&body)).await
    }

    pub(crate) async fn players(&self) -> Value {
        self.get("/v1/players", OWNER).await.body["players"].clone()
    }

    pub(crate) async fn player(&self, name: &str) -> Value {
        let players = self.players().await;
        let found = players.as_array().unwrap().iter().find(|player| player["player"] == name);
        found.cloned().unwrap_or_default()
    }

    /// An Echo asks for music.
    pub(crate) async fn ask(&self, device: &str, request: &str) {
        let asked = LastRequest {
            device: DeviceId::from(device.to_owned()),
            endpoint: Some(short_hash(&format!("endpoint of {device}"))),
            user: Some(short_hash("a user")),
            locale: Some("en-US".to_owned()),
            request: request.to_owned(),
            at: self.clock.now(),
        };
        assert!(self.store.record_request(&asked).await.unwrap().succeeded());
    }

    /// An Echo claims the present start of a player.
    pub(crate) async fn claim(&self, device: &str, player: &str, version: u64) {
        self.ask(device, &format!("ask of {device} for {player}")).await;
        let claim = Claim {
            player: PlayerId::from(player),
            version,
            seen: None,
            seen_echo: None,
            device: DeviceId::from(device.to_owned()),
            endpoint: Some(short_hash(&format!("endpoint of {device}"))),
            user: Some(short_hash("a user")),
            request: format!("claim of {device} for {player}"),
            at: self.clock.now(),
        };
        assert!(
            self.store.claim(&claim, &ma_alexa::playback::Household::default()).await.unwrap().succeeded()
        );
    }

    /// An Echo reports of the first play of a version.
    pub(crate) async fn report(&self, player: &str, version: u64, kind: ReportKind, error: Option<Failure>) {
        let now = self.clock.now();
        let token = PlayToken::issue(
            PlayerId::from(player).key(),
            version,
            now,
            StartReason::Start,
            &SeededRandom::new(7),
        );
        let event = EchoReport {
            token: token.unwrap(),
            kind,
            at: Timestamp::from_millis(now.seconds() * 1000),
            offset_ms: 1500,
            error,
            superseded: true,
            device: None,
            request: format!("report {kind:?} of {player}"),
        };
        let recorded = self.store.record(&event, now).await.unwrap();
        assert!(matches!(recorded, Recorded::Applied(_)));
    }

    /// How often a metric was counted.
    pub(crate) fn counted(&self, metric: &str) -> u64 {
        self.counter.flush(self.clock.now());
        let lines = self.metrics.lock().unwrap();
        lines.iter().filter_map(|line| line[metric].as_u64()).sum()
    }
}

/// A sink of metrics, and the lines that it writes.
fn recorded() -> (Arc<Metrics>, Arc<Mutex<Vec<Value>>>) {
    let metrics: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&metrics);
    let counter = Metrics::to("ma-alexa", move |line| {
        kept.lock().unwrap().push(serde_json::from_str(line).unwrap());
    });
    (Arc::new(counter), metrics)
}

pub(crate) fn env(variables: &[(&str, &str)]) -> Env {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Env::new(move |name| {
        let found = variables.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    })
}

/// A whole answer, as far as it says something.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Value,
    pub(crate) body: Value,
}

impl Answer {
    /// The sentence of an error, of either shape.
    pub(crate) fn error(&self) -> &str {
        let error = &self.body["error"];
        error.as_str().or_else(|| error["message"].as_str()).unwrap_or("")
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let headers: serde_json::Map<String, Value> = response
        .headers()
        .iter()
        .filter(|(name, _)| !["date", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())))
        .collect();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    Answer {
        status,
        headers: Value::Object(headers),
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}

pub(crate) fn basic(bytes: &[u8]) -> String {
    format!("Basic {}", STANDARD.encode(bytes))
}

pub(crate) const KITCHEN_1: &str = "http://192.168.1.5:8097/flow/aaaa/Kitchen/item1/Kitchen.flac";
pub(crate) const KITCHEN_2: &str = "http://192.168.1.5:8097/flow/bbbb/Kitchen/item2/Kitchen.flac";
pub(crate) const OFFICE_1: &str = "http://192.168.1.5:8097/flow/cccc/Office/item1/Office.flac";

/// A push as it comes before the names are known.
pub(crate) fn bare(url: &str) -> Value {
    json!({ "streamUrl": url })
}

/// A push with names.
pub(crate) fn named(url: &str, title: &str) -> Value {
    json!({
        "streamUrl": url,
        "title": title,
        "artist": "Nina Simone",
        "album": "Pastel Blues",
        "imageUrl": "http://192.168.1.5:8095/imageproxy/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef?size=512",
    })
}
