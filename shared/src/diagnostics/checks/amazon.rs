//! The session of the Amazon account.

use std::time::Duration;

use crate::diagnostics::evidence::Snapshot;
use crate::diagnostics::finding::{Finding, or_ok};

/// The longest age of a token that is refreshed on schedule: it is valid for an hour.
const MAX_TOKEN_AGE: Duration = Duration::from_hours(2);

pub(super) fn check(snapshot: &Snapshot) -> Vec<Finding> {
    let Ok(account) = &snapshot.account else {
        return vec![Finding::AmazonUnreadable { place: snapshot.secrets_location.clone() }];
    };
    let mut findings = Vec::new();
    let refreshed_at = account.token_renewed_at.or(account.signed_in_at);
    if let Some(ended) = &account.ended {
        findings.push(Finding::AmazonSignInEnded { at: ended.at, reason: ended.reason.clone() });
    } else if !account.signed_in {
        findings.push(Finding::AmazonNotSignedIn);
    } else if let Some(at) = refreshed_at.filter(|at| snapshot.now.since(*at) > MAX_TOKEN_AGE) {
        findings.push(Finding::AmazonTokenStale { at });
    }
    findings.extend(snapshot.throttled_until.map(|until| Finding::AmazonThrottled { until }));
    let marketplace = account.marketplace.as_deref().unwrap_or("Amazon").to_owned();
    or_ok(findings, Finding::AmazonOk { marketplace })
}
