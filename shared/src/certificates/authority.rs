//! The connection to the authority, with a bound for all that it answers.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient, Problem};
use reqwest::Client;

use super::web;
use super::{FailureCode, OrderError};
use crate::clock::{Clock, Timestamp};
use crate::http_client::{self, BodyError};

/// Largest request and answer, in bytes; a chain of certificates has some 8 kB.
const LARGEST: usize = 256 * 1024;

type Answer = Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>>;

/// The HTTP client under the client of ACME. It keeps what that one drops: how long the authority wants to be left alone.
#[derive(Clone, Debug)]
pub(super) struct Authority {
    client: Client,
    clock: Arc<dyn Clock>,
    throttle: Arc<Mutex<Option<Throttle>>>,
}

/// An answer by which the authority takes no more for now.
#[derive(Clone, Copy, Debug)]
struct Throttle {
    retry_after: Option<Duration>,
}

/// A request without a whole answer.
#[derive(Debug, thiserror::Error)]
enum TransportError {
    #[error("no connection is made: {0}")]
    Unreachable(String),
    #[error("there is no answer in time")]
    TimedOut,
    #[error("the answer is broken: {0}")]
    Broken(String),
}

impl Authority {
    pub(super) fn new(client: Client, clock: Arc<dyn Clock>) -> Self {
        Self { client, clock, throttle: Arc::default() }
    }

    /// Forgets how an earlier order ended.
    pub(super) fn begin(&self) {
        *self.throttle.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The error of an order for a failure of the client of ACME.
    pub(super) fn failure(&self, error: &Error) -> OrderError {
        let throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner).take();
        let retry_after = throttle.and_then(|throttle| throttle.retry_after);
        let failure = match error {
            Error::Api(problem) => of_problem(problem),
            _ if throttle.is_some() => {
                OrderError::new(FailureCode::RateLimited, "the authority takes no requests for now")
            }
            Error::Timeout(_) => {
                OrderError::new(FailureCode::TimedOut, "the authority does not finish the order")
            }
            Error::Other(other) => match other.downcast_ref::<TransportError>() {
                Some(error @ TransportError::Unreachable(_)) => {
                    OrderError::new(FailureCode::AuthorityUnreachable, &error.to_string())
                }
                Some(error @ TransportError::TimedOut) => {
                    OrderError::new(FailureCode::TimedOut, &format!("the authority is slow: {error}"))
                }
                _ => broken(error),
            },
            _ => broken(error),
        };
        failure.with_retry_after(retry_after)
    }
}

fn broken(error: &Error) -> OrderError {
    OrderError::new(FailureCode::AuthorityBroken, &format!("the authority does not speak ACME: {error}"))
}

/// The failure behind an error of the authority (RFC 8555, section 6.7).
pub(super) fn of_problem(problem: &Problem) -> OrderError {
    let kind = problem.r#type.as_deref().and_then(|kind| kind.strip_prefix("urn:ietf:params:acme:error:"));
    let code = match kind.unwrap_or_default() {
        "rateLimited" => FailureCode::RateLimited,
        "accountDoesNotExist" => FailureCode::AccountGone,
        "caa" | "connection" | "dns" | "incorrectResponse" | "tls" => FailureCode::ProofRefused,
        _ => FailureCode::OrderRefused,
    };
    OrderError::new(code, &format!("the authority says: {problem}"))
}

impl HttpClient for Authority {
    fn request(&self, request: Request<BodyWrapper<Bytes>>) -> Answer {
        let authority = self.clone();
        Box::pin(async move { authority.send(request).await.map_err(|error| Error::Other(Box::new(error))) })
    }
}

impl Authority {
    async fn send(&self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, TransportError> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(Body::new(body), LARGEST).await;
        let body = body.map_err(|error| TransportError::Broken(error.to_string()))?;
        let request = self.client.request(parts.method, parts.uri.to_string()).headers(parts.headers);
        let sent = http_client::send(request.body(body)).await.map_err(of_transport)?;
        let (status, headers) = (sent.status(), sent.headers().clone());
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            let throttle = Throttle { retry_after: retry_after(&headers, self.clock.now()) };
            *self.throttle.lock().unwrap_or_else(PoisonError::into_inner) = Some(throttle);
        }
        let body = http_client::body(sent, LARGEST).await.map_err(|error| match error {
            BodyError::Transport(error) => of_transport(error),
            BodyError::TooLarge(_) => TransportError::Broken(error.to_string()),
        })?;
        let (mut parts, ()) = Response::new(()).into_parts();
        (parts.status, parts.headers) = (status, headers);
        Ok(BytesResponse { parts, body: Box::new(Bytes::from(body)) })
    }
}

fn of_transport(error: reqwest::Error) -> TransportError {
    if error.is_timeout() {
        TransportError::TimedOut
    } else if error.is_connect() {
        TransportError::Unreachable(web::describe(error))
    } else {
        TransportError::Broken(web::describe(error))
    }
}

/// The wait of `Retry-After`, in seconds or until a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    Timestamp::parse_http_date(text).map(|date| date.since(now))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_is_a_number_of_seconds_or_a_date() {
        let now = Timestamp::parse_rfc3339("2026-11-29T08:00:00Z").unwrap();
        for (text, seconds) in [
            ("0", Some(0)),
            (" 3600 ", Some(3600)),
            ("Sun, 29 Nov 2026 08:01:30 GMT", Some(90)),
            ("Sun, 29 Nov 2026 07:00:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("soon", None),
            ("99999999999999999999", None),
        ] {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static(text))]);
            assert_eq!(retry_after(&headers, now), seconds.map(Duration::from_secs), "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
