//! The API of Music Assistant.

use serde_json::Value;

use super::address;
use crate::diagnostics::evidence::{ProbeResult, ProbeResults, Snapshot};
use crate::diagnostics::finding::{Address, Finding, or_ok};
use crate::probe::{ServerInfo, may_carry_token};

#[cfg(feature = "music-assistant")]
mod players;

/// The first schema of Music Assistant whose API needs a token.
const FIRST_SCHEMA_WITH_TOKENS: u64 = 28;

pub(super) fn check(snapshot: &Snapshot, probes: &ProbeResults) -> Vec<Finding> {
    let Some(probe) = &probes.ma_info else {
        return vec![Finding::MaApiNotSet];
    };
    let host = || probe.host().to_owned();
    let unencrypted = (!may_carry_token(&probe.url)).then(|| Finding::MaApiNotEncrypted { host: host() });
    let info = probe.response().and_then(ServerInfo::parse);
    let problem = address::problem(Address::MaApi, probe).or_else(|| match &info {
        None => Some(Finding::MaApiNotMa { host: host() }),
        Some(info) => schema_problem(info, host()).or_else(|| token_problem(snapshot, probes, info, host())),
    });
    let behind_token = if problem.is_none() { players(snapshot, probes, &host()) } else { Vec::new() };
    let version = info.map(|info| info.version).unwrap_or_default();
    let problems = problem.into_iter().chain(unencrypted).chain(behind_token);
    or_ok(problems.collect(), Finding::MaApiOk { host: host(), version })
}

/// The players of the Echos that the token lets see.
#[cfg(feature = "music-assistant")]
fn players(snapshot: &Snapshot, probes: &ProbeResults, host: &str) -> Vec<Finding> {
    players::check(snapshot, probes, host)
}

/// Functions in AWS send Music Assistant no commands.
#[cfg(not(feature = "music-assistant"))]
fn players(_: &Snapshot, _: &ProbeResults, _: &str) -> Vec<Finding> {
    Vec::new()
}

#[cfg(feature = "music-assistant")]
fn schema_problem(info: &ServerInfo, host: String) -> Option<Finding> {
    use crate::music_assistant::SCHEMAS;
    let is_known = info.schema >= *SCHEMAS.start() && info.oldest_schema <= *SCHEMAS.end();
    (!is_known).then_some(Finding::MaApiSchemaUnknown { host, schema: info.schema })
}

#[cfg(not(feature = "music-assistant"))]
fn schema_problem(_: &ServerInfo, _: String) -> Option<Finding> {
    None
}

fn token_problem(
    snapshot: &Snapshot,
    probes: &ProbeResults,
    info: &ServerInfo,
    host: String,
) -> Option<Finding> {
    let has_token = snapshot.credentials.as_ref().is_ok_and(|credentials| credentials.ma_token.is_some());
    if !has_token {
        let needs_token = info.schema >= FIRST_SCHEMA_WITH_TOKENS;
        return needs_token.then_some(Finding::MaApiTokenMissing { host });
    }
    let call: &ProbeResult = probes.ma_call.as_ref()?;
    let problem = || address::problem(Address::MaApi, call);
    match call.status() {
        Some(200) => guest(probes, host),
        Some(401 | 403) => Some(Finding::MaApiTokenRefused { host }),
        Some(status) => problem().or(Some(Finding::MaApiWrongStatus { host, status })),
        None => problem(),
    }
}

/// A token of a guest, whom newer servers let control nothing.
fn guest(probes: &ProbeResults, host: String) -> Option<Finding> {
    let response = probes.ma_user.as_ref()?.response().filter(|response| response.status == 200)?;
    let user: Value = serde_json::from_slice(&response.body).ok()?;
    let name = user["username"].as_str().unwrap_or_default();
    (user["role"] == "guest").then(|| Finding::MaApiGuest { host, user: name.to_owned() })
}
