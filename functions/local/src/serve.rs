//! `local serve`.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use ma_alexa::amazon::live::Dialer;
use ma_alexa::app;
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::config::{
    AmazonEndpoint, ApiCredentials, Bind, DoorConfig, Env, RendererBind, SecretsUrl, UserPassword,
};
use ma_alexa::deps::Deps;
use ma_alexa::door::HomeHosts;
use ma_alexa::renderer::NewsFeed;
use ma_alexa::secrets::{Created, Credentials, FileSecrets};
use ma_alexa::server::{self, Limits, ServerParts};
use ma_alexa::skill::{Skill, SkillIdPolicy};
use ma_alexa::telemetry::{LogLimiter, Metrics};
use ma_alexa::verification::fetch::HttpsFetcher;
use ma_alexa::verification::{TrustAnchors, Verifier};
use tokio::net::TcpListener;

use crate::door::Door;
use crate::renderers::Renderers;
use crate::stops::Stops;
use crate::{refresh, wiring};

/// Serves until a signal stops it.
pub(crate) async fn serve(env: &Env) -> anyhow::Result<()> {
    let stops = Stops::listen()?;
    let Bind(address) = Bind::from_env(env)?;
    let door_config = DoorConfig::from_env(env)?;
    let renderer_bind = RendererBind::from_env(env)?;
    let metrics = Arc::new(Metrics::exposed(SystemClock.now()));
    let deps = Deps { metrics: Arc::clone(&metrics), ..wiring::deps(env)? };
    let secrets_url = SecretsUrl::from_env(env)?;
    let secrets = wiring::secrets(env, &deps)?;
    wiring::install_tls()?;
    let knows_a_skill = wiring::knows_a_skill(&deps).await;
    let config = Arc::clone(&deps.config);
    let store = Arc::clone(&deps.store);
    let feed = NewsFeed::default();
    let skill = Skill::new(deps.clone(), SkillIdPolicy::KnownSkills).with_listener(Arc::new(feed.clone()));
    let state = wiring::api(env, deps, secrets)?;
    let skill = Arc::new(skill.with_control(Arc::new(state.home_control().clone())));
    let session = state.session().clone();
    let live = state.listener(Arc::new(Dialer::new(AmazonEndpoint::from_env(env)?)?));
    let verifier = Arc::new(verifier()?);
    let alexa = app::skill_router(&state, Arc::clone(&skill), Arc::clone(&verifier));
    let router = if config.api.alexa_on_bind {
        app::router_with_skill(&state, skill, verifier)
    } else {
        app::router_beside_door(&state)
    };
    let listener = listen("BIND", address).await?;
    let address = listener.local_addr()?;
    let door = Door::open(env, &door_config, Some(store)).await?;
    let renderers = Renderers::open(renderer_bind, config.api.hosts.clone()).await?;
    let listened_on = std::iter::once(address.port()).chain(renderers.port()).chain(door.ports());
    let media = Arc::new(HomeHosts::new(listened_on.collect()));
    let door_routes = app::door_router(&state, alexa, media)?;
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
    let parts = |limits| ServerParts {
        limits,
        proxies: config.api.proxies.clone(),
        log_limiter: Arc::clone(&log_limiter),
        clock: Arc::new(SystemClock),
    };
    let at_home = server::serve(listener, router, parts(Limits::default()), stops.receiver());
    // A task of its own: what fails in it ends nothing else.
    let live = tokio::spawn(live.run(stops.receiver()));
    state.search_network();
    let follower = tokio::spawn(state.follower().run(stops.receiver()));
    let renderers = renderers.serve(&state, &feed, parts(Limits::renderers()), &stops);
    let _ = tokio::join!(at_home, door.serve(door_routes, parts, &stops), renderers, live, follower);
    log_limiter.report_all();
    Ok(())
}

/// Listens on the address of a variable.
pub(crate) async fn listen(variable: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        let example = SocketAddr::from(([127, 0, 0, 1], address.port().wrapping_add(10)));
        format!("{variable}={address} cannot be listened on; an example is {variable}={example}")
    })
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

/// Writes how many log lines were kept back, once a minute.
pub(crate) async fn report_kept_back(log_limiter: Arc<LogLimiter>) {
    loop {
        tokio::time::sleep(Duration::from_mins(1)).await;
        log_limiter.report(SystemClock.now());
    }
}
