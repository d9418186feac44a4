//! The reports that the home received: which one counts, and which one comes late, again or after a newer one.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::speakers::HomeReport;

/// Age from which a report is left: older than the queue keeps one. What it said stands in the store.
const LATE: Duration = Duration::from_mins(6);

/// Time for which the order of a player's reports is remembered: longer than a report can be on its way.
const REMEMBERED: Duration = Duration::from_mins(10);

/// Most players of which the order is remembered: far more than a home has.
const PLAYERS_AT_MOST: usize = 256;

/// The decision about a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeardVerdict {
    /// It counts, and is so old.
    Take(Duration),
    /// This one or a newer one of its player was received before.
    Old,
    /// It was too long on its way.
    Late,
    /// There are too many players.
    TooMany,
}

/// The newest report of each player. The time is passed in.
#[derive(Debug, Default)]
pub struct HeardReports(HashMap<String, Newest>);

#[derive(Clone, Copy, Debug)]
struct Newest {
    revision: u64,
    /// When it was received.
    at: Duration,
}

impl HeardReports {
    /// Decides about a report that is delivered at `now`, the time of the functions. Reports sort by the revisions of their
    /// player's item, which no clock changes. `monotonic` is a time that only goes forward.
    pub fn take(&mut self, report: &HomeReport, now: Timestamp, monotonic: Duration) -> HeardVerdict {
        self.0.retain(|_, newest| monotonic.saturating_sub(newest.at) < REMEMBERED);
        let (known, revision) = (self.0.get(&report.player), report.observed.revision);
        if known.is_some_and(|newest| revision <= newest.revision) {
            return HeardVerdict::Old;
        }
        let passed = now.since(report.at);
        if passed > LATE {
            return HeardVerdict::Late;
        }
        if known.is_none() && self.0.len() >= PLAYERS_AT_MOST {
            return HeardVerdict::TooMany;
        }
        self.0.insert(report.player.clone(), Newest { revision, at: monotonic });
        HeardVerdict::Take(passed)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::speakers::{Observed, ObservedReport, ObservedState};

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    fn report(player: &str, revision: u64, millis: i64) -> HomeReport {
        let playing = ObservedReport {
            id: revision.to_string(),
            state: ObservedState::Playing,
            position: Duration::from_secs(9),
        };
        let observed = Observed { version: 1, revision, report: Some(playing), ..Observed::default() };
        HomeReport { player: player.to_owned(), observed, at: at(millis) }
    }

    fn take(heard: &mut HeardReports, report: &HomeReport, now: i64) -> HeardVerdict {
        heard.take(report, at(now), Duration::from_millis(now.unsigned_abs()))
    }

    #[test]
    fn a_report_counts_once_and_not_after_a_newer_one() {
        let mut heard = HeardReports::default();
        let (first, second) = (report("Kitchen", 7, 0), report("Kitchen", 8, 1000));
        assert_eq!(take(&mut heard, &first, 200), HeardVerdict::Take(Duration::from_millis(200)));
        assert_eq!(take(&mut heard, &first, 300), HeardVerdict::Old, "it comes again");
        assert_eq!(
            take(&mut heard, &report("Study", 3, 0), 300),
            HeardVerdict::Take(Duration::from_millis(300))
        );
        assert_eq!(take(&mut heard, &second, 1000), HeardVerdict::Take(Duration::ZERO));
        assert_eq!(take(&mut heard, &first, 1100), HeardVerdict::Old, "a newer one was there");
    }

    #[test]
    fn a_report_that_was_minutes_on_its_way_goes_on_and_one_that_was_longer_is_left() {
        let mut heard = HeardReports::default();
        let minutes = report("Kitchen", 7, 0);
        let HeardVerdict::Take(passed) = take(&mut heard, &minutes, 240_000) else { panic!("it is left") };
        assert_eq!(
            minutes.after(passed).report.map(|report| report.position),
            Some(Duration::from_secs(249))
        );
        assert_eq!(take(&mut heard, &report("Study", 7, 0), 361_000), HeardVerdict::Late);
        // An item that was removed and made again counts from the beginning.
        assert_eq!(
            take(&mut heard, &report("Kitchen", 1, 900_000), 900_000),
            HeardVerdict::Take(Duration::ZERO)
        );
    }

    #[test]
    fn a_flood_of_names_is_bounded() {
        let mut heard = HeardReports::default();
        for number in 0..PLAYERS_AT_MOST {
            let verdict = take(&mut heard, &report(&number.to_string(), 1, 0), 0);
            assert_eq!(verdict, HeardVerdict::Take(Duration::ZERO));
        }
        assert_eq!(take(&mut heard, &report("more", 1, 0), 0), HeardVerdict::TooMany);
        assert_eq!(take(&mut heard, &report("0", 2, 0), 0), HeardVerdict::Take(Duration::ZERO));
    }

    /// A delivery: of which player, how many reports back, after how many milliseconds, and by how many the clock is wrong.
    fn deliveries() -> impl Strategy<Value = Vec<(u8, u64, u64, i64)>> {
        let wrong = prop_oneof![6 => Just(0_i64), 1 => -600_000_i64..0, 1 => 0_i64..600_000];
        proptest::collection::vec((0..3_u8, 0_u64..40, 0_u64..2000, wrong), 1000)
    }

    proptest! {
        // 1000 deliveries in each of 10 cases: 10^4.
        #![proptest_config(ProptestConfig::with_cases(10))]
        #[test]
        fn no_report_of_ten_thousand_counts_twice_or_after_a_newer_one(deliveries in deliveries()) {
            let mut heard = HeardReports::default();
            let (mut passed, mut newest, mut taken) = (0_u64, BTreeMap::new(), 0);
            for (player, back, span, wrong) in deliveries {
                passed += span;
                // Each player has a report every 5 s, of which the queue keeps those of the last 5 minutes.
                let Some(revision) = (passed / 5000).checked_sub(back) else { continue };
                let made = i64::try_from(revision * 5000).unwrap_or_default();
                let now = i64::try_from(passed).unwrap_or_default() + wrong;
                let report = report(&player.to_string(), revision, made);
                if let HeardVerdict::Take(_) = heard.take(&report, at(now), Duration::from_millis(passed)) {
                    taken += 1;
                    let before = newest.insert(player, revision);
                    prop_assert!(before < Some(revision), "{revision} of {player} after {before:?}");
                }
            }
            prop_assert!(taken > 100, "only {taken} were taken");
        }
    }
}
