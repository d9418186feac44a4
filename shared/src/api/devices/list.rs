//! The list of the devices.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::DevicesBody;
use crate::amazon::{Devices, Freshness};
use crate::api::amazon::amazon_error;
use crate::api::error::ApiError;
use crate::api::responses::AmazonReadErrors;
use crate::api::state::ApiState;

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DevicesQuery {
    /// Asks Amazon now, instead of telling what it listed within the last ten minutes.
    #[param(default = false)]
    #[serde(default)]
    refresh: bool,
}

/// The account's speakers, groups and pairs. Where Amazon does not answer, those that it listed before, and why.
#[utoipa::path(
    get, path = "/devices", operation_id = "devices", tag = "devices", params(DevicesQuery),
    security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "Sorted by name", body = DevicesBody), AmazonReadErrors)
)]
pub(super) async fn list(
    State(state): State<ApiState>,
    query: Result<Query<DevicesQuery>, QueryRejection>,
) -> Result<Json<DevicesBody>, ApiError> {
    let Query(query) = query.map_err(|_| ApiError::invalid("refresh: it has to be true or false"))?;
    let freshness = if query.refresh { Freshness::Now } else { Freshness::Cached };
    let devices = listed(&state, freshness).await?;
    let household = state.deps.store.household(state.clock().now()).await?;
    let problem = devices.problem.map(|error| amazon_error(&state, error).detail());
    Ok(Json(DevicesBody::new(&devices.list, &household, problem)))
}

/// The account's devices.
///
/// # Errors
/// When there is no list of them.
pub(crate) async fn listed(state: &ApiState, freshness: Freshness) -> Result<Devices, ApiError> {
    let account = state.account.clone();
    let devices = state.account.finish(async move { account.devices(freshness).await }).await;
    devices.map_err(|error| amazon_error(state, error))
}
