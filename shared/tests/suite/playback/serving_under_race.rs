//! The rules of serving as a state machine: several Echos, players and processes, whose steps interleave.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ma_alexa::alexa::DeviceId;
use ma_alexa::playback::{
    Decision, Household, JUST_STARTED, ManualPairing, PairingKind, PlayRequest, Player, PlayerId, ShortHash,
    Transition, short_hash,
};
use proptest::prelude::*;

use super::{Apply as _, ask, at, device, push};

const ECHOS: [&str; 4] = ["a", "b", "c", "d"];
const PLAYERS: [&str; 3] = ["Kitchen", "Office", "Bath"];

/// The Echos as Music Assistant speaks to them: by the name of the player, whichever Echo has it.
type Names = BTreeMap<usize, usize>;

/// A process that took longer was ended, and its answer never came.
const ANSWERED: Duration = Duration::from_secs(8);

/// What happens next. An ask is answered in steps, between which anything else may happen.
#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    Push {
        player: usize,
        session: u8,
    },
    Ask {
        echo: usize,
        ma_phrase: bool,
        note_first: bool,
    },
    /// Music Assistant's stop of what played before, which may come before or after the ask for the new start.
    LateStop {
        echo: usize,
    },
    /// One of the asks that are under way makes its next step.
    Continue(prop::sample::Index),
    Pair {
        echo: usize,
        player: usize,
    },
    Unpair {
        echo: usize,
    },
    Disable {
        echo: usize,
    },
    /// Music Assistant starts a player and speaks to the Echo of that name, if there is one.
    Play {
        player: usize,
        session: u8,
    },
    /// An Echo gets the name of a player.
    Rename {
        echo: usize,
        player: usize,
    },
    /// Two players' Echos swap their names.
    Swap {
        one: usize,
        other: usize,
    },
    /// An Echo dies, and another takes its name.
    Replace {
        echo: usize,
        by: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let echo = 0..ECHOS.len();
    let player = 0..PLAYERS.len();
    let step = prop_oneof![
        3 => prop_oneof![Just(1), Just(500), Just(5000), Just(20_000), Just(31 * 24 * 3_600_000i64)].prop_map(Step::Wait),
        5 => (player.clone(), 0..6u8).prop_map(|(player, session)| Step::Push { player, session }),
        6 => (echo.clone(), prop::bool::weighted(0.8), any::<bool>())
            .prop_map(|(echo, ma_phrase, note_first)| Step::Ask { echo, ma_phrase, note_first }),
        2 => echo.clone().prop_map(|echo| Step::LateStop { echo }),
        14 => any::<prop::sample::Index>().prop_map(Step::Continue),
        1 => (echo.clone(), player).prop_map(|(echo, player)| Step::Pair { echo, player }),
        1 => echo.clone().prop_map(|echo| Step::Unpair { echo }),
        1 => echo.clone().prop_map(|echo| Step::Disable { echo }),
        6 => (0..PLAYERS.len(), 0..6u8).prop_map(|(player, session)| Step::Play { player, session }),
        1 => (echo.clone(), 0..PLAYERS.len()).prop_map(|(echo, player)| Step::Rename { echo, player }),
        1 => (0..PLAYERS.len(), 0..PLAYERS.len()).prop_map(|(one, other)| Step::Swap { one, other }),
        1 => (echo.clone(), echo).prop_map(|(echo, by)| Step::Replace { echo, by }),
    ];
    prop::collection::vec(step, 1..80)
}

/// An ask that is under way in some process.
#[derive(Clone, Debug)]
struct Process {
    ask: PlayRequest,
    noted: bool,
    seen: Option<Household>,
    note_first: bool,
}

#[derive(Debug, Default)]
struct Harness {
    home: Household,
    now: i64,
    serial: u64,
    processes: Vec<Process>,
    /// The Echo that has the name of a player.
    names: Names,
    /// Who was given a start, as long as no person interfered.
    given: BTreeMap<(PlayerId, u64), BTreeSet<DeviceId>>,
    /// The pairings that people made.
    manual: BTreeMap<PlayerId, DeviceId>,
    /// What every Echo was given last and was not told to stop.
    playing: BTreeMap<DeviceId, (PlayerId, u64)>,
}

fn user(echo: usize) -> ShortHash {
    short_hash(ECHOS[echo])
}

impl Harness {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Wait(millis) => self.now += millis,
            Step::Push { player, session } => {
                let push = push(PLAYERS[*player], &format!("s{session}"), self.now);
                self.home.push(&push);
            }
            Step::Ask { echo, ma_phrase, note_first } => self.ask(*echo, *ma_phrase, *note_first),
            Step::Play { player, session } => {
                self.step(&Step::Push { player: *player, session: *session });
                if let Some(echo) = self.names.get(player).copied() {
                    self.ask(echo, true, true);
                }
            }
            Step::Rename { echo, player } => {
                self.names.retain(|_, named| named != echo);
                self.names.insert(*player, *echo);
            }
            Step::Swap { one, other } => {
                let (first, second) = (self.names.remove(one), self.names.remove(other));
                self.names.extend(first.map(|echo| (*other, echo)));
                self.names.extend(second.map(|echo| (*one, echo)));
            }
            Step::Replace { echo, by } => {
                self.names.values_mut().filter(|named| *named == echo).for_each(|named| *named = *by);
            }
            Step::LateStop { echo } => self.stop_late(&device(ECHOS[*echo])),
            Step::Continue(index) => {
                if !self.processes.is_empty() {
                    let index = index.index(self.processes.len());
                    self.advance(index);
                }
            }
            Step::Pair { echo, player } => self.pair(*echo, *player),
            Step::Unpair { echo } => {
                for player in &mut self.home.players {
                    if player.unpair(&device(ECHOS[*echo]), at(self.now)) == Transition::Applied {
                        self.manual.remove(&player.player);
                    }
                }
            }
            Step::Disable { echo } => {
                for player in &mut self.home.players {
                    if player.suspend(&user(*echo), at(self.now)) == Transition::Applied {
                        self.manual.remove(&player.player);
                    }
                }
            }
        }
        self.drop_expired();
        let now = at(self.now);
        self.processes.retain(|process| now.since(process.ask.at) <= ANSWERED);
        self.check_manual();
    }

    fn ask(&mut self, echo: usize, is_ma_phrase: bool, note_first: bool) {
        self.serial += 1;
        let ask = PlayRequest {
            request: format!("{}", self.serial),
            is_ma_phrase,
            user: Some(user(echo)),
            ..ask(ECHOS[echo], self.now)
        };
        self.processes.push(Process { ask, noted: false, seen: None, note_first });
    }

    fn pair(&mut self, echo: usize, player: usize) {
        let Some(player) = self.home.players.iter_mut().find(|p| p.player.as_str() == PLAYERS[player]) else {
            return;
        };
        self.serial += 1;
        player.pair(&ManualPairing {
            player: player.player.clone(),
            device: device(ECHOS[echo]),
            endpoint: None,
            user: Some(user(echo)),
            kind: PairingKind::Manual,
            request: format!("{}", self.serial),
            at: at(self.now),
        });
        self.manual.insert(player.player.clone(), device(ECHOS[echo]));
        // From here on a person answers for who gets this start.
        self.given.remove(&(player.player.clone(), player.version()));
    }

    /// Note and query in either order, then the decision; where a write loses its race, query again.
    fn advance(&mut self, index: usize) {
        let mut process = self.processes[index].clone();
        if !process.noted && (process.note_first || process.seen.is_some()) {
            self.home.note(&process.ask);
            process.noted = true;
        } else if process.seen.is_none() {
            process.seen = Some(self.home.clone());
        } else {
            let seen = process.seen.take().unwrap();
            if self.answer(&process.ask, &seen) {
                self.processes.remove(index);
                return;
            }
        }
        self.processes[index] = process;
    }

    /// Whether the ask is answered; otherwise it has to look again.
    fn answer(&mut self, ask: &PlayRequest, seen: &Household) -> bool {
        check_own(ask, seen);
        match seen.select_stream(ask) {
            Decision::Start(player) | Decision::Resume(player) | Decision::Playing(player) => {
                self.give(ask, player);
            }
            Decision::Claim(player, claim) => {
                let name = player.player.to_string();
                if !self.home.claim(&claim).succeeded() {
                    return false;
                }
                let player = self.home.player_mut(&name).clone();
                self.give(ask, &player);
            }
            Decision::Elsewhere(elsewhere) => {
                let started = elsewhere.started;
                assert!(!started.is_served_by(&ask.device), "it serves {started:?}");
                if let Some(record) = elsewhere.record {
                    let noted = self.home.players.iter_mut().find(|known| known.player == record.player);
                    return noted.is_none_or(|player| player.record_stray(&record).succeeded());
                }
            }
            Decision::Rebind(rebinds) => {
                for rebind in &rebinds {
                    self.home.player_mut(rebind.player.as_str()).rebind(rebind);
                }
                return false;
            }
            Decision::Revoke(revocations) => {
                for revocation in &revocations {
                    if let Some(player) = self.home.players.iter_mut().find(|p| p.player == revocation.player)
                    {
                        player.revoke(revocation);
                    }
                }
            }
            Decision::NoStream(_) => {}
        }
        true
    }

    /// A stop that is older than a start must not end it, in whichever order they arrive; every other one is done.
    fn stop_late(&mut self, device: &DeviceId) {
        let now = at(self.now);
        let is_new = |player: &Player| player.started_at().is_some_and(|at| now.since(at) < JUST_STARTED);
        if self.home.has_just_started(device, now) {
            assert!(self.home.served_by(device).into_iter().any(is_new), "a stop was not done");
            return;
        }
        if let Some((player, version)) = self.playing.remove(device)
            && let Some(known) = self.home.player(&player).filter(|known| known.version() == version)
        {
            assert!(!(known.is_served_by(device) && is_new(known)), "a late stop ended {player}");
        }
    }

    fn give(&mut self, ask: &PlayRequest, player: &Player) {
        assert!(
            player.is_served_by(&ask.device),
            "{:?} got a stream that it does not serve: {player:?}",
            ask.device
        );
        self.playing.insert(ask.device.clone(), (player.player.clone(), player.version()));
        // What a person changed while the answer was under way is that person's.
        let manual = self
            .home
            .player(&player.player)
            .is_some_and(|now| now.pairing.as_ref().is_none_or(|pairing| pairing.kind.is_manual()));
        if manual {
            return;
        }
        let given = self.given.entry((player.player.clone(), player.version())).or_default();
        given.insert(ask.device.clone());
        assert!(given.len() <= 1, "two Echos on one start: {given:?} of {player:?}");
    }

    fn drop_expired(&mut self) {
        let now = at(self.now);
        let given = &mut self.given;
        self.home.players.retain(|player| {
            let expired = player.is_expired(now);
            if expired {
                given.retain(|(id, _), _| *id != player.player);
            }
            !expired
        });
        self.home.echos.retain(|echo| !echo.is_expired(now));
    }

    fn check_manual(&self) {
        for (player, device) in &self.manual {
            let player = self.home.player(player).expect("a player that was paired by hand is kept");
            assert!(player.is_served_by(device), "a manual pairing went: {player:?}");
        }
    }
}

/// Music Assistant's words for the one fresh start, of a player that no Echo serves, bring that or nothing: never an
/// older stream of the Echo's own.
fn check_own(ask: &PlayRequest, seen: &Household) {
    let fresh: Vec<&Player> = seen.players.iter().filter(|player| player.is_fresh(ask.at)).collect();
    let [started] = fresh[..] else { return };
    if !ask.is_ma_phrase || started.pairing.is_some() || started.is_contested() {
        return;
    }
    if let Decision::Start(player) | Decision::Resume(player) | Decision::Playing(player) =
        seen.select_stream(ask)
    {
        panic!("{player:?} instead of {started:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    /// Never two Echos on one start; a paired Echo never gets a stream of a player that it does not serve, an
    /// unpaired one only by a claim; a manual pairing stays.
    #[test]
    fn the_rules_hold_however_the_steps_interleave(steps in steps()) {
        let mut harness = Harness::default();
        for step in &steps {
            harness.step(step);
        }
    }
}
