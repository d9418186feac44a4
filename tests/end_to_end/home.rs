//! What `ma-alexa` serves, in this process: with a clock and a trusted root of the test's own, over any store.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use end_to_end::api::{Api, CREDENTIALS, STREAM_BASE_URL};
use end_to_end::envelope::SKILL;
use end_to_end::signing::{CERTIFICATE_URL, TestAuthority};
use ma_alexa::amazon::AmazonTransport;
use ma_alexa::api::ApiState;
use ma_alexa::app;
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::clock::{Clock, SystemClock};
use ma_alexa::config::{Config, Env, TrustedProxies};
use ma_alexa::deps::Deps;
use ma_alexa::probe::{AddressPolicy, HttpProber};
use ma_alexa::secrets::FileSecrets;
use ma_alexa::server::{self, Limits, ServerOptions};
use ma_alexa::skill::{Skill, SkillIdPolicy};
use ma_alexa::store::Store;
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::telemetry::Metrics;
use ma_alexa::verification::fetch::TIMEOUT;
use ma_alexa::verification::{CertificateFetcher, CertificateUrl, FetchError, Verifier};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A store in a file of its own.
#[derive(Debug)]
pub(crate) struct StateFile {
    pub(crate) store: SqliteStore,
    _folder: TempDir,
}

impl StateFile {
    pub(crate) fn new(clock: Arc<ManualClock>) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("state.db");
        let store = SqliteStore::open(path, clock, Arc::new(SeededRandom::new(1))).unwrap();
        Self { store, _folder: folder }
    }
}

/// What the addresses have in them at which nothing is answered, until the fetcher has waited long enough.
pub(crate) const HANGING: &str = "hanging";

/// Serves certificate chains, and counts how often it is asked.
#[derive(Debug, Default)]
pub(crate) struct Certificates {
    chains: Mutex<HashMap<String, String>>,
    asked: AtomicUsize,
}

impl Certificates {
    pub(crate) fn serve(&self, url: &str, pem: String) {
        self.chains.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), pem);
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl CertificateFetcher for Certificates {
    async fn fetch(&self, url: &CertificateUrl) -> Result<Vec<u8>, FetchError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if url.as_str().contains(HANGING) {
            tokio::time::sleep(TIMEOUT).await;
            return Err(FetchError::TimedOut);
        }
        let chains = self.chains.lock().unwrap_or_else(PoisonError::into_inner);
        chains.get(url.as_str()).map(|pem| pem.clone().into_bytes()).ok_or(FetchError::Status(404))
    }
}

/// A running server.
pub(crate) struct Home {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) authority: TestAuthority,
    pub(crate) certificates: Arc<Certificates>,
    pub(crate) skill: Arc<Skill>,
    pub(crate) api: Api,
    server: JoinHandle<()>,
}

impl Home {
    /// Over `store`, with the samples' skill.
    pub(crate) async fn start(clock: Arc<ManualClock>, store: Arc<dyn Store>) -> Self {
        Self::start_with(clock, store, SKILL).await
    }

    /// Over `store`, for the skills in `skill_ids`.
    pub(crate) async fn start_with(clock: Arc<ManualClock>, store: Arc<dyn Store>, skill_ids: &str) -> Self {
        let authority = TestAuthority::new();
        let certificates = Arc::new(Certificates::default());
        certificates.serve(CERTIFICATE_URL, authority.good_chain_pem(clock.now()));
        let verifier = Verifier::new(authority.anchors(), certificates.clone(), clock.clone());
        let skill_ids = skill_ids.to_owned();
        let env = Env::new(move |name| {
            let fixed = CREDENTIALS.iter().find(|(known, _)| *known == name);
            match name {
                "SKILL_ID" => Some(skill_ids.clone()),
                "STREAM_BASE_URL" => Some(STREAM_BASE_URL.to_owned()),
                _ => fixed.map(|(_, value)| (*value).to_owned()),
            }
        });
        let skill = Arc::new(skill(&env, clock.clone(), &store));
        let router = app::router_with_skill(&state(&env, &clock, store), skill.clone(), Arc::new(verifier));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let options = ServerOptions {
            limits: Limits::default(),
            proxies: TrustedProxies::default(),
            log_limiter: Arc::default(),
            clock: clock.clone(),
        };
        let (stop, stops) = mpsc::channel(1);
        let server = tokio::spawn(async move {
            // Without a sender nothing could stop it.
            let _stop = stop;
            server::serve(listener, router, options, stops).await;
        });
        let api = Api::at(&format!("http://{address}"));
        Self { clock, authority, certificates, skill, api, server }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A clock that stands still at the present moment, so that samples made now are fresh.
pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(SystemClock.now()))
}

/// The skill over `store`, as `env` has it.
pub(crate) fn skill(env: &Env, clock: Arc<dyn Clock>, store: &Arc<dyn Store>) -> Skill {
    let deps = Deps {
        store: Arc::clone(store),
        clock,
        random: Arc::new(SeededRandom::new(2)),
        metrics: Arc::new(Metrics::disabled()),
        config: Arc::new(Config::from_env(env).unwrap()),
    };
    Skill::new(deps, SkillIdPolicy::KnownSkills)
}

fn state(env: &Env, clock: &Arc<ManualClock>, store: Arc<dyn Store>) -> ApiState {
    let deps = Deps {
        store,
        clock: clock.clone(),
        random: Arc::new(SeededRandom::new(3)),
        metrics: Arc::new(Metrics::disabled()),
        config: Arc::new(Config::from_env(env).unwrap()),
    };
    ApiState::new(
        deps,
        Arc::new(FileSecrets::new("no-secrets-are-kept")),
        AmazonTransport::new(None).unwrap(),
        Arc::new(HttpProber::new(AddressPolicy::Anywhere).unwrap()),
        None,
    )
}
