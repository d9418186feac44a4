//! `profileNlu`: the intent of an utterance, by the model that was written.

use serde_json::{Value, json};

use super::super::asked::Asked;
use super::super::page::{self, Page};
use super::{FakeSkill, SmapiQuirks, message, violation};

pub(super) fn profile(skill: &FakeSkill, quirks: &SmapiQuirks, asked: &Asked, locale: &str) -> Page {
    let serves = skill.model_updates.get(locale).is_some_and(super::update::Updated::serves);
    let Some(model) = skill.models.get(locale).filter(|_| serves) else {
        return message(404, "There is no interaction model that was built in this locale");
    };
    let utterance = asked.field("utterance").to_lowercase();
    if utterance.trim().is_empty() {
        return violation("utterance is required");
    }
    let intent = quirks.mishears.get(&utterance).cloned().unwrap_or_else(|| intent_of(model, &utterance));
    page::json(
        200,
        &json!({
            "sessionEnded": false,
            "selectedIntent": { "name": intent, "confirmationStatus": "NONE", "slots": {} },
            "consideredIntents": [],
        }),
    )
}

fn intent_of(model: &Value, utterance: &str) -> String {
    let language = &model["languageModel"];
    let intents = language["intents"].as_array().map_or(&[][..], Vec::as_slice);
    let matching = intents.iter().find(|intent| {
        let samples = intent["samples"].as_array().map_or(&[][..], Vec::as_slice);
        samples.iter().filter_map(Value::as_str).any(|sample| matches(language, intent, sample, utterance))
    });
    let fallback = "AMAZON.FallbackIntent".to_owned();
    matching.and_then(|intent| intent["name"].as_str()).map_or(fallback, str::to_owned)
}

/// Whether an utterance is a sample, with a value of its type for its slot.
fn matches(language: &Value, intent: &Value, sample: &str, utterance: &str) -> bool {
    let sample = sample.to_lowercase();
    let Some((before, rest)) = sample.split_once('{') else {
        return sample == utterance;
    };
    let (slot, after) = rest.split_once('}').unwrap_or((rest, ""));
    let heard = utterance.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    heard.is_some_and(|heard| is_value(language, intent, slot, heard.trim()))
}

fn is_value(language: &Value, intent: &Value, slot: &str, heard: &str) -> bool {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let slots = list(&intent["slots"]);
    let kind = slots.iter().find(|known| known["name"] == slot).map(|known| known["type"].clone());
    let types = list(&language["types"]);
    let Some(kind) = types.iter().find(|known| Some(&known["name"]) == kind.as_ref()) else {
        return false;
    };
    list(&kind["values"]).iter().any(|value| {
        let name = &value["name"];
        let synonyms = list(&name["synonyms"]);
        let mut names = std::iter::once(name["value"].clone()).chain(synonyms);
        names.any(|name| name.as_str().is_some_and(|name| name.to_lowercase() == heard))
    })
}
