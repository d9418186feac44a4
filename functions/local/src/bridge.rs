//! `ma-alexa bridge`: the home of functions that are in AWS.

use std::sync::Arc;

use anyhow::Context as _;
use ma_alexa::api::ApiState;
use ma_alexa::bridge::{self, ApiClient, Carrier, FarControl, RemoteEchos, ReportReader};
use ma_alexa::clock::{Clock, SystemClock};
use ma_alexa::config::{ApiCredentials, Env, RendererBind, SetupOverrides};
use ma_alexa::control::HomeNames;
use ma_alexa::home_control::HomeControl;
use ma_alexa::renderer::{HouseholdEchos, NewsFeed, TokioTimer, offer};
use ma_alexa::server::{Limits, ServerOptions};
use ma_alexa::telemetry::LogLimiter;
use ma_alexa::upnp::RendererList;

use crate::renderers::Renderers;
use crate::stops::Stops;
use crate::{names, serve, tasks, wiring};

/// Carries out what people say to functions in AWS, and offers their Echos as renderers, until a signal stops it.
pub(crate) async fn serve(env: &Env) -> anyhow::Result<()> {
    let stops = Stops::listen()?;
    let address = SetupOverrides::from_env(env)?.api_url.context(
        "API_URL is unset: set it to the address that infra/deploy prints, \
         such as API_URL=https://abc123.execute-api.eu-west-1.amazonaws.com",
    )?;
    let credentials = ApiCredentials::from_env(env)?;
    let user = credentials.music_assistant.or(credentials.owner).context(
        "PUSH_USERNAME and PUSH_PASSWORD are unset: set them to the pair of Music Assistant at the functions, \
         or API_USERNAME and API_PASSWORD to the owner's",
    )?;
    let renderer_bind = RendererBind::from_env(env)?;
    let deps = wiring::deps(env)?;
    let secrets = wiring::secrets(env, &deps)?;
    wiring::install_tls()?;
    let config = Arc::clone(&deps.config);
    let home = wiring::api(env, deps, secrets)?;
    let renderers = Renderers::open(renderer_bind, config.api.hosts.clone()).await?;
    let (feed, clock) = (NewsFeed::default(), Arc::new(SystemClock) as Arc<dyn Clock>);
    let log_limiter = Arc::new(LogLimiter::default());
    let api = ApiClient::new(address.as_url(), user)?;
    let carrier = Carrier::new(
        Arc::new(api.clone()),
        bridge::inboxes_from_env(env)?,
        Arc::new(FarControl::new(home.home_control().clone(), Arc::new(api.clone()))),
        Arc::clone(&clock),
        Arc::clone(&log_limiter),
    );
    let reader = ReportReader::new(
        Arc::new(api.clone()),
        bridge::inboxes_from_env(env)?,
        Arc::new(feed.clone()),
        Arc::clone(&clock),
        Arc::clone(&log_limiter),
    );
    let reader = renderers.port().map(|_| tokio::spawn(reader.run(stops.receiver())));
    let (control, sends) = (home.home_control().clone(), api.clone());
    tasks::keep("names at home", move || send_names(control.clone(), sends.clone()));
    let offer = || offer_remote(&home, api, &feed, &clock);
    let options = ServerOptions {
        limits: Limits::renderers(),
        proxies: config.api.proxies.clone(),
        log_limiter: Arc::clone(&log_limiter),
        clock: Arc::clone(&clock),
    };
    tokio::spawn(serve::report_kept_back(Arc::clone(&log_limiter)));
    home.home_control().resume_timers().await;
    tracing::info!(api = %address, "asking for what people say");
    let renderers = renderers.serve(home.renderers(), offer, options, &stops);
    tokio::join!(carrier.run(stops.receiver()), renderers);
    if let Some(reader) = reader {
        let _ = reader.await;
    }
    log_limiter.report_all();
    Ok(())
}

/// Sends the names at home to the functions, for the models of the skill.
async fn send_names(home: HomeControl, api: ApiClient) {
    let send = move |names: HomeNames| {
        let api = api.clone();
        async move {
            // Functions of an older release take none.
            let taken = api.names(&names).await;
            taken
                .inspect_err(|error| tracing::debug!(%error, "the names at home are not taken"))
                .unwrap_or(false)
        }
    };
    names::forever(home, send).await;
}

/// The Echos of the functions at `api`, as renderers.
fn offer_remote(home: &ApiState, api: ApiClient, feed: &NewsFeed, clock: &Arc<dyn Clock>) -> RendererList {
    let (access, reports) = (Arc::new(RemoteEchos::new(api)), home.renderers().clone());
    let echos = HouseholdEchos::new(access, feed, reports, Arc::clone(clock));
    offer(Arc::new(echos), feed, Arc::new(TokioTimer(Arc::clone(clock))))
}
