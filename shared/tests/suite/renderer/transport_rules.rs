//! What holds of a transport whatever comes, in any order.

use std::time::Duration;

use ma_alexa::renderer::{CommandId, Effect, Input, Observed, ObservedState, Transport};
use ma_alexa::upnp::{MediaItem, TransportState};
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::samples::{item, observed};

#[derive(Clone, Debug)]
enum Step {
    SetItem(u8),
    SetNext(Option<u8>),
    Play,
    Pause,
    Stop,
    /// One of the commands that have no answer gets one.
    Answer(usize, bool),
    /// An answer comes twice.
    Repeat,
    /// A report of a version, counted back from the newest one that is stored; whether it comes a second time.
    Report(u64, ObservedState, bool),
    /// The Echo is near the end, and is given what is kept as the next item.
    NearlyFinished,
    /// It begins what it was given, which is stopped where it was replaced or dropped since.
    BeginNext,
    /// Another way starts a version.
    Foreign,
    Pass(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let states = [
        ObservedState::Playing,
        ObservedState::Playing,
        ObservedState::Stopped,
        ObservedState::Finished,
        ObservedState::Retrying,
        ObservedState::Failed,
    ];
    let report = (0..3_u64, proptest::sample::select(states.to_vec()), any::<bool>());
    let step = prop_oneof![
        3 => (0..4_u8).prop_map(Step::SetItem),
        2 => proptest::option::of(0..4_u8).prop_map(Step::SetNext),
        5 => Just(Step::Play),
        2 => Just(Step::Pause),
        3 => Just(Step::Stop),
        6 => (0..4_usize, proptest::bool::weighted(0.8)).prop_map(|(which, well)| Step::Answer(which, well)),
        1 => Just(Step::Repeat),
        6 => report.prop_map(|(back, state, twice)| Step::Report(back, state, twice)),
        2 => Just(Step::NearlyFinished),
        2 => Just(Step::BeginNext),
        1 => Just(Step::Foreign),
        4 => proptest::sample::select(vec![10, 300, 500, 1500, 3000, 5000, 13_000, 31_000]).prop_map(Step::Pass),
    ];
    proptest::collection::vec(step, 1..60)
}

/// A transport, the store and the Amazon that it talks to.
#[derive(Default)]
struct World {
    transport: Transport,
    now: Duration,
    newest: u64,
    revision: u64,
    /// The next item of the newest version, as the store keeps it: the version that it becomes.
    next: Option<(u64, MediaItem)>,
    /// The highest version that a next item has had.
    reserved: u64,
    /// What the Echo was given.
    given: Option<u64>,
    open: Vec<Effect>,
    last_answer: Option<Input>,
    last_ticket: CommandId,
    /// Plays that may start something: those that a controller asked for, and the items that follow others.
    plays: usize,
    asks: usize,
    has_reported: bool,
}

impl World {
    fn give(&mut self, input: Input) -> Result<(), TestCaseError> {
        let before = self.transport.state();
        let is_report = matches!(&input, Input::Observed(observed)
            if observed.report.as_ref().is_some_and(|report| report.state == ObservedState::Playing));
        let gives_back = matches!(&input, Input::Play | Input::Refused(_) | Input::Tick) && self.has_reported;
        let (is_play, was_finished) = (input == Input::Play, before);
        let took = self.transport.take(self.now, input);
        let shows = self.transport.state();
        if shows == TransportState::Playing && before != TransportState::Playing {
            prop_assert!(is_report || gives_back, "it shows that it plays, and no Echo said so");
        }
        self.has_reported |= is_report;
        let Ok(effects) = took else {
            prop_assert_eq!(shows, was_finished, "a refused action changes nothing");
            return Ok(());
        };
        self.plays += usize::from(is_play);
        for effect in effects {
            self.effect(effect)?;
        }
        prop_assert!(self.open.len() <= 64);
        Ok(())
    }

    fn effect(&mut self, effect: Effect) -> Result<(), TestCaseError> {
        let ticket = match &effect {
            Effect::KeepNext(version, next) => {
                prop_assert!(*version <= self.newest);
                if *version == self.newest {
                    self.reserved = self.newest.max(self.reserved) + 1;
                    self.next = next.clone().map(|next| (self.reserved, next));
                }
                return Ok(());
            }
            Effect::Store(ticket, asked) => {
                prop_assert_eq!(
                    Some(asked),
                    self.transport.item(),
                    "an item of the last play alone is stored"
                );
                *ticket
            }
            Effect::Ask(ticket, version) => {
                prop_assert_eq!(self.transport.state(), TransportState::Transitioning, "a stale start");
                prop_assert!(*version <= self.newest);
                self.asks += 1;
                *ticket
            }
            Effect::Pause(ticket) | Effect::Stop(ticket) => *ticket,
        };
        prop_assert!(ticket > self.last_ticket, "each command has its own ticket");
        self.last_ticket = ticket;
        self.open.push(effect);
        Ok(())
    }

    fn answer(&mut self, which: usize, well: bool) -> Result<(), TestCaseError> {
        if self.open.is_empty() {
            return Ok(());
        }
        let input = match self.open.remove(which % self.open.len()) {
            Effect::Store(ticket, _) if well => {
                self.start();
                Input::Stored { ticket, version: self.newest }
            }
            Effect::Ask(ticket, _) | Effect::Pause(ticket) | Effect::Stop(ticket) if well => {
                Input::Sent(ticket)
            }
            Effect::Store(ticket, _)
            | Effect::Ask(ticket, _)
            | Effect::Pause(ticket)
            | Effect::Stop(ticket) => Input::Refused(ticket),
            Effect::KeepNext(..) => return Ok(()),
        };
        self.last_answer = Some(input.clone());
        self.give(input)
    }

    /// The store has a new version, behind which nothing follows.
    fn start(&mut self) {
        self.newest = self.newest.max(self.reserved) + 1;
        self.next = None;
    }

    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::SetItem(number) => self.give(Input::SetItem(item(&number.to_string())))?,
            Step::SetNext(number) => {
                // An item that follows may be started once, as if it had been played.
                self.plays += usize::from(number.is_some());
                self.give(Input::SetNext(number.map(|number| item(&number.to_string()))))?;
            }
            Step::Play => self.give(Input::Play)?,
            Step::Pause => self.give(Input::Pause)?,
            Step::Stop => self.give(Input::Stop)?,
            Step::Answer(which, well) => self.answer(*which, *well)?,
            Step::Repeat => {
                if let Some(input) = self.last_answer.clone() {
                    self.give(input)?;
                }
            }
            Step::Report(back, state, twice) => {
                let version = self.newest.saturating_sub(*back);
                self.revision += 1;
                for _ in 0..=usize::from(*twice) {
                    self.give(Input::Observed(observed(version, self.revision, *state)))?;
                }
            }
            Step::NearlyFinished => {
                self.given = self.next.as_ref().map(|(version, _)| *version);
                self.revision += 1;
                let playing = observed(self.newest, self.revision, ObservedState::Playing);
                let is_next_given = self.given.is_some();
                self.give(Input::Observed(Observed { is_next_given, ..playing }))?;
            }
            Step::BeginNext => {
                let given = self.given.take();
                let begun = self.next.clone().filter(|(version, _)| Some(*version) == given);
                if let Some((version, next)) = begun {
                    (self.newest, self.next) = (version, None);
                    self.revision += 1;
                    let playing = observed(version, self.revision, ObservedState::Playing);
                    self.give(Input::Observed(Observed { item: Some(next.clone()), ..playing }))?;
                    let shown = self.transport.item().map(|item| &item.uri);
                    let is_shown =
                        self.transport.state() != TransportState::Playing || shown == Some(&next.uri);
                    prop_assert!(is_shown, "the next item plays, and another one is shown");
                }
            }
            Step::Foreign => self.start(),
            Step::Pass(millis) => {
                self.now += Duration::from_millis(*millis);
                self.give(Input::Tick)?;
            }
        }
        Ok(())
    }

    /// Lets time go by as an actor does, which answers each command and wakes at each moment that the transport names.
    fn wait(&mut self, span: Duration) -> Result<(), TestCaseError> {
        let end = self.now + span;
        for _ in 0..64 {
            while !self.open.is_empty() {
                self.answer(0, true)?;
            }
            let Some(at) = self.transport.wakes_at().filter(|at| *at <= end) else { break };
            prop_assert!(at > self.now, "it would wake again and again");
            self.now = at;
            self.give(Input::Tick)?;
        }
        prop_assert!(self.transport.wakes_at().is_none_or(|at| at > end));
        self.now = end;
        self.give(Input::Tick)
    }
}

proptest! {
    #![proptest_config(Config { cases: 512, failure_persistence: None, ..Config::default() })]

    #[test]
    fn no_order_of_inputs_breaks_a_rule(steps in steps()) {
        let mut world = World::default();
        for step in &steps {
            let asks = world.asks;
            world.take(step)?;
            prop_assert!(world.asks <= asks + 1, "two starts at once");
            prop_assert!(world.asks <= world.plays, "more starts than plays");
        }
    }

    /// Whatever came before, a controller gets it to stop, to play and to pause.
    #[test]
    fn no_state_holds_a_controller(steps in steps(), lost in any::<bool>()) {
        let mut world = World::default();
        for step in &steps {
            world.take(step)?;
        }
        if lost {
            world.open.clear();
        }
        // Commands that are lost are known to be, before the controller tries again.
        world.wait(Duration::from_secs(40))?;
        world.give(Input::Stop)?;
        world.wait(Duration::from_secs(40))?;
        let state = world.transport.state();
        prop_assert!(matches!(state, TransportState::Stopped | TransportState::NoMediaPresent), "{:?}", state);

        world.give(Input::SetItem(item("last")))?;
        world.give(Input::Play)?;
        world.wait(Duration::from_secs(2))?;
        world.revision += 1;
        let playing = observed(world.newest, world.revision, ObservedState::Playing);
        world.give(Input::Observed(playing))?;
        prop_assert_eq!(world.transport.state(), TransportState::Playing);
        prop_assert_eq!(world.transport.item(), Some(&item("last")));
        world.give(Input::Pause)?;
        world.wait(Duration::from_secs(4))?;
        prop_assert_eq!(world.transport.state(), TransportState::Paused);
    }
}
