//! A household that sets its skill up: a real SQLite file and a real secret, a clock that a test advances, and a fake
//! Amazon.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::http::HeaderMap;
use end_to_end::amazon::{FakeAmazon, FakeSkill};
use ma_alexa::amazon::AmazonTransport;
use ma_alexa::clock::testing::ShiftedClock;
use ma_alexa::clock::{Clock as _, SystemRandom};
use ma_alexa::config::{AmazonEndpoint, Config, Env, InvocationName, LocaleCode, SkillEndpoint, SkillId};
use ma_alexa::deps::Deps;
use ma_alexa::probe::{LeafCertificate, ProbeError, ProbeRequest, ProbeResponse, Prober};
use ma_alexa::secrets::FileSecrets;
use ma_alexa::smapi::{
    InvokePermission, PermissionError, Provisioning, SecurityProfile, SkillManager, SkillSpec, Step,
    StepKind, StepState,
};
use ma_alexa::store::Store;
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::telemetry::Metrics;
use serde_json::Value;
use tempfile::TempDir;

/// The return address of a sign-in.
pub(crate) const RETURN: &str = "https://home.example.org/setup/amazon-developer";

/// The function that answers Alexa.
pub(crate) const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:ma-alexa-skill";

/// A household with its services.
pub(crate) struct Harness {
    pub(crate) amazon: Arc<FakeAmazon>,
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) manager: SkillManager,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) prober: Arc<OneCertificate>,
    pub(crate) permission: Arc<OneFunction>,
    deps: Deps,
    transport: AmazonTransport,
    folder: TempDir,
}

fn manager(
    deps: &Deps,
    folder: &TempDir,
    transport: AmazonTransport,
    prober: Arc<OneCertificate>,
    permission: Arc<OneFunction>,
) -> SkillManager {
    let secrets = Arc::new(FileSecrets::new(folder.path().join("secrets")));
    SkillManager::new(deps, secrets, transport, prober, Some(permission))
}

impl Harness {
    /// A household with no sign-in, whose environment names no skill.
    pub(crate) async fn start() -> Self {
        Self::with_skill_id(None).await
    }

    /// A household with no sign-in, whose environment names a skill.
    pub(crate) async fn with_skill_id(skill_id: Option<&str>) -> Self {
        let amazon = Arc::new(FakeAmazon::start().await);
        let clock = Arc::new(ShiftedClock::default());
        let folder = TempDir::new().unwrap();
        let store = SqliteStore::open(folder.path().join("state.db"), clock.clone(), Arc::new(SystemRandom));
        let store: Arc<dyn Store> = Arc::new(store.unwrap());
        let (url, skill_id) = (amazon.url(), skill_id.map(str::to_owned));
        let env = Env::new(move |name| match name {
            "AMAZON_ENDPOINT" => Some(url.clone()),
            "SKILL_ID" => skill_id.clone(),
            _ => None,
        });
        let prober = Arc::new(OneCertificate::for_names(&["skill.example.org"]));
        let permission = Arc::new(OneFunction { amazon: Arc::clone(&amazon), state: Mutex::default() });
        let deps = Deps {
            store: Arc::clone(&store),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            metrics: Arc::new(Metrics::disabled()),
            config: Arc::new(Config::from_env(&env).unwrap()),
        };
        let transport = AmazonTransport::new(AmazonEndpoint::from_env(&env).unwrap()).unwrap();
        let manager = manager(&deps, &folder, transport.clone(), prober.clone(), permission.clone());
        Self { amazon, clock, manager, store, prober, permission, deps, transport, folder }
    }

    /// A household with a sign-in to the developer account.
    pub(crate) async fn signed_in() -> Self {
        let harness = Self::start().await;
        harness.sign_in().await;
        harness
    }

    /// The security profile that Amazon knows.
    pub(crate) fn profile(&self) -> SecurityProfile {
        let lwa = self.amazon.lwa();
        SecurityProfile::parse(&lwa.client_id, &lwa.client_secret).unwrap()
    }

    /// Opens the address of a sign-in, agrees, and copies the address of the return page.
    pub(crate) async fn agree(&self) -> String {
        let url = self.manager.login().begin(&self.profile(), RETURN).await.unwrap();
        self.amazon.sign_in(&url).await
    }

    /// Signs in as a person does.
    pub(crate) async fn sign_in(&self) {
        let address = self.agree().await;
        self.manager.login().complete(&address).await.unwrap();
    }

    /// Sets the skill up as the page does, to the end.
    pub(crate) async fn set_up(&self, spec: &SkillSpec) -> Provisioning {
        self.manager.start(spec).await.unwrap();
        self.drive().await
    }

    /// Advances until no step is left.
    pub(crate) async fn drive(&self) -> Provisioning {
        for _ in 0..500 {
            let state = self.manager.advance().await.unwrap().unwrap();
            if state.finished_at.is_some() {
                return state;
            }
            self.wait_for(&state);
        }
        panic!("the set-up does not end: {:#?}", self.manager.status().await);
    }

    /// Advances the clock to the next attempt.
    pub(crate) fn wait_for(&self, state: &Provisioning) {
        if let Some(at) = state.retry.not_before {
            self.clock.advance(at.since(self.clock.now()) + Duration::from_millis(1));
        }
    }

    /// The one skill of the account.
    pub(crate) fn only_skill(&self) -> FakeSkill {
        let skills = self.amazon.skills();
        assert_eq!(skills.len(), 1, "{skills:#?}");
        skills[0].clone()
    }

    /// Another process, over the same store and secret.
    pub(crate) fn another_process(&self) -> SkillManager {
        let (transport, prober, permission) =
            (self.transport.clone(), Arc::clone(&self.prober), Arc::clone(&self.permission));
        manager(&self.deps, &self.folder, transport, prober, permission)
    }

    /// The secret as JSON.
    pub(crate) fn secret(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.secret_file()).unwrap()).unwrap()
    }

    /// Waits until the secret is as a test wants it: the work may go on in the background.
    pub(crate) async fn wait_until(&self, is_so: impl Fn(&Value) -> bool) {
        for _ in 0..200 {
            if is_so(&self.secret()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the secret never changed so");
    }

    fn secret_file(&self) -> PathBuf {
        self.folder.path().join("secrets/amazon.json")
    }

    /// The writing requests to skill management: their methods and paths.
    pub(crate) fn writes(&self) -> Vec<String> {
        let calls = self.amazon.requests("/v1/");
        let is_write = |method: &str, path: &str| method != "GET" && !path.ends_with("/profileNlu");
        let writes = calls.iter().filter(|call| is_write(&call.method, &call.path));
        writes.map(|call| format!("{} {}", call.method, call.path)).collect()
    }
}

/// A skill behind a function, in two languages.
pub(crate) fn spec() -> SkillSpec {
    spec_for(FUNCTION, &["de-DE", "en-US"])
}

/// A skill behind `endpoint`.
pub(crate) fn spec_for(endpoint: &str, locales: &[&str]) -> SkillSpec {
    SkillSpec {
        certificate: None,
        endpoint: SkillEndpoint::parse(endpoint).unwrap(),
        locales: locales.iter().map(|locale| LocaleCode::parse(locale).unwrap()).collect(),
        invocation_name: "music assistant".parse::<InvocationName>().unwrap(),
    }
}

/// A prober that finds one certificate at every address.
#[derive(Debug)]
pub(crate) struct OneCertificate(Mutex<Result<LeafCertificate, ProbeError>>);

impl OneCertificate {
    fn for_names(names: &[&str]) -> Self {
        Self(Mutex::new(Ok(leaf(names))))
    }

    /// Finds another one from now on.
    pub(crate) fn show(&self, names: &[&str]) {
        *self.0.lock().unwrap() = Ok(leaf(names));
    }

    /// Finds none from now on.
    pub(crate) fn fail(&self, error: ProbeError) {
        *self.0.lock().unwrap() = Err(error);
    }
}

fn leaf(names: &[&str]) -> LeafCertificate {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    LeafCertificate::new(rcgen::generate_simple_self_signed(names).unwrap().cert.der().to_vec())
}

#[async_trait]
impl Prober for OneCertificate {
    async fn probe(&self, _: &ProbeRequest) -> Result<ProbeResponse, ProbeError> {
        let certificate = Some(self.0.lock().unwrap().clone()?);
        let (headers, body) = (HeaderMap::new(), Vec::new());
        Ok(ProbeResponse { status: 405, headers, body, is_truncated: false, certificate })
    }
}

/// A function with its permissions, which Amazon then sees.
#[derive(Debug)]
pub(crate) struct OneFunction {
    amazon: Arc<FakeAmazon>,
    state: Mutex<Granted>,
}

#[derive(Debug, Default)]
struct Granted {
    skills: Vec<(String, String)>,
    refusal: Option<PermissionError>,
}

impl OneFunction {
    /// Refuses each grant from now on, or no longer.
    pub(crate) fn refuse(&self, refusal: Option<PermissionError>) {
        self.state.lock().unwrap().refusal = refusal;
    }

    /// The granted permissions: functions and skills, in the order of the grants.
    pub(crate) fn granted(&self) -> Vec<(String, String)> {
        self.state.lock().unwrap().skills.clone()
    }
}

#[async_trait]
impl InvokePermission for OneFunction {
    async fn is_granted(&self, function: &str, skill: &SkillId) -> Result<bool, PermissionError> {
        let state = self.state.lock().unwrap();
        Ok(state.skills.contains(&(function.to_owned(), skill.as_str().to_owned())))
    }

    async fn grant(&self, function: &str, skill: &SkillId) -> Result<(), PermissionError> {
        let mut state = self.state.lock().unwrap();
        if let Some(refusal) = &state.refusal {
            return Err(refusal.clone());
        }
        self.amazon.admit(function, skill.as_str());
        state.skills.push((function.to_owned(), skill.as_str().to_owned()));
        Ok(())
    }
}

/// A step by its kind.
pub(crate) fn step<'a>(state: &'a Provisioning, kind: &StepKind) -> &'a Step {
    state.steps.iter().find(|step| step.kind == *kind).unwrap()
}

/// The code of the problem with which a step failed.
pub(crate) fn failure(state: &Provisioning, kind: &StepKind) -> String {
    let step = step(state, kind);
    assert_eq!(step.state, StepState::Failed, "{state:#?}");
    step.problem.clone().unwrap().code
}

/// The build of a locale.
pub(crate) fn build(locale: &str) -> StepKind {
    StepKind::Build { locale: locale.to_owned() }
}

/// The sentences of a locale.
pub(crate) fn sentences(locale: &str) -> StepKind {
    StepKind::Sentences { locale: locale.to_owned() }
}
