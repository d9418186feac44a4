//! Speech of Home Assistant over music, and the music after it.

use std::time::Duration;

use ma_alexa::renderer::{Effect, Input, ObservedState};
use ma_alexa::upnp::{MediaItem, TransportState};
use proptest::prelude::*;

use super::samples::{Bench, item};

fn speech() -> MediaItem {
    let uri = "http://homeassistant.local:8123/api/tts_proxy/a.mp3".to_owned();
    MediaItem { uri, title: Some("speech".to_owned()), ..MediaItem::default() }
}

/// Plays as Home Assistant does: it stops first.
fn interrupt(bench: &mut Bench, item: MediaItem) -> Vec<Effect> {
    assert!(bench.give(Input::Stop).is_empty());
    bench.pass(100);
    assert!(bench.give(Input::SetItem(item)).is_empty());
    bench.pass(100);
    bench.give(Input::Play)
}

/// Whether these effects keep an item of this name behind the present one.
fn keeps(effects: &[Effect], name: &str) -> bool {
    let is_kept = |effect: &Effect| matches!(effect, Effect::KeepNext(_, Some(next)) if next.title.as_deref() == Some(name));
    effects.iter().any(is_kept)
}

#[test]
fn music_comes_back_after_speech() {
    let mut bench = Bench::playing();
    let stored = interrupt(&mut bench, speech());
    let asked = bench.store(&stored);
    assert!(keeps(&asked, "one"), "{asked:?}");
    assert_eq!(bench.transport.next().and_then(|next| next.title.as_deref()), Some("one"));
    bench.send(&asked[1..]);
    bench.report(ObservedState::Playing);
    assert_eq!(bench.transport.item(), Some(&speech()));
    // The Echo was given nothing ahead of time here: the music is started as any play is.
    let effects = bench.report(ObservedState::Finished);
    let [Effect::Store(_, music)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(music, &item("one"));
    let asked = bench.store(&effects);
    bench.send(&asked);
    bench.report(ObservedState::Playing);
    assert_eq!((bench.state(), bench.transport.item()), (TransportState::Playing, Some(&item("one"))));
    assert!(bench.report(ObservedState::Finished).is_empty());
    assert_eq!(bench.state(), TransportState::Stopped, "it comes back once");
}

#[test]
fn music_comes_back_after_speech_that_fails() {
    let mut bench = Bench::playing();
    let stored = interrupt(&mut bench, speech());
    let asked = bench.store(&stored);
    bench.send(&asked[1..]);
    let effects = bench.report(ObservedState::Failed);
    assert!(matches!(&effects[..], [Effect::Store(_, music)] if music == &item("one")), "{effects:?}");
}

#[test]
fn what_did_not_play_does_not_come_back() {
    let paused = || {
        let mut bench = Bench::playing();
        let effects = bench.give(Input::Pause);
        bench.send(&effects);
        bench.report(ObservedState::Stopped);
        assert_eq!(bench.state(), TransportState::Paused);
        bench
    };
    let stopped = || {
        let mut bench = Bench::playing();
        bench.give(Input::Stop);
        let effects = bench.pass(500);
        bench.send(&effects);
        bench.report(ObservedState::Stopped);
        bench
    };
    let finished = || {
        let mut bench = Bench::playing();
        bench.report(ObservedState::Finished);
        bench
    };
    for (what, mut bench) in [
        ("paused", paused()),
        ("stopped", stopped()),
        ("finished", finished()),
        ("nothing", Bench::default()),
    ] {
        bench.give(Input::SetItem(speech()));
        let effects = bench.give(Input::Play);
        let asked = if effects.is_empty() { bench.pass(5000) } else { bench.store(&effects) };
        assert!(!keeps(&asked, "one"), "{what}: {asked:?}");
        assert_eq!(bench.transport.next(), None, "{what}");
    }
}

#[test]
fn other_music_ends_the_music_before_it() {
    let mut bench = Bench::playing();
    let stored = interrupt(&mut bench, item("two"));
    assert!(!keeps(&bench.store(&stored), "one"));
    assert_eq!(bench.transport.next(), None);
}

#[test]
fn a_stop_or_another_item_during_speech_brings_no_music() {
    for ending in [vec![Input::Stop], vec![Input::SetItem(item("two"))], vec![Input::SetNext(None)]] {
        let mut bench = Bench::playing();
        let stored = interrupt(&mut bench, speech());
        let asked = bench.store(&stored);
        bench.send(&asked[1..]);
        bench.report(ObservedState::Playing);
        for input in ending {
            bench.give(input);
        }
        assert_eq!(bench.transport.next(), None);
    }
}

#[test]
fn what_a_person_stops_before_the_speech_plays_does_not_come_back() {
    let mut bench = Bench::playing();
    bench.give(Input::SetItem(speech()));
    bench.report_of(1, ObservedState::Stopped);
    let effects = bench.give(Input::Play);
    assert!(!keeps(&bench.store(&effects), "one"));
}

#[derive(Clone, Debug)]
enum Step {
    Music,
    Speech,
    Next,
    Play,
    Pause,
    Stop,
    Pass(u64),
    Report(ObservedState),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let states =
        vec![ObservedState::Playing, ObservedState::Stopped, ObservedState::Finished, ObservedState::Failed];
    let step = prop_oneof![
        2 => Just(Step::Music),
        3 => Just(Step::Speech),
        1 => Just(Step::Next),
        4 => Just(Step::Play),
        1 => Just(Step::Pause),
        1 => Just(Step::Stop),
        3 => prop::sample::select(vec![100, 500, 2000, 13_000]).prop_map(Step::Pass),
        6 => prop::sample::select(states).prop_map(Step::Report),
    ];
    prop::collection::vec(step, 1..40)
}

proptest! {
    /// Whatever came before, a stop by a controller is the end, however late reports of it come.
    #[test]
    fn nothing_starts_by_itself_after_a_stop(
        steps in steps(),
        last in prop::sample::select(vec![ObservedState::Stopped, ObservedState::Finished, ObservedState::Failed]),
    ) {
        let mut bench = Bench::default();
        let mut open: Vec<Effect> = Vec::new();
        for step in steps {
            let effects = match step {
                Step::Music => bench.try_to(Input::SetItem(item("music"))),
                Step::Speech => bench.try_to(Input::SetItem(speech())),
                Step::Next => bench.try_to(Input::SetNext(Some(item("next")))),
                Step::Play => bench.try_to(Input::Play),
                Step::Pause => bench.try_to(Input::Pause),
                Step::Stop => bench.try_to(Input::Stop),
                Step::Pass(millis) => Ok(bench.pass(millis)),
                Step::Report(state) => Ok(bench.report(state)),
            };
            open.extend(effects.unwrap_or_default());
            while let Some(effect) = open.pop() {
                open.extend(bench.answer(&effect));
            }
        }
        let mut after = bench.give(Input::Stop);
        for millis in [500, 1000, 2000, 5000] {
            for effect in std::mem::take(&mut after) {
                prop_assert!(!matches!(effect, Effect::Store(..) | Effect::Ask(..)), "{effect:?}");
                after.extend(bench.answer(&effect));
            }
            after.extend(bench.pass(millis));
        }
        for effect in bench.report(last) {
            prop_assert!(!matches!(effect, Effect::Store(..) | Effect::Ask(..)), "{effect:?}");
        }
        prop_assert!(bench.now >= Duration::from_secs(8));
    }
}
