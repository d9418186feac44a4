//! The door of a group of routes.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::auth::{AuthError, Role};
use super::caller::Proven;
use super::error::{ApiError, ErrorCode};
use super::state::ApiState;
use crate::telemetry::Metric;

#[derive(Clone, Debug)]
pub(super) struct Guard {
    state: ApiState,
    needed: Role,
}

impl Guard {
    pub(super) fn new(state: ApiState, needed: Role) -> Self {
        Self { state, needed }
    }
}

/// Lets through whoever has the credentials for it. No header, parameter, variable or flag turns this off.
pub(super) async fn require(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let header = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let refused = match guard.state.authenticator.check(header).await {
        Ok(role) if role.opens(guard.needed) => None,
        Ok(_) => Some(ApiError::new(
            ErrorCode::Forbidden,
            "these are Music Assistant's credentials; this needs the owner's",
        )),
        Err(AuthError::Unavailable(cure)) => Some(ApiError::new(ErrorCode::CredentialsUnavailable, cure)),
        Err(err @ (AuthError::Missing | AuthError::Wrong)) => {
            Some(ApiError::new(ErrorCode::Unauthorized, err.to_string()))
        }
    };
    let Some(refused) = refused else {
        let mut response = next.run(request).await;
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        response.extensions_mut().insert(Proven);
        return response;
    };
    if refused.code() != ErrorCode::CredentialsUnavailable {
        let now = guard.state.clock().now();
        guard.state.metrics().count(&[Metric::AuthFailures], now);
    }
    refused.into_response()
}
