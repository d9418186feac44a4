//! The sites of the internet.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;

use super::certificates::Shown;

/// A request as a site sees it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// The query, without its mark; empty where there is none.
    pub query: String,
    /// Its headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// A response of a site.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers beside `Date` and `Connection`.
    pub headers: Vec<(&'static str, String)>,
    /// The body; a `HEAD` gets its headers alone.
    pub body: Vec<u8>,
    /// Whether the body is sent over and over until the other side hangs up, as music is.
    pub is_endless: bool,
}

impl Reply {
    /// A whole answer.
    #[must_use]
    pub fn new(status: u16, media_type: &str, body: &str) -> Self {
        let headers = vec![("content-type", media_type.to_owned())];
        Self { status, headers, body: body.as_bytes().to_vec(), is_endless: false }
    }

    /// JSON.
    #[must_use]
    pub fn json(body: &Value) -> Self {
        Self::new(200, "application/json; charset=utf-8", &body.to_string())
    }

    /// A 404 in the words of Music Assistant's server.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(404, "text/plain; charset=utf-8", "404: Not Found")
    }

    /// Music without an end.
    #[must_use]
    pub fn audio() -> Self {
        let headers = vec![("content-type", "audio/mpeg".to_owned()), ("accept-ranges", "none".to_owned())];
        Self { status: 200, headers, body: vec![0xff; 4096], is_endless: true }
    }

    /// With a header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// Whether anything listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// It does.
    Open,
    /// Connections are refused.
    Closed,
    /// Connections are taken, and nothing is ever said.
    Silent,
    /// The bytes that come back are no HTTP.
    Babbles,
}

type Answering = dyn Fn(&Request) -> Reply + Send + Sync;

/// The behavior of a site.
#[derive(Clone)]
pub enum Behavior {
    /// A proxy that lets out Music Assistant's streams and pictures and nothing else.
    Streams,
    /// The same proxy, which lets commands out too.
    StreamsAndCommands,
    /// Music Assistant itself: its pages and its API beside the streams.
    MusicAssistant,
    /// A redirect of every request to another address, with its path.
    Redirects(String),
    /// A bot challenge for every request, as Cloudflare sends it.
    Challenges,
    /// One page for every path.
    OnePage,
    /// A proxy that lets out pictures by any address, which an older Music Assistant fetches.
    StreamsAndAddresses,
    /// One status for every path.
    Answers(u16),
    /// A function.
    Does(Arc<Answering>),
}

impl fmt::Debug for Behavior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Behavior")
    }
}

impl Behavior {
    /// The replies of a function.
    #[must_use]
    pub fn does(answering: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::Does(Arc::new(answering))
    }

    /// The response to a request.
    #[must_use]
    pub fn reply(&self, request: &Request) -> Reply {
        let page = |status, text: &str| Reply::new(status, "text/html; charset=utf-8", text);
        let html = "<!doctype html><title>Welcome</title>";
        match self {
            Self::StreamsAndCommands if request.path.starts_with("/command/") => Reply::audio(),
            Self::MusicAssistant => music_assistant(request),
            Self::Redirects(to) => {
                page(302, "").with("location", &format!("{}{}", to.trim_end_matches('/'), request.path))
            }
            Self::Challenges => {
                let page = page(403, "<!doctype html><title>Just a moment...</title>");
                page.with("server", "cloudflare").with("cf-mitigated", "challenge")
            }
            Self::OnePage => page(200, html),
            Self::StreamsAndAddresses if request.path == "/imageproxy" => old_picture(request),
            Self::Streams | Self::StreamsAndCommands | Self::StreamsAndAddresses => streams(request),
            Self::Answers(status) => page(*status, html),
            Self::Does(answering) => answering(request),
        }
    }
}

/// The one picture that there is.
pub const PICTURE: &str = "/imageproxy/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn streams(request: &Request) -> Reply {
    let is = |prefix: &str| request.path.starts_with(prefix);
    let is_stream = is("/flow/") || is("/single/") || is("/announcement/") || is("/pluginsource/");
    if is_stream && !request.path.contains("/unused-") {
        Reply::audio()
    } else if request.path == PICTURE && request.query.is_empty() {
        Reply::new(200, "image/jpeg", "a picture")
    } else {
        Reply::not_found()
    }
}

/// The response of a release of March 2026: it fails on a malformed request, and on an address that it cannot fetch.
fn old_picture(request: &Request) -> Reply {
    let of = |name: &str| request.query.split('&').find_map(|pair| pair.strip_prefix(name));
    match (of("path="), of("size=").map(str::parse::<u32>)) {
        (None, _) | (_, Some(Err(_))) => Reply::new(500, "text/plain", "500 Internal Server Error"),
        (Some(address), _) if address.contains(".invalid") => Reply::new(404, "application/octet-stream", ""),
        (Some(_), _) => Reply::new(200, "image/png", "a picture"),
    }
}

/// The server that Music Assistant's pages come from, without a check of tokens.
fn music_assistant(request: &Request) -> Reply {
    match request.path.as_str() {
        "/" => Reply::new(200, "text/html", "<!doctype html><title>Music Assistant</title>"),
        "/info" => Reply::json(&serde_json::json!({
            "server_id": "1234", "server_version": "2.9.11", "schema_version": 29, "base_url": "http://192.168.1.5:8095",
        })),
        "/api" => Reply::json(&if request.body.windows(7).any(|part| part == b"auth/me") {
            serde_json::json!({ "user_id": "1", "username": "kim", "role": "user" })
        } else {
            serde_json::json!([{ "player_id": "Kitchen", "provider": "alexa--1", "available": true }])
        }),
        "/ws" => Reply::new(400, "text/plain", "No WebSocket UPGRADE hdr: None"),
        "/imageproxy" => old_picture(request),
        path if path.starts_with("/command/") => Reply::audio(),
        _ => streams(request),
    }
}

/// A site under a name.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its responses.
    pub behavior: Behavior,
    /// The certificate that it shows.
    pub certificate: Shown,
    /// Whether anything listens.
    pub port: Port,
    /// The address of its name, instead of the server of the tests.
    pub leads_to: Option<IpAddr>,
    /// The lead of its clock, in seconds.
    pub ahead: i64,
}

impl Site {
    /// A site that works.
    #[must_use]
    pub fn new(behavior: Behavior) -> Self {
        Self { behavior, certificate: Shown::Good, port: Port::Open, leads_to: None, ahead: 0 }
    }

    /// A proxy that lets out streams and pictures and nothing else.
    #[must_use]
    pub fn streams() -> Self {
        Self::new(Behavior::Streams)
    }
}
