//! Pictures of what plays, fetched by us: a page that fetched them itself would tell others who looks at it.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use url::Url;

use crate::api::ApiState;
use crate::playback::{Player, PlayerId, StreamAddresses};
use crate::probe::Question;
use crate::web::error::PageError;

/// Largest picture that is shown, in bytes.
const MOST: usize = 2 * 1024 * 1024;

/// What is taken for a picture. A drawing (SVG) may hold scripts.
const KINDS: [&str; 6] = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"];

/// Shown where there is none.
const PLACEHOLDER: &str = include_str!("../assets/no-art.svg");

/// The picture of what a player plays.
pub(super) async fn art(
    State(state): State<ApiState>,
    player: Result<Path<String>, PathRejection>,
) -> Result<Response, PageError> {
    let Path(player) = player.map_err(|_| PageError::not_found())?;
    let household = state.store.household(state.clock().now()).await?;
    let player = household.player(&PlayerId::from(player)).ok_or_else(PageError::not_found)?;
    let addresses = state.addresses(&household.settings);
    for url in places(player, &addresses) {
        if let Some(picture) = fetch(&state, url).await {
            return Ok(picture);
        }
    }
    Ok(picture(HeaderValue::from_static("image/svg+xml"), 60, PLACEHOLDER.as_bytes().to_vec()))
}

/// Where it may be: under the address that Echos fetch it from, and where Music Assistant has it.
fn places(player: &Player, addresses: &StreamAddresses) -> Vec<Url> {
    let Some(pushed) = player.metadata.image_url.as_deref() else {
        return Vec::new();
    };
    let public = addresses.art(pushed);
    let mut places: Vec<Url> =
        public.iter().map(String::as_str).chain([pushed]).filter_map(|url| Url::parse(url).ok()).collect();
    places.retain(|url| {
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
    });
    places.dedup();
    places
}

async fn fetch(state: &ApiState, url: Url) -> Option<Response> {
    let answer = match state.prober.ask(&Question::get(url, MOST)).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::debug!(%error, "a picture cannot be fetched");
            return None;
        }
    };
    let kind = answer.media_type()?;
    let kind = KINDS.into_iter().find(|known| *known == kind)?;
    let is_whole = answer.status == 200 && !answer.is_cut && !answer.body.is_empty();
    is_whole.then(|| picture(HeaderValue::from_static(kind), 24 * 3600, answer.body))
}

/// A browser may keep it, for so many seconds, and nobody between us and it.
fn picture(kind: HeaderValue, seconds: u32, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    if let Ok(kept) = HeaderValue::from_str(&format!("private, max-age={seconds}")) {
        headers.insert(header::CACHE_CONTROL, kept);
    }
    response
}
