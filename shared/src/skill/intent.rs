//! Intents: utterances of people and of Music Assistant.

use std::time::Duration;

use tokio::time::timeout;

use super::context::SkillRequest;
use super::music::{IntentMeaning, wanted};
use super::play::PlayAnswer;
use super::select::Requester;
use super::{Failure, Skill};
use crate::alexa::request::{Intent, IntentName};
use crate::alexa::response::IntentResponse;
use crate::control::{Action, Repeating};
use crate::i18n::{Message, say};
use crate::voice::LocaleSpec;

/// Time that a stop waits to learn of a newer start.
const STARTS: Duration = Duration::from_millis(1500);

/// Audience of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hearer {
    /// A person, who spoke a moment ago and can answer a question.
    Person,
    /// Perhaps only an Echo: Music Assistant may have spoken, or we did. No microphone opens.
    PerhapsNone,
}

/// The marks that end a question in the languages that are spoken.
const QUESTION_MARKS: [char; 3] = ['?', '？', '؟'];

impl Skill {
    /// The skill is opened. Where Music Assistant opens it to play, the microphone stays closed: it would
    /// listen into an empty room.
    pub(super) async fn launch(&self, context: &SkillRequest) -> Result<IntentResponse, Failure> {
        if LocaleSpec::of(&context.locale).is_some_and(LocaleSpec::launch_is_ma_phrase) {
            return self.play_or_say(context, Requester::MusicAssistants, Hearer::PerhapsNone).await;
        }
        Ok(match self.music(context, Requester::Persons).await? {
            music @ (PlayAnswer::Play(_) | PlayAnswer::PlayAgain(..) | PlayAnswer::Playing) => {
                play_or_speak(music, context, Hearer::Person)
            }
            PlayAnswer::Nothing(Message::NoAudioPlayer) => speak(context, &Message::NoAudioPlayer),
            PlayAnswer::Nothing(message) => {
                let message = match message {
                    Message::NothingToPlay => Message::LaunchPaired,
                    other => other,
                };
                let names = self.names_at_home(context).await;
                question(context, &message, &Message::Reprompt).with_names(names)
            }
        })
    }

    /// An intent. What arrives as `MaPause`, `MaResume` and `MaStop` is Music Assistant's own command.
    pub(super) async fn intent(
        &self,
        intent: &Intent,
        context: &SkillRequest,
    ) -> Result<IntentResponse, Failure> {
        Ok(match &intent.name {
            IntentName::PlayAudio => {
                self.play_or_say(context, Requester::MusicAssistants, Hearer::PerhapsNone).await?
            }
            IntentName::Resume => self.resume(context).await?,
            IntentName::MaResume => {
                self.play_or_say(context, Requester::Persons, Hearer::PerhapsNone).await?
            }
            IntentName::Pause | IntentName::Stop | IntentName::Cancel => {
                self.silence(context);
                IntentResponse::stop()
            }
            IntentName::MaPause | IntentName::MaStop => self.stop_for_music_assistant(context).await,
            IntentName::Next => self.carry_out(Action::Next, context).await?,
            IntentName::Previous => self.carry_out(Action::Previous, context).await?,
            IntentName::LoopOn => self.carry_out(Action::Repeat(Repeating::All), context).await?,
            IntentName::LoopOff => self.carry_out(Action::Repeat(Repeating::Off), context).await?,
            IntentName::ShuffleOn => self.carry_out(Action::Shuffle(true), context).await?,
            IntentName::ShuffleOff => self.carry_out(Action::Shuffle(false), context).await?,
            // In a conversation it asks for the question again.
            IntentName::Repeat => match &context.question {
                Some(question) => question.ask(context),
                None => self.carry_out(Action::StartOver, context).await?,
            },
            IntentName::StartOver => self.carry_out(Action::StartOver, context).await?,
            IntentName::Help => {
                let invocation_name = self.known_invocation_name().await;
                let names = self.names_at_home(context).await;
                question(context, &Message::Help { invocation_name }, &Message::Reprompt).with_names(names)
            }
            IntentName::Yes | IntentName::PickFirst => self.choose(0, context).await?,
            IntentName::PickSecond => self.choose(1, context).await?,
            IntentName::PickThird => self.choose(2, context).await?,
            IntentName::No => decline(context),
            IntentName::NavigateHome => IntentResponse::end_session(),
            IntentName::PairEcho => self.pair(intent, context).await?,
            IntentName::IdentifyEcho => self.identify(intent, context).await?,
            IntentName::Fallback | IntentName::Unknown(_) => self.not_understood(context).await,
            _about_music => match wanted(intent, &context.locale) {
                Some(IntentMeaning::Action(action)) => self.carry_out(action, context).await?,
                // It may be Music Assistant's own sentence, heard otherwise.
                Some(IntentMeaning::Audio) => {
                    self.play_or_say(context, Requester::MusicAssistants, Hearer::PerhapsNone).await?
                }
                Some(IntentMeaning::Unclear(message)) => speak(context, &message),
                None => self.not_understood(context).await,
            },
        })
    }

    /// Plays one of those that were suggested, counted from 0; asks again where there are fewer.
    async fn choose(&self, at: usize, context: &SkillRequest) -> Result<IntentResponse, Failure> {
        let Some(question) = &context.question else {
            return Ok(speak(context, &Message::NothingToConfirm));
        };
        match question.choice(at) {
            Some(action) => self.carry_out(action, context).await,
            None => Ok(question.ask(context)),
        }
    }

    /// Music Assistant stops or pauses. To replace a stream, it sends a stop and then a start, which may change places
    /// on the way. A stop right after a start therefore concerns the music before, and would end the new one.
    async fn stop_for_music_assistant(&self, context: &SkillRequest) -> IntentResponse {
        let Some(device) = &context.device else { return IntentResponse::stop() };
        let is_late = match timeout(STARTS, self.store.household(context.at)).await {
            Ok(Ok(household)) => household.has_just_started(device, context.at),
            // A stop that cannot be judged is done.
            Ok(Err(error)) => {
                tracing::warn!(error = %error, "a stop is done without a look at the starts");
                false
            }
            Err(_elapsed) => {
                tracing::warn!(
                    "a stop is done without a look at the starts: the store did not answer in time"
                );
                false
            }
        };
        if is_late { IntentResponse::end_session() } else { IntentResponse::stop() }
    }

    async fn play_or_say(
        &self,
        context: &SkillRequest,
        speaker: Requester,
        hearer: Hearer,
    ) -> Result<IntentResponse, Failure> {
        Ok(play_or_speak(self.music(context, speaker).await?, context, hearer))
    }

    /// The answer to what makes no sense.
    pub(super) async fn not_understood(&self, context: &SkillRequest) -> IntentResponse {
        let invocation_name = self.known_invocation_name().await;
        speak(context, &Message::Fallback { invocation_name })
    }

    /// The skill's name, as far as it is known without asking the store.
    async fn known_invocation_name(&self) -> String {
        self.invocation_name(&*self.settings.last_seen().await)
    }
}

/// The first of those that were suggested is not meant: asks about the next one.
fn decline(context: &SkillRequest) -> IntentResponse {
    let Some(question) = &context.question else {
        return speak(context, &Message::NothingToConfirm);
    };
    match question.declined() {
        Some(next) => next.ask_first(context),
        None => speak(context, &Message::SuggestOver),
    }
}

pub(super) fn play_or_speak(music: PlayAnswer, context: &SkillRequest, hearer: Hearer) -> IntentResponse {
    match music {
        PlayAnswer::Play(directive) => IntentResponse::play(*directive),
        PlayAnswer::PlayAgain(directive, message) => {
            IntentResponse::play(*directive).with_speech(say(&context.locale, &message))
        }
        PlayAnswer::Playing => IntentResponse::end_session(),
        PlayAnswer::Nothing(message) if hearer == Hearer::Person => speak(context, &message),
        PlayAnswer::Nothing(message) => IntentResponse::say(say(&context.locale, &message)),
    }
}

/// A sentence to a person. After a question the microphone is open, after anything else closed.
pub(super) fn speak(context: &SkillRequest, message: &Message) -> IntentResponse {
    let text = say(&context.locale, message);
    if text.contains(QUESTION_MARKS) {
        return IntentResponse::ask(text, say(&context.locale, &Message::Reprompt));
    }
    IntentResponse::say(text)
}

/// A sentence, after which the microphone is open.
pub(super) fn question(context: &SkillRequest, message: &Message, reprompt: &Message) -> IntentResponse {
    IntentResponse::ask(say(&context.locale, message), say(&context.locale, reprompt))
}
