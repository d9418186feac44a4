//! Pictures of what plays, fetched by us: a page that fetched them itself would tell others who looks at it.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use url::Url;

use crate::api::ApiState;
use crate::config::{BaseUrl, MaApi, MaApiUrl};
use crate::playback::{Player, PlayerId, StreamAddresses};
use crate::probe::ProbeRequest;
use crate::web::error::PageError;

/// Largest picture that is shown, in bytes.
const MOST: usize = 2 * 1024 * 1024;

/// The accepted types of pictures. A drawing (SVG) may hold scripts.
const KINDS: [&str; 6] = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"];

/// The path of Music Assistant's pictures.
const IMAGES: &str = "/imageproxy";

/// The path of granted pictures at the door.
const GRANTED: &str = "/a/";

/// The port of Music Assistant's pages, which pictures have beside streams of another port.
const PAGES_PORT: u16 = 8095;

/// Shown where there is none.
const PLACEHOLDER: &str = include_str!("../assets/no-art.svg");

/// The picture of what a player plays.
pub(super) async fn art(
    State(state): State<ApiState>,
    player: Result<Path<String>, PathRejection>,
) -> Result<Response, PageError> {
    let Path(player) = player.map_err(|_| PageError::not_found())?;
    let household = state.deps.store.household(state.clock().now()).await?;
    let player = household.player(&PlayerId::from(player)).ok_or_else(PageError::not_found)?;
    let effective = state.deps.config.with(&household.settings);
    let addresses = StreamAddresses::from(&effective.streams);
    for url in places(player, &addresses, &effective.ma_api) {
        if let Some(picture) = fetch(&state, url).await {
            return Ok(picture);
        }
    }
    Ok(picture(HeaderValue::from_static("image/svg+xml"), 60, PLACEHOLDER.as_bytes().to_vec()))
}

/// The addresses where it may be: the one that Echos fetch it from, and Music Assistant's own. A caller with the credentials
/// of Music Assistant may push any address, and we stand inside the home: nothing is fetched but pictures of Music
/// Assistant's own, from the machines that the settings or the address of the stream name.
fn places(player: &Player, addresses: &StreamAddresses, ma_api: &MaApi) -> Vec<Url> {
    let Some(text) = player.metadata().image_url.as_deref() else {
        return Vec::new();
    };
    let Some(pushed) = Url::parse(text).ok().filter(|url| is_plain(url, text)) else {
        return Vec::new();
    };
    let let_out = addresses.picture(player.metadata()).and_then(|url| Url::parse(&url).ok());
    let let_out = let_out.filter(|url| is_let_out(url, addresses));
    let itself = is_of_music_assistant(&pushed, player, addresses, ma_api).then_some(pushed);
    let_out.into_iter().chain(itself).collect()
}

/// Whether it says nothing in two ways: what one server takes for a part of a name, the next one may decode to a way out
/// of the folder of pictures.
fn is_plain(url: &Url, text: &str) -> bool {
    let is_http = matches!(url.scheme(), "http" | "https");
    // As it was pushed: a parsed address has its encoded dots resolved.
    let path = text.split(['?', '#']).next().unwrap_or_default();
    is_http && url.username().is_empty() && url.password().is_none() && !path.contains(['%', '\\'])
}

/// Whether it is under an address that the settings name for pictures: that of the door, which opens what we granted, or
/// that of Music Assistant's.
fn is_let_out(url: &Url, addresses: &StreamAddresses) -> bool {
    let begins =
        |base: Option<&BaseUrl>, path| base.is_some_and(|base| url.as_str().starts_with(&base.join(path)));
    let door = addresses.set.door.as_ref().or(addresses.set.lan_door.as_ref());
    begins(door, GRANTED) || begins(addresses.set.art_base.as_ref(), IMAGES)
}

/// Whether it is a picture where Music Assistant is: where its API is by the settings, or where its streams come from.
fn is_of_music_assistant(url: &Url, player: &Player, addresses: &StreamAddresses, ma_api: &MaApi) -> bool {
    let is_image = |prefix: &str| {
        let rest = url.path().strip_prefix(prefix.trim_end_matches('/'));
        let rest = rest.and_then(|rest| rest.strip_prefix(IMAGES));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_at_api = ma_api.url.as_ref().map(MaApiUrl::as_url).is_some_and(|api| {
        api.host() == url.host()
            && api.port_or_known_default() == url.port_or_known_default()
            && is_image(api.path())
    });
    let is_at_origin = addresses.set.ma_origin.as_ref().is_some_and(|origin| origin.is(url));
    let start = player.start().filter(|start| !start.stream.is_media());
    let stream = start.and_then(|start| Url::parse(start.stream.origin()).ok());
    let is_at_stream = stream.is_some_and(|stream| {
        let port = url.port_or_known_default();
        stream.host() == url.host() && (port == stream.port_or_known_default() || port == Some(PAGES_PORT))
    });
    is_at_api || (is_image("") && (is_at_origin || is_at_stream))
}

async fn fetch(state: &ApiState, url: Url) -> Option<Response> {
    let response = match state.prober.probe(&ProbeRequest::get(url, MOST)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::debug!(%error, "a picture cannot be fetched");
            return None;
        }
    };
    let kind = response.media_type()?;
    let kind = KINDS.into_iter().find(|known| *known == kind)?;
    let is_whole = response.status == 200 && !response.is_truncated && !response.body.is_empty();
    is_whole.then(|| picture(HeaderValue::from_static(kind), 24 * 3600, response.body))
}

/// A picture that a browser may keep for so many seconds, and no proxy.
fn picture(kind: HeaderValue, seconds: u32, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    if let Ok(kept) = HeaderValue::from_str(&format!("private, max-age={seconds}")) {
        headers.insert(header::CACHE_CONTROL, kept);
    }
    response
}
