//! The stored form of a provisioning: a flat object with the member names of earlier releases.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::retry::Retry;
use super::skill_state::SkillState;
use super::state::{AdvanceLease, ManifestState, Provisioning};
use super::step::Step;
use crate::clock::Timestamp;
use crate::config::SkillId;
use crate::smapi::spec::StoredSpec;
use crate::smapi::update::PendingUpdate;

/// The name of the manifest among the updates; models have their locales.
const MANIFEST: &str = "";

/// A provisioning as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredProvisioning {
    began_at: Timestamp,
    finished_at: Option<Timestamp>,
    not_before: Option<Timestamp>,
    skill_id: Option<String>,
    tasks: Vec<Step>,
    wish: StoredSpec,
    /// The id of an inherited skill.
    #[serde(default)]
    earlier: Option<String>,
    #[serde(default)]
    former: BTreeSet<String>,
    #[serde(default)]
    vendor: Option<String>,
    #[serde(default)]
    creating_at: Option<Timestamp>,
    /// The searches since a creation or, once the skill is known, the refusals of the manifest.
    #[serde(default)]
    looks: u32,
    #[serde(default)]
    created: bool,
    #[serde(default)]
    made: bool,
    #[serde(default)]
    examined: BTreeSet<String>,
    #[serde(default)]
    writes: BTreeMap<String, PendingUpdate>,
    #[serde(default)]
    rewrites: u32,
    #[serde(default)]
    without_events: bool,
    #[serde(default)]
    asked: BTreeMap<String, usize>,
    #[serde(default)]
    attempts: u32,
    #[serde(default)]
    waiting_since: Option<Timestamp>,
    #[serde(default)]
    restarts: u32,
    #[serde(default)]
    lease: Option<AdvanceLease>,
}

impl StoredProvisioning {
    /// The one state of the skill that these members say. An id that is none counts as missing.
    fn skill(&mut self) -> SkillState {
        let id = |text: &Option<String>| text.as_deref().and_then(|text| SkillId::parse(text).ok());
        let examined = std::mem::take(&mut self.examined);
        if let Some(id) = id(&self.skill_id) {
            return SkillState::Known { id, created_by_us: self.made, created_in_this_run: self.created };
        }
        if let Some(at) = self.creating_at {
            return SkillState::Creating { at, search_attempts: self.looks, examined };
        }
        match id(&self.earlier) {
            Some(id) => SkillState::Inherited { id, created_by_us: self.made },
            None if examined.is_empty() => SkillState::Unknown,
            None => SkillState::Searching { examined },
        }
    }
}

impl From<StoredProvisioning> for Provisioning {
    fn from(mut stored: StoredProvisioning) -> Self {
        let skill = stored.skill();
        let refusals = if skill.id().is_some() { stored.looks } else { 0 };
        let update = stored.writes.remove(MANIFEST);
        Self {
            started_at: stored.began_at,
            finished_at: stored.finished_at,
            steps: stored.tasks,
            retry: Retry {
                not_before: stored.not_before,
                attempts: stored.attempts,
                waiting_since: stored.waiting_since,
                restarts: stored.restarts,
            },
            spec: stored.wish,
            skill,
            previous_endpoints: stored.former,
            vendor: stored.vendor,
            manifest: ManifestState { update, rewrites: stored.rewrites, refusals },
            models: stored.writes,
            tested: stored.asked,
            without_events: stored.without_events,
            lease: stored.lease,
        }
    }
}

impl From<Provisioning> for StoredProvisioning {
    fn from(state: Provisioning) -> Self {
        let mut writes = state.models;
        writes.extend(state.manifest.update.map(|update| (MANIFEST.to_owned(), update)));
        let mut stored = Self {
            began_at: state.started_at,
            finished_at: state.finished_at,
            not_before: state.retry.not_before,
            skill_id: None,
            tasks: state.steps,
            wish: state.spec,
            earlier: None,
            former: state.previous_endpoints,
            vendor: state.vendor,
            creating_at: None,
            looks: 0,
            created: false,
            made: false,
            examined: BTreeSet::new(),
            writes,
            rewrites: state.manifest.rewrites,
            without_events: state.without_events,
            asked: state.tested,
            attempts: state.retry.attempts,
            waiting_since: state.retry.waiting_since,
            restarts: state.retry.restarts,
            lease: state.lease,
        };
        match state.skill {
            SkillState::Unknown => {}
            SkillState::Inherited { id, created_by_us } => {
                (stored.earlier, stored.made) = (Some(id.as_str().to_owned()), created_by_us);
            }
            SkillState::Searching { examined } => stored.examined = examined,
            SkillState::Creating { at, search_attempts, examined } => {
                (stored.creating_at, stored.looks, stored.examined) = (Some(at), search_attempts, examined);
            }
            SkillState::Known { id, created_by_us, created_in_this_run } => {
                stored.skill_id = Some(id.as_str().to_owned());
                (stored.made, stored.created) = (created_by_us, created_in_this_run);
                stored.looks = state.manifest.refusals;
            }
        }
        stored
    }
}
#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

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

    #[test]
    fn the_stored_form_is_read_and_written_as_it_is() {
        for stored in [creating(), inheriting(), finished()] {
            let state: Provisioning =
                serde_json::from_value(stored.clone()).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(serde_json::to_value(&state).ok(), Some(stored));
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
}
