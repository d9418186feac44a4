//! The door, as the internet reaches it.

use std::time::Duration;

use super::address;
use crate::diagnostics::evidence::{DoorResult, ProbeResult, ProbeResults, Sample, Snapshot};
use crate::diagnostics::finding::{Address, Finding, or_ok};
use crate::door::DoorCertificateRecord;
use crate::playback::{Player, PlayerState};

/// Time for which a failure of the door counts, where nothing was fetched since.
const FAILURE_COUNTS: Duration = Duration::from_hours(12);

/// Time for which a failed order counts after it was stored.
const CERTIFICATE_COUNTS: Duration = Duration::from_hours(3);

pub(super) fn check(snapshot: &Snapshot, probes: &ProbeResults) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        keys_missing(snapshot).into_iter().chain(certificate_failure(snapshot)).collect();
    let Some(result) = &probes.door else {
        findings.extend(fetch_failure(snapshot));
        return or_ok(findings, Finding::DoorNotPublic);
    };
    findings.extend(at_address(snapshot, result));
    // What a probe finds at this moment says more.
    if findings.iter().all(|finding| matches!(finding, Finding::DoorAudioUnknown { .. })) {
        findings.extend(fetch_failure(snapshot));
    }
    or_ok(findings, Finding::DoorOk { host: host(&result.health) })
}

/// Whether the door itself answers at its public address.
pub(super) fn is_reached(result: &DoorResult) -> bool {
    address::private(Address::Door, &result.health.url)
        .or_else(|| address::problem(Address::Door, &result.health))
        .or_else(|| not_ours(&result.health))
        .or_else(|| leads_to_pages(result))
        .is_none()
}

/// The finding where the picture of a player does not come through the door.
pub(super) fn picture_problem(snapshot: &Snapshot, result: &DoorResult) -> Option<Finding> {
    let (sample, probe) = result.picture.as_ref().filter(|_| is_reached(result) && opens_grants(result))?;
    let response = probe.response()?;
    let (host, player, status) = (host(probe), sample.player.clone(), response.status);
    let is_image = response.media_type().is_some_and(|media_type| media_type.starts_with("image/"));
    match status {
        200 | 206 if is_image => None,
        404 | 410 if snapshot.is_over(sample) => None,
        _ => Some(Finding::ArtNotThroughDoor { host, player, status }),
    }
}

fn host(probe: &ProbeResult) -> String {
    probe.host().to_owned()
}

/// The finding where grants are needed, and there is no key to seal them.
fn keys_missing(snapshot: &Snapshot) -> Option<Finding> {
    let needs_keys = snapshot.streams_are_granted() || snapshot.pictures_are_granted();
    // Where the secret cannot be read there is a finding already.
    let lacks_keys = snapshot.credentials.as_ref().is_ok_and(|secret| secret.grant_keys.is_none());
    let place = snapshot.secrets_location.clone();
    (needs_keys && lacks_keys).then_some(Finding::GrantKeysMissing { place })
}

/// The finding where the last order of the certificate failed.
fn certificate_failure(snapshot: &Snapshot) -> Option<Finding> {
    let DoorCertificateRecord { name, code, cause, at } = snapshot.door_certificate.clone()?;
    // A door that still wants it stores this once an hour.
    if !snapshot.now.is_within(CERTIFICATE_COUNTS, at) {
        return None;
    }
    Some(Finding::DoorCertificateFailed { name, reason: code?, cause, at })
}

/// The finding where the last request for a stream or a picture at home failed.
fn fetch_failure(snapshot: &Snapshot) -> Option<Finding> {
    let failure = snapshot.door_failure.as_ref()?;
    let is_recent = snapshot.now.is_within(FAILURE_COUNTS, failure.at);
    let reason = failure.code.clone().filter(|_| is_recent)?;
    Some(Finding::DoorFetchFailed { reason, at: failure.at })
}

fn at_address(snapshot: &Snapshot, result: &DoorResult) -> Vec<Finding> {
    let health = &result.health;
    if let Some(private) = address::private(Address::Door, &health.url) {
        return vec![private];
    }
    let mut findings: Vec<Finding> = unusual_port(snapshot, health).into_iter().collect();
    let problem = address::problem(Address::Door, health).or_else(|| not_ours(health));
    if let Some(problem) = problem.or_else(|| leads_to_pages(result)) {
        findings.push(problem);
        return findings;
    }
    findings.extend(answers_more(result));
    findings.extend(grant_problem(result).or_else(|| stream_problem(snapshot, result)));
    findings
}

/// The finding where the port is not 443, and no Echo has reported that it plays. Not all Echos fetch from another port.
fn unusual_port(snapshot: &Snapshot, probe: &ProbeResult) -> Option<Finding> {
    let has_played = snapshot.household.players.iter().any(Player::has_played);
    let port = probe.url.port().filter(|_| !has_played)?;
    Some(Finding::DoorPort { host: host(probe), port, setting: Address::Door.setting() })
}

/// The finding where `/healthz` is not answered by this program, of any release: the door may run elsewhere.
fn not_ours(health: &ProbeResult) -> Option<Finding> {
    let response = health.response()?;
    let is_ours = response.status == 200 && super::api::version(response).is_some();
    (!is_ours).then(|| Finding::DoorNotOurs { host: host(health) })
}

/// The finding where the address leads to the pages and the API. They ask for a password, and the door knows no path of
/// theirs.
fn leads_to_pages(result: &DoorResult) -> Option<Finding> {
    let is_page = |probe: &ProbeResult| {
        let Some(response) = probe.response() else { return false };
        let asks = response.status == 401 && response.header("www-authenticate").is_some();
        let target = response.header("location").and_then(|target| probe.url.join(target).ok());
        let is_login = target
            .is_some_and(|target| target.origin() == probe.url.origin() && target.path().ends_with("/login"));
        asks || is_login
    };
    let leads = result.others.iter().any(is_page);
    leads.then(|| Finding::DoorLeadsToPages { host: host(&result.health) })
}

/// The finding where something else answers at the address: a path that exists, or a text for one that does not.
fn answers_more(result: &DoorResult) -> Option<Finding> {
    let missing = &result.missing_path;
    let open = std::iter::once(missing).chain(&result.others).find_map(|probe| {
        let status = probe.status().filter(|status| !is_refusal(*status))?;
        let path = path_for_people(probe);
        Some(Finding::DoorAnswersMore { host: host(probe), path, status })
    });
    let is_filtered =
        missing.response().is_some_and(|response| response.status != 404 || !response.body.is_empty());
    open.or_else(|| is_filtered.then(|| Finding::DoorFiltered { host: host(missing) }))
}

fn is_refusal(status: u16) -> bool {
    matches!(status, 403 | 404 | 405 | 410 | 429)
}

/// A random name means nothing to people.
fn path_for_people(probe: &ProbeResult) -> String {
    let path = probe.url.path();
    match path.find("/command/") {
        Some(_) => "/command/…".to_owned(),
        None if path.contains("/unused-") => "/…".to_owned(),
        None => path.to_owned(),
    }
}

/// Whether the door opens what these keys seal.
fn opens_grants(result: &DoorResult) -> bool {
    result.grant.as_ref().is_some_and(|grant| grant.status() == Some(200))
}

fn grant_problem(result: &DoorResult) -> Option<Finding> {
    let probe = result.grant.as_ref()?;
    match probe.status() {
        Some(200) => None,
        Some(404) => Some(Finding::DoorOtherKeys { host: host(probe) }),
        Some(status) => {
            let problem = address::problem(Address::Door, probe);
            problem.or_else(|| Some(Finding::DoorWrongStatus { host: host(probe), status }))
        }
        None => address::problem(Address::Door, probe),
    }
}

/// The finding where a stream does not come through the door, although the door opens its grant.
fn stream_problem(snapshot: &Snapshot, result: &DoorResult) -> Option<Finding> {
    let Some((sample, probe)) = result.stream.as_ref() else {
        let is_untested = result.grant.is_some() && !has_played_through(snapshot);
        return is_untested.then(|| Finding::DoorAudioUnknown { host: host(&result.health) });
    };
    let Some(response) = probe.response() else { return address::problem(Address::Door, probe) };
    let host = host(probe);
    match response.status {
        200 | 206 => {
            let r#type = response.media_type().unwrap_or_default();
            (r#type != "audio/mpeg").then_some(Finding::DoorNotAudio { host, r#type })
        }
        404 | 410 => Some(gone(snapshot, sample, host)),
        502 => Some(Finding::DoorWithoutMa { host }),
        status => Some(Finding::DoorWrongStatus { host, status }),
    }
}

fn gone(snapshot: &Snapshot, sample: &Sample, host: String) -> Finding {
    if snapshot.is_over(sample) {
        Finding::DoorAudioUnknown { host }
    } else {
        Finding::DoorNotFound { host, player: sample.player.clone() }
    }
}

/// Whether an Echo reported that it plays a granted stream, which proves more than a probe.
fn has_played_through(snapshot: &Snapshot) -> bool {
    let plays = |state| matches!(state, PlayerState::Playing | PlayerState::Stopped);
    let is_granted = |player: &Player| player.start().is_some_and(|start| start.grant.is_some());
    snapshot.views().iter().any(|view| plays(view.state) && is_granted(view.player))
}
