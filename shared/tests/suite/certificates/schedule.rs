//! Times of orders.

use std::time::Duration;

use ma_alexa::certificates::{
    Attempts, Jitter, MOST_ORDERS, ORDERS_SPAN, Validity, next_attempt, renewal_at, within,
};
use ma_alexa::clock::Timestamp;
use proptest::prelude::*;

const DAY: Duration = Duration::from_hours(24);
/// Longest wait that failures alone cause: six hours, and half of that as jitter.
const LONGEST_BACKOFF: Duration = Duration::from_hours(9);
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(7 * 24);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn validity(days: u32) -> Validity {
    Validity { not_before: at(0), not_after: at(0).plus(DAY * days) }
}

#[test]
fn a_third_of_a_long_life_is_left_and_half_of_a_short_one() {
    for (days, renewed_after) in [(90, 60), (45, 30), (6, 3)] {
        let due = renewal_at(validity(days), Jitter(0));
        assert_eq!(due, at(0).plus(DAY * renewed_after), "{days}");
    }
    let hours = Validity { not_before: at(0), not_after: at(0).plus(Duration::from_hours(160)) };
    assert_eq!(renewal_at(hours, Jitter(0)), at(0).plus(Duration::from_hours(80)));
}

#[test]
fn the_first_order_is_made_at_once_and_a_renewal_when_it_is_due() {
    let none = Attempts::default();
    assert_eq!(next_attempt(at(100), at(100), &none), at(100));
    assert_eq!(next_attempt(at(100), at(500), &none), at(500));
    assert_eq!(next_attempt(at(100), at(-9), &none), at(-9), "overdue");
}

#[test]
fn a_suggested_span_is_spread() {
    let span = Validity { not_before: at(1_000), not_after: at(3_000) };
    for (jitter, seconds) in [(0, 1_000), (1 << 15, 2_000)] {
        assert_eq!(within(span, Jitter(jitter)), at(seconds));
    }
    assert!(within(span, Jitter(u16::MAX)) < span.not_after);
    let reversed = Validity { not_before: at(3_000), not_after: at(1_000) };
    assert_eq!(within(reversed, Jitter(u16::MAX)), at(3_000));
}

#[test]
fn waits_grow_to_hours() {
    let mut attempts = Attempts::default();
    let mut waits = Vec::new();
    for _ in 0..12 {
        attempts.fail(at(0), None, Jitter(0));
        waits.push(next_attempt(at(0), at(0), &attempts).since(at(0)).as_secs() / 60);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
}

/// What happens in a home: an order that ends in one way or another, after some time of waiting beyond what is needed.
#[derive(Clone, Debug)]
struct Turn {
    succeeds: bool,
    retry_after: Option<u64>,
    lasts: u64,
    late: u64,
    jitter: u16,
    is_due: bool,
}

fn turn() -> impl Strategy<Value = Turn> {
    (
        any::<bool>(),
        proptest::option::of(0..2_000_000_u64),
        0..900_u64,
        0..4000_u64,
        any::<u16>(),
        any::<bool>(),
    )
        .prop_map(|(succeeds, retry_after, lasts, late, jitter, is_due)| Turn {
            succeeds,
            retry_after,
            lasts,
            late: late.saturating_sub(3000),
            jitter,
            is_due,
        })
}

proptest! {
    #[test]
    fn a_renewal_lies_in_the_life_and_leaves_its_part(seconds in 60_u32..400_000_000, jitter in any::<u16>()) {
        let life = Duration::from_secs(u64::from(seconds));
        let validity = Validity { not_before: at(1_000), not_after: at(1_000).plus(life) };
        let due = renewal_at(validity, Jitter(jitter));
        let left = validity.not_after.since(due);
        let part = if life < DAY * 10 { life / 2 } else { life / 3 };
        prop_assert!(due >= validity.not_before && left >= part.saturating_sub(Duration::from_millis(1)));
        prop_assert!(left <= part + life / 50 + Duration::from_millis(1), "{left:?}");
    }

    /// However orders end, never more than a few fall into any hour, none is made before it is wanted or while the other
    /// side wants to be left alone, and the next one always comes.
    #[test]
    fn orders_are_few_and_never_end(turns in proptest::collection::vec(turn(), 1..60)) {
        let (mut now, mut attempts, mut orders) = (at(1_000_000), Attempts::default(), Vec::new());
        let mut quiet_until = None;
        for turn in turns {
            let due = if turn.is_due { now } else { now.plus(DAY) };
            let next = next_attempt(now, due, &attempts);
            prop_assert!(next >= due);
            let bound = due.max(now).plus(LONGEST_RETRY_AFTER.max(LONGEST_BACKOFF).max(ORDERS_SPAN));
            prop_assert!(next <= bound, "{next:?} {bound:?}");
            now = next.max(now).plus(Duration::from_secs(turn.late));
            if let Some(until) = quiet_until {
                prop_assert!(now >= until);
            }
            attempts.begin(now);
            orders.push(now);
            now = now.plus(Duration::from_secs(turn.lasts));
            quiet_until = None;
            if turn.succeeds {
                attempts.succeed(Jitter(turn.jitter));
            } else {
                let retry_after = turn.retry_after.map(Duration::from_secs);
                attempts.fail(now, retry_after, Jitter(turn.jitter));
                quiet_until = retry_after.map(|span| now.plus(span.min(LONGEST_RETRY_AFTER)));
            }
            prop_assert!(attempts.orders.len() <= MOST_ORDERS);
        }
        for window in orders.windows(MOST_ORDERS + 1) {
            prop_assert!(window[MOST_ORDERS].since(window[0]) >= ORDERS_SPAN, "{window:?}");
        }
    }

    /// Whatever is remembered, also by a clock that was set back since: the wait is bounded.
    #[test]
    fn no_memory_puts_an_order_off_for_ever(
        now in -4_000_000_000_i64..4_000_000_000,
        orders in proptest::collection::vec(any::<i32>(), 0..8),
        failures in any::<u32>(),
        failed_at in proptest::option::of(any::<i64>()),
        retry_at in proptest::option::of(any::<i64>()),
        jitter in any::<u16>(),
    ) {
        let attempts = Attempts {
            orders: orders.into_iter().map(|seconds| at(i64::from(seconds) * 10)).collect(),
            failures,
            failed_at: failed_at.map(Timestamp::from_millis),
            retry_at: retry_at.map(Timestamp::from_millis),
            jitter: Jitter(jitter),
        };
        let next = next_attempt(at(now), at(now), &attempts);
        let longest = LONGEST_RETRY_AFTER + Duration::from_mins(2);
        prop_assert!(next >= at(now) && next.since(at(now)) <= longest, "{:?}", next.since(at(now)));
    }

    #[test]
    fn attempts_are_read_as_they_were_written(failures in any::<u32>(), jitter in any::<u16>(), at_millis in any::<i64>()) {
        let mut attempts = Attempts::default();
        attempts.begin(Timestamp::from_millis(at_millis));
        attempts.failures = failures;
        attempts.fail(Timestamp::from_millis(at_millis), Some(DAY), Jitter(jitter));
        let json = serde_json::to_string(&attempts).unwrap();
        prop_assert_eq!(serde_json::from_str::<Attempts>(&json).unwrap(), attempts);
        prop_assert_eq!(serde_json::from_str::<Attempts>("{}").unwrap(), Attempts::default());
    }
}
