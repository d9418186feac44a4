//! What holds of a group whatever comes, in any order.

use std::time::Duration;

use ma_alexa::renderer::{Effect, Effects, Ensemble, Input, LOST_AFTER, Member, ObservedState};
use ma_alexa::upnp::TransportState;
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::samples::{item, observed};

const MEMBERS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    SetItem(u8),
    SetNext(Option<u8>),
    Play,
    Pause,
    Stop,
    /// One of the commands that have no answer gets one.
    Answer(usize, bool),
    /// A member reports its present version.
    Report(usize, ObservedState),
    /// Another renderer starts something on a member, which reports it.
    Foreign(usize),
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
    let report = (0..MEMBERS, proptest::sample::select(states.to_vec()));
    let step = prop_oneof![
        3 => (0..4_u8).prop_map(Step::SetItem),
        2 => proptest::option::of(0..4_u8).prop_map(Step::SetNext),
        5 => Just(Step::Play),
        2 => Just(Step::Pause),
        3 => Just(Step::Stop),
        8 => (0..8_usize, proptest::bool::weighted(0.8)).prop_map(|(which, well)| Step::Answer(which, well)),
        8 => report.prop_map(|(member, state)| Step::Report(member, state)),
        2 => (0..MEMBERS).prop_map(Step::Foreign),
        4 => proptest::sample::select(vec![10, 300, 500, 1500, 3000, 5000, 13_000]).prop_map(Step::Pass),
    ];
    proptest::collection::vec(step, 1..80)
}

/// The player of a member, as it is stored.
#[derive(Clone, Copy, Default)]
struct Player {
    version: u64,
    revision: u64,
    /// Whether another renderer started the present version, and the group knows that.
    is_foreign: bool,
    /// Whether its Echo reported that it plays.
    has_played: bool,
}

struct World {
    ensemble: Ensemble,
    now: Duration,
    players: [Player; MEMBERS],
    /// Commands without an answer: their members, and the times at which they were sent.
    open: Vec<(usize, Effect, Duration)>,
}

fn name(member: usize) -> String {
    format!("member {member}")
}

impl World {
    fn new() -> Self {
        let members: Vec<Member> =
            (0..MEMBERS).map(|number| Member { serial: number.to_string(), name: name(number) }).collect();
        let (players, open) = Default::default();
        Self {
            ensemble: Ensemble::new(&members, Some("4c76a4df-3ac3-89cb-b4fc-50da5822e4d6")),
            now: Duration::ZERO,
            players,
            open,
        }
    }

    fn took(&mut self, effects: Effects) -> Result<(), TestCaseError> {
        for (member, effect) in effects {
            let member: usize = member.parse().unwrap();
            let is_foreign = self.players[member].is_foreign;
            match &effect {
                Effect::KeepNext(version, _) => prop_assert!(*version <= self.players[member].version),
                Effect::Pause(_) | Effect::Stop(_) => {
                    prop_assert!(!is_foreign, "it stops what another renderer started");
                }
                Effect::Store(..) => {}
                Effect::Ask(_, version) => {
                    prop_assert!(!is_foreign, "it resumes what another renderer replaced");
                    prop_assert!(*version <= self.players[member].version);
                }
            }
            if !matches!(effect, Effect::KeepNext(..)) {
                let is_lost = |at: Duration| self.now >= at + LOST_AFTER;
                let mut others = self.open.iter().filter(|(other, ..)| *other == member);
                prop_assert!(others.all(|(.., at)| is_lost(*at)), "two at once");
                self.open.push((member, effect, self.now));
            }
        }
        self.holds()
    }

    fn holds(&self) -> Result<(), TestCaseError> {
        let plays = self.players.iter().any(|player| player.has_played && !player.is_foreign);
        if self.ensemble.state() == TransportState::Playing {
            prop_assert!(plays, "it shows that it plays, and no member said so");
        }
        prop_assert!(!self.ensemble.has_failed() || self.ensemble.state() != TransportState::Playing);
        prop_assert_eq!(
            self.ensemble.item().is_some(),
            self.ensemble.state() != TransportState::NoMediaPresent
        );
        Ok(())
    }

    fn act(&mut self, input: &Input) -> Result<(), TestCaseError> {
        let before = self.ensemble.state();
        if let Ok(effects) = self.ensemble.act(self.now, input) {
            return self.took(effects);
        }
        prop_assert_eq!(self.ensemble.state(), before);
        Ok(())
    }

    fn answer(&mut self, which: usize, well: bool) -> Result<(), TestCaseError> {
        if self.open.is_empty() {
            return Ok(());
        }
        let (member, effect, at) = self.open.remove(which % self.open.len());
        let is_lost = self.now >= at + LOST_AFTER;
        let input = match effect {
            Effect::Store(ticket, _) if well => {
                let player = &mut self.players[member];
                // What is stored after it was given up takes nothing from what plays meanwhile.
                let has_played = player.has_played && is_lost;
                *player = Player { has_played, is_foreign: false, version: player.version + 1, ..*player };
                Input::Stored { ticket, version: player.version }
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
        let effects = self.ensemble.answer(self.now, &member.to_string(), input);
        self.took(effects)
    }

    fn report(&mut self, member: usize, state: ObservedState) -> Result<(), TestCaseError> {
        let player = &mut self.players[member];
        player.revision += 1;
        player.has_played |= state == ObservedState::Playing;
        let seen = observed(player.version, player.revision, state);
        let effects = self.ensemble.observe(self.now, &name(member), &seen);
        self.took(effects)
    }

    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::SetItem(number) => self.act(&Input::SetItem(item(&number.to_string()))),
            Step::SetNext(number) => {
                self.act(&Input::SetNext(number.map(|number| item(&number.to_string()))))
            }
            Step::Play => self.act(&Input::Play),
            Step::Pause => self.act(&Input::Pause),
            Step::Stop => self.act(&Input::Stop),
            Step::Answer(which, well) => self.answer(*which, *well),
            Step::Report(member, state) => self.report(*member, *state),
            Step::Foreign(member) => {
                let player = &mut self.players[*member];
                *player = Player { is_foreign: true, version: player.version + 1, ..*player };
                self.report(*member, ObservedState::Playing)
            }
            Step::Pass(millis) => {
                self.now += Duration::from_millis(*millis);
                self.act(&Input::Tick)
            }
        }
    }

    /// Lets time go by as an actor does.
    fn wait(&mut self, span: Duration) -> Result<(), TestCaseError> {
        let end = self.now + span;
        for _ in 0..200 {
            while !self.open.is_empty() {
                self.answer(0, true)?;
            }
            let Some(at) = self.ensemble.wakes_at().filter(|at| *at <= end) else { break };
            prop_assert!(at > self.now, "it would wake again and again");
            self.now = at;
            self.act(&Input::Tick)?;
        }
        self.now = end;
        self.act(&Input::Tick)
    }
}

proptest! {
    #![proptest_config(Config { cases: 512, failure_persistence: None, ..Config::default() })]

    #[test]
    fn no_order_of_inputs_touches_what_others_started(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.take(step)?;
        }
    }

    /// Whatever came before, a controller gets it to stop, to play and to pause.
    #[test]
    fn no_state_holds_a_controller(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.take(step)?;
        }
        world.wait(Duration::from_secs(40))?;
        world.act(&Input::Stop)?;
        world.wait(Duration::from_secs(40))?;
        let state = world.ensemble.state();
        prop_assert!(matches!(state, TransportState::Stopped | TransportState::NoMediaPresent), "{:?}", state);

        world.act(&Input::SetItem(item("last")))?;
        world.act(&Input::Play)?;
        world.wait(Duration::from_secs(2))?;
        for member in 0..MEMBERS {
            world.report(member, ObservedState::Playing)?;
        }
        prop_assert_eq!(world.ensemble.state(), TransportState::Playing);
        prop_assert_eq!(world.ensemble.item(), Some(&item("last")));
        world.act(&Input::Pause)?;
        world.wait(Duration::from_secs(4))?;
        prop_assert_eq!(world.ensemble.state(), TransportState::Paused);
    }
}
