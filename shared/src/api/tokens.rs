//! API tokens: making, listing and revoking them. All of it needs the owner's password.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::JsonBody;
use super::error::{ApiError, ErrorBody, ErrorCode};
use super::players::path_text;
use super::state::ApiState;
use crate::access::{self, MadeToken, NoToken, Scope, StoredToken, TokenSpec};

/// All tokens.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TokensBody {
    /// The tokens, oldest first.
    pub tokens: Vec<TokenBody>,
}

/// A token, without the secret itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TokenBody {
    /// Its id.
    #[schema(example = "k3vq7m2p")]
    pub id: String,
    /// Its name.
    #[schema(example = "Home Assistant")]
    pub name: String,
    /// The operations that it opens.
    pub scope: Scope,
    /// The time at which it was made, RFC 3339 in UTC.
    pub made_at: String,
    /// The day of its last use in UTC, such as `2026-11-30`; null where it was never used.
    pub used_on: Option<String>,
}

/// A token that is to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewTokenBody {
    /// Its name, which no other token has.
    #[schema(max_length = 64)]
    name: String,
    /// The operations that it is to open.
    scope: Scope,
}

/// A token that was just made.
#[derive(Clone, Serialize, ToSchema)]
pub struct MadeTokenBody {
    /// The token, which is shown in this answer alone. Send it as `Authorization: Bearer TOKEN`.
    #[schema(example = "maa_4fqz7k2m4fqz7k2m4fqz7k2m4fqz7k2m")]
    token: String,
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// The operations that it opens.
    scope: Scope,
    /// The time at which it was made, RFC 3339 in UTC.
    made_at: String,
}

impl From<&StoredToken> for TokenBody {
    fn from(token: &StoredToken) -> Self {
        Self {
            id: token.id.clone(),
            name: token.name.clone(),
            scope: token.scope,
            made_at: token.made_at.rfc3339(),
            used_on: token.used_on(),
        }
    }
}

/// The tokens: names, scopes, and when each was used last. The secrets themselves are kept nowhere.
#[utoipa::path(
    get, path = "/tokens", operation_id = "tokens", tag = "tokens", security(("basic" = [])),
    responses((status = 200, description = "Oldest first", body = TokensBody), super::responses::ReadErrors)
)]
pub(super) async fn list(State(state): State<ApiState>) -> Result<Json<TokensBody>, ApiError> {
    let tokens = access::list(state.deps.store.as_ref()).await?;
    Ok(Json(TokensBody { tokens: tokens.iter().map(TokenBody::from).collect() }))
}

/// Makes a token for a script. There are 16 at most.
#[utoipa::path(
    post, path = "/tokens", operation_id = "make_token", tag = "tokens", request_body = NewTokenBody,
    security(("basic" = [])),
    responses(
        (status = 200, description = "The token", body = MadeTokenBody),
        (status = 409, description = "too_many_tokens: there are 16 already", body = ErrorBody),
        super::responses::WriteErrors,
    )
)]
pub(super) async fn make(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<NewTokenBody>,
) -> Result<Json<MadeTokenBody>, ApiError> {
    let MadeToken { token, stored } = make_token(&state, body.name, body.scope).await?;
    Ok(Json(MadeTokenBody {
        token: token.text().to_owned(),
        id: stored.id,
        name: stored.name,
        scope: stored.scope,
        made_at: stored.made_at.rfc3339(),
    }))
}

/// Revokes a token. It opens nothing any more; other processes over the same store see that within five seconds.
#[utoipa::path(
    delete, path = "/tokens/{id}", operation_id = "revoke_token", tag = "tokens", security(("basic" = [])),
    params(("id" = String, Path, description = "The token's id")),
    responses(
        (status = 200, description = "The token as it was", body = TokenBody),
        (status = 400, description = "invalid_request: the id is not UTF-8", body = ErrorBody),
        (status = 404, description = "token_unknown: no token has this id", body = ErrorBody),
        super::responses::ReadErrors,
    )
)]
pub(super) async fn revoke(
    State(state): State<ApiState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<TokenBody>, ApiError> {
    let revoked = revoke_token(&state, &path_text(id)?).await?;
    Ok(Json(TokenBody::from(&revoked)))
}

/// Makes a token.
///
/// # Errors
/// When the name is taken or no name, there are too many, or the store does not answer.
pub(crate) async fn make_token(state: &ApiState, name: String, scope: Scope) -> Result<MadeToken, ApiError> {
    let (store, new) = (state.deps.store.as_ref(), TokenSpec { name, scope });
    let made = access::make(store, state.random(), &new, state.clock().now()).await;
    state.tokens.forget().await;
    let made = made.map_err(not_made)?;
    tracing::info!(id = made.stored.id, scope = ?made.stored.scope, "an API token was made");
    Ok(made)
}

/// Revokes a token, and returns it as it was.
///
/// # Errors
/// When there is no such token, or the store does not answer.
pub(crate) async fn revoke_token(state: &ApiState, id: &str) -> Result<StoredToken, ApiError> {
    let revoked = access::revoke(state.deps.store.as_ref(), id).await;
    // Also after a failure: it may be revoked all the same.
    state.tokens.forget().await;
    let unknown =
        || ApiError::new(ErrorCode::TokenUnknown, "no token has this id; GET /v1/tokens lists them");
    let revoked = revoked?.ok_or_else(unknown)?;
    tracing::info!(id = revoked.id, "an API token was revoked");
    Ok(revoked)
}

fn not_made(error: NoToken) -> ApiError {
    let message = error.to_string();
    match error {
        NoToken::Name => ApiError::invalid(message).shown_as(Some("token-name-wrong")),
        NoToken::NameTaken => ApiError::invalid(message).shown_as(Some("token-name-taken")),
        NoToken::TooMany => ApiError::new(ErrorCode::TooManyTokens, message),
        NoToken::Store(error) => error.into(),
        NoToken::NoRandomness(error) => {
            tracing::error!(%error, "no API token was made");
            ApiError::internal()
        }
    }
}
