//! Layers of every request.

use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{Method, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;
use tracing::Instrument as _;

use super::caller::with_callers;
use super::hosts;
use crate::api::{self, ApiError, ApiState, ErrorCode, OfPage, Proven, RequestContext};
use crate::clock::Timestamp;
use crate::telemetry::{Metric, Observation};
use crate::web;

pub(super) fn apply(routes: Router, state: &ApiState) -> Router {
    let routes = routes
        .method_not_allowed_fallback(api::method_not_allowed)
        .fallback_service(web::fallback(state))
        .layer(from_fn_with_state(state.clone(), hosts::require));
    // A layer would come after the route has been chosen.
    let whole = Router::new().fallback_service(guarded(routes, state).map_request(collapse_slashes));
    match state.deps.config.api.ingress {
        Some(ingress) => whole.layer(from_fn_with_state(ingress, web::through_ingress)),
        None => whole,
    }
}

/// Adds what holds for every request on any listener: its body is whole and bounded, it is answered in time and logged
/// once, a panic in it is answered, and every error has its body.
pub(super) fn guarded(routes: Router, state: &ApiState) -> Router {
    // The last layer is the outermost.
    let routes = routes
        .layer(from_fn(api::buffer))
        .layer(from_fn(api::in_time))
        .layer(api::catch_panics(state, || ApiError::internal().into_response()))
        .layer(from_fn_with_state(state.clone(), log))
        .layer(from_fn(api::render));
    with_callers(routes, state.deps.config.api.proxies.clone())
}

/// Older providers of Music Assistant write `//ma/push-url`. A redirect would turn their POST into a GET.
fn collapse_slashes(mut request: Request) -> Request {
    let path = request.uri().path();
    if !path.contains("//") {
        return request;
    }
    let mut single = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !single.ends_with('/') {
            single.push(c);
        }
    }
    if let Some(query) = request.uri().query() {
        single.push('?');
        single.push_str(query);
    }
    let mut parts = request.uri().clone().into_parts();
    if let Ok(path) = single.parse::<PathAndQuery>() {
        parts.path_and_query = Some(path);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

/// One line for each request, and an id for it. No body, no header and no address but the route is in it.
async fn log(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let began = state.clock().now();
    let id = match request.extensions().get::<RequestContext>() {
        Some(context) => context.id.clone(),
        None => match state.new_request_id() {
            Ok(id) => id,
            Err(err) => {
                tracing::error!(error = %err, "a request cannot be served");
                return ApiError::internal().into_response();
            }
        },
    };
    request.extensions_mut().insert(RequestContext { id: id.clone() });
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |route| route.as_str().to_owned());
    let span = tracing::info_span!("request", request.id = %id);
    let response = next.run(request).instrument(span.clone()).await;
    let now = state.clock().now();
    let status = response.status().as_u16();
    state.metrics().observe(&Observation::Http { route: &route, status, duration: now.since(began) });
    if let Some(earlier) = admit(&state, &response, &route, now) {
        span.in_scope(|| write_line(&response, &method, &route, now.since(began), earlier));
    }
    response
}

/// The number of lines kept back before this one; none where it is kept back, too. Of callers who proved nothing, a
/// kind of answer has one line a minute: they must not fill the disk.
fn admit(state: &ApiState, response: &Response, route: &str, now: Timestamp) -> Option<u64> {
    let error = response.extensions().get::<ApiError>().map(ApiError::code);
    let is_of_store = matches!(error, Some(ErrorCode::StoreUnavailable | ErrorCode::StoreFull));
    let store_failed = is_of_store.then_some(Metric::StoreErrors);
    let metrics: Vec<Metric> = [Some(Metric::Requests), store_failed].into_iter().flatten().collect();
    if response.extensions().get::<Proven>().is_some() {
        state.metrics().count(&metrics, now);
        return Some(0);
    }
    state.metrics().count_bounded(&metrics, now);
    let status = response.status().as_u16();
    state.log_limiter().admit(&format!("{status} {route}"), now)
}

fn write_line(response: &Response, method: &Method, route: &str, took: Duration, earlier: u64) {
    let status = response.status().as_u16();
    let error = response.extensions().get::<ApiError>().map(ApiError::code);
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let earlier = Some(earlier).filter(|earlier| *earlier > 0);
    macro_rules! write_line {
        ($level:ident) => {
            tracing::$level!(
                http.method = %method,
                http.route = route,
                http.status = status,
                error.code = error.map(ErrorCode::as_str),
                duration.ms = millis,
                earlier,
                "request"
            )
        };
    }
    // An open page asks every few seconds.
    let is_of_page = response.extensions().get::<OfPage>().is_some();
    if is_of_page && status < 400 {
        write_line!(debug);
    } else {
        write_line!(info);
    }
}
