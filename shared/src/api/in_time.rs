//! Every request has an answer in time.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::error::{ApiError, ErrorCode};
use crate::deadline::Deadline;

/// Answers within [`REQUEST`](crate::deadline::REQUEST). What is asked for a request ends before that by itself and says more; this is for
/// everything else.
pub async fn in_time(request: Request, next: Next) -> Response {
    match Deadline::of_request().limit(next.run(request)).await {
        Ok(response) => response,
        Err(_) => too_late().into_response(),
    }
}

/// For a request that was not done in time.
pub(crate) fn too_late() -> ApiError {
    let message =
        "this took too long and was given up; it may be done all the same. The log says who did not answer";
    ApiError::new(ErrorCode::TookTooLong, message)
}
