//! Access to a group of routes, by role.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::auth::{AuthError, Role};
use super::caller::{CallerAddress, Proven};
use super::error::{ApiError, ErrorCode};
use super::state::ApiState;
use crate::telemetry::Metric;

/// The role that a group of routes needs.
#[derive(Clone, Debug)]
pub(super) struct RequiredRole {
    state: ApiState,
    role: Role,
}

impl RequiredRole {
    pub(super) fn new(state: ApiState, role: Role) -> Self {
        Self { state, role }
    }
}

/// Passes on requests whose credentials permit them. No header, parameter, variable or flag turns this off.
pub(super) async fn require_role(
    State(required): State<RequiredRole>,
    request: Request,
    next: Next,
) -> Response {
    let caller = request.extensions().get::<CallerAddress>().copied();
    let header = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let refused = match required.state.authenticator.check(header, caller).await {
        Ok(role) if role.permits(required.role) => None,
        Ok(_) => Some(ApiError::new(
            ErrorCode::Forbidden,
            "these are Music Assistant's credentials; this needs the owner's",
        )),
        Err(error) => {
            log_refusal(&required.state, caller, &error);
            let now = required.state.clock().now();
            let (code, until) = match error {
                AuthError::Unavailable => (ErrorCode::CredentialsUnavailable, None),
                AuthError::TooMany(wait) => (ErrorCode::Throttled, Some(now.plus(wait))),
                AuthError::Missing | AuthError::Wrong => (ErrorCode::Unauthorized, None),
            };
            let refused = ApiError::new(code, error.to_string());
            Some(match until {
                Some(until) => refused.until(until, now),
                None => refused,
            })
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
        let now = required.state.clock().now();
        required.state.metrics().count(&[Metric::AuthFailures], now);
    }
    refused.into_response()
}

/// Says in the log from which address wrong passwords come, so that a firewall can act on it: one line for each address,
/// kind and minute, with the number of those before it that were kept back.
pub(crate) fn log_refusal(state: &ApiState, caller: Option<CallerAddress>, error: &AuthError) {
    let (kind, says) = match error {
        AuthError::Wrong => ("wrong", "a user name or a password was wrong"),
        AuthError::TooMany(_) => ("too many", "too many user names or passwords were wrong"),
        AuthError::Missing | AuthError::Unavailable => return,
    };
    let caller = caller.map_or_else(|| "unknown".to_owned(), |caller| caller.to_string());
    let now = state.clock().now();
    if let Some(kept_back) = state.log_limiter().admit(&format!("{kind} password {caller}"), now) {
        tracing::warn!(caller, kept_back, "{says}");
    }
}
