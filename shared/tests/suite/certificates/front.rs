//! What stands before the authority: it counts, answers for it where a test wants that, and can be told to lead to another.
#![expect(clippy::unwrap_used, reason = "a test whose authority does not run has failed")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::Stream;
use ma_alexa::clock::SystemClock;
use ma_alexa::config::TrustedProxies;
use ma_alexa::server::{self, Limits, Listener, ServerOptions};
use reqwest::Client;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::authority::LocalServers;

/// How the authority behaves.
#[derive(Clone, Debug, Default)]
pub(super) enum Fault {
    /// As it is.
    #[default]
    None,
    /// Every answer is this text.
    Garbage(Vec<u8>),
    /// No answer ever comes.
    Silence,
    /// Every answer comes byte by byte and has no end.
    Trickle,
    /// No order is taken, with this `Retry-After`.
    RateLimited(&'static str),
    /// The newest certificate is one for another key.
    ForeignCertificate(String),
}

#[derive(Debug, Default)]
struct Behaviour {
    fault: Fault,
    upstream: Option<SocketAddr>,
    /// The orders that were asked for, as they were.
    orders: Vec<Value>,
    /// Whether it wants its certificates to be renewed at once.
    is_revoked: bool,
    windows_asked: usize,
    /// What is sent to which port while a proof is shown, and what was answered.
    look: Option<(u16, Vec<String>)>,
    seen: Vec<String>,
}

/// The address of an authority, with behaviours.
#[derive(Clone)]
pub(super) struct Front {
    pub(super) address: SocketAddr,
    client: Client,
    behaviour: Arc<Mutex<Behaviour>>,
    _stop: mpsc::Sender<()>,
}

impl Front {
    pub(super) async fn start(servers: &LocalServers, upstream: SocketAddr) -> Self {
        let chain = CertificateDer::from_pem_file(servers.file("server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(servers.file("server-key.pem")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (stop, stops) = mpsc::channel(1);
        let front = Self {
            address: socket.local_addr().unwrap(),
            client: servers.client(),
            behaviour: Arc::default(),
            _stop: stop,
        };
        front.lead_to(upstream);
        let routes = Router::new().fallback(answer).with_state(front.clone());
        tokio::spawn(server::serve(Listener::with_tls(socket, Arc::new(config)), routes, options(), stops));
        front
    }

    pub(super) fn lead_to(&self, upstream: SocketAddr) {
        self.behaviour.lock().unwrap().upstream = Some(upstream);
    }

    pub(super) fn behave(&self, fault: Fault) {
        self.behaviour.lock().unwrap().fault = fault;
    }

    /// Wants all of its certificates to be renewed, as an authority does that revoked them.
    pub(super) fn revoke(&self, is_revoked: bool) {
        self.behaviour.lock().unwrap().is_revoked = is_revoked;
    }

    pub(super) fn orders(&self) -> Vec<Value> {
        self.behaviour.lock().unwrap().orders.clone()
    }

    pub(super) fn windows_asked(&self) -> usize {
        self.behaviour.lock().unwrap().windows_asked
    }

    /// Sends these requests to a port of this machine while a proof is shown.
    pub(super) fn look(&self, port: u16, requests: Vec<String>) {
        self.behaviour.lock().unwrap().look = Some((port, requests));
    }

    /// The answers to them.
    pub(super) fn seen(&self) -> Vec<String> {
        self.behaviour.lock().unwrap().seen.clone()
    }

    async fn look_now(&self) {
        let Some((port, requests)) = self.behaviour.lock().unwrap().look.take() else { return };
        for request in requests {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            self.behaviour.lock().unwrap().seen.push(String::from_utf8_lossy(&answer).into_owned());
        }
    }

    async fn forward(&self, request: Request) -> Response {
        let upstream = self.behaviour.lock().unwrap().upstream.unwrap();
        let (parts, body) = request.into_parts();
        let url = format!("https://{upstream}{}", parts.uri);
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let sent = self.client.request(parts.method, url).headers(parts.headers).body(body);
        let response = sent.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let mut answer = Response::new(Body::from(response.bytes().await.unwrap()));
        (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
        answer.headers_mut().remove(header::TRANSFER_ENCODING);
        answer
    }

    /// The directory, with renewal windows and a profile that pebble does not have yet.
    async fn directory(&self, request: Request) -> Response {
        let response = self.forward(request).await;
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let mut directory: Value = serde_json::from_slice(&body).unwrap();
        directory["renewalInfo"] = json!(format!("https://{}/renewal-info", self.address));
        directory["meta"]["profiles"] = json!({"classic": "90 days", "shortlived": "160 hours"});
        axum::Json(directory).into_response()
    }

    fn window(&self) -> Response {
        let mut behaviour = self.behaviour.lock().unwrap();
        behaviour.windows_asked += 1;
        let (start, end) = if behaviour.is_revoked {
            ("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z")
        } else {
            ("2126-01-01T00:00:00Z", "2126-01-02T00:00:00Z")
        };
        let window = json!({"suggestedWindow": {"start": start, "end": end}});
        ([(header::RETRY_AFTER, "7200")], axum::Json(window)).into_response()
    }
}

async fn answer(State(front): State<Front>, request: Request) -> Response {
    let fault = front.behaviour.lock().unwrap().fault.clone();
    let path = request.uri().path().to_owned();
    match fault {
        Fault::Garbage(text) => return text.into_response(),
        Fault::Silence => std::future::pending().await,
        Fault::Trickle => return Body::from_stream(trickle()).into_response(),
        Fault::RateLimited(retry_after) if path == "/order-plz" => {
            let problem = json!({
                "type": "urn:ietf:params:acme:error:rateLimited",
                "detail": "too many certificates already issued",
                "status": 429,
            });
            front.behaviour.lock().unwrap().orders.push(Value::Null);
            let headers =
                [(header::RETRY_AFTER, retry_after), (header::CONTENT_TYPE, "application/problem+json")];
            return (StatusCode::TOO_MANY_REQUESTS, headers, problem.to_string()).into_response();
        }
        Fault::ForeignCertificate(pem) if path.starts_with("/certZ/") => return pem.into_response(),
        _ => {}
    }
    match path.as_str() {
        "/dir" => front.directory(request).await,
        "/order-plz" => {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, 1 << 20).await.unwrap();
            let signed: Value = serde_json::from_slice(&body).unwrap();
            let payload = BASE64_URL_SAFE_NO_PAD.decode(signed["payload"].as_str().unwrap()).unwrap();
            let response = front.forward(Request::from_parts(parts, Body::from(body))).await;
            if response.status() == StatusCode::CREATED {
                front.behaviour.lock().unwrap().orders.push(serde_json::from_slice(&payload).unwrap());
            }
            response
        }
        _ if path.starts_with("/renewal-info/") => front.window(),
        _ if path.starts_with("/chalZ/") => {
            front.look_now().await;
            front.forward(request).await
        }
        _ => front.forward(request).await,
    }
}

fn trickle() -> impl Stream<Item = Result<Bytes, Infallible>> {
    futures_util::stream::unfold((), async |()| {
        tokio::time::sleep(Duration::from_millis(10)).await;
        Some((Ok(Bytes::from_static(b" ")), ()))
    })
}

pub(super) fn options() -> ServerOptions {
    ServerOptions {
        limits: Limits::default(),
        proxies: TrustedProxies::default(),
        log_limiter: Arc::default(),
        clock: Arc::new(SystemClock),
    }
}
