//! The sites of the household in the internet, as they answer when all is well.

use end_to_end::internet::{Behavior, Internet, Reply, Request, Site};
use ma_alexa::clock::Timestamp;
use ma_alexa::grant::{GrantKeys, GrantKind};
use serde_json::json;

/// The public origin of streams.
pub(crate) const MUSIC: &str = "music.example.com";
/// The public origin of pictures.
pub(crate) const ART: &str = "art.example.com";
/// The host of the API.
pub(crate) const API: &str = "api.example.com";
/// The door.
pub(crate) const DOOR: &str = "door.example.com";
/// The endpoint of the skill.
pub(crate) const ENDPOINT: &str = "skill.example.com";
/// Music Assistant's own API.
pub(crate) const MA: &str = "ma.example.com";
/// The server with the right time.
pub(crate) const TIME: &str = "api.amazonalexa.com";

/// The site at each address when all is well.
pub(crate) fn site(host: &str) -> Site {
    match host {
        API => Site::new(Behavior::does(|_| healthz(env!("CARGO_PKG_VERSION")))),
        ENDPOINT => Site::new(Behavior::does(|request| alexa(request).unwrap_or_else(Reply::not_found))),
        TIME => Site::new(Behavior::does(|_| Reply::not_found())),
        MA => Site::new(Behavior::MusicAssistant),
        _ => Site::streams(),
    }
}

/// The response of `/healthz`.
pub(crate) fn healthz(version: &str) -> Reply {
    Reply::json(&json!({ "status": "ok", "version": version }))
}

/// The refusal of a request that is not proven to be Alexa's.
fn alexa(request: &Request) -> Option<Reply> {
    let is_alexas = request.method == "POST" && request.path == "/";
    is_alexas.then(|| Reply::new(400, "application/json", "{}"))
}

/// The response of the door before a Music Assistant that does `behind`.
pub(crate) fn door(request: &Request, keys: &GrantKeys, now: Timestamp, behind: &Behavior) -> Reply {
    let path = request.path.as_str();
    let stream = path.strip_prefix("/s/").and_then(|rest| rest.strip_suffix(".mp3"));
    let grant = |text: &str, kind| keys.open(text, kind, now);
    let granted = match stream {
        Some(text) => grant(text, GrantKind::Stream),
        None => path.strip_prefix("/a/").and_then(|text| grant(text, GrantKind::Picture)),
    };
    match granted {
        Some(_) if request.method == "HEAD" => Reply { is_endless: false, ..Reply::audio() },
        Some(grant) => {
            let path = grant.path.split('?').next().unwrap_or_default().to_owned();
            let reply = behind.reply(&Request { path, ..request.clone() });
            if reply.status == 404 { nothing() } else { reply }
        }
        None if path == "/healthz" => healthz(env!("CARGO_PKG_VERSION")),
        None => alexa(request).unwrap_or_else(nothing),
    }
}

/// A 404 without a body.
pub(crate) fn nothing() -> Reply {
    Reply { status: 404, headers: Vec::new(), body: Vec::new(), is_endless: false }
}

/// The internet when all is well.
pub(super) fn internet() -> Internet {
    let internet = Internet::start();
    for host in [MUSIC, ART, API, ENDPOINT, MA, TIME] {
        internet.put(host, site(host));
    }
    internet
}
