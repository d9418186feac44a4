//! The requests that the home received: which one is carried out, and which one comes late or again.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::control::{ControlRequest, LONGEST_WAIT};
use crate::playback::{RequestId, ShortHash, short_hash};

/// Time for which an id is remembered: longer than the minute for which the queue keeps a message.
const REMEMBERED: Duration = Duration::from_secs(70);

/// Most ids that are remembered. Beyond it requests are left, since an id that is forgotten might be carried out twice.
const IDS_AT_MOST: usize = 1000;

/// The decision about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
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
pub struct Received(HashMap<ShortHash, Duration>);

impl Received {
    /// Decides about a request that is delivered at `now`, the time of the functions. `monotonic` is a time that only goes
    /// forward: by it ids are remembered, so that no clock that is set makes one forgotten.
    pub fn take(&mut self, request: &ControlRequest, now: Timestamp, monotonic: Duration) -> Admission {
        self.take_id(&request.id, request.until, now, monotonic)
    }

    fn take_id(
        &mut self,
        id: &RequestId,
        until: Timestamp,
        now: Timestamp,
        monotonic: Duration,
    ) -> Admission {
        self.0.retain(|_, at| monotonic.saturating_sub(*at) < REMEMBERED);
        let key = short_hash(id);
        if self.0.contains_key(&key) {
            return Admission::Repeated;
        }
        // One that lies far ahead was made by another clock than `now` is of.
        if now > until || until.since(now) > LONGEST_WAIT {
            return Admission::Late;
        }
        if self.0.len() >= IDS_AT_MOST {
            return Admission::TooMany;
        }
        self.0.insert(key, monotonic);
        Admission::CarryOut
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    fn take(received: &mut Received, id: &str, until: i64, now: i64) -> Admission {
        let monotonic = Duration::from_millis(now.unsigned_abs());
        received.take_id(&id.to_owned(), at(until), at(now), monotonic)
    }

    #[test]
    fn a_request_is_carried_out_once_and_in_time() {
        let mut received = Received::default();
        assert_eq!(take(&mut received, "one", 4000, 0), Admission::CarryOut);
        assert_eq!(take(&mut received, "one", 4000, 3000), Admission::Repeated);
        assert_eq!(take(&mut received, "two", 4000, 4000), Admission::CarryOut);
        assert_eq!(take(&mut received, "three", 4000, 4001), Admission::Late);
        assert_eq!(take(&mut received, "four", 99_000, 5000), Admission::Late);
        assert_eq!(take(&mut received, "one", 4000, 60_000), Admission::Repeated);
        assert_eq!(take(&mut received, "one", 4000, 70_000), Admission::Late, "it is forgotten, and over");
    }

    #[test]
    fn a_flood_is_bounded_and_carries_nothing_out_twice() {
        let mut received = Received::default();
        for number in 0..IDS_AT_MOST {
            assert_eq!(take(&mut received, &number.to_string(), 4000, 0), Admission::CarryOut);
        }
        assert_eq!(take(&mut received, "more", 4000, 0), Admission::TooMany);
        assert_eq!(take(&mut received, "0", 4000, 0), Admission::Repeated);
        assert_eq!(take(&mut received, "more", 74_000, 70_000), Admission::CarryOut);
        assert_eq!(received.0.len(), 1);
    }

    /// Each is made half a second after the one before, and ends 4.5 s later.
    fn made_at(request: usize) -> i64 {
        i64::try_from(request).unwrap_or_default() * 500
    }

    /// A delivery: which of the requests that the queue has, after how many milliseconds, and by how many the clock is wrong.
    fn deliveries() -> impl Strategy<Value = Vec<(usize, u64, i64)>> {
        let wrong = prop_oneof![8 => Just(0_i64), 1 => -20_000_i64..0, 1 => 0_i64..20_000];
        proptest::collection::vec((0_usize..150, 0_u64..400, wrong), 1000)
    }

    proptest! {
        // 1000 deliveries in each of 100 cases: 10^5.
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn none_of_a_hundred_thousand_deliveries_is_carried_out_late_or_twice(deliveries in deliveries()) {
            let mut received = Received::default();
            let (mut passed, mut done) = (0_i64, HashSet::new());
            for (age, span, wrong) in deliveries {
                passed += i64::try_from(span).unwrap_or_default();
                // The queue keeps what was made within the last minute, which is 120 requests, and has no later ones. One
                // in ten is older than that, and is delivered all the same.
                let Some(request) = usize::try_from(passed / 500).unwrap_or_default().checked_sub(age) else { continue };
                let (until, now) = (made_at(request) + 4500, passed + wrong);
                let monotonic = Duration::from_millis(passed.unsigned_abs());
                let verdict = received.take_id(&request.to_string(), at(until), at(now), monotonic);
                if verdict == Admission::CarryOut {
                    prop_assert!(now <= until, "{request} is late at {now}");
                    let is_kept = passed - made_at(request) < 60_000;
                    prop_assert!(done.insert(request) || !is_kept, "{request} is done twice");
                }
            }
            prop_assert!(done.len() > 20, "only {} were carried out", done.len());
        }
    }
}
