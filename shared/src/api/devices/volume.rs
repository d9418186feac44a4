//! Volumes.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::OutcomeBody;
use super::serial::{check_serial, check_serials, serial};
use crate::amazon::{CommandOutcome, VolumeChange, VolumeOutcome};
use crate::api::amazon::amazon_error;
use crate::api::body::JsonBody;
use crate::api::error::ApiError;
use crate::api::responses::AmazonWriteErrors;
use crate::api::state::ApiState;

/// Change of a volume: one of the three.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub struct VolumeBody {
    /// To this, 0 to 100.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100, example = 35)]
    pub volume: Option<i64>,
    /// By so much, -100 to 100.
    #[serde(default)]
    #[schema(minimum = -100, maximum = 100)]
    pub step: Option<i64>,
    /// To nothing, or back to what it was before that.
    #[serde(default)]
    pub muted: Option<bool>,
}

/// Change of the volumes of several devices.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct VolumesBody {
    /// Serial numbers of devices, groups and pairs; every Echo where it is left out or empty.
    #[serde(default)]
    pub devices: Vec<String>,
    /// Change of the volume.
    #[serde(flatten)]
    pub change: VolumeBody,
}

/// Outcome of a volume change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VolumeOutcomeBody {
    /// The device and its outcome.
    #[serde(flatten)]
    pub outcome: OutcomeBody,
    /// The volume that was sent last, 0 to 100; null where none was. Of several changes within a second only the
    /// last one is sent, and all of them answer with it.
    pub volume: Option<u8>,
}

/// Outcomes of volume changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VolumeOutcomesBody {
    /// One for each device; the members of groups and pairs, and not these.
    pub devices: Vec<VolumeOutcomeBody>,
}

/// Changes the volume of a device; of every member of a group, in one request.
#[utoipa::path(
    put, path = "/devices/{serial}/volume", operation_id = "device_volume", tag = "devices",
    params(("serial" = String, Path, description = "The device's serial number", max_length = 64)),
    request_body = VolumeBody, security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The outcome", body = VolumeOutcomesBody), AmazonWriteErrors)
)]
pub(super) async fn one(
    State(state): State<ApiState>,
    path: Result<Path<String>, PathRejection>,
    JsonBody(body): JsonBody<VolumeBody>,
) -> Result<Json<VolumeOutcomesBody>, ApiError> {
    change_volume(&state, &serial(path)?, body).await.map(Json)
}

/// Changes the volumes of several devices in one request.
#[utoipa::path(
    put, path = "/devices/volume", operation_id = "volumes", tag = "devices",
    request_body = VolumesBody, security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The outcome of each", body = VolumeOutcomesBody), AmazonWriteErrors)
)]
pub(super) async fn several(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<VolumesBody>,
) -> Result<Json<VolumeOutcomesBody>, ApiError> {
    check_serials(&body.devices)?;
    let outcomes = change_volumes(&state, body.devices, change(body.change)?).await?;
    answer(&state, outcomes).map(Json)
}

/// Changes the volume of one device.
///
/// # Errors
/// When it was changed nowhere.
pub(crate) async fn change_volume(
    state: &ApiState,
    serial: &str,
    body: VolumeBody,
) -> Result<VolumeOutcomesBody, ApiError> {
    check_serial(serial)?;
    let outcomes = change_volumes(state, vec![serial.to_owned()], change(body)?).await?;
    answer(state, outcomes)
}

/// Changes the volumes of devices.
///
/// # Errors
/// When nothing was changed anywhere.
pub(crate) async fn change_volumes(
    state: &ApiState,
    serials: Vec<String>,
    change: VolumeChange,
) -> Result<Vec<VolumeOutcome>, ApiError> {
    let (account, locale) = (state.account.clone(), state.effective().await?.speech.locale);
    state
        .account
        .finish(async move { account.change_volumes(&serials, change, locale.as_str()).await })
        .await
        .map_err(|error| amazon_error(state, error))
}

/// Answer to a change on several devices; an error where no device was changed.
fn answer(state: &ApiState, mut outcomes: Vec<VolumeOutcome>) -> Result<VolumeOutcomesBody, ApiError> {
    let failed = |outcome: &VolumeOutcome| matches!(outcome.device.outcome, CommandOutcome::Failed(_));
    if outcomes.iter().all(failed)
        && let Some(VolumeOutcome { device, .. }) = outcomes.pop()
        && let CommandOutcome::Failed(error) = device.outcome
    {
        return Err(amazon_error(state, error));
    }
    let devices = outcomes.into_iter().map(|VolumeOutcome { device, volume }| VolumeOutcomeBody {
        outcome: OutcomeBody::new(state, device),
        volume,
    });
    Ok(VolumeOutcomesBody { devices: devices.collect() })
}

fn change(body: VolumeBody) -> Result<VolumeChange, ApiError> {
    let invalid = ApiError::invalid;
    match (body.volume, body.step, body.muted) {
        (Some(volume), None, None) => match u8::try_from(volume) {
            Ok(volume) if volume <= 100 => Ok(VolumeChange::To(volume)),
            _ => Err(invalid("volume: it has to be a number from 0 to 100")),
        },
        (None, Some(step), None) => match i8::try_from(step) {
            Ok(step) if (-100..=100).contains(&step) => Ok(VolumeChange::By(step)),
            _ => Err(invalid("step: it has to be a number from -100 to 100")),
        },
        (None, None, Some(true)) => Ok(VolumeChange::Mute),
        (None, None, Some(false)) => Ok(VolumeChange::Unmute),
        _ => Err(invalid("exactly one of volume, step and muted has to be there")),
    }
}
