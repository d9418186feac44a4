//! A household where everything works, and an internet and an Amazon around it in which a test breaks one thing.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use end_to_end::amazon::FakeAmazon;
use end_to_end::api::{Api, MUSIC_ASSISTANT, OWNER, send, stream_url};
use end_to_end::envelope::{Envelope, Played, SKILL};
use end_to_end::internet::{Behavior, Internet, PICTURE, Reply, Request, Site};
use ma_alexa::amazon::AmazonTransport;
use ma_alexa::api::ApiState;
use ma_alexa::app;
use ma_alexa::clock::testing::ShiftedClock;
use ma_alexa::clock::{Clock as _, SystemRandom};
use ma_alexa::config::{AmazonEndpoint, Config, Env, Settings};
use ma_alexa::deps::Deps;
use ma_alexa::diagnostics::{DoctorReport, Verdict};
use ma_alexa::grant::GrantKeys;
use ma_alexa::probe::{AddressPolicy, Prober};
use ma_alexa::secrets::FileSecrets;
use ma_alexa::skill::Skill;
use ma_alexa::smapi::{SecurityProfile, SkillManager};
use ma_alexa::store::Store;
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::telemetry::Metrics;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::sites::{API, ART, DOOR, ENDPOINT, MA, MUSIC, door, internet, site};
use crate::home;

/// The token for Music Assistant's API.
pub(crate) const MA_TOKEN: &str = "token-of-music-assistant";

/// The timeout of a probe. No test waits for more than one timeout.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The return address of a sign-in to the developer account.
const RETURN: &str = "https://home.example.org/setup/amazon-developer";

/// The household.
pub(crate) struct Harness {
    pub(crate) amazon: FakeAmazon,
    pub(crate) internet: Internet,
    pub(crate) api: Api,
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) skill: Arc<Skill>,
    pub(crate) state: ApiState,
    pub(crate) store: Arc<dyn Store>,
    folder: TempDir,
    server: JoinHandle<()>,
    /// The keys of the door.
    grant_keys: Option<GrantKeys>,
}

impl Harness {
    /// Everything is set up, and nothing was played yet.
    pub(crate) async fn set_up() -> Self {
        let internet = internet();
        let prober = internet.prober_with_timeout(AddressPolicy::Anywhere, TIMEOUT);
        Self::with(internet, prober).await
    }

    /// The same, as it is seen from the cloud.
    pub(crate) async fn in_the_cloud() -> Self {
        let internet = internet();
        let prober = internet.prober(AddressPolicy::Public);
        Self::with(internet, prober).await
    }

    /// The same with another prober.
    pub(crate) async fn with_prober(prober: Arc<dyn Prober>) -> Self {
        Self::with(internet(), prober).await
    }

    async fn with(internet: Internet, prober: Arc<dyn Prober>) -> Self {
        let amazon = FakeAmazon::start().await;
        amazon.move_to("de");
        let clock = Arc::new(ShiftedClock::default());
        let folder = TempDir::new().unwrap();
        let store = SqliteStore::open(folder.path().join("state.db"), clock.clone(), Arc::new(SystemRandom));
        let store: Arc<dyn Store> = Arc::new(store.unwrap());
        let url = amazon.url();
        let env = Env::new(move |name| match name {
            "AMAZON_ENDPOINT" => Some(url.clone()),
            _ => None,
        });
        let secrets = Arc::new(FileSecrets::new(folder.path().join("secrets")));
        secrets.create_missing(Arc::new(SystemRandom)).await.unwrap();
        let transport = AmazonTransport::new(AmazonEndpoint::from_env(&env).unwrap()).unwrap();
        let deps = Deps {
            store: Arc::clone(&store),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            metrics: Arc::new(Metrics::disabled()),
            config: Arc::new(Config::from_env(&env).unwrap()),
        };
        let skills = SkillManager::new(&deps, secrets.clone(), transport.clone(), prober.clone(), None);
        let state = ApiState::new(deps, secrets, transport, prober, None);
        let skill = Arc::new(home::skill(&env, clock.clone(), &store));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let api = Api::at(&format!("http://{}", listener.local_addr().unwrap()));
        let router = app::router(&state);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let mut harness =
            Self { amazon, internet, api, clock, skill, state, store, folder, server, grant_keys: None };
        harness.change_secret("credentials", |secret| {
            let pair = |(name, word): (&str, &str)| json!({ "username": name, "password": word });
            let keys = secret["grant_keys"].take();
            *secret = json!({
                "owner": pair(OWNER), "music_assistant": pair(MUSIC_ASSISTANT), "ma_token": MA_TOKEN,
                "grant_keys": keys,
            });
        });
        harness.grant_keys = Some(harness.stored_grant_keys());
        harness.internet.put(DOOR, harness.door());
        harness.change_settings(|settings| *settings = self::settings()).await;
        harness.sign_in(skills).await;
        harness.make_skill();
        harness
    }

    async fn sign_in(&self, skills: SkillManager) {
        let url = self.state.session().begin_login("en-US").await.unwrap().url;
        let done = self.state.session().complete_login(&self.amazon.sign_in(&url).await).await.unwrap();
        assert!(done.not_ready.is_none(), "{done:?}");
        let lwa = self.amazon.lwa();
        let profile = SecurityProfile::parse(&lwa.client_id, &lwa.client_secret).unwrap();
        let url = skills.login().begin(&profile, RETURN).await.unwrap();
        skills.login().complete(&self.amazon.sign_in(&url).await).await.unwrap();
    }

    fn make_skill(&self) {
        let endpoint = json!({ "uri": format!("https://{ENDPOINT}/"), "sslCertificateType": "Trusted" });
        let id = self.amazon.add_skill(json!({
            "manifestVersion": "1.0",
            "publishingInformation": { "locales": { "en-US": { "name": "Music" } } },
            "apis": { "custom": { "endpoint": endpoint } },
        }));
        self.amazon.change_skill(&id, |skill| {
            SKILL.clone_into(&mut skill.id);
            skill.enabled = true;
            skill.put_model("en-US", model("music assistant"));
        });
    }

    /// Everything works: the kitchen played to the end a little while ago.
    pub(crate) async fn healthy() -> Self {
        let harness = Self::playing().await;
        harness.end("PlaybackFinished").await;
        harness
    }

    /// Everything works through the door, and nothing was played yet.
    pub(crate) async fn door_set_up() -> Self {
        let harness = Self::set_up().await;
        harness.open_door().await;
        harness
    }

    /// Everything works through the door: the kitchen played to the end a little while ago.
    pub(crate) async fn with_door() -> Self {
        let harness = Self::playing_through_door().await;
        harness.end("PlaybackFinished").await;
        harness
    }

    /// Everything works through the door, and the kitchen plays.
    pub(crate) async fn playing_through_door() -> Self {
        let harness = Self::door_set_up().await;
        harness.start_kitchen().await;
        harness
    }

    /// The door is the only address that is public, also for Alexa.
    async fn open_door(&self) {
        self.change_settings(|settings| {
            settings.door_url = Some(format!("https://{DOOR}").into());
            settings.stream_base_url = None;
            settings.art_base_url = None;
            settings.skill_endpoint = None;
        })
        .await;
        self.change_skill(|skill| {
            skill.manifest["apis"]["custom"]["endpoint"]["uri"] = json!(format!("https://{DOOR}/"));
        });
    }

    /// A door that works, before a Music Assistant that works.
    pub(crate) fn door(&self) -> Site {
        Site::new(Behavior::does(self.door_answers()))
    }

    fn door_answers(&self) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
        let (clock, keys) = (Arc::clone(&self.clock), self.grant_keys.clone().unwrap());
        move |request| door(request, &keys, clock.now(), &Behavior::Streams)
    }

    fn stored_grant_keys(&self) -> GrantKeys {
        let secret = std::fs::read(self.secret_file("credentials")).unwrap();
        let secret: Value = serde_json::from_slice(&secret).unwrap();
        GrantKeys::parse(secret["grant_keys"].as_str().unwrap()).unwrap()
    }

    /// The door, with its own answer to some requests.
    pub(crate) fn change_door(&self, answer: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) {
        let usual = self.door_answers();
        self.internet.change(DOOR, |site| {
            site.behavior = Behavior::does(move |request| answer(request).unwrap_or_else(|| usual(request)));
        });
    }

    /// The usual site at an address.
    pub(crate) fn site(&self, host: &str) -> Site {
        if host == DOOR { self.door() } else { site(host) }
    }

    /// Everything works, and the kitchen plays.
    pub(crate) async fn playing() -> Self {
        let harness = Self::set_up().await;
        harness.start_kitchen().await;
        harness
    }

    async fn start_kitchen(&self) {
        self.ask_intents().await;
        self.play("Kitchen", "one").await;
        self.pass(Duration::from_mins(3));
    }

    /// Music Assistant's provider is loaded.
    pub(crate) async fn ask_intents(&self) -> Value {
        let (name, password) = MUSIC_ASSISTANT;
        let request = self.api.request(Method::GET, "/alexa/intents").basic_auth(name, Some(password));
        let (status, answer) = send(request).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Music Assistant starts something.
    pub(crate) async fn push(&self, player: &str, session: &str) {
        self.push_picture(player, session, &format!("http://192.168.1.5:8095{PICTURE}?size=512")).await;
    }

    /// The same, with a picture that is elsewhere.
    pub(crate) async fn push_picture(&self, player: &str, session: &str, picture: &str) {
        let (name, password) = MUSIC_ASSISTANT;
        let body = json!({
            "streamUrl": stream_url(session, player), "title": "Blue", "artist": "Joni Mitchell",
            "imageUrl": picture,
        });
        let request = self.api.request(Method::POST, "/ma/push-url").basic_auth(name, Some(password));
        let (status, answer) = send(request.json(&body)).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Music Assistant starts something, and its Echo plays it.
    pub(crate) async fn play(&self, player: &str, session: &str) -> Played {
        self.push(player, session).await;
        self.pass(Duration::from_secs(1));
        let begun = Played::of(&self.ask_skill(&Envelope::new("play-audio")).await);
        self.ask_skill(&Envelope::report("PlaybackStarted", &begun.token, 0)).await;
        begun
    }

    /// Ends the play of the kitchen by a report: `PlaybackFinished`, or `PlaybackStopped`.
    pub(crate) async fn end(&self, kind: &str) {
        let resumed = Played::of(&self.ask_skill(&Envelope::new("play-audio")).await);
        self.ask_skill(&Envelope::report("PlaybackStarted", &resumed.token, 0)).await;
        self.pass(Duration::from_secs(2));
        self.ask_skill(&Envelope::report(kind, &resumed.token, 2_000)).await;
    }

    /// The response of the skill to an Echo.
    pub(crate) async fn ask_skill(&self, envelope: &Envelope) -> Value {
        let envelope = envelope.clone().at(self.clock.now());
        serde_json::to_value(self.skill.answer(&envelope.to_vec()).await.unwrap()).unwrap()
    }

    /// Time passes, everywhere.
    pub(crate) fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.internet.advance(span);
    }

    /// Changes the settings, and waits until all caches have expired.
    pub(crate) async fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.store.settings().await.unwrap();
        change(&mut settings);
        self.store.put_settings(&settings).await.unwrap();
        self.pass(Duration::from_secs(11));
    }

    /// The file of a secret.
    pub(crate) fn secret_file(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("secrets/{name}.json"))
    }

    /// Changes a secret.
    pub(crate) fn change_secret(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let file = self.secret_file(name);
        let mut secret = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        change(&mut secret);
        std::fs::write(file, secret.to_string()).unwrap();
    }

    /// Changes the skill at Amazon.
    pub(crate) fn change_skill(&self, change: impl FnOnce(&mut end_to_end::amazon::FakeSkill)) {
        self.amazon.change_skill(SKILL, change);
    }

    /// A new report of all checks.
    pub(crate) async fn check(&self) -> DoctorReport {
        self.state.doctor().check_max_age(Duration::ZERO).await.unwrap()
    }

    /// The codes of everything that is not well, in alphabetical order.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        complaints(&self.check().await)
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The codes of everything that is not well, in alphabetical order.
pub(crate) fn complaints(report: &DoctorReport) -> Vec<String> {
    let bad = report.findings().filter(|finding| finding.verdict != Verdict::Ok);
    let mut codes: Vec<String> = bad.map(|finding| finding.code.clone()).collect();
    codes.sort_unstable();
    codes
}

/// A model with this invocation name.
pub(crate) fn model(name: &str) -> Value {
    json!({ "languageModel": { "invocationName": name, "intents": [{ "name": "PlayAudio", "samples": [] }] } })
}

fn settings() -> Settings {
    let at = |host: &str| format!("https://{host}");
    Settings {
        stream_base_url: Some(at(MUSIC).into()),
        art_base_url: Some(at(ART).into()),
        api_url: Some(at(API).into()),
        skill_endpoint: Some(format!("https://{ENDPOINT}/").into()),
        ma_api_url: Some(at(MA).into()),
        skill_ids: vec![SKILL.into()],
        ..Settings::default()
    }
}
