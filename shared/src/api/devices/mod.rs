//! The devices of the Amazon account, and everything that can be done with them.

mod body;
mod control;
mod identify;
mod play_media;
mod state;
mod test;
mod trial_body;
mod trial_tones;
mod volume;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::amazon::amazon_error;
use super::error::ApiError;
use super::players::path_text;
use super::state::ApiState;
use crate::amazon::{Devices, Freshness};

pub use body::{DeviceBody, DevicesBody, OutcomeBody, OutcomesBody};
pub use control::{AnnounceBody, DoNotDisturbBody, PlaybackBody, PlaybackCommand, TextBody};
pub(crate) use control::{speak_on, transport_on};
pub(crate) use identify::identify_devices;
pub use identify::{IdentifiedBody, IdentifyAllBody, IdentifyBody, IdentifyResultBody, ToldResult};
pub(crate) use play_media::play_target;
pub use play_media::{PlayMediaBody, PlayMediaResult, PlayedMediaBody};
pub(super) use state::of_amazon;
pub use state::{DeviceStateBody, PlaybackStateBody, QuietBody, VolumeStateBody};
pub use test::TestBody;
pub(crate) use test::{cancel_trial, test_device};
pub use trial_body::{
    FormBody, LastTrialBody, LeftOutBody, PlayedToneBody, ToneBody, ToneRequestBody, ToneResult, TrialBody,
};
pub(crate) use trial_tones::tone_line;
pub use volume::{VolumeBody, VolumeOutcomeBody, VolumeOutcomesBody, VolumesBody};
pub(crate) use volume::{change_volume, change_volumes};

/// Longest serial number that is taken, in characters. Amazon's have up to 32.
const MAX_SERIAL: usize = 64;

/// The routes under `/v1`.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(state::get))
        .routes(routes!(control::playback))
        .routes(routes!(control::text))
        .routes(routes!(control::speak))
        .routes(routes!(control::announce))
        .routes(routes!(control::do_not_disturb))
        .routes(routes!(volume::one))
        .routes(routes!(volume::several))
        .routes(routes!(identify::one))
        .routes(routes!(identify::several))
        .routes(routes!(play_media::play_media))
        .routes(routes!(test::start, test::last, test::cancel))
}

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
    responses((status = 200, description = "Sorted by name", body = DevicesBody), super::responses::AmazonReadErrors)
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

/// The serial number in a path.
fn serial(text: Result<Path<String>, PathRejection>) -> Result<String, ApiError> {
    let serial = path_text(text)?;
    check_serial(&serial)?;
    Ok(serial)
}

fn check_serial(serial: &str) -> Result<(), ApiError> {
    let is_one = !serial.is_empty() && serial.len() <= MAX_SERIAL;
    if is_one && serial.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
        return Ok(());
    }
    Err(ApiError::invalid("a serial number has up to 64 letters and digits; GET /v1/devices lists them"))
}

/// The serial numbers in a body.
pub(super) fn check_serials<'a>(
    serials: impl IntoIterator<Item = &'a String, IntoIter: ExactSizeIterator>,
) -> Result<(), ApiError> {
    const MOST: usize = 100;
    let mut serials = serials.into_iter();
    if serials.len() > MOST {
        return Err(ApiError::invalid(format!("devices: at most {MOST} at once")));
    }
    serials.try_for_each(|serial| check_serial(serial))
}
