//! The newest activities.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::{ApiError, ErrorBody};
use super::state::ApiState;
use crate::playback::Household;
use crate::store::{Activity, ActivityKind};

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 200;

/// The newest activities.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActivityBody {
    /// Activities, newest first.
    pub activity: Vec<ActivityEntry>,
}

/// One thing that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActivityEntry {
    /// The time, RFC 3339 in UTC.
    pub at: String,
    /// The activity: its `kind`, and the members of that kind. An `echo` is the `name` of `/v1/echos`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub kind: ActivityKind,
}

impl From<Activity> for ActivityEntry {
    fn from(activity: Activity) -> Self {
        Self { at: activity.at.rfc3339(), kind: activity.kind }
    }
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ActivityQuery {
    /// Most entries, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

/// The activities of the last week, and the last ones of every player and Echo.
#[utoipa::path(
    get, path = "/activity", operation_id = "activity", tag = "activity", security(("basic" = []), ("token" = ["control"])),
    params(ActivityQuery),
    responses(
        (status = 200, description = "Newest first", body = ActivityBody),
        (status = 400, description = "invalid_request: limit is out of its range", body = ErrorBody),
        super::responses::ReadErrors,
    )
)]
pub(super) async fn list(
    State(state): State<ApiState>,
    query: Result<Query<ActivityQuery>, QueryRejection>,
) -> Result<Json<ActivityBody>, ApiError> {
    let limit = query
        .map(|Query(query)| query.limit.unwrap_or(DEFAULT_LIMIT))
        .ok()
        .filter(|limit| (1..=MAX_LIMIT).contains(limit))
        .ok_or_else(|| ApiError::invalid(format!("limit: it has to be a number from 1 to {MAX_LIMIT}")))?;
    let activity = recent(&state, limit).await?;
    Ok(Json(ActivityBody { activity: activity.into_iter().map(ActivityEntry::from).collect() }))
}

/// The activities of the last days, newest first.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn recent(state: &ApiState, limit: usize) -> Result<Vec<Activity>, ApiError> {
    let now = state.clock().now();
    let (kept, household) =
        tokio::try_join!(state.deps.store.recent(limit, now), state.deps.store.household(now))?;
    let mut activity: Vec<Activity> = kept.into_iter().chain(derived(&household)).collect();
    // What a newer release writes cannot be told.
    activity.retain(|entry| entry.kind != ActivityKind::Other);
    activity.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    activity.truncate(limit);
    Ok(activity)
}

/// Activities that follow from players and Echos, so that no play has to store them.
fn derived(household: &Household) -> impl Iterator<Item = Activity> {
    let reported = household.players.iter().filter_map(|player| {
        let effective = player.effective_report()?;
        // An Echo reports whole seconds of Amazon's clock, by which a report would come before what led to it.
        let at = effective.report.received_at.unwrap_or(effective.report.at);
        let error = effective.report.state.error().map(|error| error.kind.to_string());
        let kind = ActivityKind::Reported { player: player.player.clone(), state: effective.state(), error };
        Some(Activity { at, kind })
    });
    let requested = household.echos.iter().filter_map(|echo| {
        Some(Activity { at: echo.asked_at?, kind: ActivityKind::Asked { echo: echo.device.short_hash() } })
    });
    reported.chain(requested)
}
