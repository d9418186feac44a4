//! The requests that the home received: which one is carried out, and which one comes late or again.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::control::{ControlRequest, LONGEST_WAIT};
use crate::playback::{RequestId, ShortHash, short_hash};

/// Time for which an id is remembered: as long as the queue keeps a message, and longer than any request waits.
const REMEMBERED: Duration = Duration::from_mins(1);

/// Most ids that are remembered. Beyond it requests are left, since an id that is forgotten might be carried out twice.
const IDS_AT_MOST: usize = 1000;

/// What is done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is carried out now.
    CarryOut,
    /// Its time is over, or it has a time that no request has.
    Late,
    /// A request of this id was received before.
    Repeated,
    /// Too many were received within a minute.
    TooMany,
}

/// The ids of the last minute. The time is passed in.
#[derive(Debug, Default)]
pub struct Received {
    ids: HashMap<ShortHash, Timestamp>,
    latest: Timestamp,
}

impl Received {
    /// Decides about a request that is delivered at `now`. A clock that is set back does not shorten the memory.
    pub fn take(&mut self, request: &ControlRequest, now: Timestamp) -> Verdict {
        self.take_id(&request.id, request.until, now)
    }

    fn take_id(&mut self, id: &RequestId, until: Timestamp, now: Timestamp) -> Verdict {
        self.latest = self.latest.max(now);
        let latest = self.latest;
        self.ids.retain(|_, at| latest.since(*at) < REMEMBERED);
        let key = short_hash(id);
        if self.ids.contains_key(&key) {
            return Verdict::Repeated;
        }
        // The clock may be set back, or `until` lie far ahead: neither makes a request of before a present one.
        if latest > until || until.since(now) > LONGEST_WAIT {
            return Verdict::Late;
        }
        if self.ids.len() >= IDS_AT_MOST {
            return Verdict::TooMany;
        }
        self.ids.insert(key, latest);
        Verdict::CarryOut
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    const T0: i64 = 1_700_000_000_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(T0 + millis)
    }

    #[test]
    fn a_request_is_carried_out_once_and_in_time() {
        let mut received = Received::default();
        let one = "one".to_owned();
        assert_eq!(received.take_id(&one, at(4000), at(0)), Verdict::CarryOut);
        assert_eq!(received.take_id(&one, at(4000), at(3000)), Verdict::Repeated);
        assert_eq!(received.take_id(&"two".to_owned(), at(4000), at(4001)), Verdict::Late);
        assert_eq!(received.take_id(&"three".to_owned(), at(99_000), at(5000)), Verdict::Late);
        assert_eq!(received.take_id(&"four".to_owned(), at(8000), at(5000)), Verdict::CarryOut);
        // The clock is set back to before its end, and the memory lasts all the same.
        assert_eq!(received.take_id(&one, at(4000), at(1000)), Verdict::Repeated);
        assert_eq!(received.take_id(&one, at(4000), at(66_000)), Verdict::Late, "it is forgotten, and over");
    }

    #[test]
    fn a_flood_is_bounded_and_carries_nothing_out_twice() {
        let mut received = Received::default();
        for number in 0..IDS_AT_MOST {
            assert_eq!(received.take_id(&number.to_string(), at(4000), at(0)), Verdict::CarryOut);
        }
        assert_eq!(received.take_id(&"more".to_owned(), at(4000), at(0)), Verdict::TooMany);
        assert_eq!(received.take_id(&"0".to_owned(), at(4000), at(0)), Verdict::Repeated);
        assert_eq!(received.take_id(&"more".to_owned(), at(64_000), at(60_000)), Verdict::CarryOut);
        assert_eq!(received.ids.len(), 1);
    }

    /// Deliveries: which request, and how many milliseconds after the one before. A queue may deliver again, late and in
    /// any order, and the clock may be set back.
    fn deliveries() -> impl Strategy<Value = Vec<(usize, i64)>> {
        proptest::collection::vec((0_usize..400, prop_oneof![9 => 0_i64..400, 1 => -5000_i64..20_000]), 1000)
    }

    proptest! {
        // 1000 deliveries in each of 100 cases: 10^5.
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn none_of_a_hundred_thousand_deliveries_is_carried_out_late_or_twice(deliveries in deliveries()) {
            let mut received = Received::default();
            let (mut now, mut done) = (0, HashSet::new());
            for (request, passed) in deliveries {
                now += passed;
                // Requests are made one after the other, each with 4.5 s.
                let until = i64::try_from(request).unwrap_or_default() * 500 + 4500;
                let verdict = received.take_id(&request.to_string(), at(until), at(now));
                if verdict == Verdict::CarryOut {
                    prop_assert!(now <= until, "{request} is late at {now}");
                    prop_assert!(done.insert(request), "{request} is done twice");
                }
            }
        }
    }
}
