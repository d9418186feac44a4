//! `GET /`.

use axum::extract::State;
use axum::response::Redirect;

use super::error::PageError;
use crate::api::ApiState;

/// To the setup until music has been pushed and an Echo has asked for it, and to the status from then on.
pub(super) async fn home(State(state): State<ApiState>) -> Result<Redirect, PageError> {
    let household = state.deps.store.household(state.clock().now()).await?;
    let is_running = !household.players.is_empty() && !household.echos.is_empty();
    Ok(Redirect::to(if is_running { "/status" } else { "/setup" }))
}
