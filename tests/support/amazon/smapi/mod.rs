//! Skill management (SMAPI), at `api.amazonalexa.com`.

mod models;
mod nlu;
mod skills;
mod update;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::asked::Asked;
use super::page::{self, Page};
use super::state::State;

pub use skills::FakeSkill;

/// The vendor of the account by default.
const VENDOR: &str = "M1FAKEVENDOR01";

/// Behaviour of skill management.
#[derive(Clone, Debug)]
pub struct SmapiQuirks {
    /// The vendors of the account, as they are listed; none for an account that never accepted the developer terms.
    pub vendors: Vec<Value>,
    /// Number of skills on a page of the list.
    pub page_size: usize,
    /// Number of lists that miss a new skill.
    pub list_lags: usize,
    /// Number of statuses that show an update of a manifest in progress.
    pub manifest_polls: usize,
    /// Number of statuses that show a build of a model in progress.
    pub build_polls: usize,
    /// Number of statuses after a write that still show the update before it.
    pub status_lags: usize,
    /// Locales whose models cannot be built, and Amazon's reason.
    pub build_fails: BTreeMap<String, String>,
    /// The reason for which manifests fail after they were accepted.
    pub manifest_fails: Option<String>,
    /// A member, by its JSON pointer, that Amazon leaves out of each accepted manifest, whose tag then stays.
    pub manifest_drops: Option<&'static str>,
    /// Whether a model comes back in another order, with further members.
    pub reorders: bool,
    /// Whether events at an https address are refused.
    pub refuses_https_events: bool,
    /// Utterances with another intent than that of the model.
    pub mishears: BTreeMap<String, String>,
    /// A scope that no token has, even if it was granted.
    pub withheld_scope: Option<&'static str>,
    /// Skills of another vendor, which are refused.
    pub foreign: BTreeSet<String>,
}

impl Default for SmapiQuirks {
    fn default() -> Self {
        Self {
            vendors: vec![json!({ "id": VENDOR, "name": "Kim", "roles": ["ROLE_OWNER"] })],
            page_size: 10,
            list_lags: 0,
            manifest_polls: 1,
            build_polls: 2,
            status_lags: 0,
            build_fails: BTreeMap::new(),
            manifest_fails: None,
            manifest_drops: None,
            reorders: false,
            refuses_https_events: false,
            mishears: BTreeMap::new(),
            withheld_scope: None,
            foreign: BTreeSet::new(),
        }
    }
}

/// The skills of the developer account.
#[derive(Debug, Default)]
pub(super) struct Smapi {
    pub(super) skills: Vec<FakeSkill>,
    /// Granted permissions: functions and skills.
    pub(super) admitted: BTreeSet<(String, String)>,
}

impl Smapi {
    pub(super) fn find(&mut self, id: &str) -> Option<&mut FakeSkill> {
        self.skills.iter_mut().find(|skill| skill.id == id)
    }

    pub(super) fn add(&mut self, manifest: Value) -> String {
        let skill = FakeSkill::settled(manifest);
        let id = skill.id.clone();
        self.skills.push(skill);
        id
    }
}

/// Whether a path belongs to skill management.
pub(super) fn is_for(path: &str) -> bool {
    path == "/v1/vendors" || path.starts_with("/v1/skills")
}

/// Answers a request to skill management.
pub(super) fn answer(state: &mut State, asked: &Asked) -> Page {
    let State { lwa, smapi, quirks, .. } = state;
    let quirks = &quirks.smapi;
    let Some(scopes) = lwa.scope_of(asked.bearer()) else {
        return message(401, "Token is invalid/expired");
    };
    let needed = scopes_for(asked);
    let granted =
        |scope: &str| Some(scope) != quirks.withheld_scope && scopes.split(' ').any(|known| known == scope);
    if !needed.iter().any(|scope| granted(scope)) {
        return message(403, "The access token does not have the scope that is required");
    }
    let parts: Vec<&str> = asked.path.trim_start_matches("/v1/").split('/').collect();
    match (asked.method.as_str(), &parts[..]) {
        ("GET", ["vendors"]) => page::json(200, &json!({ "vendors": quirks.vendors })),
        ("GET", ["skills"]) => skills::list(smapi, quirks, asked),
        ("POST", ["skills"]) => skills::create(smapi, quirks, asked),
        (_, ["skills", id, rest @ ..]) => {
            let Smapi { skills, admitted } = smapi;
            if quirks.foreign.contains(*id) {
                return message(403, "The operation being requested is not allowed.");
            }
            match skills.iter_mut().find(|skill| skill.id == *id) {
                Some(skill) => of_skill(skill, admitted, quirks, asked, rest),
                None => message(404, "The resource is not found."),
            }
        }
        _ => page::not_found(),
    }
}

fn of_skill(
    skill: &mut FakeSkill,
    admitted: &BTreeSet<(String, String)>,
    quirks: &SmapiQuirks,
    asked: &Asked,
    rest: &[&str],
) -> Page {
    match (asked.method.as_str(), rest) {
        ("GET", ["status"]) => skills::status(skill, asked),
        ("GET", ["stages", "development", "manifest"]) => skills::manifest(skill),
        ("PUT", ["stages", "development", "manifest"]) => {
            skills::put_manifest(skill, admitted, quirks, asked)
        }
        ("GET", ["stages", "development", "enablement"]) => {
            page::empty(if skill.enabled { 204 } else { 404 })
        }
        ("PUT", ["stages", "development", "enablement"]) => skills::enable(skill),
        ("GET", ["stages", "development", "interactionModel", "locales", locale]) => {
            models::get(skill, quirks, locale)
        }
        ("PUT", ["stages", "development", "interactionModel", "locales", locale]) => {
            models::put(skill, quirks, asked, locale)
        }
        ("POST", ["stages", "development", "interactionModel", "locales", locale, "profileNlu"]) => {
            nlu::profile(skill, quirks, asked, locale)
        }
        _ => page::not_found(),
    }
}

/// The scopes of which a request needs one.
fn scopes_for(asked: &Asked) -> &'static [&'static str] {
    const SKILLS: &str = "alexa::ask:skills:readwrite";
    const MODELS: &str = "alexa::ask:models:readwrite";
    const TEST: &str = "alexa::ask:skills:test";
    if asked.path.contains("/interactionModel") {
        &[MODELS]
    } else if asked.path.ends_with("/enablement") {
        &[TEST, SKILLS]
    } else if asked.path.ends_with("/status") {
        &[SKILLS, MODELS]
    } else {
        &[SKILLS]
    }
}

/// An error as SMAPI has it.
fn message(status: u16, text: &str) -> Page {
    page::json(status, &json!({ "message": text }))
}

/// An error with one violation.
fn violation(text: &str) -> Page {
    page::json(400, &json!({ "message": "Invalid", "violations": [{ "code": "INVALID", "message": text }] }))
}
