//! The HTTP API as a Lambda function: what Music Assistant, people and scripts call.

mod front;

use std::sync::Arc;

use lambda_http::tower::ServiceExt as _;
use lambda_http::{Error, Request, RequestExt as _, lambda_runtime, service_fn};
use ma_alexa::amazon::AmazonTransport;
use ma_alexa::api::{ApiState, CallerAddress};
use ma_alexa::app;
use ma_alexa::bridge;
use ma_alexa::config::{AmazonEndpoint, BridgeConfig, Config, Env, Runtime, SecretsUrl};
use ma_alexa::deps::Deps;
use ma_alexa::probe::{AddressPolicy, HttpProber};
use ma_alexa::secrets;
use ma_alexa::smapi::invoke_permission_from_env;
use ma_alexa::telemetry;

use front::Front;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env = Env::process();
    match start(&env) {
        Ok(state) => {
            let routes = app::router(&state).map_request(with_caller);
            let front = &Front::new(routes, state.log_limiter(), state.clock());
            lambda_runtime::run(service_fn(|event| front.answer(event))).await
        }
        Err(error) => {
            telemetry::cannot_start(&env, error.as_ref());
            std::process::exit(1)
        }
    }
}

fn start(env: &Env) -> Result<ApiState, Error> {
    telemetry::init(env)?;
    state(env)
}

/// The address that the HTTP API saw. The caller cannot forge it, as it can every header.
fn with_caller(mut request: Request) -> Request {
    if let Some(lambda_http::request::RequestContext::ApiGatewayV2(context)) = request.request_context_ref()
        && let Some(address) = context.http.source_ip.as_deref().and_then(|text| text.parse().ok())
    {
        request.extensions_mut().insert(CallerAddress(address));
    }
    request
}

fn state(env: &Env) -> Result<ApiState, Error> {
    let deps = Deps::open(env, Config::from_env(env)?)?;
    // In the cloud, what is not public belongs to others.
    let policy =
        if env.runtime() == Runtime::Lambda { AddressPolicy::Public } else { AddressPolicy::Anywhere };
    let secrets = secrets::open(&SecretsUrl::from_env(env)?, &deps.environment(&|name| env.get(name)))?;
    let transport = AmazonTransport::new(AmazonEndpoint::from_env(env)?)?;
    let prober = Arc::new(HttpProber::new(policy)?);
    let tickets = bridge::office_from_env(env, &BridgeConfig::from_env(env)?)?;
    let permission = invoke_permission_from_env(env)?;
    Ok(ApiState::new(deps, secrets, transport, prober, permission).with_tickets(tickets))
}
