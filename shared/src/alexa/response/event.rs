//! Answers to events, which no person hears.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Body;
use super::directive::{ClearBehavior, Directive, PlayDirective};
use crate::alexa::request::{LoadIndexListData, LoadTokenListData};

/// The answer to `AudioPlayer.PlaybackStarted` and `AudioPlayer.PlaybackFinished`.
///
/// ```
/// use ma_alexa::alexa::response::PlaybackStartedResponse;
/// let answer = PlaybackStartedResponse::Stop;
/// ```
///
/// Alexa refuses speech here, and plays nothing from here:
///
/// ```compile_fail
/// use ma_alexa::alexa::response::PlaybackStartedResponse;
/// let answer = PlaybackStartedResponse::say("Here it comes.");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaybackStartedResponse {
    /// Leave it as it is.
    Nothing,
    /// Stop the audio player. Its queue stays.
    Stop,
    /// Clear the audio player's queue.
    ClearQueue(ClearBehavior),
}

impl PlaybackStartedResponse {
    pub(super) fn body(self) -> Body<'static> {
        match self {
            Self::Nothing => Body::default(),
            Self::Stop => Body::of(Directive::Stop),
            Self::ClearQueue(behavior) => Body::of(Directive::ClearQueue { behavior }),
        }
    }
}

/// The answer to `AudioPlayer.PlaybackNearlyFinished`, `AudioPlayer.PlaybackFailed` and
/// `PlaybackController.*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AudioPlayerQueueResponse {
    /// Leave it as it is.
    Nothing,
    /// Play a stream now or later.
    Play(Box<PlayDirective>),
    /// Stop the audio player. Its queue stays.
    Stop,
    /// Clear the audio player's queue.
    ClearQueue(ClearBehavior),
}

impl AudioPlayerQueueResponse {
    /// Plays a stream now or later.
    #[must_use]
    pub fn play(directive: PlayDirective) -> Self {
        Self::Play(Box::new(directive))
    }

    pub(super) fn body(&self) -> Body<'_> {
        match self {
            Self::Nothing => Body::default(),
            Self::Play(directive) => Body::of(Directive::Play(directive)),
            Self::Stop => Body::of(Directive::Stop),
            Self::ClearQueue(behavior) => Body::of(Directive::ClearQueue { behavior: *behavior }),
        }
    }
}

/// The answer to reports, which take none: `AudioPlayer.PlaybackStopped`, `SessionEndedRequest`,
/// `System.ExceptionEncountered`, `Alexa.Presentation.APL.RuntimeError`, skill events, messages, and what is
/// not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EmptyResponse;

/// The answer to `CanFulfillIntentRequest` (Alexa Skills Kit, "Implement `CanFulfillIntentRequest` for
/// name-free interaction").
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CanFulfillResponse {
    can_fulfill: Fulfillment,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    slots: BTreeMap<String, SlotFulfillment>,
}

/// Certainty of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Fulfillment {
    /// The skill can certainly serve it.
    Yes,
    /// Not at all.
    No,
    /// Perhaps, after a question.
    Maybe,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct SlotFulfillment {
    can_understand: Fulfillment,
    can_fulfill: Fulfillment,
}

impl CanFulfillResponse {
    /// Whether the intent as a whole can be served.
    #[must_use]
    pub fn new(can_fulfill: Fulfillment) -> Self {
        Self { can_fulfill, slots: BTreeMap::new() }
    }

    /// Whether the words of a slot are understood, and whether something can be done with them.
    #[must_use]
    pub fn with_slot(mut self, name: &str, can_understand: Fulfillment, can_fulfill: bool) -> Self {
        let can_fulfill = if can_fulfill { Fulfillment::Yes } else { Fulfillment::No };
        self.slots.insert(name.to_owned(), SlotFulfillment { can_understand, can_fulfill });
        self
    }

    pub(super) fn body(&self) -> Body<'_> {
        Body { can_fulfill_intent: Some(self), ..Body::default() }
    }
}

/// The answer to `Alexa.Presentation.APL.LoadIndexListData`: there is nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexListResponse {
    correlation_token: String,
    list_id: String,
    start_index: i64,
}

impl IndexListResponse {
    /// No elements for what `request` asks.
    #[must_use]
    pub fn empty(request: &LoadIndexListData) -> Self {
        Self {
            correlation_token: request.correlation_token.clone(),
            list_id: request.list_id.clone(),
            start_index: request.start_index,
        }
    }

    pub(super) fn body(&self) -> Body<'_> {
        Body::of(Directive::SendIndexListData {
            correlation_token: &self.correlation_token,
            list_id: &self.list_id,
            start_index: self.start_index,
            items: [],
        })
    }
}

/// The answer to `Alexa.Presentation.APL.LoadTokenListData`: the page is empty and the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenListResponse {
    correlation_token: String,
    list_id: String,
    page_token: String,
}

impl TokenListResponse {
    /// No elements for what `request` asks.
    #[must_use]
    pub fn empty(request: &LoadTokenListData) -> Self {
        Self {
            correlation_token: request.correlation_token.clone(),
            list_id: request.list_id.clone(),
            page_token: request.page_token.clone(),
        }
    }

    pub(super) fn body(&self) -> Body<'_> {
        Body::of(Directive::SendTokenListData {
            correlation_token: &self.correlation_token,
            list_id: &self.list_id,
            page_token: &self.page_token,
            items: [],
        })
    }
}
