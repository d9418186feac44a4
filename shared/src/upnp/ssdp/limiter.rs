//! A bound for the searches that are answered.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use crate::clock::Moment;

/// Searches of one asker that are answered at once: controllers search for several targets, and twice.
const BURST: f64 = 10.0;

/// Searches of one asker that are answered in a second.
const RATE: f64 = 3.0;

/// Searches of all askers that are answered at once.
const BURST_OF_ALL: f64 = 40.0;

/// Searches of all askers that are answered in a second.
const RATE_OF_ALL: f64 = 20.0;

/// Most askers that are remembered; others share what is left for all.
const MAX_ASKERS: usize = 256;

/// Time after which an asker has its whole burst again.
const FORGOTTEN: Duration = Duration::from_secs(10);

/// Counts searches.
#[derive(Debug, Default)]
pub(super) struct SearchLimiter {
    all: Option<Bucket>,
    askers: HashMap<Ipv4Addr, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Moment,
}

impl Bucket {
    /// Takes one, if one is left.
    fn take(bucket: Option<Self>, now: Moment, (burst, rate): (f64, f64)) -> (Self, bool) {
        let left = bucket.map_or(burst, |bucket| bucket.left + now.since(bucket.at).as_secs_f64() * rate);
        let left = left.min(burst);
        if left >= 1.0 { (Self { left: left - 1.0, at: now }, true) } else { (Self { left, at: now }, false) }
    }
}

impl SearchLimiter {
    /// Whether a search is answered.
    pub(super) fn admit(&mut self, asker: Ipv4Addr, now: Moment) -> bool {
        if self.askers.len() >= MAX_ASKERS {
            self.askers.retain(|_, bucket| now.since(bucket.at) < FORGOTTEN);
        }
        if self.askers.len() < MAX_ASKERS || self.askers.contains_key(&asker) {
            let (bucket, has_one) = Bucket::take(self.askers.get(&asker).copied(), now, (BURST, RATE));
            self.askers.insert(asker, bucket);
            if !has_one {
                return false;
            }
        }
        let (bucket, has_one) = Bucket::take(self.all, now, (BURST_OF_ALL, RATE_OF_ALL));
        self.all = Some(bucket);
        has_one
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::testing::ManualClock;
    use crate::clock::{Clock as _, Timestamp};

    #[test]
    fn one_asker_is_answered_a_few_times_a_second() {
        let clock = ManualClock::at(Timestamp::from_millis(0));
        let mut limiter = SearchLimiter::default();
        let admitted = |limiter: &mut SearchLimiter, last: u8| {
            let asker = Ipv4Addr::new(10, 0, 0, last);
            (0..1000).filter(|_| limiter.admit(asker, clock.moment())).count()
        };
        assert_eq!(admitted(&mut limiter, 1), 10);
        assert_eq!(admitted(&mut limiter, 2), 10);
        clock.advance(Duration::from_secs(1));
        assert_eq!(admitted(&mut limiter, 1), 3);
    }

    #[test]
    fn all_askers_together_are_bounded_and_so_is_the_memory_of_them() {
        let clock = ManualClock::at(Timestamp::from_millis(0));
        let mut limiter = SearchLimiter::default();
        let flood = |limiter: &mut SearchLimiter| {
            (0..10_000_u32).filter(|asker| limiter.admit(Ipv4Addr::from_bits(*asker), clock.moment())).count()
        };
        assert_eq!(flood(&mut limiter), 40);
        assert_eq!(limiter.askers.len(), MAX_ASKERS);
        clock.advance(Duration::from_secs(1));
        assert_eq!(flood(&mut limiter), 20);
        clock.advance(FORGOTTEN);
        assert!(limiter.admit(Ipv4Addr::new(10, 0, 0, 1), clock.moment()));
        assert_eq!(limiter.askers.len(), 1);
    }
}
