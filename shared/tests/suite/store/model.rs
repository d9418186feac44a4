//! Random sequences of operations leave a store as the pure functions leave a map of players and Echos.

use ma_alexa::clock::Timestamp;
use ma_alexa::playback::{
    DeviceBinding, Echo, Household, LastRequest, ManualPairing, PairingKind, Player, PlayerId, Push,
    PushOutcome, Recorded, Transition,
};
use ma_alexa::store::{PushResult, Store};
use proptest::prelude::*;

use super::fixture::Fixture;
use super::model_steps::{Model, Operation, Step, steps};
use super::samples::{T0, household, sorted};

#[derive(Debug, PartialEq)]
enum Outcome {
    PushResult(PushResult),
    Transition(Transition),
    Recorded(Recorded),
    Paired(bool),
    Count(usize),
}

pub(crate) async fn the_store_agrees_with_the_pure_functions(fixture: &Fixture) {
    let (cases, most) = if fixture.is_remote() { (15, 16) } else { (64, 40) };
    fixture.each_agrees(cases, steps(most), &async |store, steps| agree(store, &steps).await);
}

async fn agree(store: &dyn Store, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    let mut now = T0;
    let mut last = None;
    for (index, step) in steps.iter().enumerate() {
        let operation = match step {
            Step::Wait(span) => {
                now = now.plus(*span);
                continue;
            }
            Step::Again => last.clone(),
            step => Some(model.operation(step, &format!("request-{index}"), now)),
        };
        let Some(operation) = operation else { continue };
        let expected = model.apply(&operation);
        // Every other one goes by a household that was read before.
        let seen = if index % 2 == 0 { store.household(now).await.unwrap() } else { Household::default() };
        let found = apply(store, &operation, &seen).await;
        prop_assert_eq!(found, expected, "{:?}", &operation);
        prop_assert_eq!(household(store, now).await, model.household(now), "{:?}", &operation);
        last = Some(operation);
    }
    Ok(())
}

async fn apply(store: &dyn Store, operation: &Operation, seen: &Household) -> Outcome {
    match operation {
        Operation::Push(push) => {
            // The model counts no writes.
            let pushed = store.push(push).await.unwrap();
            let uncounted = |before: Box<Player>| Box::new(Player { revision: 0, ..*before });
            Outcome::PushResult(PushResult { before: pushed.before.map(uncounted), ..pushed })
        }
        Operation::Note(asked) => Outcome::Transition(store.record_request(asked).await.unwrap()),
        Operation::Record(event, now) => Outcome::Recorded(match store.record(event, *now).await.unwrap() {
            // A rule counts no writes.
            Recorded::Applied(player) => Recorded::Applied(Box::new(Player { revision: 0, ..*player })),
            other @ (Recorded::Stale | Recorded::Dropped) => other,
        }),
        Operation::Keep(keep) => Outcome::Transition(store.keep_next(keep).await.unwrap()),
        Operation::Claim(claim) => Outcome::Transition(store.claim(claim, seen).await.unwrap()),
        Operation::Withdraw(doubt) => Outcome::Transition(store.revoke(doubt, seen).await.unwrap()),
        Operation::Want(record) => Outcome::Transition(store.record_stray(record, seen).await.unwrap()),
        Operation::Revive(rebind) => Outcome::Transition(store.rebind(rebind, seen).await.unwrap()),
        Operation::Pair(pairing) => Outcome::Paired(store.pair(pairing).await.unwrap()),
        Operation::DeviceBinding(link) => Outcome::Transition(store.bind(link).await.unwrap()),
        Operation::Unpair(device, player, at) => {
            Outcome::Count(store.unpair(device, player.as_ref(), *at).await.unwrap())
        }
        Operation::Dormant(user, at) => Outcome::Count(store.suspend(user, *at).await.unwrap()),
    }
}

impl Model {
    fn live(&mut self, player: &PlayerId, at: Timestamp) -> Option<&mut Player> {
        self.players.get_mut(player).filter(|known| !known.is_expired(at))
    }

    fn transition(
        &mut self,
        player: &PlayerId,
        at: Timestamp,
        transition: impl FnOnce(&mut Player) -> Transition,
    ) -> Outcome {
        Outcome::Transition(self.live(player, at).map_or(Transition::Rejected, transition))
    }

    fn count(&mut self, transition: impl Fn(&mut Player) -> Transition) -> Outcome {
        let changed = self.players.values_mut().map(transition);
        Outcome::Count(changed.filter(|transition| *transition == Transition::Applied).count())
    }

    fn apply(&mut self, operation: &Operation) -> Outcome {
        match operation {
            Operation::Push(push) => self.push(push),
            Operation::Note(asked) => Outcome::Transition(self.note(asked)),
            Operation::Record(event, now) => {
                let player = self.players.values_mut().find(|known| known.player.key() == event.token.player);
                Outcome::Recorded(match player.map(|player| (player.record(event, *now), player)) {
                    Some((transition, player)) if transition.succeeded() => {
                        Recorded::Applied(Box::new(player.clone()))
                    }
                    Some((_, player)) if player.has_dropped(event) => Recorded::Dropped,
                    _ => Recorded::Stale,
                })
            }
            Operation::Keep(keep) => self.transition(&keep.player, keep.at, |player| player.keep_next(keep)),
            Operation::Claim(claim) => {
                let echo = claim
                    .seen_echo
                    .as_ref()
                    .and_then(|(device, _)| self.echos.get(device.as_str()).cloned())
                    .filter(|echo| !echo.is_expired(claim.at));
                self.transition(&claim.player, claim.at, |player| player.claim(claim, echo.as_ref()))
            }
            Operation::Withdraw(doubt) => {
                self.transition(&doubt.player, doubt.at, |player| player.revoke(doubt))
            }
            Operation::Want(record) => {
                self.transition(&record.player, record.at, |player| player.record_stray(record))
            }
            Operation::Revive(rebind) => {
                self.transition(&rebind.player, rebind.at, |player| player.rebind(rebind))
            }
            Operation::Pair(pairing) => Outcome::Paired(self.pair(pairing)),
            Operation::DeviceBinding(link) => Outcome::Transition(self.bind(link)),
            Operation::Unpair(device, only, at) => self.count(|player| {
                let wanted = only.as_ref().is_none_or(|only| only == &player.player);
                if wanted { player.unpair(device, *at) } else { Transition::Rejected }
            }),
            Operation::Dormant(user, at) => {
                self.echos.retain(|_, echo| echo.is_expired(*at) || echo.user.as_ref() != Some(user));
                self.count(|player| player.suspend(user, *at))
            }
        }
    }

    fn push(&mut self, push: &Push) -> Outcome {
        let known = self.live(&push.player, push.at).map(|player| player.clone());
        let player = match push.take(known.clone()) {
            PushOutcome::Late(version) => {
                return Outcome::PushResult(PushResult {
                    version,
                    started: false,
                    handed: false,
                    before: None,
                });
            }
            PushOutcome::Taken(player) => *player,
        };
        let started = player.was_started_by(&push.request);
        let (version, handed) = (player.version(), push.has_handed_over(&player));
        let before = known.filter(|known| started && known.version() != version).map(Box::new);
        self.players.insert(push.player.clone(), player);
        Outcome::PushResult(PushResult { version, started, handed, before })
    }

    fn note(&mut self, asked: &LastRequest) -> Transition {
        let key = asked.device.as_str().to_owned();
        if let Some(echo) = self.echos.get_mut(&key).filter(|echo| !echo.is_expired(asked.at)) {
            return echo.record_request(asked);
        }
        self.echos.insert(key, Echo::first(asked));
        Transition::Applied
    }

    fn pair(&mut self, pairing: &ManualPairing) -> bool {
        let Some(player) = self.live(&pairing.player, pairing.at) else {
            return false;
        };
        if player.pairing.as_ref().is_some_and(|made| made.request == pairing.request) {
            return true;
        }
        player.pair(pairing);
        let learned = |player: &&mut Player| {
            player.pairing.as_ref().is_some_and(|made| made.kind == PairingKind::Learned)
        };
        for other in self.players.values_mut().filter(learned) {
            other.unpair(&pairing.device, pairing.at);
        }
        true
    }

    fn bind(&mut self, binding: &DeviceBinding) -> Transition {
        let Some(linked) = self.household(binding.at).bind(binding) else {
            return Transition::AlreadyApplied;
        };
        self.echos.extend(linked.echos.into_iter().map(|echo| (echo.device.as_str().to_owned(), echo)));
        self.players.extend(linked.players.into_iter().map(|player| (player.player.clone(), player)));
        Transition::Applied
    }

    fn household(&self, now: Timestamp) -> Household {
        let players = self.players.values().filter(|player| !player.is_expired(now));
        let echos = self.echos.values().filter(|echo| !echo.is_expired(now));
        sorted(Household {
            players: players.cloned().collect(),
            echos: echos.cloned().collect(),
            ..Household::default()
        })
    }
}
