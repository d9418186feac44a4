//! What a person says in English, as Alexa sends it: by the interaction model, or as an intent of Amazon's.
#![expect(clippy::unwrap_used, reason = "a sentence that is none has failed its test")]

use ma_alexa::config::InvocationName;
use ma_alexa::control::HomeNames;
use ma_alexa::voice::{LocaleSpec, interaction_model};
use serde_json::{Map, Value, json};

/// What a person says of Amazon's own intents, which have no samples (Alexa Skills Kit, standard built-in intents).
const OF_AMAZON: [(&str, &str); 13] = [
    ("next", "NextIntent"),
    ("previous", "PreviousIntent"),
    ("start over", "StartOverIntent"),
    ("repeat this", "RepeatIntent"),
    ("shuffle on", "ShuffleOnIntent"),
    ("shuffle off", "ShuffleOffIntent"),
    ("loop on", "LoopOnIntent"),
    ("loop off", "LoopOffIntent"),
    ("pause", "PauseIntent"),
    ("resume", "ResumeIntent"),
    ("stop", "StopIntent"),
    ("yes", "YesIntent"),
    ("no", "NoIntent"),
];

/// Durations and numbers as Alexa sends them (Alexa Skills Kit, slot type reference).
const VALUES: [(&str, &str); 5] = [
    ("five seconds", "PT5S"),
    ("thirty seconds", "PT30S"),
    ("one minute", "PT1M"),
    ("forty", "40"),
    ("ten", "10"),
];

/// The intent that Alexa makes of a sentence: that of the closest sample.
pub(super) fn intent(sentence: &str) -> Value {
    if let Some((_, name)) = OF_AMAZON.iter().find(|(said, _)| *said == sentence) {
        return json!({ "name": format!("AMAZON.{name}"), "confirmationStatus": "NONE" });
    }
    let voice = LocaleSpec::of("en-US").unwrap();
    let model = interaction_model(voice, &InvocationName::default(), &HomeNames::default());
    let intents = model["interactionModel"]["languageModel"]["intents"].as_array().unwrap();
    let understood = intents.iter().flat_map(|intent| {
        let samples = intent["samples"].as_array().into_iter().flatten().filter_map(Value::as_str);
        samples.filter_map(move |sample| Some((fixed(sample), &intent["name"], slots(sample, sentence)?)))
    });
    let (_, name, slots) =
        understood.max_by_key(|(fixed, ..)| *fixed).unwrap_or_else(|| panic!("{sentence}"));
    json!({ "name": name, "confirmationStatus": "NONE", "slots": slots })
}

/// Number of characters that are always the same.
fn fixed(sample: &str) -> usize {
    let slots = sample.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    sample.len() - slots.map(|(name, _)| name.len() + 2).sum::<usize>()
}

/// The slots of a sentence, where it is this sample.
fn slots(sample: &str, sentence: &str) -> Option<Map<String, Value>> {
    let Some((before, rest)) = sample.split_once('{') else {
        return (sample == sentence).then(Map::new);
    };
    let sentence = sentence.strip_prefix(before)?;
    let (name, after) = rest.split_once('}')?;
    let next = after.split('{').next().unwrap_or_default();
    let (heard, rest) = match next {
        "" => (sentence, ""),
        fixed => {
            let at = sentence.rfind(fixed)?;
            sentence.split_at(at)
        }
    };
    let is_one = !heard.trim().is_empty() && (name != "duration" && name != "level" || value(heard) != heard);
    let mut slots = slots(after, rest).filter(|_| is_one)?;
    let value = value(heard);
    let slot = json!({
        "name": name, "value": value, "confirmationStatus": "NONE", "source": "USER",
        "slotValue": { "type": "Simple", "value": value },
    });
    slots.insert(name.to_owned(), slot);
    Some(slots)
}

fn value(heard: &str) -> &str {
    VALUES.iter().find(|(said, _)| *said == heard).map_or(heard, |(_, value)| value)
}
