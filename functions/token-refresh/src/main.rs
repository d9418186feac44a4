//! Keeps the Amazon session alive, on a schedule.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::config::{Env, SecretsUrl};
use ma_alexa::secrets::{self, SecretStore};
use ma_alexa::store::Machine;
use ma_alexa::telemetry::{self, Metric, Metrics};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env = Env::process();
    telemetry::init(&env)?;
    let machine = Machine {
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        lookup: &|name| env.get(name),
    };
    let secrets = secrets::open(&SecretsUrl::from_env(&env)?, &machine)?;
    let metrics = Metrics::from_env(&env);
    lambda_runtime::run(service_fn(async |_: LambdaEvent<Value>| {
        refresh(&secrets).await.inspect_err(|error| {
            tracing::error!(%error, "the Amazon session was not refreshed");
            metrics.count(&[Metric::RefreshFailures], SystemClock.now());
        })
    }))
    .await
}

/// An error has Lambda try again, and then put the event aside.
async fn refresh(secrets: &Arc<dyn SecretStore>) -> Result<Value, Error> {
    let session = secrets.amazon().await?.session;
    if session.is_signed_in() {
        return Err("the secret holds a sign-in of a newer release: deploy that one again".into());
    }
    tracing::info!("no Amazon account is signed in: there is nothing to refresh");
    Ok(json!({ "refreshed": [] }))
}
