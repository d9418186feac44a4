//! Items, observations and a transport with its time.

use std::time::Duration;

use ma_alexa::renderer::{CommandId, Effect, Input, Observed, ObservedReport, ObservedState, Transport};
use ma_alexa::upnp::{ActionError, MediaItem, TransportState};

/// An item with this name.
pub(super) fn item(name: &str) -> MediaItem {
    let uri = format!("http://192.168.1.5:8097/single/s/q/{name}/p.mp3");
    MediaItem { uri, title: Some(name.to_owned()), ..MediaItem::default() }
}

/// A version of a player with a report; `revision` counts the writes.
pub(super) fn observed(version: u64, revision: u64, state: ObservedState) -> Observed {
    let report = ObservedReport { id: format!("{version}.{revision}"), state, position: Duration::ZERO };
    Observed {
        version,
        revision,
        item: Some(item(&format!("stored-{version}"))),
        next: None,
        is_next_given: false,
        report: Some(report),
        lost: false,
        may_begin: None,
    }
}

/// A transport and the time that went by.
#[derive(Default)]
pub(super) struct Bench {
    pub(super) transport: Transport,
    pub(super) now: Duration,
    version: u64,
    revision: u64,
}

impl Bench {
    pub(super) fn give(&mut self, input: Input) -> Vec<Effect> {
        self.try_to(input).unwrap()
    }

    pub(super) fn try_to(&mut self, input: Input) -> Result<Vec<Effect>, ActionError> {
        self.transport.take(self.now, input)
    }

    pub(super) fn state(&self) -> TransportState {
        self.transport.state()
    }

    pub(super) fn pass(&mut self, millis: u64) -> Vec<Effect> {
        self.now += Duration::from_millis(millis);
        self.give(Input::Tick)
    }

    /// Stores what the one effect wants stored; the effects that follow.
    pub(super) fn store(&mut self, effects: &[Effect]) -> Vec<Effect> {
        let [Effect::Store(ticket, _)] = effects else { panic!("{effects:?}") };
        self.version += 1;
        self.give(Input::Stored { ticket: *ticket, version: self.version })
    }

    /// Answers an effect as an Echo and its store do; the effects that follow.
    pub(super) fn answer(&mut self, effect: &Effect) -> Vec<Effect> {
        match effect {
            Effect::Store(..) => self.store(std::slice::from_ref(effect)),
            Effect::Ask(..) | Effect::Pause(_) | Effect::Stop(_) => self.send(std::slice::from_ref(effect)),
            Effect::KeepNext(..) => Vec::new(),
        }
    }

    /// Sends the one command.
    pub(super) fn send(&mut self, effects: &[Effect]) -> Vec<Effect> {
        self.give(Input::Sent(ticket(effects)))
    }

    pub(super) fn report(&mut self, state: ObservedState) -> Vec<Effect> {
        self.report_of(self.version, state)
    }

    pub(super) fn report_of(&mut self, version: u64, state: ObservedState) -> Vec<Effect> {
        self.revision += 1;
        self.give(Input::Observed(observed(version, self.revision, state)))
    }

    /// An item that plays.
    pub(super) fn playing() -> Self {
        let mut bench = Self::default();
        bench.give(Input::SetItem(item("one")));
        let stored = bench.give(Input::Play);
        let asked = bench.store(&stored);
        assert!(bench.send(&asked).is_empty());
        bench.pass(1000);
        assert!(bench.report(ObservedState::Playing).is_empty());
        assert_eq!(bench.state(), TransportState::Playing);
        bench
    }
}

/// The ticket of the one command.
pub(super) fn ticket(effects: &[Effect]) -> CommandId {
    match effects {
        [
            Effect::Store(ticket, _) | Effect::Ask(ticket, _) | Effect::Pause(ticket) | Effect::Stop(ticket),
        ] => *ticket,
        other => panic!("{other:?}"),
    }
}
