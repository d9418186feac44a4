//! The pages: setting up, how everything is, and the Echos.

use axum::Router;

use crate::api::ApiState;

/// The routes of the pages.
pub(crate) fn routes(_: &ApiState) -> Router<ApiState> {
    Router::new()
}
