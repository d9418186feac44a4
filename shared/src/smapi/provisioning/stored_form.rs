//! The stored form of a provisioning, as the release before wrote it.

use serde_json::{Value, json};

use super::state::Provisioning;

const ID: &str = "amzn1.ask.skill.11111111-2222-4333-8444-555555555555";

fn spec() -> Value {
    json!({
        "endpoint": "arn:aws:lambda:eu-west-1:123456789012:function:ma-alexa-skill",
        "locales": ["de-DE"], "invocation_name": "music assistant",
    })
}

fn waiting(kind: &Value) -> Value {
    json!({ "kind": kind, "state": "waiting", "problem": null })
}

/// A set-up that searches the skill that it may have created.
fn creating() -> Value {
    json!({
        "began_at": 1_795_334_400_000_u64, "finished_at": null, "not_before": 1_795_334_410_000_u64,
        "skill_id": null,
        "tasks": [
            { "kind": "vendor", "state": "unchanged", "problem": null },
            {
                "kind": "skill", "state": "running",
                "problem": { "code": "no-answer", "details": { "reason": "no answer" } },
            },
            waiting(&json!("permission")),
            waiting(&json!("manifest")),
            waiting(&json!({ "model": { "locale": "de-DE" } })),
            waiting(&json!({ "build": { "locale": "de-DE" } })),
            waiting(&json!("testing")),
            waiting(&json!("remember")),
            waiting(&json!({ "sentences": { "locale": "de-DE" } })),
        ],
        "wish": spec(), "earlier": null, "former": ["https://skill.example.org/alexa"],
        "vendor": "M1VENDOR", "creating_at": 1_795_334_405_000_u64, "looks": 2,
        "created": false, "made": false,
        "examined": ["amzn1.ask.skill.99999999-2222-4333-8444-555555555555"],
        "writes": {}, "rewrites": 0, "without_events": false, "asked": {}, "attempts": 3,
        "waiting_since": 1_795_334_406_000_u64, "restarts": 1,
        "lease": { "holder": "AbCdEfGhIjKlMnOp", "until": 1_795_334_450_000_u64 },
    })
}

/// A set-up that inherits a skill, and has not begun.
fn inheriting() -> Value {
    let mut stored = creating();
    (stored["earlier"], stored["creating_at"]) = (json!(ID), Value::Null);
    (stored["looks"], stored["made"], stored["examined"]) = (json!(0), json!(true), json!([]));
    stored
}

/// A set-up that ended, with sentences of other intents.
fn finished() -> Value {
    let problem = json!({
        "code": "sentence-elsewhere",
        "details": { "sentence": "spiele audio", "expected": "PlayAudio", "got": "-", "locale": "de-DE" },
    });
    let mut stored = creating();
    (stored["finished_at"], stored["not_before"]) = (json!(1_795_334_500_000_u64), Value::Null);
    (stored["skill_id"], stored["creating_at"], stored["examined"]) = (json!(ID), Value::Null, json!([]));
    (stored["created"], stored["made"], stored["looks"]) = (json!(true), json!(true), json!(1));
    stored["tasks"] = json!([
        { "kind": "skill", "state": "done", "problem": null },
        { "kind": { "sentences": { "locale": "de-DE" } }, "state": "failed", "problem": problem,
          "more": [problem] },
    ]);
    stored["writes"] = json!({
        "": { "before": "etag-1", "etag": null, "at": 1_795_334_420_000_u64, "sent": true, "seen": true },
        "de-DE": { "before": null, "etag": null, "at": 1_795_334_430_000_u64, "sent": false, "seen": false },
    });
    (stored["rewrites"], stored["without_events"], stored["asked"]) =
        (json!(1), json!(true), json!({ "de-DE": 6 }));
    (stored["attempts"], stored["waiting_since"], stored["lease"]) = (json!(0), Value::Null, Value::Null);
    stored
}

/// The stored form after this release wrote it: the refusals of the manifest have a member of their own.
fn written(mut stored: Value) -> Value {
    stored["refusals"] = json!(0);
    if stored["skill_id"].is_string() {
        stored["looks"] = json!(0);
    }
    stored
}

#[test]
fn the_form_of_the_release_before_is_read_and_written_as_it_is() {
    for stored in [creating(), inheriting(), finished()] {
        let state: Provisioning =
            serde_json::from_value(stored.clone()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(serde_json::to_value(&state).ok(), Some(written(stored)));
    }
}

#[test]
fn a_stored_form_with_required_members_alone_is_read() {
    let required = ["began_at", "finished_at", "not_before", "skill_id", "tasks", "wish"];
    let mut stored = creating();
    if let Value::Object(members) = &mut stored {
        members.retain(|name, _| required.contains(&name.as_str()));
    }
    let state: Provisioning = serde_json::from_value(stored).unwrap_or_else(|error| panic!("{error}"));
    assert!(!state.succeeded());
}
