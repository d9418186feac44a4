//! The record of the questions, also over a restart.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// Time between two questions.
const DAY: Duration = Duration::from_hours(24);

/// Longest time between two questions, in days.
const MOST_DAYS: u32 = 7;

/// The last question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    pub(super) asked_at: Option<Timestamp>,
    /// Questions without an answer since the last answer.
    pub(super) failures: u32,
    /// The newest release that is known, as a text.
    pub(super) newest: Option<String>,
}

impl Record {
    /// Whether it is time to ask. That is once a day, and less often with each failure.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let doublings = self.failures.saturating_sub(1).min(MOST_DAYS);
        let wait = DAY * (1_u32 << doublings).min(MOST_DAYS);
        self.asked_at.is_none_or(|asked_at| !now.is_within(wait, asked_at))
    }

    /// Remembers that a question begins. It counts as failed until it is answered, so that a program that ends in the
    /// middle of it asks no more often.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.asked_at = Some(now);
        self.failures = self.failures.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_once_a_day_and_less_often_with_each_failure() {
        let now = Timestamp::from_millis(1_795_334_400_000);
        assert!(Record::default().is_due(now));
        for (failures, days) in [(0, 1), (1, 1), (2, 2), (3, 4), (4, 7), (5, 7), (u32::MAX, 7)] {
            let record = Record { asked_at: Some(now), failures, newest: None };
            let due = now.plus(DAY * days);
            let early = due.minus(Duration::from_millis(1));
            assert_eq!((record.is_due(early), record.is_due(due)), (false, true), "{failures}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_stops_no_question() {
        let now = Timestamp::from_millis(1_795_334_400_000);
        let record = Record { asked_at: Some(now.plus(DAY)), failures: 0, newest: None };
        assert!(record.is_due(now));
    }
}
