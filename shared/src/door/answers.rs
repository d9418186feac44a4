//! Answers of the door.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use futures_util::stream;
use serde_json::json;
use tower::ServiceExt as _;

use super::DoorServices;
use super::fetches::{Fetches, NoRoom};
use super::granted::{Granted, STREAM_CACHE, not_found};
use super::health::Recorder;
use super::path;
use super::picture::{NoPicture, Pictures};
use super::routes::DoorRoute;
use super::upstream::{self, DoorSetupError, Head, Upstream};
use crate::grant::GrantKind;
use crate::telemetry::{Metric, Observation};

/// A picture is that of its grant, for the one who has the grant.
const PICTURE_CACHE: &str = "private, max-age=3600";

struct Door {
    services: DoorServices,
    granted: Granted,
    fetches: Arc<Fetches>,
    pictures: Pictures,
}

/// All of the door, for a listener of its own. Its streams have no time limit, so no layer may give them one.
///
/// # Errors
/// When the client of Music Assistant cannot be built.
pub fn router(services: DoorServices) -> Result<Router, DoorSetupError> {
    let upstream = Upstream::new(&services.limits, Arc::clone(&services.media))?;
    let (health, events) = (Arc::clone(&services.health), Arc::clone(&services.events));
    let recorder =
        Recorder::new(health, events, Arc::clone(&services.log_limiter), Arc::clone(&services.clock));
    let fetches = Fetches::new(upstream.clone(), recorder.clone(), services.limits.clone());
    let pictures = Pictures::new(upstream, recorder.clone(), services.limits.clone());
    let granted = Granted {
        keys: Arc::clone(&services.keys),
        origins: Arc::clone(&services.origins),
        clock: Arc::clone(&services.clock),
        metrics: Arc::clone(&services.metrics),
        recorder,
    };
    let door = Arc::new(Door { services, granted, fetches, pictures });
    // Routes of axum would answer a wrong method with 405 and a list of the right ones.
    Ok(Router::new().fallback(answer).with_state(door))
}

async fn answer(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let asked = DoorRoute::read(&parts.method, parts.uri.path());
    // Its own layers observe and count it.
    if let (Some(DoorRoute::Alexa), Some(alexa)) = (asked, &door.services.alexa) {
        let request = Request::from_parts(parts, body);
        return alexa.clone().oneshot(request).await.into_response();
    }
    let route = asked.map_or("none", DoorRoute::route);
    let began = door.services.clock.moment();
    let is_head = parts.method == Method::HEAD;
    let response = match asked {
        None | Some(DoorRoute::Alexa) => not_found(),
        Some(DoorRoute::Tone(_)) => {
            let request = Request::from_parts(parts, body);
            door.services.tone.clone().oneshot(request).await.into_response()
        }
        Some(DoorRoute::Health) => {
            Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})).into_response()
        }
        Some(DoorRoute::Stream(text)) => door.stream(text, is_head, &parts.headers).await,
        Some(DoorRoute::Playlist(text)) => door.granted.playlist(text).await,
        Some(DoorRoute::Picture(text)) => door.picture(text, is_head, &parts.headers).await,
    };
    let (status, now) = (response.status().as_u16(), door.services.clock.moment());
    door.services.metrics.observe(&Observation::Http { route, status, duration: now.since(began) });
    door.services.metrics.count_bounded(&[Metric::Requests], now.wall());
    response
}

impl Door {
    async fn stream(&self, text: &str, is_head: bool, headers: &HeaderMap) -> Response {
        let kinds = [GrantKind::Stream, GrantKind::Media];
        let Some(grant) = self.granted.open(text, &kinds).await else { return not_found() };
        let is_media = grant.kind == GrantKind::Media;
        if is_head {
            // A HEAD to Music Assistant would reset its record of a flow, as a second GET does.
            let headers = if is_media { HeaderMap::new() } else { media("audio/mpeg") };
            let head = Head { status: StatusCode::OK, headers };
            return respond(head, STREAM_CACHE, of_unknown_length());
        }
        let address = match self.granted.address(&grant).await {
            Ok(address) => address,
            Err(response) => return response,
        };
        let range = upstream::range(headers).filter(|_| is_media || path::has_parts(&grant.path));
        let lasts = is_media.then(|| grant.expires_at.since(self.services.clock.now()));
        let reader = match self.fetches.read(&grant, address, range, lasts) {
            Ok(reader) => reader,
            Err(NoRoom) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        };
        let Ok(mut head) = reader.head().await else { return StatusCode::BAD_GATEWAY.into_response() };
        if !has_body(head.status) {
            return respond(head, STREAM_CACHE, Body::empty());
        }
        if reader.start() > 0 {
            head.headers.remove(CONTENT_LENGTH);
        }
        let recorder = self.granted.recorder.clone();
        let bytes = stream::unfold((reader, Some((recorder, grant))), async |(reader, mut first)| {
            let next = reader.next().await?;
            if next.is_ok()
                && let Some((recorder, grant)) = first.take()
            {
                recorder.served(grant.player, &grant.path);
            }
            Some((next, (reader, first)))
        });
        respond(head, STREAM_CACHE, Body::from_stream(bytes))
    }

    async fn picture(&self, text: &str, is_head: bool, headers: &HeaderMap) -> Response {
        let Some(grant) = self.granted.open(text, &[GrantKind::Picture]).await else { return not_found() };
        let address = match self.granted.address(&grant).await {
            Ok(address) => address,
            Err(response) => return response,
        };
        if is_head {
            let head = Head { status: StatusCode::OK, headers: HeaderMap::new() };
            return respond(head, PICTURE_CACHE, of_unknown_length());
        }
        match self.pictures.get(grant.player, address, upstream::range(headers)).await {
            Ok((head, body)) => respond(head, PICTURE_CACHE, body),
            Err(NoPicture::Full) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Err(NoPicture::Failed) => StatusCode::BAD_GATEWAY.into_response(),
        }
    }
}

fn has_body(status: StatusCode) -> bool {
    matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT)
}

/// The body of an answer to HEAD: an empty one would have its length in the header.
fn of_unknown_length() -> Body {
    Body::from_stream(stream::empty::<Result<Bytes, Infallible>>())
}

fn media(text: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(text))])
}

fn respond(head: Head, cache: &'static str, body: Body) -> Response {
    if head.status == StatusCode::NOT_FOUND {
        return not_found();
    }
    let own: [(HeaderName, &str); 2] = [(CACHE_CONTROL, cache), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    let mut response = (head.status, own, body).into_response();
    response.headers_mut().extend(head.headers);
    response
}
