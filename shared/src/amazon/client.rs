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
use crate::account::{AccountHosts, RequestLane};

/// Pause before the second attempt of a query.
const QUERY_RETRY_PAUSE: Duration = Duration::from_millis(800);

type Body = dyn Fn(&AccountHosts) -> Value + Send + Sync;

/// A request to the app's API.
pub(super) struct ApiRequest {
    method: Method,
    path: String,
    body: Option<Box<Body>>,
    is_behavior: bool,
    /// Its name in a sentence: "Amazon answered something unknown to …".
    what: &'static str,
}

impl ApiRequest {
    /// A query, which changes nothing.
    pub(super) fn query(path: impl Into<String>, what: &'static str) -> Self {
        Self { method: Method::GET, path: path.into(), body: None, is_behavior: false, what }
    }

    /// A command.
    pub(super) fn command(method: Method, path: impl Into<String>, body: Value, what: &'static str) -> Self {
        let body: Box<Body> = Box::new(move |_| body.clone());
        Self { method, path: path.into(), body: Some(body), is_behavior: false, what }
    }

    /// A behaviour, whose body needs the customer's id.
    pub(super) fn behavior(
        body: impl Fn(&AccountHosts) -> Value + Send + Sync + 'static,
        what: &'static str,
    ) -> Self {
        let path = "/api/behaviors/preview".to_owned();
        Self { method: Method::POST, path, body: Some(Box::new(body)), is_behavior: true, what }
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
        let scope = self.session.http().open(request.lane(), request.is_behavior).await?;
        let sent = self.send_with(&scope, request).await;
        scope.close(sent).await
    }

    /// Opens a scope for several behaviours in the lane of commands, without waiting; none where the lane is busy.
    pub(super) async fn try_open_commands(&self) -> Result<Option<RequestSeries>, AmazonError> {
        self.session.http().try_open(RequestLane::Commands, true).await
    }

    /// Waits for the lane of commands, and opens a scope for several behaviours.
    pub(super) async fn open_commands(&self) -> Result<RequestSeries, AmazonError> {
        self.session.http().open(RequestLane::Commands, true).await
    }

    /// Sends a request in an open scope.
    pub(super) async fn send_with(
        &self,
        scope: &RequestSeries,
        request: &ApiRequest,
    ) -> Result<Option<AmazonResponse>, AmazonError> {
        let session = self.session.current(scope).await?;
        let mut response = attempt(scope, request, &session).await?;
        if matches!(response, Err(ApiFailure::Unauthorized)) {
            tracing::info!(what = request.what, "Amazon does not accept the session, which is refreshed");
            let session = self.session.replace(&session, scope).await?;
            response = attempt(scope, request, &session).await?;
        }
        match response {
            Ok(reply) => {
                scope.record_served();
                Ok(Some(reply))
            }
            Err(ApiFailure::NotPlaying) => {
                scope.record_served();
                Ok(None)
            }
            Err(failure) => Err(request.error(&failure)),
        }
    }
}

async fn attempt(
    scope: &RequestSeries,
    request: &ApiRequest,
    session: &ActiveSession,
) -> Result<Result<AmazonResponse, ApiFailure>, AmazonError> {
    let call = request.call(session);
    let reply = scope.send(&call, request.is_behavior).await?;
    take_cookies(&session.jar, &reply, &call.url());
    Ok(response::classify(reply))
}
