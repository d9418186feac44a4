//! Requests of Alexa to a skill: one [`RequestEnvelope`] for each call.

mod apl;
mod audio_player;
mod context;
mod intent;
mod kind;
mod lenient;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{DeviceId, EndpointId, Locale, UserId};
use crate::clock::Timestamp;

pub use apl::{AplRequest, LoadIndexListData, LoadTokenListData, Payload, UserEvent};
pub use audio_player::{AudioPlayerRequest, MediaErrorType, PlaybackButton, PlaybackEvent, PlaybackFailure};
pub use context::{
    Application, Attributes, AudioPlayerState, Context, Device, PlayerActivity, Session, System, User,
};
pub use intent::{ConfirmationStatus, DialogState, Entity, Intent, IntentName, Slot, SlotValue};
pub use kind::{
    AlexaError, ExceptionEncountered, IntentRequest, Request, SessionEndedReason, SessionEndedRequest,
    SessionErrorType, SkillEvent, SkillEventKind, UnknownRequest,
};

/// One request of Alexa's, with its surroundings (Alexa Skills Kit, "Request and response JSON reference").
///
/// `Debug` shows no access token, and accounts, devices and stream tokens as short hashes.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestEnvelope {
    /// The version of the format, `1.0`.
    pub version: String,
    /// The conversation, if there is one.
    pub session: Option<Session>,
    /// The state of the world as the request was made.
    pub context: Context,
    /// Fields that every request has.
    pub head: RequestHead,
    /// The request itself.
    pub request: Request,
}

/// The fields that every type of request has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestHead {
    /// Alexa's name of the request's type, such as `AudioPlayer.PlaybackStarted`.
    #[serde(rename = "type")]
    pub request_type: String,
    /// Names the request; the same in every delivery of it.
    pub request_id: String,
    /// Time at which Alexa sent it, in whole seconds; `None` where it is absent or no date.
    #[serde(default, deserialize_with = "lenient::timestamp")]
    pub timestamp: Option<Timestamp>,
    /// In which language; absent on skill events and messages.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub locale: Option<Locale>,
}

/// Reason why a body is no request envelope. Never holds a value from the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The body is cut off, nested deeper than 127 levels, not UTF-8, or otherwise no JSON.
    #[error("the body is not JSON from line {line}, column {column} on")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// In bytes, counted from 1.
        column: usize,
    },
    /// A field without which the request cannot be understood is absent.
    #[error("the field `{0}` is missing")]
    Missing(String),
    /// A field without which the request cannot be understood has an unexpected type or is empty.
    #[error("the field `{0}` is not what it should be")]
    Malformed(String),
}

/// The interfaces of Echos with a screen. A skill hears of those that its manifest declares.
const SCREENS: [&str; 3] = ["Alexa.Presentation.APL", "Display", "VideoApp"];

impl RequestEnvelope {
    /// Reads the body of a request.
    ///
    /// Only what no answer can do without is required: `request` with `type` and `requestId`, and an intent's
    /// name. Any other field counts as absent where it has an unexpected type.
    ///
    /// # Errors
    /// Names the place or the field that could not be read, see [`EnvelopeError`].
    pub fn parse(body: &[u8]) -> Result<Self, EnvelopeError> {
        let value = serde_json::from_slice(body)
            .map_err(|error| EnvelopeError::NotJson { line: error.line(), column: error.column() })?;
        Self::from_value(value)
    }

    /// Reads a request that is JSON already, by the rules of [`RequestEnvelope::parse`].
    ///
    /// # Errors
    /// Names the field that could not be read.
    pub fn from_value(value: Value) -> Result<Self, EnvelopeError> {
        let Value::Object(mut fields) = value else {
            return Err(EnvelopeError::Malformed("request envelope".to_owned()));
        };
        let request = fields.remove("request").ok_or_else(|| EnvelopeError::Missing("request".to_owned()))?;
        let head: RequestHead = read_request(&request)?;
        if head.request_id.trim().is_empty() {
            return Err(EnvelopeError::Malformed("request.requestId".to_owned()));
        }
        let Surroundings { version, session, context } =
            Surroundings::deserialize(Value::Object(fields)).unwrap_or_default();
        let request = Request::read(&head.request_type, &request)?;
        Ok(Self { version, session, context, head, request })
    }

    /// Names the request; the same in every delivery of it.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.head.request_id
    }

    /// Time at which Alexa sent the request, in whole seconds.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.head.timestamp
    }

    /// In which language the Echo is addressed.
    #[must_use]
    pub fn locale(&self) -> Option<&Locale> {
        self.head.locale.as_ref()
    }

    /// Id of the requested skill: by the context, or by the session where the context has none.
    #[must_use]
    pub fn application_id(&self) -> Option<&str> {
        let of_context = self.context.system.application.application_id.as_deref();
        of_context.or_else(|| self.session.as_ref()?.application.application_id.as_deref())
    }

    /// Id of the requesting Echo; `None` for skill events and messages.
    #[must_use]
    pub fn device_id(&self) -> Option<&DeviceId> {
        self.context.system.device.device_id.as_ref()
    }

    /// Id of the requesting Echo, by the name that outlives disabling the skill.
    #[must_use]
    pub fn persistent_endpoint_id(&self) -> Option<&EndpointId> {
        self.context.system.device.persistent_endpoint_id.as_ref()
    }

    /// The account: by the context, or by the session where the context does not say.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        let of_context = self.context.system.user.user_id.as_ref();
        of_context.or_else(|| self.session.as_ref()?.user.user_id.as_ref())
    }

    /// Whether the Echo can play an audio stream.
    #[must_use]
    pub fn supports_audio_player(&self) -> bool {
        self.context.system.device.supports("AudioPlayer")
    }

    /// Whether the Echo has a screen that shows pictures. One with a row of characters, as a clock, has none.
    #[must_use]
    pub fn has_screen(&self) -> bool {
        let device = &self.context.system.device;
        self.context.viewport || SCREENS.iter().any(|interface| device.supports(interface))
    }

    /// The stream that this skill last played on the Echo.
    #[must_use]
    pub fn audio_player(&self) -> Option<&AudioPlayerState> {
        self.context.audio_player.as_ref()
    }

    /// Whether the request opened a conversation.
    #[must_use]
    pub fn is_new_session(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.new)
    }
}

impl<'de> Deserialize<'de> for RequestEnvelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// An envelope without its request.
#[derive(Default, Deserialize)]
struct Surroundings {
    #[serde(default, deserialize_with = "lenient::or_default")]
    version: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    session: Option<Session>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    context: Context,
}

/// Reads what stands in the envelope's `request`.
fn read_request<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, EnvelopeError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut path = "request".to_owned();
        for segment in error.path() {
            path.push('.');
            path.push_str(&segment.to_string());
        }
        // Of serde's text only this one is safe to use: others quote the value that was found.
        let text = error.inner().to_string();
        let missing = text.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
        match missing {
            Some(field) => EnvelopeError::Missing(format!("{path}.{field}")),
            None => EnvelopeError::Malformed(path),
        }
    })
}
