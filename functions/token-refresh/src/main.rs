//! Keeps the Amazon session alive, on a schedule or when somebody invokes it.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use ma_alexa::amazon::{AccountParts, RefreshReport, SessionKeeper, Transport};
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::config::{AmazonEndpoint, Env, SecretsUrl, StoreUrl};
use ma_alexa::secrets;
use ma_alexa::store::{self, Environment};
use ma_alexa::telemetry::{self, Metric, Metrics};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env = Env::process();
    let session = match telemetry::init(&env).map_err(Error::from).and_then(|()| session(&env)) {
        Ok(session) => session,
        Err(error) => {
            telemetry::cannot_start(&env, error.as_ref());
            std::process::exit(1)
        }
    };
    let metrics = Metrics::from_env(&env);
    lambda_runtime::run(service_fn(|_: LambdaEvent<Value>| refresh(&session, &metrics))).await
}

/// An error has Lambda try again, and then put the event aside. A session that Amazon ended is none: no further try
/// would mend it, but each run counts it, so that its alarm stays until somebody signs in.
async fn refresh(session: &SessionKeeper, metrics: &Metrics) -> Result<RefreshReport, Error> {
    let count = || metrics.count(&[Metric::RefreshFailures], SystemClock.now());
    let report = session.refresh().await.inspect_err(|error| {
        tracing::error!(%error, "the Amazon session was not refreshed");
        count();
    })?;
    for account in &report.sign_in_again {
        tracing::error!(account, "Amazon ended the session: somebody has to sign in again");
        count();
    }
    tracing::info!(refreshed = ?report.refreshed, left_to_another = report.left_to_another, "refreshed");
    Ok(report)
}

fn session(env: &Env) -> Result<SessionKeeper, Error> {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let machine = Environment { clock: clock.clone(), random: random.clone(), lookup: &|name| env.get(name) };
    let store = store::open(StoreUrl::from_env(env)?.as_str(), &machine)?;
    let secrets = secrets::open(&SecretsUrl::from_env(env)?, &machine)?;
    let transport = Transport::new(AmazonEndpoint::from_env(env)?)?;
    Ok(SessionKeeper::new(AccountParts { transport, secrets, store, clock, random }))
}
