//! What a transport shows and wants, case by case.

use std::time::Duration;

use ma_alexa::renderer::{Effect, Input, Observed, ObservedState, STOP_WAITS};
use ma_alexa::upnp::{ActionError, TransportState};

use super::samples::{Bench, item, observed, ticket};

const STOP_WAITS_MS: u64 = 400;
const _: () = assert!(STOP_WAITS.as_millis() == 400, "the steps below are these");

#[test]
fn a_play_is_shown_once_the_echo_reports_it() {
    let mut bench = Bench::default();
    assert_eq!(bench.try_to(Input::Play), Err(ActionError::NotNow));
    assert!(bench.give(Input::SetItem(item("one"))).is_empty(), "nothing is heard");
    assert_eq!(bench.state(), TransportState::Stopped);
    let stored = bench.give(Input::Play);
    assert_eq!(bench.state(), TransportState::Transitioning);
    let asked = bench.store(&stored);
    assert_eq!(asked, [Effect::Ask(ticket(&asked), 1)]);
    bench.send(&asked);
    assert_eq!(bench.state(), TransportState::Transitioning);
    bench.report(ObservedState::Playing);
    assert_eq!(bench.state(), TransportState::Playing);
    bench.pass(2500);
    assert_eq!(bench.transport.position(bench.now), Duration::from_millis(2500));
}

#[test]
fn a_play_without_a_report_fails_after_twelve_seconds() {
    let mut bench = Bench::default();
    bench.give(Input::SetItem(item("one")));
    let stored = bench.give(Input::Play);
    let asked = bench.store(&stored);
    bench.send(&asked);
    bench.pass(11_900);
    assert_eq!(bench.state(), TransportState::Transitioning);
    bench.pass(100);
    assert_eq!((bench.state(), bench.transport.has_failed()), (TransportState::Stopped, true));
    // It comes late, and it is the truth.
    bench.report(ObservedState::Playing);
    assert_eq!((bench.state(), bench.transport.has_failed()), (TransportState::Playing, false));
}

#[test]
fn a_refused_play_fails_at_once() {
    let mut bench = Bench::default();
    bench.give(Input::SetItem(item("one")));
    let stored = bench.give(Input::Play);
    bench.give(Input::Refused(ticket(&stored)));
    assert_eq!((bench.state(), bench.transport.has_failed()), (TransportState::Stopped, true));
    let again = bench.give(Input::Play);
    assert_eq!((bench.state(), bench.transport.has_failed()), (TransportState::Transitioning, false));
    let asked = bench.store(&again);
    bench.send(&asked);
    bench.report(ObservedState::Failed);
    assert_eq!((bench.state(), bench.transport.has_failed()), (TransportState::Stopped, true));
}

/// Controllers stop before each play: the new play ends the music, and no stop is sent.
#[test]
fn a_stop_before_a_play_is_left_out() {
    let mut bench = Bench::playing();
    assert!(bench.give(Input::Stop).is_empty());
    assert_eq!(bench.state(), TransportState::Playing, "it plays still");
    bench.pass(200);
    bench.give(Input::SetItem(item("two")));
    assert_eq!(bench.state(), TransportState::Stopped);
    bench.pass(600);
    let stored = bench.give(Input::Play);
    let asked = bench.store(&stored);
    assert_eq!(asked, [Effect::Ask(ticket(&asked), 2)]);
    bench.send(&asked);
    assert!(bench.report_of(1, ObservedState::Stopped).is_empty(), "that was the item before");
    assert_eq!(bench.state(), TransportState::Transitioning);
    bench.report(ObservedState::Playing);
    assert_eq!(bench.state(), TransportState::Playing);
    assert_eq!(bench.transport.item(), Some(&item("two")));
}

#[test]
fn a_stop_is_shown_by_the_report_or_after_three_seconds() {
    let mut bench = Bench::playing();
    bench.give(Input::Stop);
    let sent = bench.pass(STOP_WAITS_MS);
    assert_eq!(sent, [Effect::Stop(ticket(&sent))]);
    bench.send(&sent);
    bench.report(ObservedState::Stopped);
    assert_eq!(bench.state(), TransportState::Stopped);

    let mut bench = Bench::playing();
    bench.give(Input::Stop);
    let sent = bench.pass(STOP_WAITS_MS);
    bench.send(&sent);
    bench.pass(2500);
    assert_eq!(bench.state(), TransportState::Playing);
    bench.pass(100);
    assert_eq!(bench.state(), TransportState::Stopped);
    // The Echo did not obey after all.
    bench.report(ObservedState::Playing);
    assert_eq!(bench.state(), TransportState::Playing);
    // A refused stop leaves what is heard.
    bench.give(Input::Stop);
    let sent = bench.pass(STOP_WAITS_MS);
    bench.give(Input::Refused(ticket(&sent)));
    assert_eq!(bench.state(), TransportState::Playing);
}

#[test]
fn a_pause_and_a_resume_follow_the_echo() {
    let mut bench = Bench::playing();
    let paused = bench.give(Input::Pause);
    assert_eq!(paused, [Effect::Pause(ticket(&paused))]);
    bench.send(&paused);
    assert!(bench.give(Input::Pause).is_empty());
    bench.report(ObservedState::Stopped);
    assert_eq!(bench.state(), TransportState::Paused);
    // The Echo asks for the same version, and goes on where it was.
    let resumed = bench.give(Input::Play);
    assert_eq!(resumed, [Effect::Ask(ticket(&resumed), 1)]);
    assert_eq!(bench.state(), TransportState::Transitioning);
    bench.send(&resumed);
    bench.report(ObservedState::Playing);
    assert_eq!(bench.state(), TransportState::Playing);
}

#[test]
fn a_resume_that_fails_can_be_tried_again() {
    for is_refused in [true, false] {
        let mut bench = Bench::playing();
        let paused = bench.give(Input::Pause);
        bench.send(&paused);
        bench.report(ObservedState::Stopped);
        let resumed = bench.give(Input::Play);
        if is_refused {
            bench.give(Input::Refused(ticket(&resumed)));
        } else {
            bench.send(&resumed);
            assert!(bench.pass(11_000).is_empty());
            bench.pass(1000);
        }
        assert_eq!((bench.state(), bench.transport.has_failed()), (TransportState::Paused, true));
        let again = bench.give(Input::Play);
        assert_eq!(again, [Effect::Ask(ticket(&again), 1)]);
        assert!(!bench.transport.has_failed());
    }
}

#[test]
fn a_pause_that_is_not_sent_yet_is_taken_back() {
    let mut bench = Bench::playing();
    // Something else is on its way.
    bench.give(Input::Stop);
    let stop = bench.pass(STOP_WAITS_MS);
    bench.give(Input::SetItem(item("two")));
    let (_, state) = (bench.give(Input::Play), bench.state());
    assert_eq!(state, TransportState::Transitioning);
    assert_eq!(bench.try_to(Input::Pause), Err(ActionError::NotNow));
    let stored = bench.send(&stop);
    let asked = bench.store(&stored);
    bench.report(ObservedState::Playing);
    assert!(bench.give(Input::Pause).is_empty(), "the sentence is on its way still");
    assert!(bench.give(Input::Play).is_empty());
    assert_eq!(bench.state(), TransportState::Playing);
    assert!(bench.send(&asked).is_empty());
}

/// What a controller gave up begins all the same.
#[test]
fn a_play_that_was_given_up_is_stopped_when_it_begins() {
    let mut bench = Bench::default();
    bench.give(Input::SetItem(item("one")));
    let stored = bench.give(Input::Play);
    let asked = bench.store(&stored);
    bench.send(&asked);
    bench.give(Input::Stop);
    assert_eq!(bench.state(), TransportState::Stopped);
    let stop = bench.pass(STOP_WAITS_MS);
    bench.send(&stop);
    let again = bench.report(ObservedState::Playing);
    assert_eq!(again, [Effect::Stop(ticket(&again))]);
    assert_eq!(bench.state(), TransportState::Stopped);
    bench.send(&again);
    bench.report(ObservedState::Stopped);
    assert_eq!(bench.state(), TransportState::Stopped);
    // A person makes the Echo go on.
    assert!(bench.report(ObservedState::Playing).is_empty());
    assert_eq!(bench.state(), TransportState::Playing);
}

#[test]
fn a_play_that_is_given_up_before_the_echo_asks_is_never_heard() {
    let mut bench = Bench::default();
    bench.give(Input::SetItem(item("one")));
    let stored = bench.give(Input::Play);
    bench.give(Input::Stop);
    assert_eq!(bench.state(), TransportState::Stopped);
    assert!(bench.store(&stored).is_empty());
    assert!(bench.pass(60_000).is_empty());
}

#[test]
fn of_several_plays_at_once_the_last_one_is_asked_for() {
    let mut bench = Bench::default();
    bench.give(Input::SetItem(item("one")));
    let first = bench.give(Input::Play);
    for name in ["two", "three"] {
        bench.give(Input::Stop);
        bench.give(Input::SetItem(item(name)));
        assert!(bench.give(Input::Play).is_empty());
    }
    let last = bench.store(&first);
    assert_eq!(last, [Effect::Store(ticket(&last), item("three"))]);
    let asked = bench.store(&last);
    assert_eq!(asked, [Effect::Ask(ticket(&asked), 2)]);
    assert!(bench.give(Input::Play).is_empty(), "it is on its way");
}

#[test]
fn a_person_at_the_echo_is_followed() {
    let mut bench = Bench::playing();
    bench.report(ObservedState::Stopped);
    assert_eq!(bench.state(), TransportState::Paused);
    bench.report(ObservedState::Playing);
    assert_eq!(bench.state(), TransportState::Playing);
    bench.report(ObservedState::Finished);
    assert_eq!((bench.state(), bench.transport.has_failed()), (TransportState::Stopped, false));
}

/// Music Assistant's other way, or another controller, started something.
#[test]
fn what_was_started_in_another_way_is_shown() {
    let mut bench = Bench::playing();
    assert!(bench.report_of(2, ObservedState::Playing).is_empty());
    assert_eq!(bench.transport.item(), Some(&item("stored-2")));
    assert_eq!(bench.state(), TransportState::Playing);
    let before = bench.transport.clone();
    bench.give(Input::Observed(observed(1, 99, ObservedState::Stopped)));
    assert_eq!(format!("{before:?}"), format!("{:?}", bench.transport), "an older version changes nothing");
}

#[test]
fn after_a_restart_the_state_is_that_of_the_store() {
    for (report, state) in [
        (ObservedState::Playing, TransportState::Playing),
        (ObservedState::Stopped, TransportState::Paused),
        (ObservedState::Finished, TransportState::Stopped),
    ] {
        let mut bench = Bench::default();
        assert!(bench.report_of(7, report).is_empty());
        assert_eq!(bench.state(), state);
        assert_eq!(bench.transport.item(), Some(&item("stored-7")));
    }
}

#[test]
fn the_next_item_is_kept_and_becomes_the_present_one() {
    let mut bench = Bench::playing();
    let kept = bench.give(Input::SetNext(Some(item("two"))));
    assert_eq!(kept, [Effect::KeepNext(1, Some(item("two")))]);
    let mut nearly = observed(1, 5, ObservedState::Playing);
    nearly.is_next_given = true;
    assert!(bench.give(Input::Observed(nearly)).is_empty());
    let finished = observed(1, 6, ObservedState::Finished);
    assert!(bench.give(Input::Observed(finished)).is_empty());
    assert_eq!(bench.state(), TransportState::Transitioning);
    let mut begun = observed(2, 7, ObservedState::Playing);
    begun.item = Some(item("two"));
    assert!(bench.give(Input::Observed(begun)).is_empty());
    assert_eq!((bench.state(), bench.transport.item()), (TransportState::Playing, Some(&item("two"))));
    assert_eq!(bench.transport.next(), None);
}

/// The Echo was given nothing, or does not begin what it was given.
#[test]
fn a_next_item_that_the_echo_does_not_begin_is_started() {
    for is_given in [false, true] {
        let mut bench = Bench::playing();
        bench.give(Input::SetNext(Some(item("two"))));
        let mut finished = observed(1, 6, ObservedState::Finished);
        finished.is_next_given = is_given;
        let started = bench.give(Input::Observed(finished));
        let started = if is_given { bench.pass(4000) } else { started };
        assert_eq!(started, [Effect::Store(ticket(&started), item("two"))]);
        assert_eq!(bench.state(), TransportState::Transitioning);
    }
}

/// Music Assistant repeats a track: it sets that as the next one again as soon as it is fetched ahead.
#[test]
fn a_repeated_item_follows_itself_again() {
    for is_begun in [true, false] {
        let mut bench = Bench::playing();
        assert_eq!(bench.give(Input::SetNext(Some(item("one")))), [Effect::KeepNext(1, Some(item("one")))]);
        assert!(bench.give(Input::SetNext(Some(item("one")))).is_empty(), "it is kept already");
        if is_begun {
            let begun = Observed { item: Some(item("one")), ..observed(2, 7, ObservedState::Playing) };
            let kept = bench.give(Input::Observed(begun));
            assert_eq!(kept, [Effect::KeepNext(2, Some(item("one")))]);
            assert_eq!(bench.state(), TransportState::Playing);
        } else {
            let started = bench.report(ObservedState::Finished);
            let effects = bench.store(&started);
            assert_eq!(effects[0], Effect::KeepNext(2, Some(item("one"))));
        }
        let begun = Observed { item: Some(item("one")), ..observed(3, 8, ObservedState::Playing) };
        assert!(bench.give(Input::Observed(begun)).is_empty());
        assert_eq!(bench.transport.next(), None, "once more, and not for ever");
    }
}

/// The Echo was given an item, and the controller sets another one after that.
#[test]
fn what_replaces_a_given_item_is_started() {
    let mut bench = Bench::playing();
    bench.give(Input::SetNext(Some(item("two"))));
    bench.give(Input::Observed(Observed { is_next_given: true, ..observed(1, 5, ObservedState::Playing) }));
    assert_eq!(bench.give(Input::SetNext(Some(item("three")))), [Effect::KeepNext(1, Some(item("three")))]);
    let started = bench.give(Input::Observed(observed(1, 6, ObservedState::Finished)));
    assert_eq!(started, [Effect::Store(ticket(&started), item("three"))]);

    let mut bench = Bench::playing();
    bench.give(Input::SetNext(Some(item("two"))));
    bench.give(Input::Observed(Observed { is_next_given: true, ..observed(1, 5, ObservedState::Playing) }));
    assert_eq!(bench.give(Input::SetNext(None)), [Effect::KeepNext(1, None)]);
    assert!(bench.give(Input::Observed(observed(1, 6, ObservedState::Finished))).is_empty());
    assert_eq!((bench.state(), bench.transport.has_failed()), (TransportState::Stopped, false));
}

#[test]
fn a_next_item_waits_for_the_present_one_to_be_stored() {
    let mut bench = Bench::default();
    bench.give(Input::SetItem(item("one")));
    let stored = bench.give(Input::Play);
    assert!(bench.give(Input::SetNext(Some(item("two")))).is_empty());
    bench.give(Input::SetNext(Some(item("three"))));
    let effects = bench.give(Input::Stored { ticket: ticket(&stored), version: 4 });
    assert_eq!(effects[0], Effect::KeepNext(4, Some(item("three"))));
    assert!(matches!(effects[1..], [Effect::Ask(_, 4)]));
}

#[test]
fn a_failure_that_is_tried_once_more_is_no_end() {
    let mut bench = Bench::playing();
    bench.report(ObservedState::Retrying);
    assert_eq!(bench.state(), TransportState::Transitioning);
    bench.report(ObservedState::Playing);
    assert_eq!(bench.state(), TransportState::Playing);
    bench.give(Input::SetNext(Some(item("two"))));
    bench.report(ObservedState::Retrying);
    assert!(bench.pass(12_000).is_empty(), "what follows a failure is for the controller to say");
    assert_eq!((bench.state(), bench.transport.has_failed()), (TransportState::Stopped, true));
}

#[test]
fn a_pause_between_two_items_holds() {
    let mut bench = Bench::playing();
    bench.give(Input::SetNext(Some(item("two"))));
    let paused = bench.give(Input::Pause);
    assert!(bench.report_of(2, ObservedState::Playing).is_empty());
    bench.send(&paused);
    bench.pass(3000);
    assert_eq!(bench.state(), TransportState::Paused);
}

/// A pause grows old, and the stream behind it is gone.
#[test]
fn what_is_too_old_to_resume_starts_nothing() {
    let mut bench = Bench::playing();
    bench.give(Input::SetNext(Some(item("two"))));
    bench.report(ObservedState::Stopped);
    assert_eq!(bench.state(), TransportState::Paused);
    assert!(bench.report(ObservedState::Finished).is_empty());
    assert_eq!(bench.state(), TransportState::Stopped);
}
