//! Test sentences of a language, each with the intent that Amazon has to select.

use crate::account::OneTimeWord;
use crate::config::{InvocationName, MaPhrases};
use crate::voice::{
    IDENTIFY_ECHO, LocaleSpec, MA_PAUSE, MA_RESUME, MA_STOP, PAIR_ECHO, PLAY_AUDIO, StartOutcome, WORD_SLOT,
};

/// The name in the sentences of Music Assistant that cannot be changed.
const FIXED_NAME: &str = "music assistant";

/// A test sentence, without the phrase that names the skill: Amazon tests the rest of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) text: String,
    pub(super) expected: &'static str,
}

/// All test sentences of a language.
pub(super) fn of(voice: &LocaleSpec) -> Vec<Sentence> {
    let mut sentences: Vec<Sentence> = Vec::new();
    let mut add = |text: &str, expected| {
        let sentence = Sentence { text: text.to_owned(), expected };
        if !text.is_empty() && !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    };
    for start in voice.start_sentences().iter().filter(|start| start.arrives_as == StartOutcome::PlayAudio) {
        add(request(voice, &start.says), PLAY_AUDIO);
    }
    let intents = [MA_PAUSE, MA_RESUME, MA_STOP];
    for (intent, (_, utterances)) in intents.into_iter().zip(voice.ma_utterances(MaPhrases::Own)) {
        add(utterances.first().map_or("", String::as_str), intent);
    }
    let identify = voice.samples(IDENTIFY_ECHO).first().map_or("", String::as_str);
    add(&identify.replace(&format!("{{{WORD_SLOT}}}"), OneTimeWord::from_index(0).as_str()), IDENTIFY_ECHO);
    let pair = voice.samples(PAIR_ECHO).iter().find(|sample| !sample.contains('{'));
    add(pair.map_or("", String::as_str), PAIR_ECHO);
    sentences
}

/// The part of a sentence after the phrase that names the skill.
fn request<'a>(voice: &LocaleSpec, says: &'a str) -> &'a str {
    let carrier = FIXED_NAME.parse::<InvocationName>().map(|name| voice.carrier(&name));
    let after = carrier.ok().and_then(|carrier| says.strip_prefix(carrier.as_str()));
    let after = after.or_else(|| says.split_once(FIXED_NAME).map(|(_, after)| after));
    after.unwrap_or(says).trim()
}
