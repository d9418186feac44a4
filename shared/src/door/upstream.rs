//! Requests to Music Assistant, and to machines of the home that have media.

use std::future::ready;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE, TRANSFER_ENCODING,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use hyper::body::{Body as _, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustls::ClientConfig;
use tokio::time::timeout;
use tower::service_fn;

use super::DoorLimits;
use super::health::DoorFailureKind;
use super::{MediaHosts, media};
use crate::grant::GrantKind;
use crate::http_client;

/// Most bytes that a connection to Music Assistant holds: a header must fit, and a stream's memory is counted.
const BUFFER: usize = 16 * 1024;

/// Longest `Range` that is passed on, in bytes.
const MAX_RANGE: usize = 64;

/// Headers of an answer that are passed down.
const PASSED: [HeaderName; 4] = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_RANGE, ACCEPT_RANGES];

/// The failure to build the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the door's client cannot be built: {0}")]
pub struct DoorSetupError(String);

/// The client: it follows no redirect, asks no proxy and reuses no connection, so that a reader that went away leaves
/// none open.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    client: Client<HttpsConnector<HttpConnector>, Body>,
    tls: ClientConfig,
    media: Arc<dyn MediaHosts>,
    headers: Duration,
    connect: Duration,
}

/// The beginning of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

impl Upstream {
    pub(super) fn new(limits: &DoorLimits, media: Arc<dyn MediaHosts>) -> Result<Self, DoorSetupError> {
        let tls =
            http_client::tls(http_client::web_roots()).map_err(|error| DoorSetupError(error.to_string()))?;
        let client = client(HttpConnector::new(), tls.clone(), limits.connect);
        Ok(Self { client, tls, media, headers: limits.headers, connect: limits.connect })
    }

    /// Sends a `GET`. Beside the host, its header has the range alone.
    ///
    /// # Errors
    /// When no answer that may be passed down begins in time.
    pub(super) async fn get(
        &self,
        address: Uri,
        kind: GrantKind,
        range: Option<HeaderValue>,
    ) -> Result<(Head, Incoming), DoorFailureKind> {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = address;
        let has_range = range.is_some();
        if let Some(range) = range {
            request.headers_mut().insert(RANGE, range);
        }
        let media = (kind == GrantKind::Media).then(|| request.uri().clone());
        let sent = timeout(self.headers, self.send(request, media.as_ref())).await;
        let (parts, body) = sent.map_err(|_| DoorFailureKind::Silent)??.into_parts();
        let head = judge(parts.status, &parts.headers, kind, has_range)?;
        let is_sound = |media: &Uri| media::is_sound(&media_type(&parts.headers), media);
        if head.status.is_success() && !media.as_ref().is_none_or(is_sound) {
            return Err(DoorFailureKind::Content);
        }
        Ok((head, body))
    }

    async fn send(
        &self,
        request: Request<Body>,
        media: Option<&Uri>,
    ) -> Result<Response<Incoming>, DoorFailureKind> {
        let sent = match media {
            None => self.client.request(request).await,
            // A client of its own connects to the one address that was looked at, whatever the name leads to by then.
            Some(media) => {
                let address = media::pinned(self.media.as_ref(), media).await?;
                let resolver = service_fn(move |_: Name| ready(Ok::<_, io::Error>([address].into_iter())));
                let http = HttpConnector::new_with_resolver(resolver);
                client(http, self.tls.clone(), self.connect).request(request).await
            }
        };
        sent.map_err(
            |error| {
                if error.is_connect() { DoorFailureKind::Unreachable } else { DoorFailureKind::Garbled }
            },
        )
    }
}

/// A client that follows no redirect and keeps no connection.
fn client<R>(
    mut http: HttpConnector<R>,
    tls: ClientConfig,
    connect: Duration,
) -> Client<HttpsConnector<HttpConnector<R>>, Body>
where
    HttpsConnector<HttpConnector<R>>: Connect + Clone,
{
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(connect));
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(http);
    Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .retry_canceled_requests(false)
        .http1_max_buf_size(BUFFER)
        .build(connector)
}

/// The next bytes of a body; none at its end.
///
/// # Errors
/// When it breaks off.
pub(super) async fn next(body: &mut Incoming) -> Option<Result<Bytes, hyper::Error>> {
    loop {
        let frame = std::future::poll_fn(|cx| std::pin::Pin::new(&mut *body).poll_frame(cx)).await?;
        match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(bytes)) => return Some(Ok(bytes)),
            // Trailers say nothing of a stream.
            Ok(Err(_)) => {}
            Err(error) => return Some(Err(error)),
        }
    }
}

/// The range of a request, where it is one that Music Assistant may get: a single one, in bytes.
pub(super) fn range(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(RANGE)?;
    let (first, last) = value.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_one = is_number(first) && is_number(last) && !(first.is_empty() && last.is_empty());
    (is_one && value.len() <= MAX_RANGE).then(|| value.clone())
}

/// The header of an answer that is passed down.
fn judge(
    status: StatusCode,
    headers: &HeaderMap,
    kind: GrantKind,
    has_range: bool,
) -> Result<Head, DoorFailureKind> {
    let passed = |names: &[HeaderName]| {
        // Chunks go before a length (RFC 9112, 6.3), which may be wrong then.
        let is_chunked = headers.contains_key(TRANSFER_ENCODING);
        let names = names.iter().filter(|name| !(is_chunked && **name == CONTENT_LENGTH));
        names.filter_map(|name| Some((name.clone(), headers.get(name)?.clone()))).collect::<HeaderMap>()
    };
    match status {
        StatusCode::OK if is_of_kind(headers, kind) => Ok(Head { status, headers: passed(&PASSED) }),
        StatusCode::PARTIAL_CONTENT if has_range && is_of_kind(headers, kind) => {
            Ok(Head { status, headers: passed(&PASSED) })
        }
        StatusCode::OK => Err(DoorFailureKind::Content),
        // Their bodies are pages.
        StatusCode::NOT_FOUND => Ok(Head { status, headers: HeaderMap::new() }),
        StatusCode::RANGE_NOT_SATISFIABLE if has_range => {
            Ok(Head { status, headers: passed(&[CONTENT_RANGE]) })
        }
        status if status.is_redirection() => Err(DoorFailureKind::Redirect),
        status => Err(DoorFailureKind::Status(status.as_u16())),
    }
}

/// Whether the type of an answer is that of what was asked for. Pages of the home stay in it.
fn is_of_kind(headers: &HeaderMap, kind: GrantKind) -> bool {
    let media = media_type(headers);
    match kind {
        GrantKind::Stream | GrantKind::Media => {
            media.starts_with("audio/") || media == "application/octet-stream"
        }
        GrantKind::Picture => media.starts_with("image/"),
        GrantKind::Tone => false,
    }
}

/// The type without parameters, in lower case; empty where there is none.
fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn one_range_in_bytes_is_passed_on_and_nothing_else() {
        for text in ["bytes=0-", "bytes=0-99", "bytes=-500", "bytes=18446744073709551615-"] {
            assert_eq!(range(&headers(&[("range", text)])).unwrap(), text);
        }
        for text in [
            "",
            "bytes=",
            "bytes=-",
            "bytes=0-1,5-6",
            "bytes= 0-1",
            "items=0-1",
            "bytes=a-",
            "bytes=0-00000000000000000000000000000000000000000000000000000000000000000000",
        ] {
            assert_eq!(range(&headers(&[("range", text)])), None, "{text}");
        }
    }

    #[test]
    fn answers_of_music_assistant_pass_and_others_do_not() {
        let sound =
            [("content-type", "audio/mpeg"), ("content-length", "5"), ("set-cookie", "a=b"), ("server", "x")];
        let judge = |status: u16, pairs: &[(&'static str, &'static str)], kind, has_range| {
            super::judge(StatusCode::from_u16(status).unwrap(), &headers(pairs), kind, has_range)
        };
        let head = judge(200, &sound, GrantKind::Stream, false).unwrap();
        assert_eq!(head.headers, headers(&sound[..2]));
        let chunked = [sound[0], sound[1], ("transfer-encoding", "chunked")];
        let head = judge(200, &chunked, GrantKind::Stream, false).unwrap();
        assert_eq!(head.headers, headers(&sound[..1]));
        assert!(judge(206, &sound, GrantKind::Stream, true).is_ok());
        assert_eq!(judge(206, &sound, GrantKind::Stream, false), Err(DoorFailureKind::Status(206)));
        assert_eq!(judge(200, &sound, GrantKind::Picture, false), Err(DoorFailureKind::Content));
        assert_eq!(judge(404, &sound, GrantKind::Stream, false).unwrap().headers, HeaderMap::new());
        assert_eq!(judge(302, &sound, GrantKind::Stream, false), Err(DoorFailureKind::Redirect));
        for status in [201, 204, 400, 401, 403, 416, 500, 503] {
            let failed = judge(status, &sound, GrantKind::Stream, false);
            assert_eq!(failed, Err(DoorFailureKind::Status(status)));
        }
        for (media, kind, passes) in [
            ("Audio/MPEG; charset=utf-8", GrantKind::Stream, true),
            ("application/octet-stream", GrantKind::Stream, true),
            ("text/html", GrantKind::Stream, false),
            ("image/png", GrantKind::Stream, false),
            ("image/png", GrantKind::Picture, true),
            ("application/octet-stream", GrantKind::Picture, false),
            ("", GrantKind::Picture, false),
        ] {
            assert_eq!(judge(200, &[("content-type", media)], kind, false).is_ok(), passes, "{media}");
        }
        assert!(judge(200, &[], GrantKind::Stream, false).is_err());
    }
}
