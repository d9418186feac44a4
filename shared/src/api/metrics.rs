//! `GET /metrics`, for a Prometheus server.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use super::auth::Role;
use super::caller::CallerAddress;
use super::error::{self, ApiError, ErrorCode};
use super::require_role::{authorization, bearer_token, permit, permit_token, refusal, refuse, serve};
use super::responses::MetricsErrors;
use super::state::ApiState;
use crate::access::{ApiToken, Scope};
use crate::routing::routes;

/// The content type of the text format (Prometheus, "Exposition formats").
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The remedy for credentials that are missing or wrong.
const CURE: &str = "this needs the owner's user name and password, by HTTP Basic, or the token of METRICS_TOKEN or one \
                    of the settings page, as `Authorization: Bearer TOKEN`; what was sent is missing or wrong";

/// The route, behind the owner's password or a token.
pub(crate) fn routes(state: &ApiState) -> Router<ApiState> {
    let (routes, _) = open_routes().split_for_parts();
    routes
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(from_fn_with_state(state.clone(), require_reader))
}

/// The OpenAPI document of the route.
pub(crate) fn document() -> OpenApi {
    let mut document = open_routes().into_openapi();
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let schemes = &mut document.components.get_or_insert_default().security_schemes;
    schemes.insert("metrics_token".to_owned(), SecurityScheme::Http(token).into());
    document
}

fn open_routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Counts and durations since the start, in the text format of Prometheus.
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "server",
    responses(
        (status = 200, description = "The metrics", body = String, content_type = "text/plain; version=0.0.4"),
        MetricsErrors,
    ),
    security(("basic" = []), ("metrics_token" = []), ("token" = ["control"])),
)]
async fn metrics(State(state): State<ApiState>) -> Response {
    match state.metrics().exposition() {
        Some(text) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        None => error::not_found().await.into_response(),
    }
}

/// Passes on requests with a token or with the owner's pair.
async fn require_reader(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<CallerAddress>().copied();
    let header = authorization(&request);
    let permitted = match header.and_then(bearer_token) {
        Some(token) if ApiToken::is_shaped(token) => {
            permit_token(&state, Some(Scope::Control), token, caller).await
        }
        Some(token) => {
            let checked = state.authenticator.check_metrics_token(token, caller);
            checked.map_err(|error| refusal(&state, caller, &error))
        }
        None => permit(&state, Role::Owner, caller, header).await,
    };
    match permitted {
        Ok(()) => serve(request, next).await,
        Err(refused) if refused.code() == ErrorCode::Unauthorized => {
            refuse(&state, ApiError::new(ErrorCode::Unauthorized, CURE))
        }
        Err(refused) => refuse(&state, refused),
    }
}
