//! `local` in a process of its own, as its main puts it together, trusting an authority that lasts as long as the run.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::Context as _;
use ma_alexa::amazon::Transport;
use ma_alexa::api::ApiState;
use ma_alexa::app;
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::config::{Config, Env};
use ma_alexa::deps::Deps;
use ma_alexa::probe::{AddressPolicy, HttpProber};
use ma_alexa::secrets::{Created, FileSecrets};
use ma_alexa::skill::{Skill, SkillIdPolicy};
use ma_alexa::store::Store;
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::telemetry::{self, Metrics};
use ma_alexa::verification::{CertificateFetcher, CertificateUrl, FetchError, Verifier};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::household::{SKILL_ID, basic};
use end_to_end::signing::TestAuthority;

/// The argument by which this program serves.
pub(crate) const COMMAND: &str = "serve";

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
}

impl Server {
    /// Starts a server with its state in `folder`.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(COMMAND)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line)?;
        let welcome: Value = serde_json::from_str(&line).context("the server did not start")?;
        let text = |name: &str| welcome[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            process,
            address: text("address").parse()?,
            owner: text("owner"),
            music_assistant: text("music_assistant"),
        })
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
        let skill = Skill::new(deps.clone(), SkillIdPolicy::KnownSkills);
        let state = ApiState::new(
            deps,
            Arc::new(secrets),
            Transport::new(None)?,
            Arc::new(HttpProber::new(AddressPolicy::Anywhere)?),
            None,
        );
        let router = app::router_with_skill(&state, Arc::new(skill), Arc::new(verifier()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let welcome = json!({
            "address": listener.local_addr()?.to_string(),
            "owner": basic(made.owner.username(), made.owner.password()),
            "music_assistant": basic(made.music_assistant.username(), made.music_assistant.password()),
        });
        writeln!(std::io::stdout().lock(), "{welcome}")?;
        let mut input = tokio::io::stdin();
        tokio::select! {
            served = axum::serve(listener, router).into_future() => served?,
            _ = input.read_u8() => {}
        }
        Ok(())
    })
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
            _ => return None,
        };
        Some(value.to_owned())
    })
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
