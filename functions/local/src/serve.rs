//! `ma-alexa serve`.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ma_alexa::amazon::live::Dialer;
use ma_alexa::api::{ApiState, offer_renderers};
use ma_alexa::app;
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::config::{AmazonEndpoint, Bind, DoorConfig, Env, RendererBind, SecretsUrl};
use ma_alexa::control::HomeNames;
use ma_alexa::deps::Deps;
use ma_alexa::door::HomeHosts;
use ma_alexa::renderer::NewsFeed;
use ma_alexa::secrets::{Created, Credentials, FileSecrets};
use ma_alexa::server::{self, Limits, ServerOptions};
use ma_alexa::skill::{Skill, SkillIdPolicy};
use ma_alexa::telemetry::{LogLimiter, Metrics};
use ma_alexa::verification::fetch::HttpsFetcher;
use ma_alexa::verification::{TrustAnchors, Verifier};
use tokio::net::TcpListener;

use crate::door::Door;
use crate::renderers::Renderers;
use crate::start::{self, Started};
use crate::stops::Stops;
use crate::{announced, names, refresh, tasks, updates, wiring};

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
    let state_deps = deps.clone();
    let config = Arc::clone(&deps.config);
    let store = Arc::clone(&deps.store);
    let feed = NewsFeed::default();
    let skill = Skill::new(deps.clone(), SkillIdPolicy::KnownSkills).with_listener(Arc::new(feed.clone()));
    let state = wiring::api(env, deps, secrets)?;
    let skill = Arc::new(skill.with_control(Arc::new(state.home_control().clone())));
    let dialer = Arc::new(Dialer::new(AmazonEndpoint::from_env(env)?)?);
    let verifier = Arc::new(verifier()?);
    let alexa = app::skill_router(&state, Arc::clone(&skill), Arc::clone(&verifier));
    let router = if config.api.alexa_on_bind {
        app::router_with_skill(&state, skill, verifier)
    } else {
        app::router_beside_door(&state)
    };
    let listener = listen("BIND", address).await?;
    let address = listener.local_addr()?;
    // Before the passwords, after which a link can be asked for.
    announced::keep(&state_deps, address).await;
    let door = Door::open(env, &door_config, Some(store)).await?;
    let renderers = Renderers::open(renderer_bind, config.api.hosts.clone()).await?;
    let listened_on = std::iter::once(address.port()).chain(renderers.port()).chain(door.ports());
    let media = Arc::new(HomeHosts::new(listened_on.collect()));
    let door_routes = app::door_router(&state, alexa, media)?;
    // Last of what can fail: passwords that were made and never printed are lost.
    let folder = secrets_folder(&secrets_url);
    let made = make_credentials(folder).await?;
    tracing::info!(bind = %address, "serving");
    let started = Started { listener: address, made: made.as_ref(), secrets: folder };
    start::announce(env, &state_deps, &started).await?;
    let log_limiter = Arc::clone(state.log_limiter());
    let options = |limits| ServerOptions {
        limits,
        proxies: config.api.proxies.clone(),
        log_limiter: Arc::clone(&log_limiter),
        clock: Arc::new(SystemClock),
    };
    let at_home = server::serve(listener, router, options(Limits::default()), stops.receiver());
    begin_tasks(&state, metrics).await;
    let events = hear_events(&state, dialer, &stops);
    let offer = || offer_renderers(&state, &feed);
    let renderers = renderers.serve(state.renderers(), offer, options(Limits::renderers()), &stops);
    let _ = tokio::join!(at_home, door.serve(door_routes, options, &stops), renderers, events);
    log_limiter.report_all();
    Ok(())
}

/// Hears the events of Amazon and those of Music Assistant, until a signal to stop.
fn hear_events(state: &ApiState, dialer: Arc<Dialer>, stops: &Stops) -> impl Future<Output = ()> {
    let (of, until) = (state.clone(), stops.clone());
    let live = move || of.listener(dialer.clone()).run(until.receiver());
    let live = tasks::keep("live events", live);
    let (of, until) = (state.clone(), stops.clone());
    let follower = move || of.follower().run(until.receiver());
    let follower = tasks::keep("events of Music Assistant", follower);
    async {
        let _ = tokio::join!(live, follower);
    }
}

/// Begins what runs beside the listeners, each in a task of its own.
async fn begin_tasks(state: &ApiState, metrics: Arc<Metrics>) {
    let session = state.session().clone();
    tasks::keep("refresh", move || refresh::forever(session.clone(), Arc::clone(&metrics)));
    let of = state.clone();
    tasks::keep("newer releases", move || updates::forever(of.clone()));
    let log_limiter = Arc::clone(state.log_limiter());
    tasks::keep("log", move || report_kept_back(Arc::clone(&log_limiter)));
    state.search_network();
    state.home_control().resume_timers().await;
    let of = state.clone();
    tasks::keep("names at home", move || keep_names(of.clone()));
}

/// The folder of the secrets; none where they are in AWS.
fn secrets_folder(url: &SecretsUrl) -> Option<&Path> {
    match url {
        SecretsUrl::File(folder) => Some(folder.as_path()),
        SecretsUrl::SecretsManager { .. } => None,
    }
}

/// Keeps the names at home for the models of the skill.
async fn keep_names(state: ApiState) {
    let home = state.home_control().clone();
    let keep = move |names: HomeNames| {
        let state = state.clone();
        async move {
            let kept = state.take_names(&names).await;
            kept.inspect_err(|error| tracing::warn!(%error, "the names at home are not kept"))
                .unwrap_or(false)
        }
    };
    names::forever(home, keep).await;
}

/// Listens on the address of a variable.
pub(crate) async fn listen(variable: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| anyhow::anyhow!(not_bound(variable, address, &error)))
}

/// Why an address cannot be listened on, and what to do.
fn not_bound(variable: &str, address: SocketAddr, error: &io::Error) -> String {
    let flag = format!("--{}", variable.to_lowercase().replace('_', "-"));
    let port = address.port();
    match error.kind() {
        ErrorKind::AddrInUse => {
            let other = SocketAddr::new(address.ip(), port.wrapping_add(10));
            format!("Port {port} is already in use. Start with {flag} {other}, or stop the other program")
        }
        ErrorKind::AddrNotAvailable => {
            let ip = address.ip();
            format!(
                "This machine has no address {ip}. Start with {flag} 0.0.0.0:{port}, or correct {variable}"
            )
        }
        ErrorKind::PermissionDenied => {
            format!(
                "Port {port} needs more rights than this user has. Start with {flag} and a port from 1024"
            )
        }
        _ => format!("{variable}={address} cannot be used: {error}. Start with another {flag} IP:PORT"),
    }
}

/// Alexa's signatures, proven against the roots of the web.
fn verifier() -> anyhow::Result<Verifier> {
    let anchors = TrustAnchors::mozilla();
    let fetcher = HttpsFetcher::new(reqwest::Client::builder(), &anchors)?;
    Ok(Verifier::new(anchors, Arc::new(fetcher), Arc::new(SystemClock)))
}

/// Makes both pairs on the first start; `None` on every later one, and where the secrets are in AWS.
async fn make_credentials(folder: Option<&Path>) -> anyhow::Result<Option<Credentials>> {
    let Some(folder) = folder else { return Ok(None) };
    Ok(match FileSecrets::new(folder).create_missing(Arc::new(SystemRandom)).await? {
        Created::New(credentials) => Some(credentials),
        Created::Existing(_) => None,
    })
}

/// Writes how many log lines were kept back, once a minute.
pub(crate) async fn report_kept_back(log_limiter: Arc<LogLimiter>) {
    loop {
        tokio::time::sleep(Duration::from_mins(1)).await;
        log_limiter.report(SystemClock.now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_used_is_named_with_its_cause_and_cure() {
        let address = SocketAddr::from(([127, 0, 0, 1], 5000));
        let text = |kind: ErrorKind| not_bound("DOOR_BIND", address, &kind.into());
        assert_eq!(
            text(ErrorKind::AddrInUse),
            "Port 5000 is already in use. Start with --door-bind 127.0.0.1:5010, or stop the other program"
        );
        assert!(
            text(ErrorKind::AddrNotAvailable)
                .contains("no address 127.0.0.1. Start with --door-bind 0.0.0.0:5000")
        );
        assert!(text(ErrorKind::PermissionDenied).contains("Port 5000 needs more rights"));
        assert!(text(ErrorKind::Other).starts_with("DOOR_BIND=127.0.0.1:5000 cannot be used: "));
    }
}
