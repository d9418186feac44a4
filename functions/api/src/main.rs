//! The HTTP API as a Lambda function: what Music Assistant, people and scripts call.

use std::sync::Arc;

use lambda_http::Error;
use ma_alexa::amazon::Transport;
use ma_alexa::api::{ApiState, Foundations};
use ma_alexa::app;
use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::config::{AmazonEndpoint, Env, Runtime, SecretsUrl, StoreUrl};
use ma_alexa::probe::{HttpProber, Reach};
use ma_alexa::secrets;
use ma_alexa::smapi::LambdaPermission;
use ma_alexa::store::{self, Machine};
use ma_alexa::telemetry::{self, Metrics};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env = Env::process();
    telemetry::init(&env)?;
    let state = state(&env)?;
    lambda_http::run(app::router(&state)).await
}

fn state(env: &Env) -> Result<ApiState, Error> {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let lookup = |name: &str| env.get(name);
    let machine = Machine { clock: clock.clone(), random: random.clone(), lookup: &lookup };
    // In the cloud, what is not public belongs to others.
    let reach = if env.runtime() == Runtime::Lambda { Reach::Public } else { Reach::Anywhere };
    let foundations = Foundations {
        store: store::open(StoreUrl::from_env(env)?.as_str(), &machine)?,
        secrets: secrets::open(&SecretsUrl::from_env(env)?, &machine)?,
        transport: Transport::new(AmazonEndpoint::from_env(env)?)?,
        prober: Arc::new(HttpProber::new(reach)?),
        permission: LambdaPermission::where_deployed(env)?,
        metrics: Arc::new(Metrics::from_env(env)),
        clock,
        random,
    };
    Ok(ApiState::from_env(env, foundations)?)
}
