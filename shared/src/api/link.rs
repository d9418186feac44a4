//! Sign-in links by the API, for programs that lead their owner to the pages.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{EmptyBody, JsonBody};
use super::error::ApiError;
use super::state::ApiState;
use crate::access::{LINK_LASTS, LinkError, make_sign_in_link};

/// A link that signs the owner in once.
#[derive(Clone, Serialize, ToSchema)]
pub struct SignInLinkBody {
    /// Its path, to be put behind an address of the pages.
    #[schema(example = "/link/4fqz-7k2m-4fqz-7k2m")]
    path: String,
    /// The time until which it works, RFC 3339 in UTC.
    until: String,
}

/// Makes a link that signs a browser in as the owner, once and within 15 minutes.
#[utoipa::path(
    post, path = "/link", operation_id = "make_link", tag = "server", request_body = EmptyBody,
    security(("basic" = [])),
    responses((status = 200, description = "The link", body = SignInLinkBody), super::responses::WriteErrors)
)]
pub(super) async fn make(
    State(state): State<ApiState>,
    JsonBody(EmptyBody {}): JsonBody<EmptyBody>,
) -> Result<Json<SignInLinkBody>, ApiError> {
    let now = state.clock().now();
    let link = make_sign_in_link(state.deps.store.as_ref(), state.random(), now).await;
    let link = link.map_err(|error| match error {
        LinkError::Store(error) => error.into(),
        LinkError::NoRandomness(error) => {
            tracing::error!(%error, "no sign-in link was made");
            ApiError::internal()
        }
    })?;
    tracing::info!("a sign-in link was made by the API");
    Ok(Json(SignInLinkBody { path: link.path(), until: now.plus(LINK_LASTS).rfc3339() }))
}
