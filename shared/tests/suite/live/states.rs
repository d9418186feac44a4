//! The table of live states: what is trusted, what is a change, and when a query has to tell.

use std::sync::Arc;
use std::time::Duration;

use ma_alexa::amazon::live::{
    EventKind, Knowledge, LiveChange, LiveEvent, LiveProblem, LiveRegion, LiveStage, LiveStates, LiveValue,
};
use ma_alexa::amazon::{NowPlaying, SpeakerVolume};
use ma_alexa::clock::testing::ManualClock;
use ma_alexa::clock::{Clock as _, Timestamp};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

const KITCHEN: &str = "G0KITCHEN00000001";
const NOW: Timestamp = Timestamp::from_millis(1_795_334_400_000);

struct Table {
    clock: Arc<ManualClock>,
    states: LiveStates,
    changes: Receiver<LiveChange>,
}

impl Table {
    /// With a stream that is open at a host whose clock is ahead by this many milliseconds.
    fn open(ahead: i64) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let states = LiveStates::new(clock.clone());
        let changes = states.changes();
        let table = Self { clock, states, changes };
        table.states.opened(LiveRegion::Europe, Some(Timestamp::from_millis(NOW.millis() + ahead)));
        table
    }

    fn hear(&self, serial: Option<&str>, at: Timestamp, kind: EventKind) {
        let serial = serial.map(str::to_owned);
        self.states.hear(LiveEvent { name: "x".to_owned(), serial, at: Some(at), kind });
    }

    fn volume(&self, volume: u8, at: Timestamp) {
        self.hear(Some(KITCHEN), at, EventKind::Volume { volume, muted: None });
    }

    fn known(&self) -> Option<u8> {
        match self.states.volume(KITCHEN, None) {
            Knowledge::Value(seen) => Some(seen.value.volume),
            Knowledge::Nothing | Knowledge::Unknown => None,
        }
    }

    fn change(&mut self) -> Option<LiveValue> {
        match self.changes.try_recv() {
            Ok(change) => Some(change.value),
            Err(TryRecvError::Empty) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

fn volume(volume: u8) -> LiveValue {
    LiveValue::Volume(SpeakerVolume { volume, muted: false })
}

#[test]
fn an_event_is_known_and_told_once() {
    let mut table = Table::open(0);
    assert_eq!(table.states.volume(KITCHEN, None), Knowledge::Unknown);
    table.volume(20, NOW);
    assert_eq!((table.known(), table.change(), table.change()), (Some(20), Some(volume(20)), None));
    table.volume(20, NOW.plus(Duration::from_millis(1)));
    assert_eq!(table.change(), None, "it stayed");
    table.volume(10, NOW.minus(Duration::from_millis(1)));
    assert_eq!((table.known(), table.change()), (Some(20), None), "an older one");
    table.clock.advance(Duration::from_mins(5));
    assert_eq!(table.known(), None, "a query has to tell again");
}

#[test]
fn what_is_replayed_is_known_and_no_change() {
    let mut table = Table::open(0);
    table.volume(20, NOW.minus(Duration::from_hours(5)));
    assert_eq!((table.known(), table.change()), (Some(20), None));
    table.hear(Some(KITCHEN), NOW.minus(Duration::from_hours(5)), EventKind::Player { queue: None });
    table.hear(Some(KITCHEN), NOW.minus(Duration::from_hours(5)), EventKind::Online(false));
    assert_eq!(table.change(), None);
    assert!(!table.states.online(KITCHEN).unwrap().value);
}

#[test]
fn amazons_clock_may_be_another_one() {
    for ahead in [-7_200_000, 7_200_000] {
        let mut table = Table::open(ahead);
        let amazon = |span: i64| Timestamp::from_millis(NOW.millis() + ahead + span);
        table.volume(20, amazon(0));
        assert_eq!((table.known(), table.change()), (Some(20), Some(volume(20))), "{ahead}");
        table.volume(30, amazon(-60_000));
        assert_eq!(table.change(), None, "{ahead}");
    }
}

#[test]
fn nothing_is_known_without_a_stream() {
    let mut table = Table::open(0);
    table.volume(20, NOW);
    table.change();
    table.states.closed(LiveStage::Connecting, Some(LiveProblem::Ended));
    assert_eq!((table.known(), table.states.online(KITCHEN)), (None, None));
    table.volume(30, NOW);
    assert_eq!((table.known(), table.change()), (None, None));

    table.states.opened(LiveRegion::Europe, Some(NOW));
    assert_eq!(table.known(), None, "it may have changed meanwhile");
    table.volume(25, NOW);
    assert_eq!((table.known(), table.change()), (Some(25), Some(volume(25))));
}

#[test]
fn a_placed_title_is_known_and_one_without_a_place_asks() {
    let mut table = Table::open(0);
    let playing = NowPlaying { title: Some("Blue".to_owned()), ..NowPlaying::default() };
    let event = |queue: &str| EventKind::NowPlaying {
        queue: Some(queue.to_owned()),
        playing: Box::new(playing.clone()),
    };
    table.hear(None, NOW, event("q"));
    assert_eq!(table.change(), None);
    table.hear(Some(KITCHEN), NOW, EventKind::Player { queue: Some("q".to_owned()) });
    table.hear(None, NOW, event("q"));
    assert_eq!(table.change(), Some(LiveValue::Playing(playing.clone())));
    table.clock.advance(Duration::from_hours(6));
    table.hear(None, table.clock.now(), event("q"));
    assert_eq!(table.change(), None, "the queue may be elsewhere by now");
}

#[test]
fn a_table_is_bounded() {
    let table = Table::open(0);
    for number in 0..1_000 {
        let serial = format!("G{number}");
        table.hear(Some(&serial), NOW, EventKind::Online(true));
        table.hear(Some(&serial), NOW, EventKind::Player { queue: Some(serial.clone()) });
    }
    let known = (0..1_000).filter(|number| table.states.online(&format!("G{number}")).is_some()).count();
    assert_eq!(known, 256);
}

#[test]
fn a_reader_that_is_too_slow_learns_that_it_lost_some() {
    let mut table = Table::open(0);
    for number in 0..100 {
        table.volume(number, NOW.plus(Duration::from_millis(u64::from(number))));
        table.clock.advance(Duration::from_millis(1));
    }
    assert!(matches!(table.changes.try_recv(), Err(TryRecvError::Lagged(_))));
}

#[test]
fn the_report_says_how_it_is() {
    let clock = Arc::new(ManualClock::at(NOW));
    let states = LiveStates::new(clock.clone());
    assert_eq!((states.is_here(), states.report().stage), (false, LiveStage::NotHere));
    for _ in 0..3 {
        states.opens(LiveRegion::Europe);
        clock.advance(Duration::from_mins(25));
    }
    states.opened(LiveRegion::Europe, None);
    let report = states.report();
    assert_eq!((report.stage, report.opens, report.region), (LiveStage::Open, 2, Some(LiveRegion::Europe)));
    assert_eq!(report.since, Some(clock.now()));
    states.closed(LiveStage::Connecting, Some(LiveProblem::Silent));
    assert_eq!(states.report().problem, Some((LiveProblem::Silent, clock.now())));
}
