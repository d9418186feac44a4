//! The backup of a server at home, as a download.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::error::{ApiError, ErrorBody, ErrorCode};
use super::state::ApiState;
use crate::backup::{self, BackupError};

/// The state and all secrets in one file, as `ma-alexa backup` makes it. It opens the Amazon account.
#[utoipa::path(
    get, path = "/backup", operation_id = "backup", tag = "server", security(("basic" = [])),
    responses(
        (status = 200, description = "The backup", body = Vec<u8>, content_type = "application/vnd.sqlite3"),
        (status = 404, description = "no_backup: no server at home, or more than 64 MiB", body = ErrorBody),
        super::responses::ReadErrors,
    )
)]
pub(super) async fn get(State(state): State<ApiState>) -> Result<Response, ApiError> {
    backup_file(&state).await
}

/// The backup as a download.
///
/// # Errors
/// When this is no server at home, or the state cannot be read.
pub(crate) async fn backup_file(state: &ApiState) -> Result<Response, ApiError> {
    let missing = "this deployment keeps its state in AWS, which has backups of its own";
    let places = state.places().ok_or_else(|| ApiError::new(ErrorCode::NoBackup, missing))?;
    let now = state.clock().now();
    let made = tokio::task::spawn_blocking(move || backup::to_bytes(&places, now)).await;
    let bytes = made.map_err(|_| ApiError::internal())?.map_err(|error| not_made(&error))?;
    let name = format!("ma-alexa-{}.backup", now.rfc3339().split('T').next().unwrap_or_default());
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.sqlite3".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

fn not_made(error: &BackupError) -> ApiError {
    match error {
        BackupError::NotAtHome(_) | BackupError::NoState(_) | BackupError::TooLarge => {
            ApiError::new(ErrorCode::NoBackup, error.to_string())
        }
        _ => {
            tracing::error!(%error, "no backup was made");
            ApiError::internal()
        }
    }
}
