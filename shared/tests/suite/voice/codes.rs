//! The words that we make an Echo say, and the sentences around them.

use std::collections::BTreeSet;

use ma_alexa::account::OneTimeWord;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::control::HomeNames;
use ma_alexa::voice::{IDENTIFY_ECHO, InvocationName, LocaleSpec, WORD_SLOT, WORD_TYPE, interaction_model};
use serde_json::Value;

use super::phrases::ours;
use super::vocabulary::of_built_ins;
use super::{language, voices};

/// What is short, known in more than one country, and meant badly there.
const UNWANTED: [&str; 16] = [
    "anus", "caca", "cazz", "culo", "dick", "fica", "fick", "fuck", "kaka", "merd", "nazi", "piss", "puta",
    "sex", "shit", "xoxo",
];

fn codes() -> BTreeSet<String> {
    OneTimeWord::all().map(|code| code.as_str().to_owned()).collect()
}

/// Where the slot stands in a sentence that is the sample with something in its place.
fn slot_of<'a>(sample: &str, request: &'a str) -> Option<&'a str> {
    let (before, after) = sample.split_once(&format!("{{{WORD_SLOT}}}"))?;
    request.strip_prefix(before)?.strip_suffix(after)
}

#[test]
fn there_are_1024_words_of_five_plain_letters() {
    assert_eq!((OneTimeWord::COUNT, codes().len()), (1024, 1024));
    for word in codes() {
        assert!(word.len() == 5 && word.bytes().all(|letter| letter.is_ascii_lowercase()), "{word}");
        for unwanted in UNWANTED {
            assert!(!word.contains(unwanted), "{word}");
        }
    }
    assert_eq!(OneTimeWord::from_index(0).as_str(), "vafab");
    assert_eq!(OneTimeWord::from_index(1023).as_str(), "zuwuv");
    assert_eq!(OneTimeWord::from_index(1024), OneTimeWord::from_index(0));
}

#[test]
fn a_word_is_read_back_however_it_is_written() {
    for code in OneTimeWord::all() {
        assert_eq!(OneTimeWord::parse(code.as_str()), Some(code.clone()));
        assert_eq!(OneTimeWord::parse(&format!(" {} ", code.as_str().to_uppercase())), Some(code));
    }
    for other in ["", "vafa", "vafabv", "vafac", "bafab", "vaf ab", "vаfab", "{code}", "the kitchen"] {
        assert_eq!(OneTimeWord::parse(other), None, "{other}");
    }
}

#[test]
fn any_word_may_come() {
    let random = SeededRandom::new(4);
    let drawn: BTreeSet<String> =
        (0..20_000).map(|_| OneTimeWord::random(&random).unwrap().as_str().to_owned()).collect();
    assert_eq!(drawn, codes());
}

/// Nothing that people say to the skill holds a code.
#[test]
fn no_code_is_a_word_of_any_language() {
    let codes = codes();
    for voice in voices() {
        let model = interaction_model(voice, &InvocationName::default(), &HomeNames::default());
        let rooms = model.pointer("/interactionModel/languageModel/types/0/values").unwrap();
        let said: Vec<String> = ours()
            .flat_map(|intent| voice.samples(intent).iter().cloned())
            .chain(of_built_ins(voice.locale()).into_iter().map(str::to_owned))
            .chain([rooms.to_string().to_lowercase(), voice.carrier(&InvocationName::default())])
            .collect();
        let said = said.join(" ");
        let words = said.split(|c: char| !c.is_alphabetic());
        let found: Vec<&str> = words.filter(|word| codes.contains(*word)).collect();
        assert!(found.is_empty(), "{}: {found:?}", voice.locale());
    }
}

#[test]
fn every_model_lists_every_code_once() {
    for voice in voices() {
        let model = interaction_model(voice, &InvocationName::default(), &HomeNames::default());
        let listed = &model.pointer("/interactionModel/languageModel/types/1").unwrap();
        assert_eq!(listed["name"], WORD_TYPE);
        let values = listed["values"].as_array().unwrap();
        let names = values.iter().map(|value| value["name"]["value"].as_str().unwrap().to_owned());
        assert_eq!((values.len(), names.collect::<BTreeSet<_>>()), (1024, codes()), "{}", voice.locale());

        let intents = model.pointer("/interactionModel/languageModel/intents").unwrap().as_array().unwrap();
        let holders: Vec<&Value> =
            intents.iter().filter(|intent| intent.to_string().contains(WORD_TYPE)).collect();
        let [identify] = &holders[..] else { panic!("{holders:?}") };
        assert_eq!(identify["name"], IDENTIFY_ECHO);
        assert_eq!((&identify["slots"][0]["name"], &identify["slots"][1]), (&WORD_SLOT.into(), &Value::Null));
    }
}

#[test]
fn the_sentence_is_one_intent_with_the_code_in_its_slot() {
    let name = InvocationName::parse("house music").unwrap();
    for voice in voices() {
        for code in [OneTimeWord::from_index(0), OneTimeWord::from_index(777)] {
            let sentence = voice.identify_sentence(&name, &code);
            let request = sentence.strip_prefix(&format!("{} ", voice.carrier(&name))).unwrap();
            let understood: Vec<_> = ours()
                .flat_map(|intent| voice.samples(intent).iter().map(move |sample| (intent, sample)))
                .filter_map(|(intent, sample)| {
                    if sample == request {
                        return Some((intent, ""));
                    }
                    slot_of(&sample.replace("{player}", "{code}"), request).map(|heard| (intent, heard))
                })
                .collect();
            assert_eq!(understood, [(IDENTIFY_ECHO, code.as_str())], "{}: {sentence}", voice.locale());
        }
        // Dutch has the one of an earlier release, too.
        let count = if voice.locale() == "nl-NL" { 2 } else { 1 };
        assert_eq!(voice.samples(IDENTIFY_ECHO).len(), count, "{}", voice.locale());
    }
}

/// An Echo may be made to say it by a function of another release than the one that taught it.
#[test]
fn the_sentences_stay_as_they_were_released() {
    let released: Vec<String> = voices()
        .map(|voice| {
            let sentence = voice.identify_sentence(&InvocationName::default(), &OneTimeWord::from_index(0));
            format!("{} {sentence}", voice.locale())
        })
        .collect();
    insta::assert_snapshot!(released.join("\n"));
    assert!(voices().map(LocaleSpec::locale).map(language).collect::<BTreeSet<_>>().len() == 10);
}
