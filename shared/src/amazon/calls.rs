//! Questions and commands with the session: in their lane, renewed once where Amazon does not accept the session.

use reqwest::Method;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::sleep;

use super::account::Account;
use super::answer::{self, Refusal};
use super::error::AmazonError;
use super::rate_limit::Permit;
use super::session::Live;
use super::tokens::{signed, take_cookies};
use super::transport::{Call, Reply};
use crate::account::{AccountHosts, Feedback, RequestLane};

/// How long after a failure a question is asked once more.
const ASKED_AGAIN: std::time::Duration = std::time::Duration::from_millis(800);

type Body = dyn Fn(&AccountHosts) -> Value + Send + Sync;

/// A request to the app's API.
pub(super) struct Ask {
    method: Method,
    path: String,
    body: Option<Box<Body>>,
    is_behavior: bool,
    /// What it is, for a sentence: "Amazon answered something unknown to …".
    what: &'static str,
}

impl Ask {
    /// A question.
    pub(super) fn get(path: impl Into<String>, what: &'static str) -> Self {
        Self { method: Method::GET, path: path.into(), body: None, is_behavior: false, what }
    }

    /// A command.
    pub(super) fn command(method: Method, path: impl Into<String>, body: Value, what: &'static str) -> Self {
        let body: Box<Body> = Box::new(move |_| body.clone());
        Self { method, path: path.into(), body: Some(body), is_behavior: false, what }
    }

    /// A behaviour, which needs the customer's id.
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

    fn call(&self, live: &Live) -> Call {
        let call = Call::new(self.method.clone(), &live.place.api, self.path.clone());
        let call = signed(call, &live.jar, &live.place.marketplace.web());
        match &self.body {
            Some(body) => call
                .body("application/json; charset=utf-8", SecretString::from(body(&live.place).to_string())),
            None => call,
        }
    }
}

/// Why a request to the app's API was not served.
#[derive(Debug)]
pub(super) enum CallError {
    /// Nothing plays there, as far as Amazon's own player knows; nothing was done.
    NotPlaying,
    /// Anything else.
    Failed(AmazonError),
}

/// Why a question has no answer.
enum Failure {
    /// What came back is none.
    Unreadable,
    /// Anything else.
    Error(AmazonError),
}

impl Failure {
    fn is_momentary(&self) -> bool {
        match self {
            Self::Unreadable => true,
            Self::Error(error) => error.is_momentary(),
        }
    }
}

impl From<AmazonError> for CallError {
    fn from(error: AmazonError) -> Self {
        Self::Failed(error)
    }
}

impl Account {
    /// Asks a question, once more where the first answer failed for the moment or cannot be read. Who did not answer
    /// in time is not asked again.
    pub(super) async fn ask<T: DeserializeOwned>(&self, ask: &Ask) -> Result<T, AmazonError> {
        match self.ask_once(ask).await {
            Err(failed) if failed.is_momentary() => {
                sleep(ASKED_AGAIN).await;
                self.ask_once(ask).await
            }
            answered => answered,
        }
        .map_err(|failed| match failed {
            Failure::Unreadable => AmazonError::Changed { what: ask.what },
            Failure::Error(error) => error,
        })
    }

    async fn ask_once<T: DeserializeOwned>(&self, ask: &Ask) -> Result<T, Failure> {
        match self.call(ask).await {
            Ok(reply) => reply.json().ok_or(Failure::Unreadable),
            Err(CallError::NotPlaying) => Err(Failure::Error(AmazonError::Changed { what: ask.what })),
            Err(CallError::Failed(error)) => Err(Failure::Error(error)),
        }
    }

    /// Sends a request, in its lane. A command whose answer was lost may have been obeyed, and is never sent twice
    /// here.
    pub(super) async fn call(&self, ask: &Ask) -> Result<Reply, CallError> {
        let permit = self.limiter().enter(ask.lane(), ask.is_behavior).await?;
        let called = self.call_in(&permit, ask).await;
        self.leave(&permit, ask, called).await
    }

    /// Leaves the lane of a request; where Amazon throttled it, the error says until when the lane is closed.
    pub(super) async fn leave(
        &self,
        permit: &Permit,
        ask: &Ask,
        called: Result<Reply, CallError>,
    ) -> Result<Reply, CallError> {
        match called {
            Err(CallError::Failed(error)) => {
                Err(self.limiter().fail(permit, ask.is_behavior, error).await.into())
            }
            called => {
                self.limiter().leave(permit, ask.is_behavior, Feedback::Served).await;
                called
            }
        }
    }

    /// Sends a request in a lane that is held.
    pub(super) async fn call_in(&self, permit: &Permit, ask: &Ask) -> Result<Reply, CallError> {
        let live = self.session().current(permit).await?;
        match self.send(&live, permit, ask).await? {
            Ok(reply) => return Ok(reply),
            Err(Refusal::Unauthorized) => {}
            Err(refusal) => return Err(refused(&refusal, ask)),
        }
        tracing::info!(what = ask.what, "Amazon does not accept the session, which is renewed");
        let live = self.session().renew(&live, permit).await?;
        match self.send(&live, permit, ask).await? {
            Ok(reply) => Ok(reply),
            Err(refusal) => Err(refused(&refusal, ask)),
        }
    }

    async fn send(
        &self,
        live: &Live,
        permit: &Permit,
        ask: &Ask,
    ) -> Result<Result<Reply, Refusal>, AmazonError> {
        let call = ask.call(live);
        let reply = self.session().auth.send(permit, &call, ask.is_behavior).await?;
        take_cookies(&live.jar, &reply, &call.url());
        Ok(answer::sort(reply))
    }
}

fn refused(refusal: &Refusal, ask: &Ask) -> CallError {
    match refusal {
        Refusal::NotPlaying => CallError::NotPlaying,
        Refusal::Throttled(asked) => AmazonError::Throttling(*asked).into(),
        Refusal::Unauthorized => AmazonError::SessionRefused.into(),
        // A question that failed can only be asked again; a command may have been obeyed before something failed.
        Refusal::Unavailable(status) if ask.method == Method::GET => AmazonError::Unavailable(*status).into(),
        Refusal::Unavailable(status) => AmazonError::Unclear { status: *status, what: ask.what }.into(),
        Refusal::Unexpected(_) => AmazonError::Changed { what: ask.what }.into(),
    }
}
