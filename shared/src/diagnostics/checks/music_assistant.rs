//! The API of Music Assistant.

use super::address;
use crate::diagnostics::evidence::{ProbeResult, ProbeResults, Snapshot};
use crate::diagnostics::finding::{Address, Finding, or_ok};
use crate::probe::{ServerInfo, may_carry_token};

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
        Some(info) => token_problem(snapshot, probes, info, host()),
    });
    let version = info.map(|info| info.version).unwrap_or_default();
    or_ok(problem.into_iter().chain(unencrypted).collect(), Finding::MaApiOk { host: host(), version })
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
        Some(200) => None,
        Some(401 | 403) => Some(Finding::MaApiTokenRefused { host }),
        Some(status) => problem().or(Some(Finding::MaApiWrongStatus { host, status })),
        None => problem(),
    }
}
