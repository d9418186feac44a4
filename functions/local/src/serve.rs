//! `local serve`.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use ma_alexa::app;
use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::config::{ApiCredentials, Bind, Env, Pair, SecretsUrl, SkillIds};
use ma_alexa::secrets::{self, Created, Credentials, FileSecrets};
use ma_alexa::skill::Accepts;
use ma_alexa::verification::fetch::HttpsFetcher;
use ma_alexa::verification::{TrustAnchors, Verifier};
use tokio::net::TcpListener;

use crate::{home, refresh};

/// Serves until it is told to stop.
pub(crate) async fn serve(env: &Env) -> anyhow::Result<()> {
    let stopped = stopped()?;
    let Bind(address) = Bind::from_env(env)?;
    let store = home::store(env)?;
    let skill = home::skill(env, Arc::clone(&store), Accepts::KnownSkills)?;
    let secrets_url = SecretsUrl::from_env(env)?;
    let fixed = ApiCredentials::from_env(env)?;
    let secrets = secrets::open(&secrets_url, &home::machine(&|name| env.get(name)))?;
    home::install_tls()?;
    let state = home::api(env, store, secrets)?;
    let session = state.session().clone();
    let router = app::router_with_skill(&state, Arc::new(skill), Arc::new(verifier()?));
    let listener = listen(address).await?;
    let address = listener.local_addr()?;
    // Last of what can fail: passwords that were made and never printed nobody would ever see.
    if let SecretsUrl::File(folder) = &secrets_url
        && let Some(credentials) = make_credentials(folder).await?
    {
        home::print(&welcome(&credentials, &fixed, address, folder))?;
    }
    if SkillIds::from_env(env)?.is_empty() {
        tracing::warn!("SKILL_ID is not set: no request of Alexa's is accepted");
    }
    tracing::info!(bind = %address, "serving");
    tokio::spawn(refresh::forever(session));
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopped)
        .await?;
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

/// What a person needs to write down, once. What the environment fixes is known already, and is not printed.
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

/// What another machine has to enter, as far as this one knows.
fn reached_at(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        return format!("(the address of this machine):{}", address.port());
    }
    address.to_string()
}

fn shown(fixed: Option<&Pair>, made: &Pair, variable: &str) -> String {
    let (username, password) = match fixed {
        Some(fixed) => (fixed.username(), format!("that of {variable}")),
        None => (made.username(), made.password().to_owned()),
    };
    format!("    user name  {username}\n    password   {password}")
}

/// Resolves when the process is told to end. It listens from now on, not only from when it is first polled.
fn stopped() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupted, mut terminated) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}
