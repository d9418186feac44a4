//! Transport of one request to Amazon, and its response.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HOST, HeaderMap, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use url::Url;

use crate::account::AmazonHost;
use crate::clock::{Clock as _, SystemClock};
use crate::config::AmazonEndpoint;
use crate::deadline;
use crate::http_client::{self, BodyError};
use crate::telemetry::LogLimiter;

/// Longest duration of a whole request. A lane is leased for longer, see [`crate::account::LEASE`].
pub const TIMEOUT: Duration = Duration::from_secs(8);

/// Longest duration of connecting.
const CONNECT: Duration = Duration::from_secs(4);

/// Longest time that an idle connection is kept. A function that is frozen between two requests does not learn that
/// Amazon closed it, and its next request would be lost.
const IDLE: Duration = Duration::from_secs(20);

/// Largest answer that is read, in bytes. A list of a hundred devices has about 100 KB.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// Sends requests. It follows no redirect, since that would turn a POST into a GET and carry tokens elsewhere. It keeps
/// no cookies of its own.
#[derive(Clone, Debug)]
pub struct AmazonTransport {
    client: Client,
    endpoint: Option<AmazonEndpoint>,
    log_limiter: Arc<LogLimiter>,
}

/// The client could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client for Amazon cannot be built: {0}")]
pub struct TransportSetupError(String);

impl TransportSetupError {
    pub(super) fn new(error: &dyn fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct AmazonRequest {
    pub(crate) host: AmazonHost,
    pub(crate) method: Method,
    /// Path and query, encoded.
    pub(crate) path: String,
    headers: Vec<(HeaderName, SecretString)>,
    body: Option<SecretString>,
}

impl AmazonRequest {
    pub(crate) fn new(method: Method, host: &AmazonHost, path: impl Into<String>) -> Self {
        Self { host: host.clone(), method, path: path.into(), headers: Vec::new(), body: None }
    }

    pub(crate) fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, SecretString::from(value.into())));
        self
    }

    pub(crate) fn body(mut self, content_type: &str, body: SecretString) -> Self {
        self.body = Some(body);
        self.header(reqwest::header::CONTENT_TYPE, content_type)
    }

    /// A form, with its values encoded.
    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", SecretString::from(form))
    }

    /// The address that the request would have without an endpoint: cookies go by it.
    pub(crate) fn url(&self) -> String {
        format!("https://{}{}", self.host, self.path)
    }
}

/// A response.
pub(crate) struct AmazonResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl fmt::Debug for AmazonResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AmazonResponse").field("status", &self.status).finish_non_exhaustive()
    }
}

impl AmazonResponse {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION)?.to_str().ok()
    }

    pub(crate) fn set_cookies(&self) -> impl Iterator<Item = &str> {
        self.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok())
    }

    /// The body as JSON, whichever its content type: Amazon sends JSON as `application/octet-stream` at times.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether it is a page for people.
    pub(crate) fn is_page(&self) -> bool {
        let declared = self.header("content-type").is_some_and(|kind| kind.contains("text/html"));
        let begins = self.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
        declared || begins
    }
}

/// The failure of a request without a response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The name does not resolve. Blocklists of a home's name server often hold Amazon's hosts.
    #[error(
        "{0} cannot be resolved: if a name server such as Pi-hole filters here, allow amazon hosts that begin with \
         alexa, api and www"
    )]
    Name(AmazonHost),
    /// No connection was made, so that nothing was sent.
    #[error("{0} cannot be reached")]
    Unreachable(AmazonHost),
    /// The host did not prove to be Amazon, so that nothing was sent.
    #[error(
        "the certificate of {0} is not accepted: something on the way answers in its place, such as a filter that \
         opens encrypted connections. Let amazon hosts past it"
    )]
    Certificate(AmazonHost),
    /// The request may have arrived; its answer did not.
    #[error("{0} did not answer; what it was asked for may have been done all the same")]
    Unanswered(AmazonHost),
    /// No answer within the time limit; the request may have arrived.
    #[error("{0} did not answer in time; what it was asked for may have been done all the same")]
    TimedOut(AmazonHost),
    /// The answer is larger than any that is known.
    #[error("the answer of {0} is larger than {limit} MiB, and was not read", limit = MAX_ANSWER / (1024 * 1024))]
    TooLarge(AmazonHost),
    /// There was no time left for it, or the host was found silent a moment ago. Nothing was sent.
    #[error("{0} was not asked, since there was no time left to wait for an answer")]
    NotAsked(AmazonHost),
}

impl TransportError {
    /// Whether what was asked for may have been done: the request may have arrived.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        matches!(self, Self::Unanswered(_) | Self::TimedOut(_) | Self::TooLarge(_))
    }

    /// Whether the same may have an answer a moment later.
    pub(super) fn is_momentary(&self) -> bool {
        match self {
            Self::Name(host) | Self::Unreachable(host) | Self::Unanswered(host) => {
                !deadline::is_silent(host.as_str())
            }
            Self::Certificate(_) | Self::TimedOut(_) | Self::TooLarge(_) | Self::NotAsked(_) => false,
        }
    }
}

impl AmazonTransport {
    /// A client that trusts the roots of the web. With `endpoint` every request goes there instead, with the real
    /// host's name in its `Host` header.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn new(endpoint: Option<AmazonEndpoint>) -> Result<Self, TransportSetupError> {
        let tls =
            http_client::tls(http_client::web_roots()).map_err(|error| TransportSetupError::new(&error))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(|error| TransportSetupError::new(&error))?;
        Ok(Self { client, endpoint, log_limiter: Arc::default() })
    }

    /// Sends a request, and waits for its answer as long as the request that is served may wait. A host that did not
    /// answer in time is asked nothing more for that one; a command is sent all the same.
    pub(crate) async fn send(&self, call: &AmazonRequest) -> Result<AmazonResponse, TransportError> {
        let began = std::time::Instant::now();
        let answered = self.send_in_time(call).await;
        if matches!(answered, Err(TransportError::TimedOut(_))) {
            deadline::note_silence(call.host.as_str());
        }
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let path = call.path.split('?').next().unwrap_or_default();
        match &answered {
            Ok(reply) => tracing::debug!(
                amazon.host = call.host.as_str(),
                amazon.path = path,
                http.status = reply.status,
                duration.ms = millis,
                "asked Amazon"
            ),
            Err(error) => self.log(error, path, millis),
        }
        answered
    }

    /// Writes a failure: each kind once a minute, since a network may be away for days.
    fn log(&self, error: &TransportError, path: &str, millis: u64) {
        if let Some(earlier) = self.log_limiter.admit(&error.to_string(), SystemClock.now()) {
            tracing::warn!(amazon.path = path, %error, duration.ms = millis, earlier, "Amazon did not answer");
        } else {
            tracing::debug!(amazon.path = path, %error, duration.ms = millis, "Amazon did not answer");
        }
    }

    async fn send_in_time(&self, call: &AmazonRequest) -> Result<AmazonResponse, TransportError> {
        let patience = deadline::at_most(TIMEOUT);
        let is_question = call.method == Method::GET;
        if patience.is_zero() || (is_question && deadline::is_silent(call.host.as_str())) {
            return Err(TransportError::NotAsked(call.host.clone()));
        }
        let answered = timeout(patience, Box::pin(self.send_unlogged(call))).await;
        answered.unwrap_or_else(|_| Err(TransportError::TimedOut(call.host.clone())))
    }

    async fn send_unlogged(&self, call: &AmazonRequest) -> Result<AmazonResponse, TransportError> {
        let unreachable = || TransportError::Unreachable(call.host.clone());
        let url = self.address(call).ok_or_else(unreachable)?;
        let mut request = self.client.request(call.method.clone(), url);
        if self.endpoint.is_some() {
            request = request.header(HOST, call.host.as_str());
        }
        for (name, value) in &call.headers {
            let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| unreachable())?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        if let Some(body) = &call.body {
            request = request.body(body.expose_secret().to_owned());
        }
        let response =
            http_client::send(request).await.map_err(|error| transport_error(&error, &call.host))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = http_client::body(response, MAX_ANSWER).await.map_err(|error| match error {
            BodyError::Transport(error) => transport_error(&error, &call.host),
            BodyError::TooLarge(_) => TransportError::TooLarge(call.host.clone()),
        })?;
        Ok(AmazonResponse { status, headers, body })
    }

    fn address(&self, call: &AmazonRequest) -> Option<Url> {
        match &self.endpoint {
            Some(endpoint) => endpoint.as_url().join(&call.path).ok(),
            None => Url::parse(&call.url()).ok(),
        }
    }
}

fn transport_error(error: &reqwest::Error, host: &AmazonHost) -> TransportError {
    if !error.is_connect() {
        let silent = error.is_timeout();
        return if silent { TransportError::TimedOut } else { TransportError::Unanswered }(host.clone());
    }
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("dns error") {
            return TransportError::Name(host.clone());
        }
        if is_certificate(error) {
            return TransportError::Certificate(host.clone());
        }
        cause = error.source();
    }
    if error.is_timeout() {
        deadline::note_silence(host.as_str());
    }
    TransportError::Unreachable(host.clone())
}

/// Whether an error says that a certificate is not accepted. What an I/O error was made of is not its source.
fn is_certificate(error: &(dyn Error + 'static)) -> bool {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inner) => is_certificate(inner),
        None => matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))),
    }
}
