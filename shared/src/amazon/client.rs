//! A client of the app's API: a request acquires its lane, gets the session, and refreshes a refused session once.

use std::time::Duration;

use reqwest::Method;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::sleep;

use super::error::AmazonError;
use super::http::RequestSeries;
use super::response::{self, ApiFailure};
use super::session::{ActiveSession, SessionManager};
use super::tokens::{signed, take_cookies};
use super::transport::{AmazonRequest, AmazonResponse};
use crate::account::{AccountHosts, RequestKind, RequestLane};

/// Pause before the second attempt of a query.
const QUERY_RETRY_PAUSE: Duration = Duration::from_millis(800);

type Body = dyn Fn(&AccountHosts) -> Value + Send + Sync;

/// A request to the app's API.
pub(super) struct ApiRequest {
    method: Method,
    path: String,
    body: Option<Box<Body>>,
    kind: RequestKind,
    /// Its name in a sentence: "Amazon answered something unknown to …".
    what: &'static str,
}

impl ApiRequest {
    /// A query, which changes nothing.
    pub(super) fn query(path: impl Into<String>, what: &'static str) -> Self {
        Self { method: Method::GET, path: path.into(), body: None, kind: RequestKind::Other, what }
    }

    /// A command.
    pub(super) fn command(method: Method, path: impl Into<String>, body: Value, what: &'static str) -> Self {
        let body: Box<Body> = Box::new(move |_| body.clone());
        Self { method, path: path.into(), body: Some(body), kind: RequestKind::Other, what }
    }

    /// A behaviour, whose body needs the customer's id.
    pub(super) fn behavior(
        body: impl Fn(&AccountHosts) -> Value + Send + Sync + 'static,
        what: &'static str,
    ) -> Self {
        let path = "/api/behaviors/preview".to_owned();
        Self { method: Method::POST, path, body: Some(Box::new(body)), kind: RequestKind::Behavior, what }
    }

    fn lane(&self) -> RequestLane {
        if self.method == Method::GET { RequestLane::Reads } else { RequestLane::Commands }
    }

    fn call(&self, session: &ActiveSession) -> AmazonRequest {
        let call = AmazonRequest::new(self.method.clone(), &session.place.api, self.path.clone());
        let call = signed(call, &session.jar, &session.place.marketplace.web());
        match &self.body {
            Some(body) => call.body(
                "application/json; charset=utf-8",
                SecretString::from(body(&session.place).to_string()),
            ),
            None => call,
        }
    }

    fn error(&self, failure: &ApiFailure) -> AmazonError {
        match failure {
            // A query can be sent again; a command may have been obeyed before the failure.
            ApiFailure::Unavailable(status) if self.method != Method::GET => {
                AmazonError::Unclear { status: *status, what: self.what }
            }
            failure => AmazonError::of_failure(failure, self.what),
        }
    }
}

/// The client; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Client {
    session: SessionManager,
}

impl Client {
    pub(super) fn new(session: SessionManager) -> Self {
        Self { session }
    }

    pub(super) fn session(&self) -> &SessionManager {
        &self.session
    }

    /// Sends a query, and once more after a momentary failure or an unreadable response. A host that did not respond
    /// in time gets no second query.
    pub(super) async fn query<T: DeserializeOwned>(&self, request: &ApiRequest) -> Result<T, AmazonError> {
        let is_final = match self.send(request).await {
            Ok(reply) => match reply.json() {
                Some(value) => return Ok(value),
                None => None,
            },
            Err(error) => Some(error).filter(|error| !error.is_momentary()),
        };
        if let Some(error) = is_final {
            return Err(error);
        }
        sleep(QUERY_RETRY_PAUSE).await;
        let reply = self.send(request).await?;
        reply.json().ok_or(AmazonError::UnexpectedResponse { what: request.what })
    }

    /// Sends a request in its lane. A command is never sent twice: it may have been obeyed although its response was
    /// lost.
    pub(super) async fn send(&self, request: &ApiRequest) -> Result<AmazonResponse, AmazonError> {
        let reply = self.send_to_player(request).await?;
        reply.ok_or(AmazonError::UnexpectedResponse { what: request.what })
    }

    /// Sends a request like [`Self::send`]; none where Amazon's own player plays nothing on the device.
    pub(super) async fn send_to_player(
        &self,
        request: &ApiRequest,
    ) -> Result<Option<AmazonResponse>, AmazonError> {
        let series = self.session.http().open(request.lane(), request.kind).await?;
        let sent = self.send_with(&series, request).await;
        series.close(sent).await
    }

    /// Begins behaviours without waiting; none while another command is sent.
    pub(super) async fn try_begin_behaviors(&self) -> Result<Option<Behaviors>, AmazonError> {
        let series = self.session.http().try_open(RequestLane::Commands, RequestKind::Behavior).await?;
        Ok(series.map(|series| Behaviors { client: self.clone(), series }))
    }

    /// Waits until no other command is sent, and begins behaviours.
    pub(super) async fn begin_behaviors(&self) -> Result<Behaviors, AmazonError> {
        let series = self.session.http().open(RequestLane::Commands, RequestKind::Behavior).await?;
        Ok(Behaviors { client: self.clone(), series })
    }

    /// A random pause before another attempt to begin behaviours.
    pub(super) fn jitter(&self) -> Result<Duration, AmazonError> {
        self.session.http().limiter().jitter()
    }

    /// Sends a request of a series.
    async fn send_with(
        &self,
        series: &RequestSeries,
        request: &ApiRequest,
    ) -> Result<Option<AmazonResponse>, AmazonError> {
        let session = self.session.current(series).await?;
        let mut response = attempt(series, request, &session).await?;
        if matches!(response, Err(ApiFailure::Unauthorized)) {
            tracing::info!(what = request.what, "Amazon does not accept the session, which is refreshed");
            let session = self.session.replace(&session, series).await?;
            response = attempt(series, request, &session).await?;
        }
        match response {
            Ok(reply) => {
                series.record_served();
                Ok(Some(reply))
            }
            Err(ApiFailure::NotPlaying) => {
                series.record_served();
                Ok(None)
            }
            Err(failure) => Err(request.error(&failure)),
        }
    }
}

/// Behaviours of one caller. No other command is sent before [`Self::end`].
#[derive(Debug)]
pub(super) struct Behaviors {
    client: Client,
    series: RequestSeries,
}

impl Behaviors {
    /// Sends a behaviour; none where Amazon's own player plays nothing on the device.
    pub(super) async fn send(&self, request: &ApiRequest) -> Result<Option<AmazonResponse>, AmazonError> {
        self.client.send_with(&self.series, request).await
    }

    /// Sends a behaviour that does no harm twice: after a momentary failure and this pause once more.
    pub(super) async fn send_repeatable(
        &self,
        request: &ApiRequest,
        pause: Duration,
    ) -> Result<Option<AmazonResponse>, AmazonError> {
        let sent = self.send(request).await;
        if !sent.as_ref().is_err_and(AmazonError::is_momentary) {
            return sent;
        }
        sleep(pause).await;
        match self.series.renew().await {
            Ok(()) => self.send(request).await,
            Err(_) => sent,
        }
    }

    /// Lets other commands be sent after this result. Where Amazon throttled, the error says until when.
    pub(super) async fn end<T>(self, result: Result<T, AmazonError>) -> Result<T, AmazonError> {
        self.series.close(result).await
    }
}

async fn attempt(
    series: &RequestSeries,
    request: &ApiRequest,
    session: &ActiveSession,
) -> Result<Result<AmazonResponse, ApiFailure>, AmazonError> {
    let call = request.call(session);
    let reply = series.send(&call, request.kind).await?;
    take_cookies(&session.jar, &reply, &call.url());
    Ok(response::classify(reply))
}
