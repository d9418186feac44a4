//! Check of events before `lambda_http`: an event that it would fail on is answered like any other malformed request.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::aws_lambda_events::encodings::Base64Data;
use lambda_http::http::{HeaderMap, Uri, header};
use lambda_http::lambda_runtime::{LambdaEvent, Service};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Error, IntoResponse, Request};
use ma_alexa::clock::Clock;
use ma_alexa::telemetry::LogLimiter;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use url::{Position, Url};

/// Longest address that is passed on, in bytes.
const LONGEST_ADDRESS: usize = 16 * 1024;

/// Answers events of an HTTP API with `routes`, and those that are none with status 400.
#[derive(Clone)]
pub(crate) struct Front<'a, S> {
    routes: S,
    log_limiter: &'a LogLimiter,
    clock: &'a dyn Clock,
}

impl<'a, S, R> Front<'a, S>
where
    S: Service<Request, Response = R, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    R: IntoResponse + 'static,
{
    pub(crate) fn new(routes: S, log_limiter: &'a LogLimiter, clock: &'a dyn Clock) -> Self {
        Self { routes, log_limiter, clock }
    }

    /// Answers one event.
    pub(crate) async fn answer(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Box<RawValue>, Error> {
        let LambdaEvent { payload, context } = event;
        let request = match servable(payload.get()) {
            Ok(request) => request,
            Err(reason) => return self.refuse(reason),
        };
        let mut adapter = Adapter::from(self.routes.clone());
        // A net under what is looked at above: a request that panics in it must not end the function.
        let begin = AssertUnwindSafe(|| adapter.call(LambdaEvent::new(request, context)));
        let Ok(answer) = std::panic::catch_unwind(begin) else {
            return self.refuse("it cannot be read");
        };
        let Ok(answer) = answer.await;
        Ok(to_raw_value(&answer)?)
    }

    fn refuse(&self, reason: &str) -> Result<Box<RawValue>, Error> {
        if let Some(earlier) = self.log_limiter.admit("malformed event", self.clock.now()) {
            tracing::warn!(reason, earlier, "an event is no request");
        }
        let body = json!({ "error": format!("the request is malformed: {reason}") });
        let answer = json!({
            "statusCode": 400,
            "headers": { "content-type": "application/json" },
            "multiValueHeaders": {},
            "body": body.to_string(),
            "isBase64Encoded": false,
            "cookies": [],
        });
        Ok(to_raw_value(&answer)?)
    }
}

/// The event as a request that `lambda_http` can read, or why there is none.
fn servable(event: &str) -> Result<LambdaRequest, &'static str> {
    let request: ApiGatewayV2httpRequest =
        serde_json::from_str(event).map_err(|_| "it is no event of an HTTP API, or has odd headers")?;
    let path = request.raw_path.as_deref().unwrap_or_default();
    if !path.starts_with('/') {
        return Err("its path does not begin with a slash");
    }
    let scheme = text(&request.headers, "x-forwarded-proto")?.unwrap_or("https");
    if !["http", "https"].contains(&scheme) {
        return Err("its scheme is neither http nor https");
    }
    let host = text(&request.headers, header::HOST.as_str())?;
    let host = host.or(request.request_context.domain_name.as_deref()).unwrap_or("localhost");
    let is_host = |url: &Url| url[Position::AfterPort..] == *"/" && url.username().is_empty();
    if !Url::parse(&format!("{scheme}://{host}")).is_ok_and(|url| is_host(&url)) {
        return Err("its host is no name");
    }
    let mut address =
        Url::parse(&format!("{scheme}://{host}{path}")).map_err(|_| "its path is malformed")?.to_string();
    if let Some(query) = request.raw_query_string.as_deref().filter(|query| !query.is_empty()) {
        address.push('?');
        address.push_str(query);
    }
    if address.len() > LONGEST_ADDRESS {
        return Err("its address is too long");
    }
    address.parse::<Uri>().map_err(|_| "its path or query has characters that belong encoded")?;
    if request.is_base64_encoded
        && let Some(body) = request.body.as_deref()
        && serde_json::from_value::<Base64Data>(json!(body)).is_err()
    {
        return Err("its body is no base64");
    }
    Ok(LambdaRequest::ApiGatewayV2(request))
}

/// The value of a header, which has to be text.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, &'static str> {
    let value = headers.get(name).map(|value| value.to_str().map_err(|_| "one of its headers is no text"));
    value.transpose()
}
