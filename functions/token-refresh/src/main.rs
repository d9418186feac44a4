//! Keeps the Amazon session alive, on a schedule or when it is invoked.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use ma_alexa::amazon::{AmazonTransport, RefreshReport, SessionManager};
use ma_alexa::clock::{Clock as _, SystemClock};
use ma_alexa::config::{AmazonEndpoint, Config, Env, SecretsUrl};
use ma_alexa::deps::Deps;
use ma_alexa::secrets;
use ma_alexa::telemetry::{self, Metric, Metrics};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env = Env::process();
    let (session, metrics) = match start(&env) {
        Ok(services) => services,
        Err(error) => {
            telemetry::cannot_start(&env, error.as_ref());
            std::process::exit(1)
        }
    };
    lambda_runtime::run(service_fn(|_: LambdaEvent<Value>| refresh(&session, &metrics))).await
}

/// An error has Lambda try again, and then put the event aside. A session that Amazon ended is none: no further try
/// would mend it, but each run counts it, so that its alarm stays until the owner signs in.
async fn refresh(session: &SessionManager, metrics: &Metrics) -> Result<RefreshReport, Error> {
    let count = || metrics.count(&[Metric::RefreshFailures], SystemClock.now());
    let report = session.refresh().await.inspect_err(|error| {
        tracing::error!(%error, "the Amazon session was not refreshed");
        count();
    })?;
    for account in &report.sign_in_again {
        tracing::error!(account, "Amazon ended the session: the owner has to sign in again");
        count();
    }
    tracing::info!(refreshed = ?report.refreshed, skipped = report.skipped, "refreshed");
    Ok(report)
}

fn start(env: &Env) -> Result<(SessionManager, Arc<Metrics>), Error> {
    telemetry::init(env)?;
    // A session depends on no setting: no malformed one must keep it from being refreshed.
    let deps = Deps::open(env, Config::default())?;
    let secrets = secrets::open(&SecretsUrl::from_env(env)?, &deps.environment(&|name| env.get(name)))?;
    let transport = AmazonTransport::new(AmazonEndpoint::from_env(env)?)?;
    Ok((SessionManager::new(&deps, secrets, transport), deps.metrics))
}
