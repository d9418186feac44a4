//! One connection to Amazon's host: the stream, and the requests beside it (docs/amazon-api.md, 8.1 to 8.3).

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue};
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::dial::{Dial, DialError};
use super::frame::{Frame, Framer};
use super::region::LiveRegion;
use crate::account::AmazonHost;
use crate::clock::Timestamp;

/// Longest wait for the head of an answer.
const ANSWER: Duration = Duration::from_secs(15);

/// Longest answer beside the stream that is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Time without a byte after which HTTP/2 asks whether the host is there, and the wait for its answer.
const PROBE_EVERY: Duration = Duration::from_mins(1);
const PROBE_PATIENCE: Duration = Duration::from_secs(20);

/// The path before each request.
const API: &str = "/v20160207";

/// Why a request of the connection failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum StreamError {
    #[error(transparent)]
    Dial(#[from] DialError),
    /// Amazon does not accept the bearer.
    #[error("Amazon does not accept the token (status {0})")]
    Refused(u16),
    #[error("Amazon answers with status {0}")]
    Status(u16),
    #[error("what Amazon sends is no stream: {0}")]
    Malformed(&'static str),
    #[error("Amazon did not answer in time")]
    TimedOut,
    #[error("the connection ended: {0}")]
    Broken(String),
}

/// A connection. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct LiveConnection {
    sender: SendRequest<Body>,
    host: AmazonHost,
    bearer: SecretString,
    /// The task of the connection, and no other.
    _task: JoinSet<()>,
}

/// The stream of events.
#[derive(Debug)]
pub(super) struct EventStream {
    body: Incoming,
    framer: Framer,
    /// Time by the clock of the host, which counts whole seconds.
    pub(super) date: Option<Timestamp>,
}

impl LiveConnection {
    /// Connects, and opens the stream.
    pub(super) async fn open(
        dial: &dyn Dial,
        host: &AmazonHost,
        bearer: SecretString,
    ) -> Result<(Self, EventStream), StreamError> {
        let wire = dial.dial(host).await?;
        let shaking = Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(PROBE_EVERY)
            .keep_alive_timeout(PROBE_PATIENCE)
            .keep_alive_while_idle(true)
            .handshake(TokioIo::new(wire));
        let (sender, connection) =
            timeout(ANSWER, shaking).await.map_err(|_| StreamError::TimedOut)?.map_err(broken)?;
        let mut task = JoinSet::new();
        task.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "the connection of the live events ended");
            }
        });
        let connection = Self { sender, host: host.clone(), bearer, _task: task };
        let response = connection.send(Method::GET, "/directives", None).await?;
        let stream = connection.stream(response).await?;
        Ok((connection, stream))
    }

    async fn stream(&self, mut response: Response<Incoming>) -> Result<EventStream, StreamError> {
        let status = response.status().as_u16();
        if status != 200 {
            let body = read(response.body_mut()).await;
            let is_refused = matches!(status, 401 | 403 | 407) || is_unauthenticated(&body);
            return Err(if is_refused { StreamError::Refused(status) } else { StreamError::Status(status) });
        }
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let kind = text(CONTENT_TYPE).unwrap_or_default();
        let is_multipart = kind.trim_start().to_ascii_lowercase().starts_with("multipart/");
        let framer = Framer::of(kind).filter(|_| is_multipart);
        let framer = framer.ok_or(StreamError::Malformed("it has no boundary"))?;
        let date = text(DATE).and_then(Timestamp::parse_http_date);
        Ok(EventStream { framer, date, body: response.into_body() })
    }

    /// Shows Amazon that we are there.
    pub(super) async fn ping(&self) -> Result<(), StreamError> {
        match self.send(Method::POST, "/ping", None).await?.status().as_u16() {
            200..=299 => Ok(()),
            status @ (401 | 403 | 407) => Err(StreamError::Refused(status)),
            status => Err(StreamError::Status(status)),
        }
    }

    /// Asks whether this is the right host; another region where it is not.
    pub(super) async fn right_region(&self, id: &str) -> Result<Option<LiveRegion>, StreamError> {
        let event = json!({
            "context": [],
            "event": {
                "header": { "namespace": "System", "name": "SynchronizeState", "messageId": id },
                "payload": {},
            },
        });
        let mut response = self.send(Method::POST, "/events", Some((id, event))).await?;
        match response.status().as_u16() {
            204 => Ok(None),
            200 => {
                let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
                let framer = Framer::of(kind.unwrap_or_default());
                let body = read(response.body_mut()).await;
                Ok(named_region(framer, &body))
            }
            status @ (401 | 403 | 407) => Err(StreamError::Refused(status)),
            status => Err(StreamError::Status(status)),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        event: Option<(&str, Value)>,
    ) -> Result<Response<Incoming>, StreamError> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", self.bearer.expose_secret()))
            .map_err(|_| StreamError::Malformed("the token is no header"))?;
        bearer.set_sensitive(true);
        let request = Request::builder()
            .method(method)
            .uri(format!("https://{}{API}{path}", self.host))
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "multipart/related");
        let request = match event {
            Some((boundary, event)) => request
                .header(CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
                .body(Body::from(metadata(boundary, &event))),
            None => request.body(Body::empty()),
        };
        let request = request.map_err(|_| StreamError::Malformed("the request cannot be written"))?;
        let answered = timeout(ANSWER, self.sender.clone().send_request(request)).await;
        answered.map_err(|_| StreamError::TimedOut)?.map_err(broken)
    }
}

impl EventStream {
    /// The next frames; none at the end of the stream.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Frame>>, StreamError> {
        match chunk(&mut self.body).await {
            None => Ok(None),
            Some(Err(error)) => Err(broken(error)),
            Some(Ok(bytes)) => {
                let frames = self.framer.push(&bytes);
                frames.map(Some).map_err(|_| StreamError::Malformed("a part has no end"))
            }
        }
    }
}

/// The next bytes of a body; none at its end.
async fn chunk(body: &mut Incoming) -> Option<Result<Bytes, hyper::Error>> {
    let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
}

/// An answer beside the stream, as far as it comes in time and is not too long.
async fn read(body: &mut Incoming) -> Vec<u8> {
    let mut read = Vec::new();
    let all = async {
        while let Some(Ok(bytes)) = chunk(body).await {
            read.extend_from_slice(&bytes[..bytes.len().min(MAX_ANSWER - read.len())]);
            if read.len() == MAX_ANSWER {
                break;
            }
        }
    };
    let _ = timeout(ANSWER, all).await;
    read
}

/// The region in an answer, as JSON or as a part of several.
fn named_region(framer: Option<Framer>, body: &[u8]) -> Option<LiveRegion> {
    let messages = match framer.map(|mut parts| parts.push(body)) {
        Some(pushed) => pushed.unwrap_or_default(),
        None => vec![Frame::Message(body.to_vec())],
    };
    messages.into_iter().find_map(|frame| {
        let Frame::Message(message) = frame else { return None };
        let message: Value = serde_json::from_slice(&message).ok()?;
        LiveRegion::of_endpoint(message.pointer("/directive/payload/endpoint")?.as_str()?)
    })
}

/// The body of an event.
fn metadata(boundary: &str, event: &Value) -> String {
    format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"metadata\"\r\nContent-Type: application/json; \
         charset=UTF-8\r\n\r\n{event}\r\n--{boundary}--\r\n"
    )
}

/// Whether a body is Amazon's sentence for a bearer that it does not accept (docs/amazon-api.md, 8.6).
fn is_unauthenticated(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).contains("Unable to authenticate the request")
}

/// A failure of HTTP/2. Its text names no address and no header.
#[expect(clippy::needless_pass_by_value, reason = "it is called with errors that end here")]
fn broken(error: hyper::Error) -> StreamError {
    StreamError::Broken(error.to_string())
}
