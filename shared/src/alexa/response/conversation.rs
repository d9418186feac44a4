//! Answers to a person who spoke or touched the screen.

use serde_json::Value;

use super::directive::{Directive, DynamicEntities, ElicitSlot, PlayDirective};
use super::text::PlainText;
use super::{Body, Reprompt};

/// The answer to a launch, an intent, a touch on a visual document, or a resumed session: speech, and at most one directive
/// that does something.
///
/// The constructor decides what happens. Speech can be added to anything, and names to a question. Only a question leaves the
/// microphone open: everything else says `shouldEndSession: true`.
///
/// ```
/// use ma_alexa::alexa::response::IntentResponse;
/// let answer = IntentResponse::stop().with_speech("Stopped.");
/// ```
///
/// A question cannot carry audio, which Alexa would start and at once pause to listen:
///
/// ```compile_fail
/// use ma_alexa::alexa::response::IntentResponse;
/// let answer = IntentResponse::ask("Shall I stop?", "Stop?").stop();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentResponse {
    speech: Option<PlainText>,
    names: Option<DynamicEntities>,
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    EndSession,
    Play(Box<PlayDirective>),
    Stop,
    Ask { reprompt: PlainText, kept: Option<Value> },
    Elicit { directive: ElicitSlot, reprompt: PlainText },
}

impl IntentResponse {
    fn new(outcome: Outcome) -> Self {
        Self { speech: None, names: None, outcome }
    }

    /// Ends the conversation without a word.
    #[must_use]
    pub fn end_session() -> Self {
        Self::new(Outcome::EndSession)
    }

    /// Says `speech` and ends the conversation.
    #[must_use]
    pub fn say(speech: impl Into<PlainText>) -> Self {
        Self::end_session().with_speech(speech)
    }

    /// Plays a stream, after the speech if there is any.
    #[must_use]
    pub fn play(directive: PlayDirective) -> Self {
        Self::new(Outcome::Play(Box::new(directive)))
    }

    /// Stops the audio player in any state. Its queue stays.
    #[must_use]
    pub fn stop() -> Self {
        Self::new(Outcome::Stop)
    }

    /// Asks and listens; without an answer, says `reprompt` and listens once more.
    #[must_use]
    pub fn ask(speech: impl Into<PlainText>, reprompt: impl Into<PlainText>) -> Self {
        let reprompt = reprompt.into();
        Self::new(Outcome::Ask { reprompt, kept: None }).with_speech(speech)
    }

    /// Asks as [`IntentResponse::ask`] does, and has Alexa bring `kept` back with the next request of the conversation
    /// (Alexa Skills Kit, session attributes).
    #[must_use]
    pub fn ask_about(kept: Value, speech: impl Into<PlainText>, reprompt: impl Into<PlainText>) -> Self {
        let reprompt = reprompt.into();
        Self::new(Outcome::Ask { reprompt, kept: Some(kept) }).with_speech(speech)
    }

    /// Asks for a slot and listens for it; without an answer, says `reprompt` and listens once more.
    #[must_use]
    pub fn elicit_slot(
        directive: ElicitSlot,
        speech: impl Into<PlainText>,
        reprompt: impl Into<PlainText>,
    ) -> Self {
        let reprompt = reprompt.into();
        Self::new(Outcome::Elicit { directive, reprompt }).with_speech(speech)
    }

    /// Says `speech` instead of what would have been said.
    #[must_use]
    pub fn with_speech(mut self, speech: impl Into<PlainText>) -> Self {
        self.speech = Some(speech.into());
        self
    }

    /// Lets slots of the answer to a question be heard with these names. What asks nothing goes without them: there is no
    /// conversation that they would be for.
    #[must_use]
    pub fn with_names(mut self, names: Option<DynamicEntities>) -> Self {
        self.names = names;
        self
    }

    /// The attributes that Alexa brings back with the next request.
    pub(super) fn kept(&self) -> Option<&Value> {
        match &self.outcome {
            Outcome::Ask { kept, .. } => kept.as_ref(),
            _ => None,
        }
    }

    pub(super) fn body(&self) -> Body<'_> {
        let (directive, reprompt) = match &self.outcome {
            Outcome::EndSession => (None, None),
            Outcome::Play(directive) => (Some(Directive::Play(directive)), None),
            Outcome::Stop => (Some(Directive::Stop), None),
            Outcome::Ask { reprompt, .. } => (None, Some(reprompt)),
            Outcome::Elicit { directive, reprompt } => {
                (Some(Directive::ElicitSlot(directive)), Some(reprompt))
            }
        };
        let names = self.names.as_ref().filter(|_| reprompt.is_some());
        let names = names.map(Directive::UpdateDynamicEntities);
        Body {
            output_speech: self.speech.as_ref().and_then(PlainText::wire),
            reprompt: reprompt.and_then(PlainText::wire).map(|output_speech| Reprompt { output_speech }),
            directives: directive.into_iter().chain(names).collect(),
            should_end_session: Some(reprompt.is_none()),
            can_fulfill_intent: None,
        }
    }
}
