//! Stand-ins for the Supervisor's API and for Home Assistant with an add-on in a frame.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Json, Response};
use axum::routing::{any, get};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(super) const TOKEN: &str = "a-token-of-the-supervisor";

/// The path of the add-on in Home Assistant.
pub(crate) const INGRESS: &str = "/api/hassio_ingress/kS2_Zo-1";

/// A Supervisor that knows one Music Assistant, and answers an add-on of the role `default`.
#[derive(Clone)]
pub(super) struct Supervisor {
    pub(super) base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Supervisor {
    /// `mapped` is the port of the machine that leads to port 5000 of the add-on.
    pub(super) async fn start(mapped: Option<u16>) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let router = Router::new().route("/{*path}", get(answer)).with_state((mapped, Arc::clone(&asked)));
        Self { base: serve(router).await, asked }
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

type Known = (Option<u16>, Arc<Mutex<Vec<String>>>);

async fn answer(
    State((mapped, asked)): State<Known>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    asked.lock().unwrap().push(path.clone());
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != format!("Bearer {TOKEN}").as_str()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let data = match path.as_str() {
        "addons/self/info" => {
            json!({"hostname": "local-ma-alexa", "network": {"5001/tcp": 5001, "5000/tcp": mapped}})
        }
        "addons/d5369777_music_assistant/info" => {
            json!({"hostname": "d5369777-music-assistant", "state": "stopped"})
        }
        "addons/d5369777_music_assistant_beta/info" => {
            json!({"hostname": "d5369777-music-assistant-beta", "state": "started"})
        }
        "network/info" => json!({"interfaces": [
            {"interface": "wlan0", "primary": false, "ipv4": {"address": ["192.168.9.9/24"]}},
            {"interface": "eth0", "primary": true, "ipv4": {"address": ["192.168.1.5/24"]}},
        ]}),
        // What the role `default` may not read.
        _ => return StatusCode::FORBIDDEN.into_response(),
    };
    Json::<Value>(json!({"result": "ok", "data": data})).into_response()
}

/// Home Assistant at the address that is returned: it shows the add-on at `base` in a frame, for a user who is logged in.
pub(crate) async fn home_assistant(base: String, client: reqwest::Client) -> String {
    let frame = format!(
        "<!doctype html><html lang=\"en\"><title>Home Assistant</title><link rel=\"icon\" href=\"data:,\">\
         <iframe title=\"Add-on\" src=\"{INGRESS}/\" width=\"1200\" height=\"800\"></iframe></html>"
    );
    let router = Router::new()
        .route("/", get(|| async { Html(frame) }))
        .route(&format!("{INGRESS}/{{*path}}"), any(pass_on))
        .route(&format!("{INGRESS}/"), any(pass_on))
        .with_state((base, client));
    serve(router).await
}

/// Passes a request on as Home Assistant and its Supervisor do together.
async fn pass_on(State((base, client)): State<(String, reqwest::Client)>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let asked = parts.uri.path_and_query().unwrap().as_str().strip_prefix(INGRESS).unwrap();
    let mut headers = parts.headers.clone();
    for name in ["content-length", "transfer-encoding", "connection"] {
        headers.remove(name);
    }
    let host = parts.headers[header::HOST].clone();
    headers.insert("x-forwarded-host", host);
    headers.insert("x-forwarded-proto", "http".parse().unwrap());
    headers.insert("x-forwarded-for", "192.168.1.77, 172.30.32.1".parse().unwrap());
    headers.insert("x-ingress-path", INGRESS.parse().unwrap());
    headers.insert("x-remote-user-id", "0a1b2c".parse().unwrap());
    let sent = client
        .request(parts.method, format!("{base}{asked}"))
        .headers(headers)
        .body(to_bytes(body, 1024 * 1024).await.unwrap())
        .send()
        .await
        .unwrap();
    let mut response = Response::new(Body::empty());
    *response.status_mut() = sent.status();
    *response.headers_mut() = sent.headers().clone();
    for name in ["content-length", "transfer-encoding", "connection"] {
        response.headers_mut().remove(name);
    }
    // Events come as long as the page is open.
    let chunks = futures_util::stream::unfold(sent, async |mut sent| {
        let chunk = sent.chunk().await.transpose()?;
        Some((chunk, sent))
    });
    *response.body_mut() = Body::from_stream(Box::pin(chunks));
    response
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}
