//! The HTTP API as Music Assistant reaches it.

use serde_json::Value;

use crate::doctor::answers::{Answers, Said};
use crate::doctor::codes::found;
use crate::doctor::examination::{Finding, Link, LinkKind};
use crate::doctor::facts::Facts;

use super::address::{Place, is_public};

const PLACE: Place = Place { name: "api", setting: "API_URL" };

pub(super) fn link(facts: &Facts, answers: &Answers) -> Link {
    let Some(said) = &answers.api else {
        return Link::of(LinkKind::Api, vec![found("api-not-set", &[])], || found("api-not-set", &[]));
    };
    let host = said.host();
    let is_open = facts
        .setup
        .api_url
        .as_ref()
        .is_some_and(|url| url.as_url().scheme() == "http" && is_public(url.as_url()));
    let open = is_open.then(|| found("api-not-encrypted", &[("host", host)]));
    let findings = PLACE.trouble(said).or_else(|| answered(said)).into_iter().chain(open).collect();
    Link::of(LinkKind::Api, findings, || found("api-ok", &[("host", host)]))
}

/// What is wrong with an answer to `/healthz`.
fn answered(said: &Said) -> Option<Finding> {
    let (host, answer) = (said.host(), said.answer()?);
    let status = answer.status.to_string();
    // A function that may run once at a time is busy with this very look.
    if matches!(answer.status, 429 | 503) {
        return Some(found("api-busy", &[("host", host), ("status", &status)]));
    }
    if answer.status != 200 {
        return Some(found("api-wrong-status", &[("host", host), ("status", &status)]));
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let (status, version) = (body["status"].as_str(), body["version"].as_str());
    let (Some("ok"), Some(version)) = (status, version) else {
        return Some(found("api-not-ours", &[("host", host)]));
    };
    let ours = env!("CARGO_PKG_VERSION");
    let details = [("host", host), ("found", version), ("ours", ours)];
    (version != ours).then(|| found("api-other-release", &details))
}
