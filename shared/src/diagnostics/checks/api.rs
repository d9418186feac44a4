//! The HTTP API, as Music Assistant reaches it.

use serde_json::Value;

use super::address;
use crate::diagnostics::evidence::{ProbeResult, ProbeResults, Snapshot};
use crate::diagnostics::finding::{Address, Finding, or_ok};
use crate::probe::{ProbeResponse, has_public_host};

pub(super) fn check(snapshot: &Snapshot, probes: &ProbeResults) -> Vec<Finding> {
    let Some(probe) = &probes.api else {
        return vec![Finding::ApiNotSet];
    };
    let is_unencrypted = snapshot
        .config
        .setup
        .api_url
        .as_ref()
        .is_some_and(|url| url.as_url().scheme() == "http" && has_public_host(url.as_url()));
    let host = || probe.host().to_owned();
    let unencrypted = is_unencrypted.then(|| Finding::ApiNotEncrypted { host: host() });
    let problem = address::problem(Address::Api, probe).or_else(|| health_problem(probe));
    or_ok(problem.into_iter().chain(unencrypted).collect(), Finding::ApiOk { host: host() })
}

/// The finding where `/healthz` is not answered by this release.
fn health_problem(probe: &ProbeResult) -> Option<Finding> {
    const OURS: &str = env!("CARGO_PKG_VERSION");
    let (response, host) = (probe.response()?, probe.host().to_owned());
    match response.status {
        200 => {}
        // A function that may run once at a time is busy with this very check.
        status @ (429 | 503) => return Some(Finding::ApiBusy { host, status }),
        status => return Some(Finding::ApiWrongStatus { host, status }),
    }
    match version(response) {
        None => Some(Finding::ApiNotOurs { host }),
        Some(found) => (found != OURS).then_some(Finding::ApiOtherRelease { host, found, ours: OURS }),
    }
}

/// The version in a response of `/healthz`; none where another program answered.
pub(super) fn version(response: &ProbeResponse) -> Option<String> {
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    let version = body["version"].as_str()?;
    (body["status"] == "ok").then(|| version.to_owned())
}
