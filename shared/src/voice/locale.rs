//! One locale's data file.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::start::{StartOutcome, StartPhrase};
use super::{IDENTIFY_ECHO, MA_PAUSE, MA_RESUME, MA_STOP, PLAY_AUDIO, PLAY_MUSIC, QUERY_SLOT, WORD_SLOT};
use crate::account::OneTimeWord;
use crate::config::{InvocationName, MaPhrases};

/// The placeholder of the invocation name in a carrier phrase.
const NAME: &str = "{name}";

/// Phrases and interaction model of one locale.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocaleSpec {
    locale: String,
    carrier: String,
    start: Vec<StartPhrase>,
    without: Vec<String>,
    builtin_words: BuiltinWords,
    samples: BTreeMap<String, Vec<String>>,
    player_answers: Vec<String>,
    players: Vec<Room>,
}

/// The texts after the carrier phrase for Amazon's own pause, resume and stop.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BuiltinWords {
    pause: Vec<String>,
    resume: Vec<String>,
    stop: Vec<String>,
}

/// A name that a player is likely to have, as an entry of the custom slot type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Room {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) synonyms: Vec<String>,
}

impl LocaleSpec {
    /// The data of a locale such as `de-DE`; none for one that is not in [`locales`].
    #[must_use]
    pub fn of(locale: &str) -> Option<&'static Self> {
        let at = FILES.iter().position(|(name, _)| *name == locale)?;
        VOICES[at].get_or_init(|| Self::load(at)).as_ref()
    }

    #[cfg_attr(
        not(feature = "http"),
        expect(unused_mut, reason = "a function that answers Alexa makes no model")
    )]
    fn load(at: usize) -> Option<Self> {
        let mut voice: Self = serde_json::from_str(FILES[at].1).ok()?;
        #[cfg(feature = "http")]
        voice.samples.extend(serde_json::from_str::<BTreeMap<String, Vec<String>>>(MUSIC[at]).ok()?);
        Some(voice)
    }

    /// The locale, such as `de-DE`.
    #[must_use]
    pub fn locale(&self) -> &str {
        &self.locale
    }

    /// The phrase before a request in one sentence, such as `ask music assistant to`.
    ///
    /// Music Assistant puts it, and a space, before each utterance.
    #[must_use]
    pub fn carrier(&self, invocation_name: &InvocationName) -> String {
        self.carrier.replace(NAME, invocation_name.as_str())
    }

    /// The whole sentence that an Echo is made to say, so that the word comes back as [`IDENTIFY_ECHO`].
    #[must_use]
    pub fn identify_sentence(&self, invocation_name: &InvocationName, word: &OneTimeWord) -> String {
        let sample = self.samples(IDENTIFY_ECHO).first().map_or("", String::as_str);
        let request = sample.replace(&format!("{{{WORD_SLOT}}}"), word.as_str());
        format!("{} {request}", self.carrier(invocation_name))
    }

    /// The phrases that Music Assistant looks up for pause, resume and stop: the name of the built-in intent, and its utterances,
    /// of which it speaks the first after the carrier phrase.
    #[must_use]
    pub fn ma_utterances(&self, phrases: MaPhrases) -> [(&'static str, &[String]); 3] {
        let words = &self.builtin_words;
        let [pause, resume, stop] = match phrases {
            MaPhrases::Own => [MA_PAUSE, MA_RESUME, MA_STOP].map(|intent| self.samples(intent)),
            MaPhrases::Builtin => [words.pause.as_slice(), &words.resume, &words.stop],
        };
        [("AMAZON.PauseIntent", pause), ("AMAZON.ResumeIntent", resume), ("AMAZON.StopIntent", stop)]
    }

    /// The start phrases of Music Assistant, the newest version's sentence first.
    #[must_use]
    pub fn start_sentences(&self) -> &[StartPhrase] {
        &self.start
    }

    /// Whether an Echo of this locale understands what Music Assistant's newest version speaks to start the music.
    #[must_use]
    pub fn ma_can_start(&self) -> bool {
        self.start.first().is_some_and(|newest| newest.arrives_as != StartOutcome::NotUnderstood)
    }

    /// Whether Music Assistant's sentence for play is no more than the skill's name, so that it arrives as a
    /// launch and a launch may be Music Assistant's.
    #[must_use]
    pub fn launch_is_ma_phrase(&self) -> bool {
        self.start.iter().any(|sentence| sentence.arrives_as == StartOutcome::LaunchRequest)
    }

    /// The samples of one of our intents; none for a built-in, which must not have any.
    #[must_use]
    pub fn samples(&self, intent: &str) -> &[String] {
        self.samples.get(intent).map_or(&[], Vec::as_slice)
    }

    /// Whether the text that was heard for [`PLAY_MUSIC`] makes one of Music Assistant's own sentences, or a sentence of
    /// [`PLAY_AUDIO`]: nothing is looked for then.
    #[must_use]
    pub fn means_audio(&self, heard: &str) -> bool {
        let heard = letters(heard);
        let slot = format!("{{{QUERY_SLOT}}}");
        let whole = self.samples(PLAY_MUSIC).iter().map(|sample| letters(sample).replace(&slot, &heard));
        let sentences: Vec<String> = std::iter::once(heard.clone()).chain(whole).collect();
        let audio = self.samples(PLAY_AUDIO).iter().map(String::as_str);
        let known = audio.chain(self.start.iter().map(|start| start.says.as_str()));
        known.map(letters).any(|known| sentences.contains(&known))
    }

    /// Whether a name is a whole request to the skill, such as "stop" or "play audio". As a name of a room, which a person
    /// may say alone, it would take the place of that request.
    #[must_use]
    pub fn is_request(&self, name: &str) -> bool {
        let BuiltinWords { pause, resume, stop } = &self.builtin_words;
        let name = letters(name);
        let samples = self.samples.values().flatten();
        let mut known = samples.chain(pause).chain(resume).chain(stop);
        known.any(|known| letters(known) == name) || self.means_audio(&name)
    }

    /// Whether this locale goes without a built-in intent that others declare.
    pub(super) fn omits_article(&self, intent: &str) -> bool {
        self.without.iter().any(|without| without == intent)
    }

    pub(super) fn player_answers(&self) -> &[String] {
        &self.player_answers
    }

    pub(super) fn players(&self) -> &[Room] {
        &self.players
    }

    /// The names by which people mean all players at once.
    #[cfg(test)]
    pub(crate) fn everywhere(&self) -> impl Iterator<Item = &str> {
        let all = self.players.iter().filter(|room| room.id == "everywhere");
        all.flat_map(|room| [&room.name].into_iter().chain(&room.synonyms)).map(String::as_str)
    }
}

/// A sentence without spaces and capitals: Japanese is written with and without spaces.
fn letters(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// The locales that Alexa skills can have, in alphabetical order.
#[must_use]
pub fn locales() -> impl ExactSizeIterator<Item = &'static str> {
    FILES.iter().map(|(locale, _)| *locale)
}

macro_rules! files {
    ($($locale:literal),+ $(,)?) => {
        static FILES: [(&str, &str); 17] = [$(($locale, include_str!(concat!("locales/", $locale, ".json")))),+];

        /// The samples about music of each locale, in the same order.
        #[cfg(feature = "http")]
        static MUSIC: [&str; 17] = [$(include_str!(concat!("locales/music/", $locale, ".json"))),+];
    };
}

files![
    "ar-SA", "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES", "es-MX", "es-US", "fr-CA",
    "fr-FR", "hi-IN", "it-IT", "ja-JP", "nl-NL", "pt-BR",
];

static VOICES: [OnceLock<Option<LocaleSpec>>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];
