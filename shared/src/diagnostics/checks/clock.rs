//! The clock of this machine.

use time::PrimitiveDateTime;
use time::macros::format_description;

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
    let theirs = parse_date(probe.response()?.header("date")?)?;
    Some((theirs.seconds().abs_diff(probe.at.seconds()), probe.host()))
}

/// Reads the header `Date` (RFC 9110, section 5.6.7).
fn parse_date(text: &str) -> Option<Timestamp> {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let date = PrimitiveDateTime::parse(text, &format).ok()?.assume_utc();
    Some(Timestamp::from_millis(date.unix_timestamp().saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_a_response_is_read() {
        let date = parse_date("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(date, Some(Timestamp::from_millis(784_111_777_000)));
    }

    #[test]
    fn another_text_is_no_date() {
        for text in
            ["", "now", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37", "Sun, 32 Nov 1994 08:49:37 GMT"]
        {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
