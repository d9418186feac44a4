//! What was said in the slots of an intent.

use ma_alexa::alexa::request::{ConfirmationStatus, DialogState, Entity, Intent, IntentRequest, Request};
use serde_json::{Value, json};

use super::envelope;

fn intent_request(name: &str) -> IntentRequest {
    match envelope(name).request {
        Request::Intent(request) => request,
        other => panic!("not an intent: {other:?}"),
    }
}

/// An intent with one slot, `player`, of this JSON.
fn with_slot(slot: &Value) -> Intent {
    serde_json::from_value(json!({"name": "PairEcho", "slots": {"player": slot}})).unwrap()
}

fn resolution(authority: &str, code: &str, name: &str) -> Value {
    json!({
        "authority": format!("amzn1.er-authority.echo-sdk.{authority}amzn1.ask.skill.x.Player"),
        "status": {"code": code},
        "values": [{"value": {"name": name, "id": format!("id of {name}")}}],
    })
}

#[test]
fn a_slot_holds_the_spoken_words() {
    let intent = intent_request("intent-play-search-query").intent;
    assert_eq!(intent.slot("query"), Some("dark side of the moon"));
    assert_eq!(intent.slot("artist"), None);
    assert_eq!(intent.entity("query"), None);
    let german = intent_request("intent-play-de-DE").intent;
    assert_eq!(german.slot("query"), Some("die ärzte"));
}

#[test]
fn an_unfilled_slot_is_none() {
    let request = intent_request("intent-empty-slot-dialog-started");
    assert_eq!(request.dialog_state, Some(DialogState::Started));
    assert!(request.intent.slots.contains_key("artist"));
    assert_eq!(request.intent.slot("artist"), None);
}

#[test]
fn blank_words_are_none() {
    for value in [json!(""), json!("  \u{a0}"), json!(null), json!(7)] {
        let slot = json!({"name": "player", "value": value, "slotValue": {"type": "Simple", "value": value}});
        assert_eq!(with_slot(&slot).slot("player"), None);
    }
}

#[test]
fn the_value_counts_where_there_is_no_slot_value() {
    for slot in [
        json!({"value": "kitchen"}),
        json!({"value": "kitchen", "slotValue": null}),
        json!({"value": "kitchen", "slotValue": {"type": "Simple"}}),
        json!({"value": "kitchen", "slotValue": {"type": "List", "values": []}}),
        json!({"value": "kitchen", "slotValue": "of another type"}),
        json!({"slotValue": {"type": "Simple", "value": "kitchen"}}),
    ] {
        assert_eq!(with_slot(&slot).slot("player"), Some("kitchen"), "{slot}");
    }
}

#[test]
fn a_match_gives_the_listed_name_and_its_id() {
    let intent = intent_request("intent-play-artist-er-match").intent;
    assert_eq!(intent.slot("artist"), Some("pink floyd"));
    let expected = Entity { name: "Pink Floyd".to_owned(), id: Some("library://artist/42".to_owned()) };
    assert_eq!(intent.entity("artist"), Some(&expected));
}

#[test]
fn no_match_leaves_the_words_alone() {
    let intent = intent_request("intent-play-artist-er-no-match").intent;
    assert_eq!(intent.slot("artist"), Some("zyx unknown"));
    assert_eq!(intent.entity("artist"), None);
}

#[test]
fn a_dynamic_entity_matches() {
    let intent = intent_request("intent-play-dynamic-entity-match").intent;
    assert_eq!(intent.entity("playlist").unwrap().id.as_deref(), Some("library://playlist/7"));
}

#[test]
fn a_dynamic_entity_comes_before_a_listed_one() {
    let matched = "ER_SUCCESS_MATCH";
    let listed = resolution("", matched, "listed");
    let dynamic = resolution("dynamic.", matched, "dynamic");
    let failed = resolution("dynamic.", "ER_SUCCESS_NO_MATCH", "failed");
    for (authorities, expected) in [
        (json!([listed, dynamic]), "dynamic"),
        (json!([dynamic, listed]), "dynamic"),
        (json!([failed, listed]), "listed"),
        (json!([{"status": "odd"}, 3, failed, listed]), "listed"),
    ] {
        let slot = json!({"value": "spoken", "resolutions": {"resolutionsPerAuthority": authorities}});
        assert_eq!(with_slot(&slot).entity("player").unwrap().name, expected);
    }
}

#[test]
fn a_match_without_values_does_not_hide_the_next() {
    let mut empty = resolution("dynamic.", "ER_SUCCESS_MATCH", "gone");
    empty["values"] = json!([]);
    let listed = resolution("", "ER_SUCCESS_MATCH", "listed");
    let slot = json!({"value": "spoken", "resolutions": {"resolutionsPerAuthority": [empty, listed]}});
    assert_eq!(with_slot(&slot).entity("player").unwrap().name, "listed");
}

#[test]
fn a_multi_value_slot_holds_all_values_in_order() {
    let intent = intent_request("intent-multi-value-slot").intent;
    assert_eq!(intent.slot("artist"), Some("abba"));
    let all: Vec<_> = intent.spoken("artist").map(|value| value.text.as_str()).collect();
    assert_eq!(all, ["abba", "queen"]);
    assert_eq!(intent.entity("artist").unwrap().name, "Queen");
}

#[test]
fn a_slot_of_another_type_does_not_take_its_neighbours_along() {
    let intent: Intent = serde_json::from_value(json!({
        "name": "PairEcho",
        "slots": {"odd": 3, "none": null, "player": {"value": "kitchen"}},
    }))
    .unwrap();
    assert_eq!(intent.slot("player"), Some("kitchen"));
    assert_eq!(intent.slot("odd"), None);
}

#[test]
fn dialogs_and_confirmations_are_read() {
    let denied = intent_request("intent-confirmation-denied");
    assert_eq!(denied.intent.confirmation_status, ConfirmationStatus::Denied);
    assert_eq!(denied.dialog_state, Some(DialogState::Completed));
    let in_progress = intent_request("intent-dialog-in-progress");
    assert_eq!(in_progress.intent.confirmation_status, ConfirmationStatus::Unconfirmed);
    assert_eq!(in_progress.dialog_state, Some(DialogState::InProgress));
    assert_eq!(in_progress.intent.slot("album"), Some("the wall"));
    assert_eq!(in_progress.intent.slot("artist"), None);
    assert_eq!(intent_request("intent-amazon-pause").dialog_state, None);
}
