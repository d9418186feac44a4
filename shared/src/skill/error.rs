//! Answers to requests that cannot be served.

use super::request_log::RequestLog;
use crate::alexa::request::EnvelopeError;
use crate::alexa::response::{EmptyResponse, IntentResponse, Response};
use crate::i18n::{Message, say};
use crate::store::StoreError;

/// Reason why a request is not answered at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The body is no request of Alexa's.
    #[error("this is not a request of Alexa's: {0}")]
    NotARequest(#[from] EnvelopeError),
    /// The request is made to another skill than ours.
    #[error("this request is made to another skill: SKILL_ID does not name it")]
    UnknownSkill,
    /// No skill is known to be ours, so no request can be.
    #[error(
        "no skill is known to be ours: set SKILL_ID, for example to amzn1.ask.skill.5d3b7c1e-0a4f-4c8d-9e21-7f6a5b4c3d2e"
    )]
    NoSkillKnown,
}

impl Rejection {
    /// A stable name, for logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotARequest(_) => "not_a_request",
            Self::UnknownSkill => "unknown_skill",
            Self::NoSkillKnown => "no_skill_known",
        }
    }

    /// Answer of the skill where a rejection has to be one, as on Lambda.
    #[must_use]
    pub fn answer(&self, body: &[u8]) -> Response {
        match self {
            Self::NoSkillKnown => spoken(body, &Message::SkillNotSetUp),
            Self::NotARequest(_) | Self::UnknownSkill => spoken(body, &Message::Trouble),
        }
    }
}

/// Reason why a request that is ours cannot be served.
#[derive(Debug, thiserror::Error)]
pub(super) enum InternalError {
    #[error("a panic")]
    Crash,
    #[error("the store took too long")]
    TimeOut,
    #[error(transparent)]
    Store(StoreError),
    #[error("the request names no device")]
    NoDevice,
    #[error("every decision lost its race")]
    Contention,
    #[error("there is no randomness")]
    NoRandomness,
}

impl InternalError {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Crash => "panicked",
            Self::TimeOut => "timed_out",
            Self::Store(StoreError::Unavailable(_)) => "store_unavailable",
            Self::Store(StoreError::Full(_)) => "store_full",
            Self::Store(StoreError::Newer { .. }) => "store_newer",
            Self::Store(StoreError::Malformed(_)) => "store_malformed",
            Self::NoDevice => "no_device",
            Self::Contention => "contention",
            Self::NoRandomness => "no_randomness",
        }
    }

    fn message(&self) -> Message {
        match self {
            Self::Store(StoreError::Unavailable(_) | StoreError::Full(_)) => Message::StateUnavailable,
            Self::Store(StoreError::Newer { .. }) => Message::StateTooNew,
            _ => Message::Trouble,
        }
    }
}

/// A sentence where Alexa takes one, and nothing where it does not.
pub(super) fn answer(body: &[u8], trouble: &InternalError) -> Response {
    tracing::error!(error = %trouble, "a request could not be served");
    spoken(body, &trouble.message())
}

fn spoken(body: &[u8], message: &Message) -> Response {
    let summary = RequestLog::of_body(body);
    match summary.request_type.as_str() {
        "LaunchRequest" | "IntentRequest" => {
            IntentResponse::say(say(summary.locale.as_deref().unwrap_or_default(), message)).into()
        }
        _ => EmptyResponse.into(),
    }
}
