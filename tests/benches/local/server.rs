//! `ma-alexa` in a process of its own, as its main puts it together, trusting an authority that lasts as long as the run.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::Context as _;
use ma_alexa::amazon::AmazonTransport;
use ma_alexa::amazon::live::Dialer;
use ma_alexa::api::{ApiState, offer_renderers};
use ma_alexa::app;
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::config::{AmazonEndpoint, Config, Env, TrustedHosts};
use ma_alexa::deps::Deps;
use ma_alexa::probe::{AddressPolicy, HttpProber};
use ma_alexa::renderer::{NewsFeed, SpeakerLevel, SpeakerObservation};
use ma_alexa::renderer_report::Serving;
use ma_alexa::secrets::{Created, FileSecrets};
use ma_alexa::skill::{Skill, SkillIdPolicy};
use ma_alexa::store::Store;
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::telemetry::{self, LogLimiter, Metrics};
use ma_alexa::upnp::{self, SEARCH_PORT, SystemInterfaces, UpnpLimits, UpnpServices};
use ma_alexa::verification::{CertificateFetcher, CertificateUrl, FetchError, Verifier};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::household::{SKILL_ID, basic};
use end_to_end::api::CREDENTIALS;
use end_to_end::signing::TestAuthority;

/// The argument by which this program serves.
pub(crate) const COMMAND: &str = "serve";

/// The variable with the address of a stand-in for Amazon.
const AMAZON: &str = "AMAZON_ENDPOINT";

/// The variable of a server that offers no renderers.
const BARE: &str = "BENCH_WITHOUT_RENDERERS";

/// More news than a renderer may be behind.
const NEWS: usize = 2000;

/// The state file in the folder of a server.
pub(crate) fn state_in(folder: &Path) -> PathBuf {
    folder.join("state.db")
}

/// A running server. It ends when this is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    /// The owner's header of HTTP Basic.
    pub(crate) owner: String,
    /// Music Assistant's.
    pub(crate) music_assistant: String,
    /// The address of its renderers; none where it has no Amazon.
    pub(crate) renderers: Option<SocketAddr>,
}

impl Server {
    /// Starts a server with its state in `folder`.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        Self::run(Command::new(std::env::current_exe()?).arg(COMMAND).arg(folder))
    }

    /// Starts a server before a stand-in for Amazon, whose Echos it may offer as renderers. The passwords are those of
    /// tests.
    pub(crate) fn start_with_amazon(folder: &Path, amazon: &str, offers: bool) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(COMMAND).arg(folder).envs(CREDENTIALS).env(AMAZON, amazon);
        Self::run(if offers { &mut command } else { command.env(BARE, "yes") })
    }

    fn run(command: &mut Command) -> anyhow::Result<Self> {
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line)?;
        let welcome: Value = serde_json::from_str(&line).context("the server did not start")?;
        let text = |name: &str| welcome[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            process,
            address: text("address").parse()?,
            owner: text("owner"),
            music_assistant: text("music_assistant"),
            renderers: text("renderers").parse().ok(),
        })
    }

    /// Makes it look at its store, as it does twice a minute.
    pub(crate) fn look(&self) -> anyhow::Result<()> {
        Ok(self.process.stdin.as_ref().context("no input")?.write_all(b"l")?)
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It serves for as long as its input is open.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Serves until standard input ends.
pub(crate) fn serve(folder: &Path) -> anyhow::Result<()> {
    let env = environment();
    telemetry::init(&env)?;
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(state_in(folder), Arc::new(SystemClock), Arc::new(SystemRandom))?);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let secrets = FileSecrets::new(folder.join("secrets"));
        let (Created::New(made) | Created::Existing(made)) =
            secrets.create_missing(Arc::new(SystemRandom)).await?;
        let deps = Deps {
            store,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            metrics: Arc::new(Metrics::from_env(&env)),
            config: Arc::new(Config::from_env(&env)?),
        };
        let feed = NewsFeed::default();
        let skill =
            Skill::new(deps.clone(), SkillIdPolicy::KnownSkills).with_listener(Arc::new(feed.clone()));
        let amazon = AmazonEndpoint::from_env(&env)?;
        let state = ApiState::new(
            deps,
            Arc::new(secrets),
            AmazonTransport::new(amazon.clone())?,
            Arc::new(HttpProber::new(AddressPolicy::Anywhere)?),
            None,
        );
        let renderers = match amazon {
            Some(amazon) => Some(offer(&state, &feed, amazon).await?),
            None => None,
        };
        let router = app::router_with_skill(&state, Arc::new(skill), Arc::new(verifier()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let welcome = json!({
            "address": listener.local_addr()?.to_string(),
            "owner": basic(made.owner.username(), made.owner.password()),
            "music_assistant": basic(made.music_assistant.username(), made.music_assistant.password()),
            "renderers": renderers.as_ref().map(|renderers| renderers.address.to_string()),
        });
        writeln!(std::io::stdout().lock(), "{welcome}")?;
        tokio::select! {
            served = axum::serve(listener, router).into_future() => served?,
            () = obey(&feed) => {}
        }
        if let Some(Renderers { stop, live, .. }) = renderers {
            // The next one may hear live events then.
            let _ = stop.send(()).await;
            live.await?;
        }
        Ok(())
    })
}

/// Looks at the store as often as standard input says it, until that ends.
async fn obey(feed: &NewsFeed) {
    let mut input = tokio::io::stdin();
    while input.read_u8().await.is_ok() {
        // Who has missed some looks at the store.
        for _ in 0..NEWS {
            feed.observe(SpeakerObservation { serial: String::new(), level: SpeakerLevel::default() });
        }
    }
}

/// Renderers that are served, and what hears live events beside them.
struct Renderers {
    address: SocketAddr,
    stop: mpsc::Sender<()>,
    live: JoinHandle<()>,
}

/// Offers the Echos of an account as renderers, and hears its live events. No network hears of them.
async fn offer(state: &ApiState, feed: &NewsFeed, amazon: AmazonEndpoint) -> anyhow::Result<Renderers> {
    let (stop, stopped) = mpsc::channel(1);
    let live = tokio::spawn(state.listener(Arc::new(Dialer::new(Some(amazon))?)).run(stopped));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    state.renderers().serves(Serving::At(address));
    let is_bare = std::env::var_os(BARE).is_some();
    let renderers = if is_bare { watch::channel(Vec::new()).1 } else { offer_renderers(state, feed) };
    let services = Arc::new(UpnpServices {
        renderers,
        address,
        search_port: SEARCH_PORT,
        interfaces: Arc::new(SystemInterfaces),
        hosts: TrustedHosts::default(),
        limits: UpnpLimits::default(),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        reports: state.renderers().clone(),
        log_limiter: Arc::new(LogLimiter::default()),
    });
    let router = upnp::router(&services).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Renderers { address, stop, live })
}

/// The skill over a store, as the environment of the run has it.
pub(crate) fn skill(store: Arc<dyn Store>) -> anyhow::Result<Skill> {
    let env = environment();
    let deps = Deps {
        store,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        metrics: Arc::new(Metrics::from_env(&env)),
        config: Arc::new(Config::from_env(&env)?),
    };
    Ok(Skill::new(deps, SkillIdPolicy::KnownSkills))
}

/// A verifier that has not fetched its certificate yet.
pub(crate) fn verifier() -> Verifier {
    let authority = TestAuthority::new();
    let chain = authority.good_chain_pem(SystemClock.now());
    Verifier::new(authority.anchors(), Arc::new(Fetcher(chain.into_bytes())), Arc::new(SystemClock))
}

fn environment() -> Env {
    Env::new(|name| {
        let value = match name {
            "STREAM_BASE_URL" | "ART_BASE_URL" => "https://music.example.com",
            "SKILL_ID" => SKILL_ID,
            _ => return std::env::var(name).ok().filter(|_| is_of_amazon(name)),
        };
        Some(value.to_owned())
    })
}

/// Whether a variable belongs to a server before a stand-in for Amazon.
fn is_of_amazon(name: &str) -> bool {
    name == AMAZON || CREDENTIALS.iter().any(|(known, _)| *known == name)
}

/// Has the chain at hand.
#[derive(Debug)]
pub(crate) struct Fetcher(pub(crate) Vec<u8>);

impl CertificateFetcher for Fetcher {
    fn fetch<'a, 'b, 'c>(
        &'a self,
        _: &'b CertificateUrl,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async { Ok(self.0.clone()) })
    }
}
