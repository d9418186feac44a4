//! A machine of the home that has silence as MP3 files.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

/// A frame of MP3 at 128 kbit/s and 44.1 kHz has so many bytes, without padding (ISO 11172-3, 2.4.3.1).
const FRAME: usize = 417;

/// Its header. Silence is what follows as zeros.
const HEADER: [u8; 4] = [0xff, 0xfb, 0x90, 0xc4];

/// Frames of 1152 samples in a second, rounded up.
const FRAMES_PER_SECOND: usize = 39;

/// Files of so many seconds: `/media/60.mp3`.
pub(super) fn router() -> Router {
    Router::new().route("/media/{name}", get(answer))
}

async fn answer(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(seconds) = name.strip_suffix(".mp3").and_then(|seconds| seconds.parse::<usize>().ok()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut frame = HEADER.to_vec();
    frame.resize(FRAME, 0);
    let file = frame.repeat(seconds * FRAMES_PER_SECOND);
    let whole = file.len();
    let head = [(CONTENT_TYPE, "audio/mpeg"), (ACCEPT_RANGES, "bytes")];
    // A player that seeks asks for the rest from some byte on.
    let from = headers.get(RANGE).and_then(|range| {
        let range = range.to_str().ok()?.strip_prefix("bytes=")?;
        let from: usize = range.split('-').next()?.parse().ok()?;
        (from < whole).then_some(from)
    });
    match from {
        Some(from) => {
            let range = [(CONTENT_RANGE, format!("bytes {from}-{}/{whole}", whole - 1))];
            (StatusCode::PARTIAL_CONTENT, head, range, Body::from(file[from..].to_vec())).into_response()
        }
        None => (head, Body::from(file)).into_response(),
    }
}
