//! The skill at Amazon.

use std::collections::BTreeSet;

use super::{address, door};
use crate::config::{SkillEndpoint, SkillId};
use crate::diagnostics::evidence::{ProbeResult, ProbeResults, Snapshot};
use crate::diagnostics::finding::{Address, Finding, or_ok};
use crate::smapi::{BuildStatus, SkillStatus, SmapiError};

pub(super) fn check(snapshot: &Snapshot, probes: &ProbeResults) -> Vec<Finding> {
    let mut findings = Vec::new();
    if snapshot.config.skill_ids.is_empty() {
        findings.push(Finding::SkillUnknown);
    } else {
        findings.extend(at_amazon(snapshot, probes));
    }
    findings.extend(check_endpoint(snapshot, probes));
    let locales = expected_locales(snapshot).into_iter().collect::<Vec<_>>().join(", ");
    or_ok(findings, Finding::SkillOk { locales })
}

/// The finding where Alexa does not reach the endpoint, or none is set.
pub(super) fn check_endpoint(snapshot: &Snapshot, probes: &ProbeResults) -> Option<Finding> {
    if snapshot.config.setup.skill_endpoint.is_none() {
        return Some(Finding::EndpointNotSet);
    }
    probes.endpoint.as_ref().and_then(|probe| endpoint(probe, probes))
}

/// The locales that the skill has to have.
fn expected_locales(snapshot: &Snapshot) -> BTreeSet<String> {
    let named = &snapshot.household.settings.skill_locales;
    let of_ma = snapshot.config.speech.locale.as_str().to_owned();
    if named.is_empty() { BTreeSet::from([of_ma]) } else { named.iter().map(ToString::to_string).collect() }
}

/// The findings about the skill in the developer account.
fn at_amazon(snapshot: &Snapshot, probes: &ProbeResults) -> Vec<Finding> {
    let Ok(developer) = &snapshot.developer else {
        return vec![Finding::DeveloperUnavailable];
    };
    if let Some(ended) = &developer.ended {
        return vec![Finding::DeveloperSignInEnded { at: ended.at }];
    }
    if !developer.signed_in {
        return vec![Finding::DeveloperNotSignedIn];
    }
    match &probes.skill {
        Some(Ok(Some(skill))) => of_skill(snapshot, skill, probes.endpoint.as_ref()),
        Some(Ok(None)) => {
            let skill = snapshot.config.skill_ids.iter().map(SkillId::as_str).collect::<Vec<_>>().join(", ");
            vec![Finding::SkillGone { skill }]
        }
        Some(Err(SmapiError::NotSignedIn)) => vec![Finding::DeveloperNotSignedIn],
        Some(Err(SmapiError::SignInAgain(ended))) => vec![Finding::DeveloperSignInEnded { at: ended.at }],
        Some(Err(_)) | None => vec![Finding::DeveloperUnavailable],
    }
}

fn of_skill(snapshot: &Snapshot, skill: &SkillStatus, endpoint: Option<&ProbeResult>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(expected) = &snapshot.config.setup.skill_endpoint {
        findings.extend(target(skill, expected));
        findings.extend(certificate(skill, expected, endpoint));
    }
    if !skill.testing {
        findings.push(Finding::SkillTestingOff);
    }
    findings.extend(expected_locales(snapshot).into_iter().filter_map(|locale| model(skill, locale)));
    findings
}

/// The finding where the skill has another endpoint.
fn target(skill: &SkillStatus, expected: &SkillEndpoint) -> Option<Finding> {
    let expected = expected.as_str();
    match &skill.endpoint {
        None => Some(Finding::SkillPointsNowhere { expected: expected.to_owned() }),
        Some(found) if found.trim_end_matches('/') == expected.trim_end_matches('/') => None,
        Some(found) => {
            Some(Finding::SkillPointsElsewhere { found: found.clone(), expected: expected.to_owned() })
        }
    }
}

/// The finding where the skill names another kind of certificate: Amazon does not connect then.
fn certificate(
    skill: &SkillStatus,
    expected: &SkillEndpoint,
    endpoint: Option<&ProbeResult>,
) -> Option<Finding> {
    let SkillEndpoint::Https(url) = expected else { return None };
    let certificate = endpoint?.response()?.certificate.as_ref()?;
    let (found, expected) = (skill.certificate.as_deref()?, certificate.kind_for(url.host_str()?)?.as_str());
    (found != expected).then(|| Finding::SkillCertificateTypeWrong { found: found.to_owned(), expected })
}

fn model(skill: &SkillStatus, locale: String) -> Option<Finding> {
    let Some(facts) = skill.locales.get(&locale) else {
        return Some(Finding::SkillLocaleMissing { locale });
    };
    match &facts.build {
        BuildStatus::Succeeded => None,
        BuildStatus::Missing => Some(Finding::SkillModelNotBuilt { locale }),
        BuildStatus::InProgress => Some(Finding::SkillModelBuilding { locale }),
        BuildStatus::Failed(reasons) => {
            let reason = reasons.first().map_or("-", String::as_str).to_owned();
            Some(Finding::SkillBuildFailed { locale, reason })
        }
    }
}

/// The finding where Alexa does not reach the endpoint. Each response of the endpoint itself is right, also a redirect
/// within it: the probe is no request of Alexa. Where the endpoint is the door, the check of the door says what is wrong
/// with the address.
fn endpoint(probe: &ProbeResult, probes: &ProbeResults) -> Option<Finding> {
    let door = probes.door.as_ref().filter(|door| door.health.url.origin() == probe.url.origin());
    match door {
        Some(door) => takes_nothing(probes).filter(|_| door::is_reached(door)),
        None => own_problem(probe).or_else(|| takes_nothing(probes)),
    }
}

/// The finding where no request of Alexa is taken at the endpoint. What takes them refuses a `POST` without a signature
/// with 400; the pages have no such route.
fn takes_nothing(probes: &ProbeResults) -> Option<Finding> {
    let probe = probes.endpoint_post.as_ref()?;
    let status = probe.status().filter(|status| matches!(status, 404 | 405))?;
    Some(Finding::EndpointTakesNothing { host: probe.host().to_owned(), status })
}

fn own_problem(probe: &ProbeResult) -> Option<Finding> {
    let target = probe.response().and_then(|response| response.header("location"));
    let target = target.and_then(|target| probe.url.join(target).ok());
    if target.is_some_and(|target| target.origin() == probe.url.origin()) {
        return None;
    }
    address::problem(Address::Endpoint, probe)
}
