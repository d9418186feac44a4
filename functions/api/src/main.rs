//! The HTTP API as a Lambda function: what Music Assistant, people and scripts call.

use std::sync::Arc;

use lambda_http::Error;
use ma_alexa::amazon::{Account, AccountParts, Transport};
use ma_alexa::api::{ApiParts, ApiState, Authenticator};
use ma_alexa::app;
use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::config::{
    AmazonEndpoint, ApiCredentials, Env, SecretsUrl, SpeechOverrides, StoreUrl, StreamOverrides,
};
use ma_alexa::secrets;
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
    let store = store::open(StoreUrl::from_env(env)?.as_str(), &machine)?;
    let secrets = secrets::open(&SecretsUrl::from_env(env)?, &machine)?;
    let transport = Transport::new(AmazonEndpoint::from_env(env)?)?;
    let account = Account::new(AccountParts {
        transport,
        secrets: secrets.clone(),
        store: store.clone(),
        clock: clock.clone(),
        random: random.clone(),
    });
    Ok(ApiState::new(ApiParts {
        account,
        store,
        authenticator: Authenticator::new(&ApiCredentials::from_env(env)?, secrets, clock.clone()),
        streams: StreamOverrides::from_env(env)?,
        speech: SpeechOverrides::from_env(env)?,
        metrics: Arc::new(Metrics::from_env(env)),
        clock,
        random,
    }))
}
