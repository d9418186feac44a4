//! Whether a request was sent just now, and not played back from a recording.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::VerificationError;
use crate::clock::Timestamp;

/// Distance of a request's timestamp from now that is allowed, in either direction.
pub const TOLERANCE: Duration = Duration::from_secs(150);
/// The same for the skill events that Amazon delivers again when an endpoint did not answer.
pub const SKILL_EVENT_TOLERANCE: Duration = Duration::from_hours(1);

/// The request types that have [`SKILL_EVENT_TOLERANCE`].
const RETRIED: [&str; 5] = [
    "AlexaSkillEvent.SkillEnabled",
    "AlexaSkillEvent.SkillDisabled",
    "AlexaSkillEvent.SkillPermissionChanged",
    "AlexaSkillEvent.SkillPermissionAccepted",
    "AlexaSkillEvent.SkillAccountLinked",
];

/// As much of an envelope as is needed here. Anything may stand in it, so that what is wrong elsewhere is found,
/// and named, by the parser of the envelope.
#[derive(Deserialize)]
struct Envelope {
    request: Request,
}

#[derive(Deserialize)]
struct Request {
    #[serde(rename = "type", default)]
    kind: Value,
    #[serde(default)]
    timestamp: Value,
}

/// Time at which the request in `body` was sent by its own account, if that is near enough to `now`.
pub(super) fn check(body: &[u8], now: Timestamp) -> Result<Timestamp, VerificationError> {
    let Envelope { request } =
        serde_json::from_slice(body).map_err(|_| VerificationError::MissingTimestamp)?;
    let sent = request
        .timestamp
        .as_str()
        .and_then(Timestamp::parse_rfc3339)
        .ok_or(VerificationError::MissingTimestamp)?;
    let retried = request.kind.as_str().is_some_and(|kind| RETRIED.contains(&kind));
    let tolerance = if retried { SKILL_EVENT_TOLERANCE } else { TOLERANCE };
    if now.since(sent) > tolerance {
        return Err(VerificationError::Stale { age: now.since(sent) });
    }
    if sent.since(now) > tolerance {
        return Err(VerificationError::FromTheFuture { ahead: sent.since(now) });
    }
    Ok(sent)
}
