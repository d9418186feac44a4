//! The types of request, each with the fields of its own (Alexa Skills Kit, request types).

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::super::open_enum::open_enum;
use super::apl::{AplRequest, Payload};
use super::audio_player::{AudioPlayerRequest, PlaybackButton, PlaybackEvent};
use super::intent::{DialogState, Intent};
use super::{EnvelopeError, lenient, read_request};
use crate::clock::Timestamp;

/// A request of Alexa's, by its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// The user opened the skill without saying what for.
    Launch,
    /// The user said something that the interaction model knows.
    Intent(IntentRequest),
    /// The conversation is over. Nothing may be answered.
    SessionEnded(SessionEndedRequest),
    /// Another skill that this one had handed over to has come back.
    SessionResumed,
    /// Alexa looks for a skill that could serve an utterance without the skill's name. Nothing may be done.
    CanFulfillIntent(IntentRequest),
    /// The Echo's audio player reports.
    AudioPlayer(AudioPlayerRequest),
    /// A button of the Echo, its remote or its screen was pressed.
    PlaybackController(PlaybackButton),
    /// An answer of ours was refused.
    ExceptionEncountered(ExceptionEncountered),
    /// A visual document of ours reports.
    Apl(AplRequest),
    /// The user changed something about the skill itself.
    SkillEvent(SkillEvent),
    /// A message that was sent to the skill through the Skill Messaging API.
    Message(Payload),
    /// A type that is not known here.
    Unknown(UnknownRequest),
}

impl Request {
    pub(super) fn read(request_type: &str, body: &Value) -> Result<Self, EnvelopeError> {
        Ok(match request_type {
            "LaunchRequest" => Self::Launch,
            "IntentRequest" => Self::Intent(read_request(body)?),
            "SessionEndedRequest" => Self::SessionEnded(read_request(body)?),
            "SessionResumedRequest" => Self::SessionResumed,
            "CanFulfillIntentRequest" => Self::CanFulfillIntent(read_request(body)?),
            "System.ExceptionEncountered" => Self::ExceptionEncountered(read_request(body)?),
            "Messaging.MessageReceived" => Self::Message(Payload::of(body, "message")),
            _ => Self::read_namespaced(request_type, body)?,
        })
    }

    fn read_namespaced(request_type: &str, body: &Value) -> Result<Self, EnvelopeError> {
        let unknown = || Self::Unknown(UnknownRequest { request_type: request_type.to_owned() });
        let Some((namespace, name)) = request_type.rsplit_once('.') else {
            return Ok(unknown());
        };
        Ok(match namespace {
            "AudioPlayer" => match PlaybackEvent::from_name(name) {
                Some(kind) => Self::AudioPlayer(AudioPlayerRequest::new(kind, read_request(body)?)),
                None => unknown(),
            },
            "PlaybackController" => {
                PlaybackButton::from_name(name).map_or_else(unknown, Self::PlaybackController)
            }
            "AlexaSkillEvent" => match SkillEventKind::from_name(name) {
                Some(kind) => Self::SkillEvent(SkillEvent::new(kind, &read_request(body)?)),
                None => unknown(),
            },
            "Alexa.Presentation.APL" => match name {
                "UserEvent" => Self::Apl(AplRequest::UserEvent(read_request(body)?)),
                "RuntimeError" => Self::Apl(AplRequest::RuntimeError(Payload::of(body, "errors"))),
                "LoadIndexListData" => Self::Apl(AplRequest::LoadIndexListData(read_request(body)?)),
                "LoadTokenListData" => Self::Apl(AplRequest::LoadTokenListData(read_request(body)?)),
                _ => unknown(),
            },
            _ => unknown(),
        })
    }
}

/// `IntentRequest` and `CanFulfillIntentRequest`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntentRequest {
    /// Intent of the user.
    pub intent: Intent,
    /// Progress of the dialog; absent where the intent has none.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub dialog_state: Option<DialogState>,
}

/// `SessionEndedRequest`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SessionEndedRequest {
    /// Reason of the end.
    #[serde(default = "lenient::unnamed", deserialize_with = "lenient::open")]
    pub reason: SessionEndedReason,
    /// Error that ended it, where there was one.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub error: Option<AlexaError<SessionErrorType>>,
}

open_enum! {
    /// Reasons why a conversation ended.
    pub enum SessionEndedReason {
        /// The user said so, or left.
        UserInitiated = "USER_INITIATED",
        /// Something failed; the request says what.
        Error = "ERROR",
        /// The user did not answer, or not in a way that Alexa understood.
        ExceededMaxReprompts = "EXCEEDED_MAX_REPROMPTS",
    }
}

open_enum! {
    /// Errors between Alexa, the skill and the Echo, as Alexa reports them.
    pub enum SessionErrorType {
        /// Our answer was refused.
        InvalidResponse = "INVALID_RESPONSE",
        /// The Echo could not be reached.
        DeviceCommunicationError = "DEVICE_COMMUNICATION_ERROR",
        /// Alexa itself failed.
        InternalServiceError = "INTERNAL_SERVICE_ERROR",
        /// We did not answer in time.
        EndpointTimeout = "ENDPOINT_TIMEOUT",
    }
}

/// An error that Alexa reports, of a type out of `T`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(bound(deserialize = "T: for<'a> From<&'a str>"))]
pub struct AlexaError<T> {
    /// Kind of the error.
    #[serde(rename = "type", default = "lenient::unnamed", deserialize_with = "lenient::open")]
    pub error_type: T,
    /// Amazon's words for it, for logs; empty where there are none. May quote a URL.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
}

/// The message with each URL cut out, since a stream URL opens the stream.
impl<T: fmt::Debug> fmt::Debug for AlexaError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.message.split_whitespace();
        let shown: Vec<_> = words.map(|word| if word.contains("://") { "[URL]" } else { word }).collect();
        f.debug_struct("AlexaError")
            .field("error_type", &self.error_type)
            .field("message", &shown.join(" "))
            .finish()
    }
}

/// `System.ExceptionEncountered`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ExceptionEncountered {
    /// Error that Alexa reports.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub error: Option<AlexaError<SessionErrorType>>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    cause: Cause,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cause {
    #[serde(default, deserialize_with = "lenient::non_blank")]
    request_id: Option<String>,
}

impl ExceptionEncountered {
    /// The id of the request whose answer was refused.
    #[must_use]
    pub fn cause_request_id(&self) -> Option<&str> {
        self.cause.request_id.as_deref()
    }
}

/// `AlexaSkillEvent.*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkillEvent {
    /// Kind of the change.
    pub kind: SkillEventKind,
    /// Time of the change; absent on [`SkillEventKind::ProactiveSubscriptionChanged`].
    pub created_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSkillEvent {
    #[serde(default, deserialize_with = "lenient::timestamp")]
    event_creation_time: Option<Timestamp>,
}

impl SkillEvent {
    fn new(kind: SkillEventKind, wire: &WireSkillEvent) -> Self {
        Self { kind, created_at: wire.event_creation_time }
    }
}

/// Changes of the skill in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SkillEventKind {
    /// The skill was enabled.
    Enabled,
    /// The skill was disabled; the account's and the devices' ids are void.
    Disabled,
    /// The account was linked.
    AccountLinked,
    /// A permission was given for the first time.
    PermissionAccepted,
    /// Permissions were given or taken.
    PermissionChanged,
    /// The events that the user wants to hear of changed.
    ProactiveSubscriptionChanged,
}

impl SkillEventKind {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "SkillEnabled" => Self::Enabled,
            "SkillDisabled" => Self::Disabled,
            "SkillAccountLinked" => Self::AccountLinked,
            "SkillPermissionAccepted" => Self::PermissionAccepted,
            "SkillPermissionChanged" => Self::PermissionChanged,
            "ProactiveSubscriptionChanged" => Self::ProactiveSubscriptionChanged,
            _ => return None,
        })
    }
}

/// A request of a type that is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRequest {
    /// The type as it was sent.
    pub request_type: String,
}
