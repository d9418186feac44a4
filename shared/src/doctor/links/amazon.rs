//! The session of the Amazon account.

use std::time::Duration;

use crate::doctor::codes::found;
use crate::doctor::examination::{Link, LinkKind};
use crate::doctor::facts::{Facts, moment};

/// How old a token gets at most where it is renewed on schedule: it lives for an hour.
const RENEWED_WITHIN: Duration = Duration::from_hours(2);

pub(super) fn link(facts: &Facts) -> Link {
    let Ok(account) = &facts.account else {
        let unreadable = found("amazon-unreadable", &[("place", &facts.place)]);
        return Link::of(LinkKind::Amazon, vec![unreadable], || found("amazon-ok", &[]));
    };
    let mut findings = Vec::new();
    let renewed_at = account.token_renewed_at.or(account.signed_in_at);
    if let Some(ended) = &account.ended {
        let details = [("at", &*moment(ended.at)), ("reason", &ended.reason)];
        findings.push(found("amazon-sign-in-ended", &details));
    } else if !account.signed_in {
        findings.push(found("amazon-not-signed-in", &[]));
    } else if let Some(at) = renewed_at.filter(|at| facts.now.since(*at) > RENEWED_WITHIN) {
        findings.push(found("amazon-token-stale", &[("at", &moment(at))]));
    }
    if let Some(until) = facts.throttled_until {
        findings.push(found("amazon-throttled", &[("until", &moment(until))]));
    }
    let marketplace = account.marketplace.as_deref().unwrap_or("Amazon");
    Link::of(LinkKind::Amazon, findings, || found("amazon-ok", &[("marketplace", marketplace)]))
}
