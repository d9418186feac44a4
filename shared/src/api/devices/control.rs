//! Routes for playback, speech and do-not-disturb.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{OutcomeBody, OutcomesBody};
use super::serial::{check_serial, check_serials, serial};
use crate::amazon::{AmazonError, DeviceOutcome, TransportCommand};
use crate::api::amazon::amazon_error;
use crate::api::body::JsonBody;
use crate::api::error::ApiError;
use crate::api::responses::AmazonWriteErrors;
use crate::api::state::ApiState;

/// Longest text that an Echo speaks, in characters (docs/amazon-api.md, 6.4).
const MAX_SPOKEN: usize = 250;

/// Longest title of an announcement, in characters.
const MAX_TITLE: usize = 100;

/// A command for the player of a device.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct PlaybackBody {
    /// The command.
    pub command: PlaybackCommand,
}

/// A command to the player of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaybackCommand {
    /// Playback goes on.
    Play,
    /// The same as `play`.
    Resume,
    /// Stops for now.
    Pause,
    /// Playback stops.
    Stop,
    /// The next track.
    Next,
    /// The track before, or the beginning of this one.
    Previous,
}

/// Text to speak or to announce.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct TextBody {
    /// Up to 250 characters.
    #[schema(max_length = 250, example = "what time is it")]
    pub text: String,
}

/// An announcement.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct AnnounceBody {
    /// Up to 250 characters.
    #[schema(max_length = 250, example = "Dinner is ready")]
    pub text: String,
    /// Title that screens show above it.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub title: Option<String>,
    /// Serial numbers of devices, groups and pairs; every Echo where it is left out or empty.
    #[serde(default)]
    pub devices: Vec<String>,
}

/// Whether a device is not to disturb.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub struct DoNotDisturbBody {
    /// Whether it is.
    pub enabled: bool,
}

impl From<PlaybackCommand> for TransportCommand {
    fn from(command: PlaybackCommand) -> Self {
        match command {
            PlaybackCommand::Play | PlaybackCommand::Resume => Self::Play,
            PlaybackCommand::Pause => Self::Pause,
            PlaybackCommand::Stop => Self::Stop,
            PlaybackCommand::Next => Self::Next,
            PlaybackCommand::Previous => Self::Previous,
        }
    }
}

/// Makes a device go on, stop or skip. To start music, see `play-media`.
#[utoipa::path(
    post, path = "/devices/{serial}/playback", operation_id = "device_playback", tag = "devices",
    params(("serial" = String, Path, description = "The device's serial number", max_length = 64)),
    request_body = PlaybackBody, security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The outcome", body = OutcomeBody), AmazonWriteErrors)
)]
pub(super) async fn playback(
    State(state): State<ApiState>,
    path: Result<Path<String>, PathRejection>,
    JsonBody(body): JsonBody<PlaybackBody>,
) -> Result<Json<OutcomeBody>, ApiError> {
    transport_on(&state, &serial(path)?, body.command).await.map(Json)
}

/// Makes a device go on, stop or skip.
///
/// # Errors
/// When the command was not sent.
pub(crate) async fn transport_on(
    state: &ApiState,
    serial: &str,
    command: PlaybackCommand,
) -> Result<OutcomeBody, ApiError> {
    check_serial(serial)?;
    let (account, locale) = (state.account.clone(), state.effective().await?.speech.locale);
    let serial = serial.to_owned();
    let told = async move { account.transport(&serial, command.into(), locale.as_str()).await };
    done(state, Box::pin(told)).await
}

/// Runs a sentence on an Echo as if a person had said it. The Echo answers aloud.
#[utoipa::path(
    post, path = "/devices/{serial}/text", operation_id = "device_text", tag = "devices",
    params(("serial" = String, Path, description = "The device's serial number", max_length = 64)),
    request_body = TextBody, security(("basic" = []), ("token" = ["everything"])),
    responses((status = 200, description = "The outcome", body = OutcomeBody), AmazonWriteErrors)
)]
pub(super) async fn text(
    State(state): State<ApiState>,
    path: Result<Path<String>, PathRejection>,
    JsonBody(body): JsonBody<TextBody>,
) -> Result<Json<OutcomeBody>, ApiError> {
    let (serial, text) = (serial(path)?, spoken(&body.text, "text", MAX_SPOKEN)?);
    let (account, locale) = (state.account.clone(), state.effective().await?.speech.locale);
    one(&state, async move { account.text_command(&serial, &text, locale.as_str()).await }).await
}

/// Makes a device speak; every member of a group.
#[utoipa::path(
    post, path = "/devices/{serial}/speak", operation_id = "device_speak", tag = "devices",
    params(("serial" = String, Path, description = "The device's serial number", max_length = 64)),
    request_body = TextBody, security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The outcome", body = OutcomeBody), AmazonWriteErrors)
)]
pub(super) async fn speak(
    State(state): State<ApiState>,
    path: Result<Path<String>, PathRejection>,
    JsonBody(body): JsonBody<TextBody>,
) -> Result<Json<OutcomeBody>, ApiError> {
    speak_on(&state, &serial(path)?, &body.text).await.map(Json)
}

/// Makes a device speak.
///
/// # Errors
/// When the command was not sent.
pub(crate) async fn speak_on(state: &ApiState, serial: &str, text: &str) -> Result<OutcomeBody, ApiError> {
    check_serial(serial)?;
    let (serial, text) = (serial.to_owned(), spoken(text, "text", MAX_SPOKEN)?);
    let (account, locale) = (state.account.clone(), state.effective().await?.speech.locale);
    done(state, async move { account.speak(&serial, &text, locale.as_str()).await }).await
}

/// Announces on several devices at once, with a chime before it.
#[utoipa::path(
    post, path = "/devices/announce", operation_id = "announce", tag = "devices",
    request_body = AnnounceBody, security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The outcome on each device", body = OutcomesBody), AmazonWriteErrors)
)]
pub(super) async fn announce(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<AnnounceBody>,
) -> Result<Json<OutcomesBody>, ApiError> {
    check_serials(&body.devices)?;
    let text = spoken(&body.text, "text", MAX_SPOKEN)?;
    let title = match &body.title {
        Some(title) => spoken(title, "title", MAX_TITLE)?,
        None => "Music Assistant".to_owned(),
    };
    let (account, locale) = (state.account.clone(), state.effective().await?.speech.locale);
    let done = state
        .account
        .finish(async move { account.announce(&body.devices, &title, &text, locale.as_str()).await })
        .await
        .map_err(|error| amazon_error(&state, error))?;
    let devices = done.into_iter().map(|done| OutcomeBody::new(&state, done)).collect();
    Ok(Json(OutcomesBody { devices }))
}

/// Turns the do-not-disturb mode of an Echo on or off.
#[utoipa::path(
    put, path = "/devices/{serial}/do-not-disturb", operation_id = "device_do_not_disturb", tag = "devices",
    params(("serial" = String, Path, description = "The device's serial number", max_length = 64)),
    request_body = DoNotDisturbBody, security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The outcome", body = OutcomeBody), AmazonWriteErrors)
)]
pub(super) async fn do_not_disturb(
    State(state): State<ApiState>,
    path: Result<Path<String>, PathRejection>,
    JsonBody(body): JsonBody<DoNotDisturbBody>,
) -> Result<Json<OutcomeBody>, ApiError> {
    let (serial, account) = (serial(path)?, state.account.clone());
    one(&state, Box::pin(async move { account.set_do_not_disturb(&serial, body.enabled).await })).await
}

/// The outcome of a command to one device.
async fn one(
    state: &ApiState,
    command: impl Future<Output = Result<DeviceOutcome, AmazonError>> + Send + 'static,
) -> Result<Json<OutcomeBody>, ApiError> {
    done(state, command).await.map(Json)
}

async fn done(
    state: &ApiState,
    command: impl Future<Output = Result<DeviceOutcome, AmazonError>> + Send + 'static,
) -> Result<OutcomeBody, ApiError> {
    let done = state.account.finish(command).await.map_err(|error| amazon_error(state, error))?;
    OutcomeBody::of_one(state, done)
}

/// A text that can be spoken: not empty, not too long, in one line.
fn spoken(text: &str, name: &str, most: usize) -> Result<String, ApiError> {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    match text.chars().count() {
        0 => Err(ApiError::invalid(format!("{name}: it is empty"))),
        count if count > most => {
            Err(ApiError::invalid(format!("{name}: it has {count} characters, and {most} are the most")))
        }
        _ => Ok(text.to_owned()),
    }
}
