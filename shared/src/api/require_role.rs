//! Access to a group of routes, by role.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::auth::{AuthError, Nameless, Role};
use super::caller::{CallerAddress, Proven};
use super::error::{ApiError, ErrorCode};
use super::state::ApiState;
use super::token_scopes::TokenScopes;
use crate::access::Scope;
use crate::store::StoreError;
use crate::telemetry::Metric;

/// The role that a group of routes needs.
#[derive(Clone, Debug)]
pub(super) struct RequiredRole {
    state: ApiState,
    role: Role,
    /// The operations that tokens open; none where no token is looked at.
    scopes: Option<Arc<TokenScopes>>,
}

impl RequiredRole {
    pub(super) fn new(state: ApiState, role: Role, scopes: Option<TokenScopes>) -> Self {
        Self { state, role, scopes: scopes.map(Arc::new) }
    }
}

/// Passes on requests whose credentials permit them. No header, parameter, variable or flag turns this off.
pub(super) async fn require_role(
    State(required): State<RequiredRole>,
    request: Request,
    next: Next,
) -> Response {
    let RequiredRole { state, role, scopes } = required;
    let caller = request.extensions().get::<CallerAddress>().copied();
    let header = authorization(&request);
    let permitted = match scopes.zip(header.and_then(bearer_token)) {
        Some((scopes, token)) => permit_token(&state, scopes.needed(&request), token, caller).await,
        None => permit(&state, role, caller, header).await,
    };
    match permitted {
        Ok(()) => serve(request, next).await,
        Err(refused) => refuse(&state, refused),
    }
}

/// The header `Authorization` of a request.
pub(super) fn authorization(request: &Request) -> Option<&[u8]> {
    request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes)
}

/// The token of a header `Authorization: Bearer` (RFC 6750), where it is one.
pub(super) fn bearer_token(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked(b"bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

/// Whether this API token, sent from the address `caller`, permits what needs a scope. Where no scope is enough, the
/// owner's password is needed.
pub(super) async fn permit_token(
    state: &ApiState,
    needed: Option<Scope>,
    token: &[u8],
    caller: Option<CallerAddress>,
) -> Result<(), ApiError> {
    state
        .authenticator
        .may_try(Nameless::ApiToken, caller)
        .map_err(|error| refusal(state, caller, &error))?;
    let scope = state.tokens.scope_of(state.deps.store.as_ref(), token).await;
    let Some(scope) = scope.map_err(|error| not_looked_up(state, &error))? else {
        state.authenticator.note_wrong(Nameless::ApiToken, caller);
        log_refusal(state, caller, &AuthError::Wrong);
        return Err(ApiError::new(ErrorCode::Unauthorized, "this token is wrong, or was revoked"));
    };
    let message = match needed {
        Some(needed) if scope.permits(needed) => return Ok(()),
        Some(_) => "this token is for `control`; this needs one for `everything`, or the owner's password",
        None => "no token opens this; it needs the owner's user name and password, by HTTP Basic",
    };
    Err(ApiError::new(ErrorCode::Forbidden, message))
}

/// The answer where it cannot be known what a token opens. A stranger may cause it: the log has a line a minute.
fn not_looked_up(state: &ApiState, error: &StoreError) -> ApiError {
    if let Some(kept_back) = state.log_limiter().admit("tokens unread", state.clock().now()) {
        tracing::error!(%error, kept_back, "the API tokens cannot be read");
    }
    let message = "the store does not say what this token opens; try again, or send the owner's password";
    ApiError::new(ErrorCode::StoreUnavailable, message)
}

/// Whether the pair in this header `Authorization`, sent from the address `caller`, permits a request.
pub(super) async fn permit(
    state: &ApiState,
    needed: Role,
    caller: Option<CallerAddress>,
    header: Option<&[u8]>,
) -> Result<(), ApiError> {
    match state.authenticator.check(header, caller).await {
        Ok(role) if role.permits(needed) => Ok(()),
        Ok(_) => Err(ApiError::new(
            ErrorCode::Forbidden,
            "these are Music Assistant's credentials; this needs the owner's",
        )),
        Err(error) => Err(refusal(state, caller, &error)),
    }
}

/// The answer to credentials that are not accepted, which the log mentions too.
pub(super) fn refusal(state: &ApiState, caller: Option<CallerAddress>, error: &AuthError) -> ApiError {
    log_refusal(state, caller, error);
    let now = state.clock().now();
    let (code, until) = match error {
        AuthError::Unavailable => (ErrorCode::CredentialsUnavailable, None),
        AuthError::TooMany(wait) => (ErrorCode::Throttled, Some(now.plus(*wait))),
        AuthError::Missing | AuthError::Wrong => (ErrorCode::Unauthorized, None),
    };
    let refused = ApiError::new(code, error.to_string());
    match until {
        Some(until) => refused.until(until, now),
        None => refused,
    }
}

/// Serves a request that is permitted.
pub(super) async fn serve(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.extensions_mut().insert(Proven);
    response
}

/// Answers a request that is not permitted, and counts it.
pub(super) fn refuse(state: &ApiState, refused: ApiError) -> Response {
    if refused.code() != ErrorCode::CredentialsUnavailable {
        state.metrics().count(&[Metric::AuthFailures], state.clock().now());
    }
    refused.into_response()
}

/// Logs the address that wrong passwords come from, so that a firewall can act on it. There is one line for each
/// address, kind and minute, with the number of lines that were kept back before it.
pub(crate) fn log_refusal(state: &ApiState, caller: Option<CallerAddress>, error: &AuthError) {
    let (kind, says) = match error {
        AuthError::Wrong => ("wrong", "a user name, a password, a token or a sign-in link was wrong"),
        AuthError::TooMany(_) => {
            ("too many", "too many user names, passwords, tokens or sign-in links were wrong")
        }
        AuthError::Missing | AuthError::Unavailable => return,
    };
    let caller = caller.map_or_else(|| "unknown".to_owned(), |caller| caller.to_string());
    let now = state.clock().now();
    if let Some(kept_back) = state.log_limiter().admit(&format!("{kind} password {caller}"), now) {
        tracing::warn!(caller, kept_back, "{says}");
    }
}
