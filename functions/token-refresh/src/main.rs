//! Keeps the Amazon session alive, on a schedule. There is no Amazon session yet, so a run says so and ends.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use ma_alexa::config::Env;
use ma_alexa::telemetry;
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(&Env::process())?;
    lambda_runtime::run(service_fn(|_: LambdaEvent<Value>| async {
        tracing::info!("no Amazon account is signed in: there is nothing to refresh");
        Ok::<_, Error>(json!({ "refreshed": [] }))
    }))
    .await
}
