//! Interaction models.

use serde_json::{Value, json};

use super::super::asked::Asked;
use super::super::page::{self, Page};
use super::{FakeSkill, SmapiQuirks, message, violation};

/// `GET …/interactionModel/locales/{locale}`.
pub(super) fn get(skill: &FakeSkill, quirks: &SmapiQuirks, locale: &str) -> Page {
    let Some(model) = skill.models.get(locale) else {
        return message(404, "There is no interaction model in this locale");
    };
    let mut model = model.clone();
    if quirks.reorders {
        reorder(&mut model);
    }
    let etag = skill.model_updates.get(locale).map_or_else(String::new, super::update::Updated::etag);
    page::with(page::json(200, &json!({ "interactionModel": model, "version": "7" })), "etag", &etag)
}

/// Answers as Amazon may: with lists in another order, and further members.
fn reorder(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.reverse();
            items.iter_mut().for_each(reorder);
        }
        Value::Object(members) => {
            members.values_mut().for_each(reorder);
            members.insert("amazonAdds".to_owned(), json!({ "nothing": [] }));
            members.retain(|_, value| *value != json!([]));
        }
        _ => {}
    }
}

/// `PUT` of the same.
pub(super) fn put(skill: &mut FakeSkill, quirks: &SmapiQuirks, asked: &Asked, locale: &str) -> Page {
    if skill.manifest_update.is_busy() {
        return message(409, "The manifest is being updated");
    }
    let model = &asked.body["interactionModel"];
    if let Err(problem) = check(model) {
        return violation(problem);
    }
    let update = skill.model_updates.entry(locale.to_owned()).or_default();
    if update.is_busy() {
        return message(409, "The model is being built");
    }
    let expected = asked.header("if-match");
    if !expected.is_empty() && expected != update.etag() {
        return message(412, "The ETag is stale");
    }
    update.write(quirks.status_lags, quirks.build_polls, quirks.build_fails.get(locale).cloned());
    skill.models.insert(locale.to_owned(), model.clone());
    page::with(
        page::empty(202),
        "location",
        &format!("/v1/skills/{}/status?resource=interactionModel", skill.id),
    )
}

/// Checks parts of the schema.
fn check(model: &Value) -> Result<(), &'static str> {
    let language = &model["languageModel"];
    if language["invocationName"].as_str().is_none_or(str::is_empty) {
        return Err("languageModel.invocationName is required");
    }
    let intents = language["intents"].as_array().filter(|intents| !intents.is_empty());
    let named = |intent: &Value| intent["name"].is_string() && intent.get("utterances").is_none();
    if !intents.is_some_and(|intents| intents.iter().all(named)) {
        return Err("languageModel.intents have to have names");
    }
    let types = language["types"].as_array().map_or(&[][..], Vec::as_slice);
    if types.iter().any(|slot| slot["values"].as_array().is_none_or(Vec::is_empty)) {
        return Err("a slot type needs values");
    }
    Ok(())
}
