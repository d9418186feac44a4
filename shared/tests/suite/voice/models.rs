//! The interaction models, held against Amazon's rules for them.

use std::collections::{BTreeMap, BTreeSet};

use ma_alexa::control::HomeNames;
use ma_alexa::voice::{
    InvocationName, LocaleSpec, PAIR_ECHO, PLAY_PLAYLIST, PLAYER_TYPE, PLAYLIST_TYPE, WORD_TYPE,
    interaction_model, locales,
};
use serde_json::Value;
use unicode_normalization::char::is_combining_mark;

use super::phrases::ours;
use super::voices;

const LOCALES: [&str; 17] = [
    "ar-SA", "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES", "es-MX", "es-US", "fr-CA",
    "fr-FR", "hi-IN", "it-IT", "ja-JP", "nl-NL", "pt-BR",
];

pub(super) fn model(voice: &LocaleSpec) -> Value {
    interaction_model(voice, &InvocationName::default(), &HomeNames::default())
}

/// Names that a home may have, and that no model may break by.
pub(super) const HOSTILE: [&str; 18] = [
    "Sonos Bath",
    "Büro 2",
    "play audio",
    "stop",
    "next",
    "\u{1f3a7}",
    "\"Quoted\" <b>name</b>",
    "{player}",
    "{playlist}",
    "AMAZON.StopIntent",
    "ask music assistant to play audio",
    "the first one",
    "bu\u{308}ro 2",
    "  ",
    "",
    "\u{202e}reversed\u{0}",
    "هذه قائمة",
    "my playlist",
];

/// The model of a home with such names.
pub(super) fn model_of_home(voice: &LocaleSpec) -> Value {
    let names =
        HOSTILE.map(str::to_owned).into_iter().chain([format!("l{}", "o".repeat(300)), "キッチン".into()]);
    let playlists = (0..500).map(|number| format!("Mix {number}"));
    let names = HomeNames { rooms: names.clone().collect(), playlists: names.chain(playlists).collect() };
    interaction_model(voice, &InvocationName::default(), &names)
}

/// Every locale with its model, for a home that is not known and for one with hostile names.
pub(super) fn models() -> impl Iterator<Item = (&'static LocaleSpec, Value)> {
    voices().flat_map(|voice| [(voice, model(voice)), (voice, model_of_home(voice))])
}

pub(super) fn intents(model: &Value) -> &Vec<Value> {
    model.pointer("/interactionModel/languageModel/intents").unwrap().as_array().unwrap()
}

fn names(model: &Value) -> BTreeSet<String> {
    intents(model).iter().map(|intent| intent["name"].as_str().unwrap().to_owned()).collect()
}

pub(super) fn texts(value: &Value) -> Vec<&str> {
    value.as_array().map(|all| all.iter().map(|text| text.as_str().unwrap()).collect()).unwrap_or_default()
}

/// A sample without its slots, and the slots.
pub(super) fn parts(sample: &str) -> (String, Vec<String>) {
    let (mut words, mut slots) = (String::new(), Vec::new());
    for piece in sample.split_inclusive('}') {
        let (text, slot) = piece.split_once('{').unwrap_or((piece, ""));
        words.push_str(text);
        slots.extend(slot.strip_suffix('}').map(str::to_owned));
    }
    (words, slots)
}

#[test]
fn there_are_the_seventeen_locales() {
    assert_eq!(locales().collect::<Vec<_>>(), LOCALES);
    for voice in voices() {
        assert_eq!(LocaleSpec::of(voice.locale()).unwrap().locale(), voice.locale());
    }
    assert!(LocaleSpec::of("sv-SE").is_none());
    assert!(LocaleSpec::of("").is_none());
}

#[test]
fn every_locale_has_a_whole_model() {
    for voice in voices() {
        let model = model(voice);
        let language = model.pointer("/interactionModel/languageModel").unwrap();
        assert_eq!(language["invocationName"], "music assistant", "{}", voice.locale());
        for intent in intents(&model) {
            let keys: Vec<&String> = intent.as_object().unwrap().keys().collect();
            assert!(keys.iter().all(|key| ["name", "samples", "slots"].contains(&key.as_str())), "{keys:?}");
            assert!(intent["samples"].is_array(), "{} {intent}", voice.locale());
        }
        for intent in ours() {
            assert!(names(&model).contains(intent), "{} {intent}", voice.locale());
            assert!(!voice.samples(intent).is_empty(), "{} {intent}", voice.locale());
        }
    }
}

#[test]
fn every_handled_intent_is_declared() {
    let everywhere =
        ["Next", "Previous", "ShuffleOn", "ShuffleOff", "Repeat", "StartOver", "Pause", "Resume"]
            .into_iter()
            .chain(["Cancel", "Fallback", "Help", "NavigateHome", "No", "Stop", "Yes"]);
    let everywhere: Vec<String> = everywhere.map(|intent| format!("AMAZON.{intent}Intent")).collect();
    let mut with_loop = 0;
    for voice in voices() {
        let names = names(&model(voice));
        for intent in &everywhere {
            assert!(names.contains(intent), "{} {intent}", voice.locale());
        }
        let loops = ["AMAZON.LoopOnIntent", "AMAZON.LoopOffIntent"].map(|intent| names.contains(intent));
        assert_eq!(loops[0], loops[1], "{}", voice.locale());
        with_loop += usize::from(loops[0]);
    }
    assert_eq!(with_loop, 13);
}

#[test]
fn built_ins_have_no_samples_of_their_own() {
    for (voice, model) in models() {
        for intent in intents(&model) {
            let name = intent["name"].as_str().unwrap();
            if name.starts_with("AMAZON.") {
                assert_eq!(intent["samples"], Value::Array(vec![]), "{} {name}", voice.locale());
                assert!(intent.get("slots").is_none(), "{} {name}", voice.locale());
            }
        }
    }
}

#[test]
fn samples_are_written_as_alexa_takes_them() {
    for (voice, model) in models() {
        for intent in intents(&model) {
            let declared: Vec<&str> = intent["slots"].as_array().into_iter().flatten().map(name).collect();
            let answers = intent["slots"].as_array().into_iter().flatten().flat_map(|s| texts(&s["samples"]));
            for sample in texts(&intent["samples"]).into_iter().chain(answers) {
                let (words, slots) = parts(sample);
                let context = format!("{}: {sample}", voice.locale());
                assert!(words.chars().all(is_sample_character), "{context}");
                assert_eq!(words.to_lowercase(), words, "{context}");
                assert_eq!(sample.split_whitespace().collect::<Vec<_>>().join(" "), sample, "{context}");
                assert!(slots.iter().all(|slot| declared.contains(&slot.as_str())), "{context}");
                assert_eq!(slots.len(), slots.iter().collect::<BTreeSet<_>>().len(), "{context}");
            }
        }
    }
}

pub(super) fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

fn is_sample_character(character: char) -> bool {
    character.is_alphabetic() || is_combining_mark(character) || " '.".contains(character)
}

#[test]
fn no_sample_stands_twice_in_a_locale() {
    for (voice, model) in models() {
        let mut owner = BTreeMap::new();
        for intent in intents(&model) {
            for sample in texts(&intent["samples"]) {
                let earlier = owner.insert(sample.to_owned(), name(intent));
                assert_eq!(earlier, None, "{}: {sample} in {}", voice.locale(), name(intent));
            }
        }
        let mut answers = BTreeSet::new();
        for intent in intents(&model) {
            for slot in intent["slots"].as_array().into_iter().flatten() {
                assert!(texts(&slot["samples"]).into_iter().all(|answer| answers.insert(answer)), "{slot}");
            }
        }
    }
}

#[test]
fn a_slot_has_one_type_and_the_dialog_names_what_is_declared() {
    for (voice, model) in models() {
        let mut types = BTreeMap::new();
        let slots = intents(&model).iter().flat_map(|intent| {
            intent["slots"].as_array().into_iter().flatten().map(move |slot| (name(intent), slot))
        });
        for (intent, slot) in slots {
            let earlier = types.insert(name(slot).to_owned(), slot["type"].clone());
            assert!(earlier.is_none_or(|earlier| earlier == slot["type"]), "{}", voice.locale());
            let answered = texts(&slot["samples"]).contains(&"{player}");
            assert_eq!(
                answered,
                intent == PAIR_ECHO,
                "{}: a person is asked for a player alone",
                voice.locale()
            );
        }
        let dialog = model.pointer("/interactionModel/dialog").unwrap();
        assert_eq!(dialog["delegationStrategy"], "SKILL_RESPONSE");
        let intent = &dialog["intents"][0];
        assert_eq!(intent["name"], PAIR_ECHO);
        let slot = &intent["slots"][0];
        assert_eq!(types.get(name(slot)), Some(&slot["type"]));
        assert_eq!(slot["elicitationRequired"], true);
        let prompt = &model.pointer("/interactionModel/prompts").unwrap()[0];
        assert_eq!(prompt["id"], slot["prompts"]["elicitation"]);
        assert!(!prompt["variations"][0]["value"].as_str().unwrap().is_empty());
    }
}

#[test]
fn player_names_are_values_that_alexa_takes() {
    for voice in voices() {
        let model = model(voice);
        let types = model.pointer("/interactionModel/languageModel/types").unwrap().as_array().unwrap();
        assert_eq!(types.iter().map(name).collect::<Vec<_>>(), [PLAYER_TYPE, WORD_TYPE]);
        let values = types[0]["values"].as_array().unwrap();
        assert!(values.len() >= 8, "{}", voice.locale());
        let (mut ids, mut spoken) = (BTreeSet::new(), BTreeSet::new());
        for value in values {
            assert!(ids.insert(value["id"].as_str().unwrap()), "{} {value}", voice.locale());
            let named = &value["name"];
            for text in [named["value"].as_str().unwrap()].into_iter().chain(texts(&named["synonyms"])) {
                assert!((1..=140).contains(&text.chars().count()), "{} {text}", voice.locale());
                assert!(spoken.insert(text.to_lowercase()), "{}: {text} twice", voice.locale());
            }
        }
    }
}

#[test]
fn the_players_of_a_household_are_known_by_their_names() {
    let voice = LocaleSpec::of("en-US").unwrap();
    let long = "x".repeat(300);
    let many: Vec<String> = (0..500).map(|number| format!("speaker {number}")).collect();
    let values = |players: &[&str]| {
        let names =
            HomeNames { rooms: players.iter().map(|&name| name.into()).collect(), playlists: Vec::new() };
        let model = interaction_model(voice, &InvocationName::default(), &names);
        model.pointer("/interactionModel/languageModel/types/0/values").unwrap().as_array().unwrap().clone()
    };
    let fixed = values(&[]).len();
    let own = |players: &[&str]| -> Vec<String> {
        let values = values(players);
        let own = values.iter().take(values.len() - fixed);
        own.map(|value| value["name"]["value"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(own(&["Kitchen Speaker", "Kitchen", "kitchen speaker", "Büro"]), ["Kitchen Speaker", "Büro"]);
    assert_eq!(own(&["Mum & Dad's (old) \u{1f3a7} Echo!", "🎧", " ", ""]), ["Mum & Dad's old Echo"]);
    assert_eq!(own(&[&long])[0].chars().count(), 140);
    assert_eq!(own(&many.iter().map(String::as_str).collect::<Vec<_>>()).len(), 200);
    // A name of the household is no synonym of a room.
    let lounge = values(&["Lounge"]);
    let of_lounge: Vec<&Value> =
        lounge.iter().filter(|value| value.to_string().to_lowercase().contains("\"lounge\"")).collect();
    assert_eq!(of_lounge.len(), 1);
    assert_eq!(of_lounge[0]["name"]["value"], "Lounge");
}

#[test]
fn the_names_of_a_home_are_values_that_alexa_takes() {
    for voice in voices() {
        let model = model_of_home(voice);
        let types = model.pointer("/interactionModel/languageModel/types").unwrap().as_array().unwrap();
        assert_eq!(types.iter().map(name).collect::<Vec<_>>(), [PLAYER_TYPE, WORD_TYPE, PLAYLIST_TYPE]);
        for (of_type, least) in [(&types[0], 10), (&types[2], 200)] {
            let values = of_type["values"].as_array().unwrap();
            assert!((least..=700).contains(&values.len()), "{}: {}", voice.locale(), values.len());
            let mut spoken = BTreeSet::new();
            for value in values {
                let text = value["name"]["value"].as_str().unwrap();
                assert!((1..=140).contains(&text.chars().count()), "{} {text}", voice.locale());
                assert!(
                    text.chars().all(|c| is_sample_character(c) || c.is_numeric() || "-&".contains(c)),
                    "{text}"
                );
                assert!(spoken.insert(text.to_lowercase()), "{}: {text} twice", voice.locale());
            }
        }
        let rooms = types[0].to_string();
        assert!(rooms.contains("\"Sonos Bath\""), "{}", voice.locale());
        let is_request = voice.is_request("play audio");
        assert_eq!(rooms.contains("\"play audio\""), !is_request, "{}", voice.locale());
        assert!(is_request || !voice.locale().starts_with("en"), "{}", voice.locale());
        let playlist = intents(&model).iter().find(|intent| name(intent) == PLAY_PLAYLIST).unwrap();
        assert_eq!(playlist["slots"][0]["type"], PLAYLIST_TYPE);
        assert!(
            !model.to_string().contains("\"AMAZON.SearchQuery\",\"samples\":[]},{"),
            "free text stands alone"
        );
    }
}

#[test]
fn the_carrier_holds_the_name_once() {
    let name = InvocationName::parse("house music").unwrap();
    for voice in voices() {
        assert_eq!(voice.carrier(&name).matches("house music").count(), 1, "{}", voice.locale());
        assert!(!voice.carrier(&name).contains(['{', '}']), "{}", voice.locale());
        assert_eq!(voice.carrier(&name).trim(), voice.carrier(&name));
        let model = interaction_model(voice, &name, &HomeNames::default());
        assert_eq!(model["interactionModel"]["languageModel"]["invocationName"], "house music");
    }
}

/// The codes are the same everywhere and have tests of their own.
fn without_codes(locale: &str) -> Value {
    let mut model = model(LocaleSpec::of(locale).unwrap());
    let codes = model.pointer_mut("/interactionModel/languageModel/types/1/values").unwrap();
    *codes = format!("{} codes", codes.as_array().unwrap().len()).into();
    model
}

#[test]
fn the_model_of_en_us() {
    insta::assert_json_snapshot!(without_codes("en-US"));
}

#[test]
fn the_model_of_de_de() {
    insta::assert_json_snapshot!(without_codes("de-DE"));
}
