//! Identification: finds the device of the account that an Echo is.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::serial::{check_serials, serial};
use crate::amazon::{Identification, IdentifyOutcome};
use crate::api::amazon::amazon_error;
use crate::api::body::JsonBody;
use crate::api::error::{ApiError, ErrorCode, ErrorDetail};
use crate::api::responses::AmazonWriteErrors;
use crate::api::state::ApiState;

/// Default and longest wait for an Echo, in milliseconds.
pub(super) const LONGEST_WAIT_MS: u64 = 12_000;

/// Time that an Echo may take.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub struct IdentifyBody {
    /// Time to wait for the Echo, in milliseconds, up to 12000.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 12000, default = 12000)]
    pub wait_ms: Option<u64>,
}

/// Echos to identify.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct IdentifyAllBody {
    /// Serial numbers of Echos and pairs; where it is left out or empty, every pair and every Echo that is in none.
    #[serde(default)]
    pub devices: Vec<String>,
    /// Time to wait for them, in milliseconds, up to 12000.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 12000, default = 12000)]
    pub wait_ms: Option<u64>,
}

/// The results of an identification.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentifiedBody {
    /// One for each device, sorted by name.
    pub devices: Vec<IdentifyResultBody>,
}

/// The result of a device's identification.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentifyResultBody {
    /// The device's serial number.
    pub serial: String,
    /// Its name, and that of its player.
    pub name: String,
    /// Whether it did.
    pub result: IdentifyResult,
    /// The Echo's name in `/v1/activity`.
    pub echo: Option<String>,
    /// Time of the identification, RFC 3339 in UTC.
    pub at: Option<String>,
    /// Reason why it was not identified.
    pub error: Option<ErrorDetail>,
}

/// The result of a device's identification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ToldResult)]
pub enum IdentifyResult {
    /// It did, and serves the player of its name.
    Paired,
    /// It should have used the skill and never did.
    NeverAsked,
    /// Its challenge was not sent.
    Failed,
}

/// Advice where an Echo never sent a request.
pub(super) const NEVER_ASKED: &str = "The Echo got the sentence, and never called the skill. Check that the skill is enabled \
    on the account of this Echo, that it has the Echo's language, that its name is the one set here, and that its \
    model is the newest";

/// Pairs an Echo with the player of its name, without a sound: it is made to say a one-time code.
#[utoipa::path(
    post, path = "/devices/{serial}/identify", operation_id = "identify_device", tag = "devices",
    params(("serial" = String, Path, description = "The device's serial number", max_length = 64)),
    request_body = IdentifyBody, security(("basic" = []), ("token" = ["everything"])),
    responses((status = 200, description = "The result", body = IdentifyResultBody), AmazonWriteErrors)
)]
pub(super) async fn one(
    State(state): State<ApiState>,
    path: Result<Path<String>, PathRejection>,
    JsonBody(body): JsonBody<IdentifyBody>,
) -> Result<Json<IdentifyResultBody>, ApiError> {
    let serial = serial(path)?;
    let mut identified = identify(&state, vec![serial], wait(body.wait_ms)?).await?;
    let identified = identified.pop().ok_or_else(ApiError::internal)?;
    Ok(Json(result(&state, identified)))
}

/// Pairs every Echo and every stereo pair of the house with the player of its name, or those that are named.
#[utoipa::path(
    post, path = "/devices/identify", operation_id = "identify_devices", tag = "devices",
    request_body = IdentifyAllBody, security(("basic" = []), ("token" = ["everything"])),
    responses((status = 200, description = "The results", body = IdentifiedBody), AmazonWriteErrors)
)]
pub(super) async fn several(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<IdentifyAllBody>,
) -> Result<Json<IdentifiedBody>, ApiError> {
    identify_devices(&state, body).await.map(Json)
}

/// Pairs those that are named, or every Echo and pair, with the players of their names.
///
/// # Errors
/// When no Echo got its word.
pub(crate) async fn identify_devices(
    state: &ApiState,
    body: IdentifyAllBody,
) -> Result<IdentifiedBody, ApiError> {
    check_serials(&body.devices)?;
    let identified = identify(state, body.devices, wait(body.wait_ms)?).await?;
    let devices = identified.into_iter().map(|one| result(state, one)).collect();
    Ok(IdentifiedBody { devices })
}

async fn identify(
    state: &ApiState,
    serials: Vec<String>,
    wait: Duration,
) -> Result<Vec<Identification>, ApiError> {
    let (account, speech) = (state.account.clone(), state.effective().await?.speech.clone());
    state
        .account
        .finish(async move { account.identify(&serials, &speech, wait).await })
        .await
        .map_err(|error| amazon_error(state, error))
}

fn result(state: &ApiState, Identification { device, outcome }: Identification) -> IdentifyResultBody {
    let mut body = IdentifyResultBody {
        serial: device.serial,
        name: device.name,
        result: IdentifyResult::Paired,
        echo: None,
        at: None,
        error: None,
    };
    match outcome {
        IdentifyOutcome::Paired { echo, at } => {
            body.echo = Some(echo);
            body.at = Some(at.rfc3339());
        }
        IdentifyOutcome::NeverAsked => {
            body.result = IdentifyResult::NeverAsked;
            body.error = Some(ApiError::new(ErrorCode::NeverAsked, NEVER_ASKED).detail());
        }
        IdentifyOutcome::Failed(error) => {
            body.result = IdentifyResult::Failed;
            body.error = Some(amazon_error(state, error).detail());
        }
    }
    body
}

/// A wait that a client may ask for.
pub(super) fn wait(millis: Option<u64>) -> Result<Duration, ApiError> {
    match millis.unwrap_or(LONGEST_WAIT_MS) {
        millis if millis <= LONGEST_WAIT_MS => Ok(Duration::from_millis(millis)),
        _ => Err(ApiError::invalid(format!("wait_ms: it has to be a number from 0 to {LONGEST_WAIT_MS}"))),
    }
}
