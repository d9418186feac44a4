//! `ma-alexa bridge`: the home of functions that are in AWS.

use std::sync::Arc;

use anyhow::Context as _;
use ma_alexa::bridge::{self, ApiClient, Carrier};
use ma_alexa::clock::SystemClock;
use ma_alexa::config::{ApiCredentials, Env, SetupOverrides};
use ma_alexa::telemetry::LogLimiter;

use crate::stops::Stops;
use crate::{serve, wiring};

/// Carries out what people say to functions in AWS, until a signal stops it. It listens on no port.
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
    let deps = wiring::deps(env)?;
    let secrets = wiring::secrets(env, &deps)?;
    wiring::install_tls()?;
    let home = wiring::api(env, deps, secrets)?;
    let log_limiter = Arc::new(LogLimiter::default());
    let carrier = Carrier::new(
        Arc::new(ApiClient::new(address.as_url(), user)?),
        bridge::inboxes_from_env(env)?,
        Arc::new(home.home_control().clone()),
        Arc::new(SystemClock),
        Arc::clone(&log_limiter),
    );
    tokio::spawn(serve::report_kept_back(Arc::clone(&log_limiter)));
    tracing::info!(api = %address, "asking for what people say");
    carrier.run(stops.receiver()).await;
    log_limiter.report_all();
    Ok(())
}
