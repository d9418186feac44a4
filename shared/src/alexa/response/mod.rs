//! Responses of a skill.
//!
//! What an answer may hold depends on the request (Alexa Skills Kit, "Request and response JSON reference"
//! and "`AudioPlayer` interface reference"). There is one type for each class of request, and none of them
//! can hold what Alexa would refuse there:
//!
//! | request | answer |
//! |---|---|
//! | launch, intent, APL user event, resumed session | [`IntentResponse`] |
//! | playback started, finished | [`PlaybackStartedResponse`] |
//! | playback nearly finished, failed; playback controller | [`AudioPlayerQueueResponse`] |
//! | playback stopped, session ended, exception, APL error, skill event, message, unknown | [`EmptyResponse`] |
//! | can fulfill intent | [`CanFulfillResponse`] |
//! | APL list data | [`IndexListResponse`], [`TokenListResponse`] |

mod conversation;
mod directive;
mod event;
mod stream;
mod text;

use serde::{Serialize, Serializer};
use serde_json::Value;

use directive::Directive;
use text::OutputSpeech;

pub use conversation::IntentResponse;
pub use directive::{
    AudioItemMetadata, ClearBehavior, DynamicEntities, ElicitSlot, Image, PlayBehavior, PlayDirective,
};
pub use event::{
    AudioPlayerQueueResponse, CanFulfillResponse, EmptyResponse, Fulfillment, IndexListResponse,
    PlaybackStartedResponse, TokenListResponse,
};
pub use stream::{HttpsUrl, HttpsUrlError, InvalidToken, Token};
pub use text::PlainText;

/// Any answer, ready to be sent: it serializes to the whole response envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// To a launch, an intent, an APL user event, a resumed session.
    Intent(IntentResponse),
    /// To playback started or finished.
    PlaybackStarted(PlaybackStartedResponse),
    /// To playback nearly finished or failed, and to buttons.
    AudioPlayerQueue(AudioPlayerQueueResponse),
    /// To a report, which takes no answer.
    Empty(EmptyResponse),
    /// To the question whether an intent can be served.
    CanFulfill(CanFulfillResponse),
    /// To a list that loads by index.
    IndexList(IndexListResponse),
    /// To a list that loads by page.
    TokenList(TokenListResponse),
}

macro_rules! from_answers {
    ($($variant:ident($answer:ty),)+) => {
        $(impl From<$answer> for Response {
            fn from(answer: $answer) -> Self {
                Self::$variant(answer)
            }
        })+
    };
}

from_answers! {
    Intent(IntentResponse),
    PlaybackStarted(PlaybackStartedResponse),
    AudioPlayerQueue(AudioPlayerQueueResponse),
    Empty(EmptyResponse),
    CanFulfill(CanFulfillResponse),
    IndexList(IndexListResponse),
    TokenList(TokenListResponse),
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let response = match self {
            Self::Intent(answer) => answer.body(),
            Self::PlaybackStarted(answer) => answer.body(),
            Self::AudioPlayerQueue(answer) => answer.body(),
            Self::Empty(EmptyResponse) => Body::default(),
            Self::CanFulfill(answer) => answer.body(),
            Self::IndexList(answer) => answer.body(),
            Self::TokenList(answer) => answer.body(),
        };
        let kept = if let Self::Intent(answer) = self { answer.kept() } else { None };
        let session_attributes = kept.map(|kept| Attributes { kept });
        Envelope { version: "1.0", session_attributes, response }.serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_attributes: Option<Attributes<'a>>,
    response: Body<'a>,
}

/// Attributes that Alexa brings back with the next request of a conversation (Alexa Skills Kit, session attributes).
#[derive(Serialize)]
struct Attributes<'a> {
    kept: &'a Value,
}

/// `response`, with every absent member left out: Alexa reads `null` as something else than absence.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    output_speech: Option<OutputSpeech<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reprompt: Option<Reprompt<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    directives: Vec<Directive<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    should_end_session: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    can_fulfill_intent: Option<&'a CanFulfillResponse>,
}

impl<'a> Body<'a> {
    /// A directive alone. One that starts or stops the music closes a conversation that may be open: while it
    /// is, Alexa pauses what it starts, in order to listen.
    fn of(directive: Directive<'a>) -> Self {
        let closes = matches!(directive, Directive::Play(_) | Directive::Stop);
        Self { directives: vec![directive], should_end_session: closes.then_some(true), ..Self::default() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reprompt<'a> {
    output_speech: OutputSpeech<'a>,
}
