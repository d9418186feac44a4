//! The target of a grant: the path at Music Assistant or the address of media, and the playlist that names it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use super::health::{DoorFailureKind, NoEvents, Recorder};
use super::lists::{PLAYLIST_TYPE, playlist};
use super::{DoorKeys, DoorOrigins, media, path};
use crate::clock::Clock;
use crate::grant::{Grant, GrantKind};
use crate::routing::get;
use crate::telemetry::{LogLimiter, Metric, Metrics};

/// Streams and their playlists are never kept: each moment of one comes once.
pub(super) const STREAM_CACHE: &str = "no-store";

/// Opens grants, and finds what they lead to.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub(super) keys: Arc<dyn DoorKeys>,
    pub(super) origins: Arc<dyn DoorOrigins>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) recorder: Recorder,
}

/// `GET /p/{grant}.m3u` alone, for a deployment whose door is elsewhere.
pub fn playlists(
    keys: Arc<dyn DoorKeys>,
    origins: Arc<dyn DoorOrigins>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    log_limiter: Arc<LogLimiter>,
) -> Router {
    let recorder = Recorder::new(Arc::default(), Arc::new(NoEvents), log_limiter, Arc::clone(&clock));
    let granted = Granted { keys, origins, clock, metrics, recorder };
    let answer =
        async |State(granted): State<Granted>, Path(name): Path<String>| match name.strip_suffix(".m3u") {
            Some(text) => granted.playlist(text).await,
            None => not_found(),
        };
    Router::new().route("/p/{name}", get(answer)).with_state(granted)
}

impl Granted {
    /// The grant in a text, where it is of one of these kinds. One that does not open is counted, and not logged: a stranger
    /// sends as many as they like.
    pub(super) async fn open(&self, text: &str, kinds: &[GrantKind]) -> Option<Grant> {
        let now = self.clock.now();
        let keys = self.keys.keys().await;
        let grant = keys.and_then(|keys| keys.open_one_of(text, kinds, now));
        if grant.is_none() {
            self.metrics.count_bounded(&[Metric::AuthFailures], now);
        }
        grant
    }

    /// The address of what a grant opens, or the answer where there is none.
    pub(super) async fn address(&self, grant: &Grant) -> Result<Uri, Response> {
        if grant.kind == GrantKind::Media {
            return media::address(&grant.path).ok_or_else(not_found);
        }
        let Some(origin) = self.origins.origin(grant.player).await else {
            self.recorder.failed(DoorFailureKind::NoOrigin, grant.kind, grant.player);
            return Err(StatusCode::BAD_GATEWAY.into_response());
        };
        path::address(&origin, grant.kind, &grant.path).ok_or_else(not_found)
    }

    /// The stream's plain address at home, for an Echo that takes playlists.
    pub(super) async fn playlist(&self, text: &str) -> Response {
        let Some(grant) = self.open(text, &[GrantKind::Stream]).await else { return not_found() };
        let address = match self.address(&grant).await {
            Ok(address) => address,
            Err(response) => return response,
        };
        let headers = [
            (CONTENT_TYPE, PLAYLIST_TYPE),
            (CACHE_CONTROL, STREAM_CACHE),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (headers, Body::from(playlist(&address))).into_response()
    }
}

/// The answer to everything that the door does not serve: it says nothing more.
pub(super) fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}
