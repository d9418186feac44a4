//! The address of the door, and the ways to it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::JsonBody;
use super::error::{ApiError, ErrorCode};
use super::state::ApiState;
use crate::config::{BaseUrl, Setting, Settings};
use crate::store::StoreError;
use crate::task::run_to_completion;
use crate::ways::WayFound;
use crate::ways::tailscale::TailscaleProblem;

/// The door, and what can let it out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DoorBody {
    /// The public address of the door; null where none is set.
    #[schema(example = "https://kitchen.tail1234.ts.net")]
    pub door_url: Option<String>,
    /// The ways that are known, whether their programs are on this machine or not. Functions in AWS have none.
    pub ways: Vec<WayFound>,
}

/// A request to turn Funnel on, without parameters.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[schema(as = FunnelWish)]
pub struct FunnelRequest {}

/// The address of the door, and the ways to it, as they were at most ten seconds ago.
#[utoipa::path(
    get, path = "/door", operation_id = "door", tag = "door", security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The door", body = DoorBody), super::responses::ReadErrors)
)]
pub(super) async fn get(State(state): State<ApiState>) -> Result<Json<DoorBody>, ApiError> {
    Ok(Json(body(&state).await?))
}

/// Lets the door out by Funnel of Tailscale, for good, and saves its address as `DOOR_URL`.
#[utoipa::path(
    post, path = "/door/funnel", operation_id = "turn_funnel_on", tag = "door", request_body = FunnelRequest,
    security(("basic" = []), ("token" = ["everything"])),
    responses(
        (status = 200, description = "Funnel leads to the door", body = DoorBody),
        super::responses::DoorErrors,
    )
)]
pub(super) async fn turn_funnel_on(
    State(state): State<ApiState>,
    JsonBody(FunnelRequest {}): JsonBody<FunnelRequest>,
) -> Result<Json<DoorBody>, ApiError> {
    let_out_by_funnel(&state).await?;
    Ok(Json(body(&state).await?))
}

/// The reason why Funnel does not let the door out, or its address is not saved.
#[derive(Clone, Debug)]
pub(crate) enum FunnelError {
    /// Tailscale does not lead to the door.
    Refused(TailscaleProblem),
    /// Everything else.
    Other(ApiError),
}

/// Turns Funnel on for the door, and saves its address as `DOOR_URL`.
pub(crate) async fn let_out_by_funnel(state: &ApiState) -> Result<BaseUrl, FunnelError> {
    let state = state.clone();
    // To its end, although the caller may go: an open door without its address would be of no use.
    let done = run_to_completion(async move {
        let url = state.ways.turn_funnel_on().await.map_err(FunnelError::Refused)?;
        let door_url = url.clone();
        let change =
            move |settings: &mut Settings| settings.door_url = Some(Setting::Value(door_url.clone()));
        state.change_settings(Arc::new(change)).await?;
        state.forget_report().await?;
        Ok(url)
    });
    done.await.unwrap_or_else(|| Err(FunnelError::Other(ApiError::internal())))
}

impl From<StoreError> for FunnelError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<FunnelError> for ApiError {
    fn from(error: FunnelError) -> Self {
        match error {
            FunnelError::Refused(problem) => Self::new(ErrorCode::FunnelRefused, problem.to_string()),
            FunnelError::Other(error) => error,
        }
    }
}

async fn body(state: &ApiState) -> Result<DoorBody, ApiError> {
    let door = state.effective().await?.streams.door.clone();
    Ok(DoorBody { door_url: door.map(|url| url.to_string()), ways: state.ways.found().await })
}
