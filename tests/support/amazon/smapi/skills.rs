//! Skills, their manifests and their status.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::asked::Asked;
use super::super::page::{self, Page};
use super::super::secret_ledger::random_digits;
use super::update::Updated;
use super::{Smapi, SmapiQuirks, message, violation};

/// A skill in its development stage.
#[derive(Clone, Debug)]
pub struct FakeSkill {
    /// Its id.
    pub id: String,
    /// The manifest.
    pub manifest: Value,
    /// The `interactionModel` of each locale.
    pub models: BTreeMap<String, Value>,
    /// Whether it may be tested.
    pub enabled: bool,
    pub(super) manifest_update: Updated,
    pub(super) model_updates: BTreeMap<String, Updated>,
    /// Number of lists that still miss it.
    hidden: usize,
}

impl FakeSkill {
    /// A skill that was created long ago.
    pub(super) fn settled(manifest: Value) -> Self {
        let (a, b) = (random_digits(8), random_digits(12));
        Self {
            id: format!("amzn1.ask.skill.{a}-1111-4111-8111-{b}"),
            manifest,
            models: BTreeMap::new(),
            enabled: false,
            manifest_update: Updated::settled(),
            model_updates: BTreeMap::new(),
            hidden: 0,
        }
    }

    /// Adds a model that was built long ago.
    pub fn put_model(&mut self, locale: &str, model: Value) {
        self.models.insert(locale.to_owned(), model);
        self.model_updates.insert(locale.to_owned(), Updated::settled());
    }

    /// Begins an update of the manifest, which is in progress for so many statuses.
    pub fn change_manifest(&mut self, polls: usize) {
        self.manifest_update.write(0, polls, None);
    }

    /// Begins a build of a locale's model, which is in progress for so many statuses; with a reason, it then fails.
    pub fn build_model(&mut self, locale: &str, polls: usize, failed: Option<&str>) {
        let update = self.model_updates.entry(locale.to_owned()).or_default();
        update.write(0, polls, failed.map(str::to_owned));
    }
}

/// `GET /v1/skills`.
pub(super) fn list(smapi: &mut Smapi, quirks: &SmapiQuirks, asked: &Asked) -> Page {
    if !quirks.vendors.iter().any(|vendor| vendor["id"] == asked.query("vendorId")) {
        return message(403, "The vendor is not yours");
    }
    let from: usize = asked.query("nextToken").parse().unwrap_or(0);
    let shown: Vec<Value> = smapi.skills.iter().filter(|skill| skill.hidden == 0).map(listed).collect();
    let page: Vec<&Value> = shown.iter().skip(from).take(quirks.page_size).collect();
    let next = from + page.len();
    let mut answer = json!({ "skills": page, "isTruncated": next < shown.len() });
    if next < shown.len() {
        answer["nextToken"] = json!(next.to_string());
    } else {
        smapi.skills.iter_mut().for_each(|skill| skill.hidden = skill.hidden.saturating_sub(1));
    }
    page::json(200, &answer)
}

fn listed(skill: &FakeSkill) -> Value {
    let locales = skill.manifest["publishingInformation"]["locales"].as_object();
    let names: BTreeMap<_, _> =
        locales.into_iter().flatten().map(|(locale, texts)| (locale, &texts["name"])).collect();
    let apis: Vec<_> = skill.manifest["apis"].as_object().into_iter().flatten().map(|(api, _)| api).collect();
    json!({
        "skillId": skill.id, "stage": "development", "apis": apis, "publicationStatus": "DEVELOPMENT",
        "lastUpdated": "2026-11-01T00:00:00.000Z", "nameByLocale": names,
    })
}

/// `POST /v1/skills`.
pub(super) fn create(smapi: &mut Smapi, quirks: &SmapiQuirks, asked: &Asked) -> Page {
    if !quirks.vendors.iter().any(|vendor| vendor["id"] == asked.body["vendorId"]) {
        return message(403, "The vendor is not yours");
    }
    let mut skill = FakeSkill::settled(asked.body["manifest"].clone());
    if let Err(problem) = check(&skill.id, &skill.manifest, &smapi.admitted, quirks) {
        return violation(problem);
    }
    skill.hidden = quirks.list_lags;
    skill.manifest_update = Updated::default();
    skill.manifest_update.write(0, quirks.manifest_polls, quirks.manifest_fails.clone());
    let answer = json!({ "skillId": skill.id });
    smapi.skills.push(skill);
    page::json(202, &answer)
}

/// Checks a manifest as Amazon does at once.
fn check(
    id: &str,
    manifest: &Value,
    admitted: &BTreeSet<(String, String)>,
    quirks: &SmapiQuirks,
) -> Result<(), &'static str> {
    let locales = manifest["publishingInformation"]["locales"].as_object();
    let named = locales.is_some_and(|locales| {
        !locales.is_empty()
            && locales.values().all(|texts| texts["name"].as_str().is_some_and(|name| !name.is_empty()))
    });
    if manifest["manifestVersion"] != "1.0" || !named || !manifest["apis"]["custom"].is_object() {
        return Err("manifestVersion, a name in each locale and apis.custom are required");
    }
    for endpoint in [&manifest["apis"]["custom"]["endpoint"], &manifest["events"]["endpoint"]] {
        let Some(uri) = endpoint["uri"].as_str() else { continue };
        let kind = &endpoint["sslCertificateType"];
        if uri.starts_with("arn:") {
            if !kind.is_null() {
                return Err("sslCertificateType is not allowed for an AWS Lambda function");
            }
            if !admitted.contains(&(uri.to_owned(), id.to_owned())) {
                return Err("The trigger setting for the Lambda is invalid");
            }
        } else if !["Trusted", "Wildcard", "SelfSigned"].iter().any(|known| kind == known) {
            return Err("sslCertificateType is required for an https endpoint");
        }
    }
    let https_events =
        manifest["events"]["endpoint"]["uri"].as_str().is_some_and(|uri| uri.starts_with("https:"));
    if https_events && quirks.refuses_https_events {
        return Err("events.endpoint has to be an AWS Lambda function");
    }
    Ok(())
}

/// `GET /v1/skills/{id}/stages/development/manifest`.
pub(super) fn manifest(skill: &FakeSkill) -> Page {
    let page = page::json(200, &json!({ "manifest": skill.manifest }));
    page::with(page, "etag", &skill.manifest_update.etag())
}

/// `PUT` of the same.
pub(super) fn put_manifest(
    skill: &mut FakeSkill,
    admitted: &BTreeSet<(String, String)>,
    quirks: &SmapiQuirks,
    asked: &Asked,
) -> Page {
    if skill.manifest_update.is_busy() {
        return message(409, "Another update is in progress");
    }
    let expected = asked.header("if-match");
    if !expected.is_empty() && expected != skill.manifest_update.etag() {
        return message(412, "The ETag is stale");
    }
    let mut manifest = asked.body["manifest"].clone();
    if let Err(problem) = check(&skill.id, &manifest, admitted, quirks) {
        return violation(problem);
    }
    let taken = page::with(
        page::empty(202),
        "location",
        &format!("/v1/skills/{}/status?resource=manifest", skill.id),
    );
    if let Some(member) = quirks.manifest_drops {
        if let Some(member) = manifest.pointer_mut(member) {
            *member = Value::Null;
        }
        skill.manifest = manifest;
        return taken;
    }
    let failed = quirks.manifest_fails.clone();
    if failed.is_none() {
        skill.manifest = manifest;
    }
    skill.manifest_update.write(quirks.status_lags, quirks.manifest_polls, failed);
    taken
}

/// `GET /v1/skills/{id}/status`.
pub(super) fn status(skill: &mut FakeSkill, asked: &Asked) -> Page {
    let wants = |name: &str| {
        let mut named = asked.query.iter().filter(|(known, _)| known == "resource").peekable();
        named.peek().is_none() || named.any(|(_, value)| value == name)
    };
    let mut answer = json!({});
    if wants("manifest")
        && let Some(status) = skill.manifest_update.status()
    {
        answer["manifest"] = status;
    }
    if wants("interactionModel") {
        for (locale, update) in &mut skill.model_updates {
            if let Some(status) = update.status() {
                answer["interactionModel"][locale] = status;
            }
        }
    }
    page::json(200, &answer)
}

/// `PUT /v1/skills/{id}/stages/development/enablement`: it needs a model that serves.
pub(super) fn enable(skill: &mut FakeSkill) -> Page {
    if !skill.model_updates.values().any(Updated::serves) {
        return message(409, "The skill has no interaction model that was built");
    }
    skill.enabled = true;
    page::empty(204)
}
