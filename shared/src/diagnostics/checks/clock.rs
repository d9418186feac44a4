//! The clock of this machine.

use crate::clock::Timestamp;
use crate::diagnostics::evidence::{ProbeResult, ProbeResults};
use crate::diagnostics::finding::Finding;

/// The tolerance in seconds: Alexa's requests are refused beyond it (Alexa Skills Kit, request verification).
const TOLERANCE: u64 = 150;

/// Compares this clock with Amazon's. Without its response, one of the public origins that agrees is enough: they may be on
/// this very machine, and wrong with it.
pub(super) fn check(probes: &ProbeResults) -> Vec<Finding> {
    let amazon = probes.time.as_ref().filter(|probe| probe.response().is_some());
    let origins = [&probes.stream, &probes.art].into_iter().flatten().map(|origin| &origin.missing_path);
    let nearest = match amazon.and_then(offset) {
        Some(offset) => Some(offset),
        None => origins.filter_map(offset).min_by_key(|(seconds, _)| *seconds),
    };
    vec![match nearest {
        None => Finding::ClockUnknown,
        Some((seconds, host)) if seconds > TOLERANCE => {
            Finding::ClockWrong { host: host.to_owned(), minutes: seconds.div_ceil(60) }
        }
        Some((_, host)) => Finding::ClockOk { host: host.to_owned() },
    }]
}

/// The difference in seconds between this clock and the one of a server, with its host.
fn offset(probe: &ProbeResult) -> Option<(u64, &str)> {
    let theirs = Timestamp::parse_http_date(probe.response()?.header("date")?)?;
    Some((theirs.seconds().abs_diff(probe.at.seconds()), probe.host()))
}
