//! The tone of a trial: under a grant, and without one at home.
//!
//! Its bytes are fixed and secret to no one. The grants are there so that the door shows strangers nothing.

mod live;
mod pieces;

use std::future::ready;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use crate::api::{ApiState, tone_line};
use crate::clock::Clock;
use crate::config::Route;
use crate::door::{DoorKeys, FixedSource, HLS_TYPE, PLAYLIST_TYPE, hls, playlist};
use crate::grant::{Grant, GrantKeys, GrantKind};
use crate::playback::{Form, PlayerKey, ToneKind, TonePart, TonePath, ToneRequest, Trial};
use crate::routing::{any, get};

use live::LiveLists;
use pieces::{TonePiece, cut, listed};

/// Five seconds of 440 Hz as MP3, 64 kbit/s, mono. `ffmpeg` made it of its own sine.
const TONE: &[u8] = include_bytes!("../assets/tone.mp3");

/// The type of the tone and of its pieces.
const SOUND_TYPE: &str = "audio/mpeg";

/// A body that may be kept for as long as a trial takes.
const KEPT: &str = "public, max-age=60";

/// A body that is asked for each time, so that the request is seen here.
const ASKED_FOR: &str = "no-store";

/// Time that an answer waits for its request to be noted.
const NOTED: Duration = Duration::from_secs(1);

/// The tone, cut once.
static PIECES: LazyLock<Vec<TonePiece>> = LazyLock::new(|| cut(TONE));

/// The services behind the tone, with the keys of its grants.
pub trait ToneSource: DoorKeys {
    /// The address that a playlist under `grant` names; none where this process knows none.
    fn line<'a>(&'a self, _kind: ToneKind, _grant: &'a str) -> BoxFuture<'a, Option<Uri>> {
        Box::pin(ready(None))
    }

    /// Takes note of a request for the tone of a trial.
    fn fetched(&self, _trial: PlayerKey, _path: TonePath, _request: ToneRequest) -> BoxFuture<'_, ()> {
        Box::pin(ready(()))
    }
}

impl DoorKeys for ApiState {
    fn keys(&self) -> BoxFuture<'_, Option<Arc<GrantKeys>>> {
        Box::pin(self.authenticator.grant_keys())
    }
}

impl ToneSource for ApiState {
    fn line<'a>(&'a self, kind: ToneKind, grant: &'a str) -> BoxFuture<'a, Option<Uri>> {
        Box::pin(async move { tone_line(&*self.effective().await.ok()?, kind, grant)?.parse().ok() })
    }

    /// Keeps it with the trial, for as long as that may run. The Echo gets its tone also where that fails.
    fn fetched(&self, trial: PlayerKey, path: TonePath, request: ToneRequest) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let now = self.clock().now();
            if !Trial::may_run(path.number, now) {
                return;
            }
            let note = move |known: &mut Option<Trial>| {
                if let Some(trial) = known {
                    trial.fetch(path.number, path.at, &request);
                }
            };
            let noted = timeout(NOTED, self.deps.store.change_trial(trial, now, Arc::new(note))).await;
            let problem = match noted {
                Ok(Ok(_)) => return,
                Ok(Err(error)) => error.to_string(),
                Err(_elapsed) => "the store was too slow".to_owned(),
            };
            if let Some(earlier) = self.log_limiter().admit("tone_request", now) {
                tracing::warn!(problem, earlier, "a request for a tone was not noted");
            }
        })
    }
}

impl ToneSource for FixedSource {}

#[derive(Clone)]
struct Tones {
    source: Arc<dyn ToneSource>,
    clock: Arc<dyn Clock>,
    live: Arc<LiveLists>,
}

/// The part of a path behind `/t/`.
#[derive(Clone, Copy)]
enum ToneName<'a> {
    /// `{grant}.{ending}`.
    Whole(&'a str),
    /// `{grant}/{name}.mp3`.
    Part(&'a str),
}

/// `/t/{grant}.mp3`, its lists `.m3u` and `.m3u8`, and its pieces `/t/{grant}/0.mp3`: for any listener that is let out.
pub fn granted(source: Arc<dyn ToneSource>, clock: Arc<dyn Clock>) -> Router {
    let tones = Tones { source, clock, live: Arc::default() };
    Router::new().route("/t/{name}", any(whole)).route("/t/{grant}/{name}", any(part)).with_state(tones)
}

/// All routes of the tone, as the main listener has them.
pub(super) fn routes(state: &ApiState) -> Router {
    let granted = granted(Arc::new(state.clone()), Arc::clone(&state.deps.clock));
    granted.route("/tone.mp3", get(async || respond(SOUND_TYPE, KEPT, TONE)))
}

async fn whole(
    State(tones): State<Tones>,
    method: Method,
    headers: HeaderMap,
    Path(name): Path<String>,
) -> Response {
    match name.split_once('.') {
        Some((grant, ending)) => tones.serve(grant, ToneName::Whole(ending), &method, &headers).await,
        None => not_found(),
    }
}

async fn part(
    State(tones): State<Tones>,
    method: Method,
    headers: HeaderMap,
    Path((grant, name)): Path<(String, String)>,
) -> Response {
    match name.strip_suffix(".mp3") {
        Some(name) => tones.serve(&grant, ToneName::Part(name), &method, &headers).await,
        None => not_found(),
    }
}

impl Tones {
    async fn serve(
        &self,
        text: &str,
        wanted: ToneName<'_>,
        method: &Method,
        headers: &HeaderMap,
    ) -> Response {
        let is_head = *method == Method::HEAD;
        if !is_head && *method != Method::GET {
            return not_found();
        }
        let now = self.clock.now();
        let keys = self.source.keys().await;
        let Some(grant) = keys.and_then(|keys| keys.open(text, GrantKind::Tone, now)) else {
            return not_found();
        };
        let path = TonePath::parse(&grant.path);
        let Some((part, response)) = self.answer(text, &grant, path, wanted, is_head).await else {
            return not_found();
        };
        if let Some(path) = path {
            let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
            let (range, agent) = (header(header::RANGE), header(header::USER_AGENT));
            let request = ToneRequest::new(now, is_head, part, range, agent);
            self.source.fetched(grant.player, path, request).await;
        }
        response
    }

    async fn answer(
        &self,
        text: &str,
        grant: &Grant,
        path: Option<TonePath>,
        wanted: ToneName<'_>,
        is_head: bool,
    ) -> Option<(TonePart, Response)> {
        let kind = path.map_or(ToneKind::Route(Route::Door), |path| path.kind);
        let list = |pieces: &[TonePiece], has_ended| {
            respond(HLS_TYPE, ASKED_FOR, hls(&listed(pieces, text), has_ended))
        };
        Some(match (kind, wanted) {
            (ToneKind::Route(_) | ToneKind::Form(Form::Port | Form::Address), ToneName::Whole("mp3"))
            | (ToneKind::Form(Form::Redirect), ToneName::Part("sound")) => {
                (TonePart::Sound, respond(SOUND_TYPE, KEPT, TONE))
            }
            (ToneKind::Route(_) | ToneKind::Form(Form::PlaylistHttp), ToneName::Whole("m3u")) => {
                let line = self.source.line(kind, text).await?;
                (TonePart::List, respond(PLAYLIST_TYPE, ASKED_FOR, playlist(&line)))
            }
            (ToneKind::Form(Form::Redirect), ToneName::Whole("mp3")) => {
                (TonePart::Redirect, redirect(&format!("{text}/sound.mp3")))
            }
            (ToneKind::Form(Form::HlsEnded), ToneName::Whole("m3u8")) => {
                (TonePart::List, list(&PIECES, true))
            }
            (ToneKind::Form(Form::HlsLive), ToneName::Whole("m3u8")) => {
                let number = path.map_or(0, |path| path.number);
                let there = self.live.pieces((grant.player, number), is_head, self.clock.moment());
                let there = there.min(PIECES.len());
                (TonePart::List, list(&PIECES[..there], there == PIECES.len()))
            }
            (ToneKind::Form(Form::HlsEnded | Form::HlsLive), ToneName::Part(name)) => {
                let piece = PIECES.get(name.parse::<usize>().ok()?)?;
                (TonePart::Piece, respond(SOUND_TYPE, KEPT, piece.bytes.clone()))
            }
            _ => return None,
        })
    }
}

fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// Leads to an address beside this one.
fn redirect(beside: &str) -> Response {
    let headers = [(header::LOCATION, beside), (header::CACHE_CONTROL, ASKED_FOR)];
    (StatusCode::FOUND, headers).into_response()
}

fn respond(kind: &'static str, cache: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
