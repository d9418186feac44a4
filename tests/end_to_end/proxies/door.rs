//! The one line for a proxy before the door: it passes everything on as it came, and holds nothing back.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use end_to_end::api::http_client;
use futures_util::{StreamExt as _, stream};
use reqwest::header::HOST;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::named;
use super::proxy::Proxy;
use crate::doctor::sites::DOOR;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What reached the door.
#[derive(Debug)]
struct Reached {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

/// A stand-in for the door, which writes down what reaches it.
#[derive(Clone, Default)]
struct Door {
    reached: Arc<Mutex<Vec<Reached>>>,
    /// Told when a listener of the endless stream is gone.
    hung_up: Arc<Notify>,
}

/// Notifies when it is dropped, with the stream that holds it.
struct OnDrop(Arc<Notify>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Door {
    async fn start(&self) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }

    fn take(&self) -> Reached {
        let mut reached = std::mem::take(&mut *self.reached.lock().unwrap());
        assert_eq!(reached.len(), 1, "{reached:?}");
        reached.pop().unwrap()
    }
}

async fn answer(State(door): State<Door>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1024 * 1024).await.unwrap();
    let target = parts.uri.to_string();
    let reached = Reached { method: parts.method, target: target.clone(), headers: parts.headers, body };
    door.reached.lock().unwrap().push(reached);
    match target.as_str() {
        "/s/endless.mp3" => {
            let guard = OnDrop(door.hung_up);
            let first = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"first")) });
            let rest = stream::pending().map(move |never| {
                let _ = &guard;
                never
            });
            ([("content-type", "audio/mpeg")], Body::from_stream(first.chain(rest))).into_response()
        }
        "/s/part.mp3" => {
            let headers = [("content-type", "audio/mpeg"), ("content-range", "bytes 2-5/10")];
            (StatusCode::PARTIAL_CONTENT, headers, "part").into_response()
        }
        "/" => "answered".into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A proxy with the text of the page, and a request to it.
struct Proxied {
    door: Door,
    proxy: Proxy,
}

impl Proxied {
    async fn start(proxy: &str) -> Self {
        let door = Door::default();
        let address = door.start().await;
        Self { door, proxy: Proxy::before_door(proxy, address).await }
    }

    fn request(&self, method: Method, target: &str) -> reqwest::RequestBuilder {
        let url = format!("http://{}{target}", self.proxy.address);
        http_client().request(method, url).header(HOST, DOOR)
    }
}

async fn check_everything_is_passed_on(proxied: &Proxied, proxy: &str) {
    for target in ["/s/AbC-_09.mp3", "/a/AbC", "/p/AbC.m3u", "/healthz/", "/v1/players", "/x/y?z=1%20"] {
        for method in [Method::GET, Method::HEAD, Method::PUT] {
            let response = proxied.request(method.clone(), target).send().await.unwrap();
            assert_eq!(response.status(), 404, "{proxy}: {target}");
            assert_eq!(response.bytes().await.unwrap(), "", "{proxy}: the answer of the door, and no page");
            let reached = proxied.door.take();
            assert_eq!((reached.method, reached.target.as_str()), (method, target), "{proxy}");
        }
    }
}

async fn check_alexa_is_passed_on(proxied: &Proxied, proxy: &str) {
    let body = format!("{{ \"a\" : \"{}\" }}", "\u{e9} ".repeat(10_000));
    let request = proxied.request(Method::POST, "/").header("Signature-256", "s+/=").body(body.clone());
    let response =
        request.header("SignatureCertChainUrl", "https://s3.amazonaws.com/x").send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "answered", "{proxy}");
    let reached = proxied.door.take();
    assert_eq!(reached.body, body, "{proxy}: a signature counts every byte");
    assert_eq!(reached.headers["signature-256"], "s+/=", "{proxy}");
    assert_eq!(reached.headers["signaturecertchainurl"], "https://s3.amazonaws.com/x", "{proxy}");
}

async fn check_parts_are_passed_on(proxied: &Proxied, proxy: &str) {
    let request = proxied.request(Method::GET, "/s/part.mp3").header("Range", "bytes=2-5");
    let response = request.send().await.unwrap();
    assert_eq!(
        (response.status(), &response.headers()["content-range"]),
        (StatusCode::PARTIAL_CONTENT, &"bytes 2-5/10".parse().unwrap()),
        "{proxy}"
    );
    assert_eq!(response.bytes().await.unwrap(), "part", "{proxy}");
    assert_eq!(proxied.door.take().headers["range"], "bytes=2-5", "{proxy}");
}

/// The first bytes come while the stream goes on, and the door hears of a listener that hangs up.
async fn check_sound_is_not_held_back(proxied: &Proxied, proxy: &str) {
    let mut response = proxied.request(Method::GET, "/s/endless.mp3").send().await.unwrap();
    let first = timeout(PATIENCE, response.chunk()).await.unwrap().unwrap().unwrap();
    assert_eq!(first, "first", "{proxy}");
    drop(response);
    timeout(PATIENCE, proxied.door.hung_up.notified()).await.unwrap();
    proxied.door.take();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_line_leads_to_the_door() {
    let Some(named) = named() else { return };
    for proxy in named.split_whitespace() {
        let proxied = Proxied::start(proxy).await;
        timeout(PATIENCE, check_everything_is_passed_on(&proxied, proxy)).await.unwrap();
        timeout(PATIENCE, check_alexa_is_passed_on(&proxied, proxy)).await.unwrap();
        timeout(PATIENCE, check_parts_are_passed_on(&proxied, proxy)).await.unwrap();
        check_sound_is_not_held_back(&proxied, proxy).await;
    }
}
