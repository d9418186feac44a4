//! One call that plays, and reports the outcome.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{self, RefOr};
use utoipa::{IntoResponses, ToSchema};

use super::identify::{NEVER_ASKED, wait};
use super::serial::serial;
use crate::amazon::{PlayOutcome, PlayTarget};
use crate::api::amazon::amazon_error;
use crate::api::body::JsonBody;
use crate::api::error::{ApiError, ErrorCode, ErrorDetail};
use crate::api::ma::{self, PushBody};
use crate::api::playback_errors::explain;
use crate::api::responses::describe;
use crate::api::state::{ApiState, RequestContext};
use crate::clock::Timestamp;

/// Media to play.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct PlayMediaBody {
    /// The stream and its names, as Music Assistant pushes them.
    #[serde(flatten)]
    pub media: PushBody,
    /// Time to wait for the Echo, in milliseconds, up to 12000.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 12000, default = 12000)]
    pub wait_ms: Option<u64>,
}

/// The outcome of a play.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlayedMediaBody {
    /// The outcome.
    pub result: PlayMediaResult,
    /// The device's serial number.
    pub serial: String,
    /// Its player; see `/v1/players`.
    pub player: String,
    /// The version of the player that the stream is.
    pub version: u64,
    /// Since when it plays, or when the Echo asked; RFC 3339 in UTC.
    pub at: Option<String>,
    /// Reason why it does not play.
    pub error: Option<ErrorDetail>,
}

/// The outcome of a play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlayMediaResult {
    /// The Echo says that it plays.
    Playing,
    /// The Echo asked and was answered, and has not reported since.
    Starting,
    /// The Echo could not play it.
    Failed,
    /// The Echo should have used the skill and never did.
    NeverAsked,
    /// Amazon did not make it ask.
    Refused,
}

/// Responses of a failed play: the outcome where the stream was stored, else only the error.
struct PlayErrors;

impl IntoResponses for PlayErrors {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        use ErrorCode::{
            AmazonChanged, AmazonUnavailable, BodyTooLarge, CredentialsUnavailable, DeviceOffline,
            DeviceUnknown, Forbidden, Internal, InvalidRequest, MethodNotAllowed, NeverAsked,
            NotControllable, NotSignedIn, PlaybackFailed, SessionRefused, SignInAgain, StoreFull,
            StoreUnavailable, Throttled, TookTooLong, Unauthorized, UnsupportedMediaType,
        };
        let either = [
            NotSignedIn,
            SignInAgain,
            SessionRefused,
            DeviceOffline,
            NotControllable,
            Throttled,
            AmazonChanged,
            AmazonUnavailable,
            PlaybackFailed,
            NeverAsked,
            CredentialsUnavailable,
            StoreFull,
            StoreUnavailable,
            TookTooLong,
            Internal,
        ];
        let only = [
            DeviceUnknown,
            InvalidRequest,
            Unauthorized,
            Forbidden,
            MethodNotAllowed,
            BodyTooLarge,
            UnsupportedMediaType,
        ];
        let mut responses = describe(&only, &["ErrorBody"]);
        responses.extend(describe(&either, &["ErrorBody", "PlayedMediaBody"]));
        responses
    }
}

/// Plays a stream on a device, and waits for the Echo's own report. The stream is that of the player with the device's
/// name from then on, even if its address names another player.
#[utoipa::path(
    post, path = "/devices/{serial}/play-media", operation_id = "play_media", tag = "devices",
    params(("serial" = String, Path, description = "The device's serial number", max_length = 64)),
    request_body = PlayMediaBody, security(("basic" = []), ("token" = ["control"])),
    responses(
        (status = 200, description = "playing: the Echo says that it plays", body = PlayedMediaBody),
        (status = 202, description = "starting: the Echo asked, was answered, and has not reported since",
         body = PlayedMediaBody),
        PlayErrors,
    )
)]
pub(super) async fn play_media(
    State(state): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    path: Result<Path<String>, PathRejection>,
    JsonBody(body): JsonBody<PlayMediaBody>,
) -> Result<Response, ApiError> {
    let (serial, wait) = (serial(path)?, wait(body.wait_ms)?);
    // It makes the Echo ask in any case.
    let media = PushBody { can_skip_speech: None, ..body.media };
    let target = play_target(&state, serial).await?;
    let push = ma::push(&state, context, ma::stream(&media)?, media, Some(target.player())).await?;
    let version = ma::take_push(&state, push).await?.version;
    let (account, speech) = (state.account.clone(), state.effective().await?.speech.clone());
    let requested = target.clone();
    let played = state
        .account
        .finish(async move { account.play(&requested, version, &speech, wait).await })
        .await
        .map_err(|error| amazon_error(&state, error))?;
    let (result, at, error) = outcome(&state, played);
    let status = match (&error, result) {
        (Some(error), _) => error.code().status(),
        (None, PlayMediaResult::Starting) => StatusCode::ACCEPTED,
        (None, _) => StatusCode::OK,
    };
    let body = PlayedMediaBody {
        result,
        serial: target.device.serial.clone(),
        player: target.player().to_string(),
        version,
        at: at.map(Timestamp::rfc3339),
        error: error.as_ref().map(ApiError::detail),
    };
    Ok((status, Json(body)).into_response())
}

/// A device that can be made to ask for a stream.
///
/// # Errors
/// When it is offline, a group, or no Echo.
pub(crate) async fn play_target(state: &ApiState, serial: String) -> Result<PlayTarget, ApiError> {
    let account = state.account.clone();
    let found = state.account.finish(async move { account.player(&serial).await }).await;
    found.map_err(|error| amazon_error(state, error))
}

fn outcome(state: &ApiState, played: PlayOutcome) -> (PlayMediaResult, Option<Timestamp>, Option<ApiError>) {
    match played {
        PlayOutcome::Playing { at } => (PlayMediaResult::Playing, Some(at), None),
        PlayOutcome::Starting { at } => (PlayMediaResult::Starting, Some(at), None),
        PlayOutcome::Failed(failure) => {
            let error =
                ApiError::new(ErrorCode::PlaybackFailed, format!("{} ({})", explain(&failure), failure.kind));
            (PlayMediaResult::Failed, None, Some(error))
        }
        PlayOutcome::NeverAsked => {
            (PlayMediaResult::NeverAsked, None, Some(ApiError::new(ErrorCode::NeverAsked, NEVER_ASKED)))
        }
        PlayOutcome::Refused(error) => (PlayMediaResult::Refused, None, Some(amazon_error(state, error))),
    }
}
