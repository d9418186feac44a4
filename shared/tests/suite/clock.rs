//! Ages, by a clock that is set back and forward.

use std::time::Duration;

use ma_alexa::clock::testing::ManualClock;
use ma_alexa::clock::{Clock as _, SKEW, SystemClock, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const HOUR: Duration = Duration::from_hours(1);
const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_moment_grows_old_although_the_clock_is_set_back() {
    let clock = ManualClock::at(NOW);
    let began = clock.moment();
    clock.set(NOW.minus(30 * 24 * HOUR));
    assert_eq!(clock.moment().since(began), Duration::ZERO);
    clock.advance(HOUR);
    assert_eq!(clock.moment().since(began), HOUR);
}

#[test]
fn a_moment_grows_old_while_the_machine_sleeps() {
    let clock = ManualClock::at(NOW);
    let began = clock.moment();
    clock.set(NOW.plus(HOUR));
    assert_eq!(clock.moment().since(began), HOUR);
}

#[test]
fn the_machines_monotonic_clock_never_goes_back() {
    let readings: Vec<Duration> = (0..1000).map(|_| SystemClock.monotonic()).collect();
    assert!(readings.is_sorted());
}

#[test]
fn a_stored_time_from_the_future_is_not_recent() {
    assert!(NOW.is_within(HOUR, NOW));
    assert!(NOW.is_within(HOUR, NOW.minus(HOUR).plus(SECOND)));
    assert!(!NOW.is_within(HOUR, NOW.minus(HOUR)));
    assert!(NOW.is_within(HOUR, NOW.plus(SKEW)), "another machine's clock may be a little ahead");
    assert!(!NOW.is_within(HOUR, NOW.plus(SKEW).plus(SECOND)));
}

#[test]
fn an_end_that_is_further_ahead_than_any_span_is_past() {
    assert!(NOW.is_before(NOW.plus(HOUR).plus(SKEW), HOUR));
    assert!(!NOW.is_before(NOW.plus(HOUR).plus(SKEW).plus(SECOND), HOUR));
    assert!(!NOW.is_before(NOW, HOUR));
    assert!(!NOW.is_before(NOW.minus(HOUR), HOUR));
}

#[test]
fn the_date_of_an_answer_is_read_and_another_text_is_no_date() {
    let date = Timestamp::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(date, Some(Timestamp::from_millis(784_111_777_000)));
    for text in
        ["", "now", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37", "Sun, 32 Nov 1994 08:49:37 GMT"]
    {
        assert_eq!(Timestamp::parse_http_date(text), None, "{text}");
    }
}
