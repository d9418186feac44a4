//! The skill at Amazon.

use std::collections::BTreeSet;

use crate::config::{SkillEndpoint, SkillId};
use crate::doctor::answers::{Answers, Said};
use crate::doctor::codes::found;
use crate::doctor::examination::{Finding, Link, LinkKind};
use crate::doctor::facts::{Facts, moment};
use crate::smapi::{BuildStatus, SkillStatus, SmapiError};

use super::address::Place;

const PLACE: Place = Place { name: "endpoint", setting: "SKILL_ENDPOINT" };

pub(super) fn link(facts: &Facts, answers: &Answers) -> Link {
    let mut findings = Vec::new();
    if facts.skill_ids.is_empty() {
        findings.push(found("skill-unknown", &[]));
    } else {
        findings.extend(account(facts, answers));
    }
    match (&facts.setup.skill_endpoint, &answers.endpoint) {
        (None, _) => findings.push(found("endpoint-not-set", &[])),
        (Some(_), said) => findings.extend(said.as_ref().and_then(endpoint)),
    }
    let locales = wanted(facts).into_iter().collect::<Vec<_>>().join(", ");
    Link::of(LinkKind::Skill, findings, || found("skill-ok", &[("locales", &locales)]))
}

/// The locales that the skill has to have.
fn wanted(facts: &Facts) -> BTreeSet<String> {
    let named = &facts.household.settings.skill_locales;
    let of_ma = facts.speech.locale.as_str().to_owned();
    if named.is_empty() { BTreeSet::from([of_ma]) } else { named.iter().cloned().collect() }
}

/// What Amazon says of the skill, if it can be asked.
fn account(facts: &Facts, answers: &Answers) -> Vec<Finding> {
    let Ok(developer) = &facts.developer else {
        return vec![found("developer-unavailable", &[])];
    };
    if let Some(ended) = &developer.ended {
        return vec![found("developer-sign-in-ended", &[("at", &moment(ended.at))])];
    }
    if !developer.signed_in {
        return vec![found("developer-not-signed-in", &[])];
    }
    match &answers.skill {
        Some(Ok(Some(skill))) => of_skill(facts, skill, answers.endpoint.as_ref()),
        Some(Ok(None)) => {
            let skill = facts.skill_ids.iter().map(SkillId::as_str).collect::<Vec<_>>().join(", ");
            vec![found("skill-gone", &[("skill", &skill)])]
        }
        Some(Err(SmapiError::NotSignedIn)) => vec![found("developer-not-signed-in", &[])],
        Some(Err(SmapiError::SignInAgain(ended))) => {
            vec![found("developer-sign-in-ended", &[("at", &moment(ended.at))])]
        }
        Some(Err(_)) | None => vec![found("developer-unavailable", &[])],
    }
}

fn of_skill(facts: &Facts, skill: &SkillStatus, endpoint: Option<&Said>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(expected) = &facts.setup.skill_endpoint {
        findings.extend(points(skill, expected));
        findings.extend(certificate(skill, expected, endpoint));
    }
    if !skill.testing {
        findings.push(found("skill-testing-off", &[]));
    }
    for locale in wanted(facts) {
        findings.extend(model(skill, &locale));
    }
    findings
}

fn points(skill: &SkillStatus, expected: &SkillEndpoint) -> Option<Finding> {
    let expected = expected.as_str();
    let same = |found: &str| found.trim_end_matches('/') == expected.trim_end_matches('/');
    match &skill.endpoint {
        None => Some(found("skill-points-nowhere", &[("expected", expected)])),
        Some(there) if same(there) => None,
        Some(there) => Some(found("skill-points-elsewhere", &[("found", there), ("expected", expected)])),
    }
}

/// Amazon does not talk to an address whose certificate is of another kind than the skill says.
fn certificate(skill: &SkillStatus, expected: &SkillEndpoint, endpoint: Option<&Said>) -> Option<Finding> {
    let SkillEndpoint::Https(url) = expected else { return None };
    let leaf = endpoint?.answer()?.leaf.as_ref()?;
    let (kind, said) = (leaf.kind_for(url.host_str()?)?, skill.certificate.as_deref()?);
    let details = [("found", said), ("expected", kind.as_str())];
    (said != kind.as_str()).then(|| found("skill-certificate-type-wrong", &details))
}

fn model(skill: &SkillStatus, locale: &str) -> Option<Finding> {
    let details = [("locale", locale)];
    let Some(facts) = skill.locales.get(locale) else {
        return Some(found("skill-locale-missing", &details));
    };
    match &facts.build {
        BuildStatus::Succeeded => None,
        BuildStatus::Missing => Some(found("skill-model-not-built", &details)),
        BuildStatus::InProgress => Some(found("skill-model-building", &details)),
        BuildStatus::Failed(reasons) => {
            let reason = reasons.first().map_or("-", String::as_str);
            Some(found("skill-build-failed", &[("locale", locale), ("reason", reason)]))
        }
    }
}

/// What keeps Alexa from the endpoint. Whatever it answers to a question that is not Alexa's is right, if it is its own
/// answer: a redirect within it as well.
fn endpoint(said: &Said) -> Option<Finding> {
    let to = said.answer().and_then(|answer| answer.header("location")).and_then(|to| said.url.join(to).ok());
    if to.is_some_and(|to| to.origin() == said.url.origin()) {
        return None;
    }
    PLACE.trouble(said)
}
