//! Secret header before the door.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use subtle::ConstantTimeEq as _;

use crate::config::DoorSecret;

/// Header in which CloudFront shows the secret.
const HEADER: &str = "x-door-secret";

/// Answers every request of `routes` that does not show `secret` with an empty 404, as a door without routes does.
#[must_use = "the routes without the secret are open"]
pub fn require_door_secret(secret: DoorSecret, routes: Router) -> Router {
    routes.layer(from_fn_with_state(secret, check))
}

async fn check(State(secret): State<DoorSecret>, request: Request, next: Next) -> Response {
    let mut shown = request.headers().get_all(HEADER).iter();
    // One that comes with a second header is none of CloudFront's, which replaces what a caller sent.
    let is_right = match (shown.next(), shown.next()) {
        (Some(shown), None) => bool::from(shown.as_bytes().ct_eq(secret.secret().as_bytes())),
        _ => false,
    };
    if is_right { next.run(request).await } else { StatusCode::NOT_FOUND.into_response() }
}
