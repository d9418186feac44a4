//! The time of AWS, as the home knows it.

use crate::clock::{Moment, Timestamp};

/// The time of the functions. A machine at home may have another one, and a request ends by theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTime {
    at: Timestamp,
    sent: Moment,
}

impl ServerTime {
    /// The time `at` of an answer to a request that was sent at `sent`. It is the latest that it can be, so that a request
    /// is rather left than begun after its end.
    #[must_use]
    pub fn answered(at: Timestamp, sent: Moment) -> Self {
        Self { at, sent }
    }

    /// The nearer one of a known time and that of an answer, which came at `moment`. None can be behind, so the smaller one
    /// is nearer. Where the known one is behind the answer, a clock was set, and the answer counts.
    #[must_use]
    pub fn nearest(known: Option<Self>, at: Timestamp, sent: Moment, moment: Moment) -> Self {
        let answered = Self::answered(at, sent);
        let is_nearer = |known: &Self| (at..=answered.now(moment)).contains(&known.now(moment));
        known.filter(is_nearer).unwrap_or(answered)
    }

    /// The time of the functions at `moment`; ahead by the time of that request at most. It goes on where the machine slept.
    #[must_use]
    pub fn now(&self, moment: Moment) -> Timestamp {
        self.at.plus(moment.since(self.sent))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::Clock as _;
    use crate::clock::testing::ManualClock;

    #[test]
    fn an_answer_that_took_long_replaces_no_better_one() {
        let clock = ManualClock::at(Timestamp::from_millis(7_000_000));
        let at = Timestamp::from_millis;
        let sent = clock.moment();
        let quick = ServerTime::nearest(None, at(50_000), sent, sent);
        clock.advance(Duration::from_secs(5));
        let nearest = |known, answered| ServerTime::nearest(Some(known), at(answered), sent, clock.moment());
        for written in [50_000, 55_000] {
            assert_eq!(
                nearest(quick, written),
                quick,
                "the answer was written at any time within five seconds"
            );
        }
        let slow = ServerTime::answered(at(55_000), sent);
        assert_eq!(slow.now(clock.moment()), at(60_000));
        assert_eq!(nearest(slow, 50_000), ServerTime::answered(at(50_000), sent));
        assert_eq!(nearest(quick, 90_000), ServerTime::answered(at(90_000), sent), "a clock was set");
    }

    #[test]
    fn it_goes_on_with_the_clock_that_shows_more() {
        let clock = ManualClock::at(Timestamp::from_millis(7_000_000));
        let server = ServerTime::answered(Timestamp::from_millis(50_000), clock.moment());
        assert_eq!(server.now(clock.moment()), Timestamp::from_millis(50_000));
        clock.advance(Duration::from_secs(2));
        assert_eq!(server.now(clock.moment()), Timestamp::from_millis(52_000));
        clock.set(Timestamp::from_millis(0));
        assert_eq!(server.now(clock.moment()), Timestamp::from_millis(52_000), "the clock is set back");
        clock.set(Timestamp::from_millis(7_060_000));
        assert_eq!(server.now(clock.moment()), Timestamp::from_millis(110_000), "the machine slept");
    }
}
