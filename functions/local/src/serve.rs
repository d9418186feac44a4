//! `local serve`.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use ma_alexa::app;
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::config::{ApiCredentials, Bind, Env, SecretsUrl, UserPassword};
use ma_alexa::deps::Deps;
use ma_alexa::secrets::{Created, Credentials, FileSecrets};
use ma_alexa::server::{self, Limits, ServerParts};
use ma_alexa::skill::{Skill, SkillIdPolicy};
use ma_alexa::telemetry::{LogLimiter, Metrics};
use ma_alexa::verification::fetch::HttpsFetcher;
use ma_alexa::verification::{TrustAnchors, Verifier};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::{refresh, wiring};

/// Serves until a signal stops it.
pub(crate) async fn serve(env: &Env) -> anyhow::Result<()> {
    let stop = stop_signals()?;
    let Bind(address) = Bind::from_env(env)?;
    let metrics = Arc::new(Metrics::exposed(SystemClock.now()));
    let deps = Deps { metrics: Arc::clone(&metrics), ..wiring::deps(env)? };
    let secrets_url = SecretsUrl::from_env(env)?;
    let secrets = wiring::secrets(env, &deps)?;
    wiring::install_tls()?;
    let knows_a_skill = wiring::knows_a_skill(&deps).await;
    let config = Arc::clone(&deps.config);
    let skill = Skill::new(deps.clone(), SkillIdPolicy::KnownSkills);
    let state = wiring::api(env, deps, secrets)?;
    let session = state.session().clone();
    let router = app::router_with_skill(&state, Arc::new(skill), Arc::new(verifier()?));
    let listener = listen(address).await?;
    let address = listener.local_addr()?;
    // Last of what can fail: passwords that were made and never printed are lost.
    if let SecretsUrl::File(folder) = &secrets_url
        && let Some(credentials) = make_credentials(folder).await?
    {
        // What is no terminal may be a journal that others read, and that keeps it.
        let welcome = if std::io::stdout().is_terminal() {
            welcome(&credentials, &config.api.credentials, address, folder)
        } else {
            welcome_without_passwords(address, folder)
        };
        wiring::print(&welcome)?;
    }
    if !knows_a_skill {
        tracing::warn!("no skill is known, from SKILL_ID or the set-up: no request of Alexa's is accepted");
    }
    tracing::info!(bind = %address, "serving");
    tokio::spawn(refresh::forever(session, metrics));
    let log_limiter = Arc::clone(state.log_limiter());
    tokio::spawn(report_kept_back(Arc::clone(&log_limiter)));
    let parts = ServerParts {
        limits: Limits::default(),
        proxies: config.api.proxies.clone(),
        log_limiter: Arc::clone(&log_limiter),
        clock: Arc::new(SystemClock),
    };
    server::serve(listener, router, parts, stop).await;
    log_limiter.report_all();
    Ok(())
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("BIND={address} cannot be listened on; an example is BIND=127.0.0.1:5001"))
}

/// Alexa's signatures, proven against the roots of the web.
fn verifier() -> anyhow::Result<Verifier> {
    let anchors = TrustAnchors::mozilla();
    let fetcher = HttpsFetcher::new(reqwest::Client::builder(), &anchors)?;
    Ok(Verifier::new(anchors, Arc::new(fetcher), Arc::new(SystemClock)))
}

/// Makes both pairs on the first start; `None` on every later one.
async fn make_credentials(folder: &Path) -> anyhow::Result<Option<Credentials>> {
    Ok(match FileSecrets::new(folder).create_missing(Arc::new(SystemRandom)).await? {
        Created::New(credentials) => Some(credentials),
        Created::Existing(_) => None,
    })
}

/// The user names and passwords, printed once. Those that the environment fixes are known, and are not printed.
fn welcome(made: &Credentials, fixed: &ApiCredentials, address: SocketAddr, folder: &Path) -> String {
    let owner = shown(fixed.owner.as_ref(), &made.owner, "API_PASSWORD");
    let music_assistant = shown(fixed.music_assistant.as_ref(), &made.music_assistant, "PUSH_PASSWORD");
    format!(
        "These passwords are shown once. They are kept in {}.\n\n\
         For you, curl and scripts:\n{owner}\n\n\
         In Music Assistant, Settings > Player providers > Alexa:\n    API URL    http://{}\n\
         {music_assistant}\n",
        folder.join("credentials.json").display(),
        reached_at(address),
    )
}

/// The location of the passwords, for an output that is no terminal.
fn welcome_without_passwords(address: SocketAddr, folder: &Path) -> String {
    format!(
        "User names and passwords were made. They are in {}: `owner` for you, curl and scripts, `music_assistant` for \
         Music Assistant, Settings > Player providers > Alexa, with the API URL http://{}.\n",
        folder.join("credentials.json").display(),
        reached_at(address),
    )
}

/// The address for another machine, as far as this one knows it.
fn reached_at(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        return format!("(the address of this machine):{}", address.port());
    }
    address.to_string()
}

fn shown(fixed: Option<&UserPassword>, made: &UserPassword, variable: &str) -> String {
    let (username, password) = match fixed {
        Some(fixed) => (fixed.username(), format!("that of {variable}")),
        None => (made.username(), made.password().to_owned()),
    };
    format!("    user name  {username}\n    password   {password}")
}

/// A message for each signal to end. It listens from now on.
fn stop_signals() -> anyhow::Result<mpsc::Receiver<()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupted, mut terminated) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    // The second message ends the process at once; what comes after it changes nothing.
    let (stop, stops) = mpsc::channel(2);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            if stop.send(()).await.is_err() {
                return;
            }
        }
    });
    Ok(stops)
}

/// Writes how many log lines were kept back, once a minute.
async fn report_kept_back(log_limiter: Arc<LogLimiter>) {
    loop {
        tokio::time::sleep(Duration::from_mins(1)).await;
        log_limiter.report(SystemClock.now());
    }
}
