//! What people say about music, held against Amazon's rules, and each sentence against those of all other intents.

use std::collections::{BTreeMap, BTreeSet};

use ma_alexa::voice::{
    DURATION_SLOT, LEVEL_SLOT, LocaleSpec, MUSIC_INTENTS, PLAY_AUDIO, PLAYER_SLOT, SEARCH_QUERY,
};
use serde_json::Value;

use super::models::{intents, models, name, parts, texts};
use super::vocabulary::of_built_ins;
use super::voices;

/// Largest model that Amazon takes, in bytes (Alexa Skills Kit, limits of skills).
const LARGEST_MODEL: usize = 1_500_000;

/// A sample of a model.
pub(super) struct Sample {
    pub(super) intent: String,
    text: String,
}

pub(super) fn samples(model: &Value) -> Vec<Sample> {
    intents(model)
        .iter()
        .flat_map(|intent| {
            texts(&intent["samples"])
                .into_iter()
                .map(|text| Sample { intent: name(intent).to_owned(), text: text.to_owned() })
        })
        .collect()
}

/// The slots of an intent as name and type.
fn slots(intent: &Value) -> Vec<(&str, &str)> {
    let slots = intent["slots"].as_array().into_iter().flatten();
    slots.map(|slot| (name(slot), slot["type"].as_str().unwrap())).collect()
}

impl Sample {
    /// The text around its only slot; none without one, and with several.
    fn around(&self) -> Option<(&str, &str)> {
        let (before, rest) = self.text.split_once('{')?;
        let (_, after) = rest.split_once('}')?;
        (!after.contains('{')).then_some((before.trim(), after.trim()))
    }

    /// The same for any slot: two samples that differ only in the names of their slots are one to Alexa.
    fn shape(&self) -> String {
        let mut shape = String::new();
        for piece in self.text.split_inclusive('}') {
            let (text, slot) = piece.split_once('{').unwrap_or((piece, ""));
            shape.push_str(text);
            shape.push_str(if slot.is_empty() { "" } else { "{}" });
        }
        shape
    }

    /// Number of characters that are always the same. Of several samples that fit, the one with the most is the closest.
    pub(super) fn fixed(&self) -> usize {
        parts(&self.text).0.chars().filter(|c| !c.is_whitespace()).count()
    }

    /// Whether a sentence is this sample with something in its slots: for a slot of a list, one of it.
    pub(super) fn fits(&self, sentence: &str, players: &[String]) -> bool {
        fits(&self.text, sentence, players)
    }
}

fn fits(sample: &str, sentence: &str, players: &[String]) -> bool {
    let Some((before, rest)) = sample.split_once('{') else { return sample == sentence };
    let Some(sentence) = sentence.strip_prefix(before) else { return false };
    let (slot, after) = rest.split_once('}').unwrap();
    let is_value = |text: &str| match slot {
        PLAYER_SLOT => players.iter().any(|player| player == text),
        DURATION_SLOT => text == TIME,
        LEVEL_SLOT => text == LEVEL,
        "code" => text == CODE,
        _free => !text.trim().is_empty(),
    };
    // Slots stand apart, so words follow, or nothing.
    let words = after.split('{').next().unwrap();
    if words.is_empty() {
        return is_value(sentence);
    }
    let mut ends = sentence.match_indices(words).map(|(end, _)| end).filter(|end| *end > 0);
    ends.any(|end| is_value(&sentence[..end]) && fits(after, &sentence[end..], players))
}

/// What stands for a slot in an expanded sentence. None of it is a word of a sample.
pub(super) const TIME: &str = "§30";
pub(super) const LEVEL: &str = "§40";
const CODE: &str = "vafab";
const TITLES: [&str; 2] = ["zzyzx", "quuxly zzyzx"];

/// The sentences that a sample stands for.
fn expanded(sample: &Sample, players: &[String]) -> Vec<String> {
    TITLES
        .into_iter()
        .zip(players)
        .map(|(title, player)| {
            let (mut sentence, mut rest) = (String::new(), sample.text.as_str());
            while let Some((before, after)) = rest.split_once('{') {
                let (slot, after) = after.split_once('}').unwrap();
                sentence.push_str(before);
                sentence.push_str(match slot {
                    PLAYER_SLOT => player,
                    DURATION_SLOT => TIME,
                    LEVEL_SLOT => LEVEL,
                    "code" => CODE,
                    _free => title,
                });
                rest = after;
            }
            sentence + rest
        })
        .collect()
}

/// The names of the type of players, as they are spoken.
pub(super) fn players(model: &Value) -> Vec<String> {
    let values = model.pointer("/interactionModel/languageModel/types/0/values").unwrap().as_array().unwrap();
    values.iter().map(|value| value["name"]["value"].as_str().unwrap().to_lowercase()).collect()
}

#[test]
fn every_locale_asks_for_music_in_every_way() {
    for voice in voices() {
        for intent in MUSIC_INTENTS {
            let samples = voice.samples(intent.name);
            assert!(samples.len() >= 3, "{} {}: {samples:?}", voice.locale(), intent.name);
            for (slot, _) in intent.slots {
                let slot = format!("{{{slot}}}");
                assert!(samples.iter().any(|s| s.contains(&slot)), "{} {}", voice.locale(), intent.name);
            }
        }
    }
}

#[test]
fn free_text_is_the_only_slot_of_its_intent_and_has_words_around_it() {
    for (voice, model) in models() {
        for intent in intents(&model) {
            let slots = slots(intent);
            if slots.iter().all(|(_, kind)| *kind != SEARCH_QUERY) {
                continue;
            }
            assert_eq!(slots.len(), 1, "{} {}", voice.locale(), name(intent));
            for sample in texts(&intent["samples"]) {
                let (words, used) = parts(sample);
                assert_eq!(used, [slots[0].0], "{}: {sample}", voice.locale());
                assert!(words.chars().any(char::is_alphabetic), "{}: {sample}", voice.locale());
            }
        }
    }
}

#[test]
fn a_slot_stands_apart_from_the_words_and_from_other_slots() {
    for (voice, model) in models() {
        for sample in samples(&model) {
            for (at, _) in sample.text.match_indices('{') {
                assert!(at == 0 || sample.text[..at].ends_with(' '), "{}: {}", voice.locale(), sample.text);
            }
            for (at, _) in sample.text.match_indices('}') {
                let after = &sample.text[at + 1..];
                assert!(after.is_empty() || after.starts_with(' '), "{}: {}", voice.locale(), sample.text);
                assert!(!after.starts_with(" {"), "{}: {}", voice.locale(), sample.text);
            }
        }
    }
}

#[test]
fn no_sample_is_that_of_another_intent_with_another_slot() {
    for (voice, model) in models() {
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        for sample in samples(&model) {
            let earlier = owners.insert(sample.shape(), sample.intent.clone());
            let same = earlier.is_none_or(|earlier| earlier == sample.intent);
            assert!(same, "{}: {} in {}", voice.locale(), sample.text, sample.intent);
        }
    }
}

/// A sample without a slot wins against a longer one that begins with it, and what follows is lost.
#[test]
fn no_sample_is_the_carrier_of_another_with_nothing_behind_it() {
    for (voice, model) in models() {
        let samples = samples(&model);
        let plain: BTreeSet<&str> =
            samples.iter().filter(|s| !s.text.contains('{')).map(|s| s.text.as_str()).collect();
        for sample in &samples {
            let alone = match sample.around() {
                Some((before, "")) => before,
                Some(("", after)) => after,
                _ => continue,
            };
            assert!(!plain.contains(alone), "{}: {alone} beside {}", voice.locale(), sample.text);
        }
    }
}

#[test]
fn every_sentence_of_an_intent_belongs_to_no_other() {
    let mut sentences = 0;
    for (voice, model) in models() {
        let (samples, players) = (samples(&model), players(&model));
        let texts: Vec<(usize, &Sample)> = samples.iter().map(|sample| (sample.fixed(), sample)).collect();
        for sample in &samples {
            for sentence in expanded(sample, &players) {
                sentences += 1;
                let fitting: Vec<_> = texts.iter().filter(|(_, s)| s.fits(&sentence, &players)).collect();
                let most = fitting.iter().map(|(fixed, _)| *fixed).max().unwrap();
                let closest: BTreeSet<&str> = fitting
                    .iter()
                    .filter(|(fixed, _)| *fixed == most)
                    .map(|(_, s)| s.intent.as_str())
                    .collect();
                let own = BTreeSet::from([sample.intent.as_str()]);
                assert_eq!(closest, own, "{}: {sentence}", voice.locale());
            }
        }
    }
    assert!(sentences > 10_000, "{sentences}");
}

/// What Amazon's own intents understand must stay theirs. Their words alone make no sample of ours.
#[test]
fn no_sample_is_made_of_words_of_amazons_intents_alone() {
    for voice in voices().filter(|voice| !voice.locale().starts_with("ja")) {
        let theirs: BTreeSet<&str> = of_built_ins(voice.locale()).into_iter().collect();
        for intent in MUSIC_INTENTS {
            for sample in voice.samples(intent.name).iter().filter(|sample| !sample.contains('{')) {
                let is_theirs = sample.split_whitespace().all(|word| theirs.contains(word));
                assert!(!is_theirs, "{} {}: {sample}", voice.locale(), intent.name);
            }
        }
    }
}

#[test]
fn a_model_is_within_the_limits_of_amazon() {
    for (voice, model) in models() {
        let size = model.to_string().len();
        assert!(size < LARGEST_MODEL / 4, "{}: {size}", voice.locale());
        assert!(intents(&model).len() <= 250, "{}", voice.locale());
        for sample in samples(&model) {
            assert!(sample.text.chars().count() <= 100, "{}: {}", voice.locale(), sample.text);
        }
    }
}

#[test]
fn music_assistants_words_are_never_looked_for() {
    for voice in voices() {
        for sample in voice.samples(PLAY_AUDIO) {
            assert!(voice.means_audio(sample), "{}: {sample}", voice.locale());
        }
        assert!(!voice.means_audio("blue"), "{}", voice.locale());
        assert!(!voice.means_audio(""), "{}", voice.locale());
    }
    let means_audio = |locale, words| LocaleSpec::of(locale).unwrap().means_audio(words);
    assert!(means_audio("en-US", "Audio") && means_audio("es-ES", "la música"));
    assert!(means_audio("it-IT", "l'audio") && means_audio("nl-NL", "Music Assistant"));
    assert!(!means_audio("en-US", "audio slave"));
}
