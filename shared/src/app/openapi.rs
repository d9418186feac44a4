//! OpenAPI document, made from the code.

use std::sync::LazyLock;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi};
use utoipa::{PartialSchema as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use crate::api::{self, ApiState, ErrorBody, ErrorCode, ErrorDetail, PlainErrorBody};
use crate::routing::routes;

static DOCUMENT: LazyLock<Bytes> =
    LazyLock::new(|| Bytes::from(serde_json::to_vec(&document()).unwrap_or_default()));

/// The document where the metrics are exposed.
#[cfg(feature = "prometheus")]
static WITH_METRICS: LazyLock<Bytes> = LazyLock::new(|| {
    let mut whole = document();
    whole.merge(api::metrics::document());
    Bytes::from(serde_json::to_vec(&whole).unwrap_or_default())
});

/// The answer of a server that runs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct HealthBody {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// The release.
    version: &'static str,
}

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(openapi_json))
}

/// Whether the server runs. Asks nothing of the store.
#[utoipa::path(
    get, path = "/healthz", operation_id = "healthz", tag = "server",
    responses((status = 200, description = "It runs", body = HealthBody))
)]
async fn healthz() -> Json<HealthBody> {
    Json(HealthBody { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// This document.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "openapi", tag = "server",
    responses((status = 200, description = "The OpenAPI document", body = Object, content_type = "application/json"))
)]
async fn openapi_json(State(state): State<ApiState>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], json_of(&state)).into_response()
}

/// The document of the routes that are served with `state`.
fn json_of(state: &ApiState) -> Bytes {
    #[cfg(feature = "prometheus")]
    if state.metrics().are_exposed() {
        return WITH_METRICS.clone();
    }
    // Without the feature, all states have the same routes.
    let _ = state;
    DOCUMENT.clone()
}

/// The OpenAPI document of everything that [`super::router`] serves, but `/metrics`.
#[must_use]
pub fn document() -> OpenApi {
    let mut document = api::document();
    document.merge(routes().into_openapi());
    document.info = InfoBuilder::new()
        .title("Music Assistant for Alexa")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(description()))
        .build();
    let errors = ComponentsBuilder::new()
        .schema(ErrorBody::name(), ErrorBody::schema())
        .schema(ErrorDetail::name(), ErrorDetail::schema())
        .schema(ErrorCode::name(), ErrorCode::schema())
        .schema(PlainErrorBody::name(), PlainErrorBody::schema())
        .security_scheme(
            "basic",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Basic).build()),
        )
        .security_scheme(
            api::TOKEN_SCHEME,
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .description(Some(
                        "A token of the settings page or of POST /v1/tokens. One for `everything` opens what needs \
                         `control`, too",
                    ))
                    .build(),
            ),
        )
        .build();
    let components = document.components.get_or_insert_default();
    components.schemas.extend(errors.schemas);
    components.security_schemes.extend(errors.security_schemes);
    document
}

fn description() -> String {
    let codes = ErrorCode::ALL.map(|code| {
        let status = code.status().as_u16();
        format!("* `{}` ({status}): {}", code.as_str(), code.description())
    });
    format!(
        "What Music Assistant, people and scripts call. The credentials of `owner` open everything, those of \
         `music-assistant` only /ma and /alexa, and a token what names its scope. The codes of errors:\n\n{}",
        codes.join("\n")
    )
}
