//! Random sequences of operations leave a store as the pure functions leave a map of players and Echos.

use std::collections::BTreeMap;
use std::time::Duration;

use ma_alexa::alexa::DeviceId;
use ma_alexa::clock::Timestamp;
use ma_alexa::playback::{
    Claim, DeviceBinding, Echo, EchoReport, Failure, Household, KeepNext, LastRequest, ManualPairing,
    PairingKind, Player, PlayerId, Push, PushOutcome, RETENTION, Rebind, RecordStray, Recorded, ReportKind,
    Revocation, ShortHash, StartReason, StrayRequest, Transition, short_hash,
};
use ma_alexa::store::{PushResult, Store};
use proptest::prelude::*;

use super::fixture::Fixture;
use super::samples::{
    T0, asked, bind, by_hand, claim, device, endpoint, event, household, push_of, rebind, revocation, sorted,
    token,
};

/// One step, whose details are decided by what is there when it is taken.
#[derive(Clone, Debug)]
enum Step {
    Wait(Duration),
    Push(u8, u8, u8),
    Note(u8),
    Record(u8, u8, u8, u8),
    Keep(u8, Option<u8>, u8),
    Claim(u8, u8, u8),
    Withdraw(u8, u8),
    Want(u8, u8, u8),
    Revive(u8, u8, u8),
    Pair(u8, u8, bool),
    DeviceBinding(u8, u8, u8),
    Unpair(u8, Option<u8>),
    Dormant(u8),
    Again,
}

/// An operation on the store.
#[derive(Clone, Debug)]
enum Operation {
    Push(Push),
    Note(LastRequest),
    Record(EchoReport, Timestamp),
    Keep(KeepNext),
    Claim(Claim),
    Withdraw(Revocation),
    Want(RecordStray),
    Revive(Rebind),
    Pair(ManualPairing),
    DeviceBinding(DeviceBinding),
    Unpair(DeviceId, Option<PlayerId>, Timestamp),
    Dormant(ShortHash, Timestamp),
}

#[derive(Debug, PartialEq)]
enum Outcome {
    PushResult(PushResult),
    Transition(Transition),
    Recorded(Recorded),
    Paired(bool),
    Count(usize),
}

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let waits = [
        Duration::from_secs(1),
        Duration::from_millis(9_999),
        Duration::from_millis(10_001),
        Duration::from_secs(31),
        Duration::from_hours(24),
        RETENTION.saturating_sub(Duration::from_secs(1)),
        RETENTION,
    ];
    let few = 0..3_u8;
    let step = prop_oneof![
        4 => proptest::sample::select(waits.to_vec()).prop_map(Step::Wait),
        6 => (few.clone(), 0..7_u8, 0..4_u8).prop_map(|(p, s, m)| Step::Push(p, s, m)),
        3 => few.clone().prop_map(Step::Note),
        5 => (few.clone(), 0..5_u8, 0..4_u8, 0..8_u8).prop_map(|(p, k, o, n)| Step::Record(p, k, o, n)),
        3 => (few.clone(), proptest::option::weighted(0.8, 0..7_u8), 0..8_u8)
            .prop_map(|(p, s, n)| Step::Keep(p, s, n)),
        4 => (few.clone(), few.clone(), 0..8_u8).prop_map(|(p, e, n)| Step::Claim(p, e, n)),
        2 => (few.clone(), 0..8_u8).prop_map(|(p, n)| Step::Withdraw(p, n)),
        3 => (few.clone(), few.clone(), 0..8_u8).prop_map(|(p, e, n)| Step::Want(p, e, n)),
        2 => (few.clone(), few.clone(), few.clone()).prop_map(|(p, o, n)| Step::Revive(p, o, n)),
        2 => (few.clone(), few.clone(), any::<bool>()).prop_map(|(p, e, n)| Step::Pair(p, e, n)),
        3 => (few.clone(), few.clone(), 0..2_u8).prop_map(|(p, e, s)| Step::DeviceBinding(p, e, s)),
        1 => (few.clone(), proptest::option::of(few.clone())).prop_map(|(e, p)| Step::Unpair(e, p)),
        1 => few.prop_map(Step::Dormant),
        3 => Just(Step::Again),
    ];
    proptest::collection::vec(step, 1..most)
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

/// What is expired stays in it, as it may in a store.
#[derive(Default)]
struct Model {
    players: BTreeMap<PlayerId, Player>,
    echos: BTreeMap<String, Echo>,
}

fn id(player: u8) -> PlayerId {
    PlayerId::from(["A", "Küche 2", "c#/?"][usize::from(player)])
}

fn users(echo: u8) -> ShortHash {
    short_hash(&format!("user-{}", echo % 2))
}

impl Model {
    fn operation(&self, step: &Step, request: &str, now: Timestamp) -> Operation {
        match step {
            Step::Push(player, stream, names) => {
                Operation::Push(push_for(*player, *stream, *names, request, now))
            }
            Step::Note(echo) => Operation::Note(LastRequest {
                user: Some(users(*echo)),
                endpoint: (*echo > 0).then(|| endpoint(&echo.to_string())),
                ..asked(&echo.to_string(), request, now)
            }),
            Step::Record(player, kind, origin, nearly) => {
                Operation::Record(self.event(*player, *kind, *origin, *nearly, request, now), now)
            }
            Step::Keep(player, stream, nearly) => Operation::Keep(KeepNext {
                player: id(*player),
                after: self.version(*player, *nearly),
                next: stream.map(|stream| push_for(*player, stream, *nearly % 4, request, now)),
                at: now,
                request: request.to_owned(),
            }),
            Step::Claim(player, echo, nearly) => self.claim(*player, *echo, *nearly, request, now),
            Step::Withdraw(player, nearly) => {
                let known = self.players.get(&id(*player));
                let served = known.and_then(|known| known.pairing.clone()).and_then(|pairing| pairing.device);
                Operation::Withdraw(Revocation {
                    player: id(*player),
                    device: served.unwrap_or_else(|| device("0")),
                    ..revocation("", self.version(*player, *nearly), "", now)
                })
            }
            Step::Revive(player, old, new) => Operation::Revive(Rebind {
                player: id(*player),
                user: (*new > 0).then(|| users(*new)),
                request: request.to_owned(),
                ..rebind("", &old.to_string(), &new.to_string(), now)
            }),
            Step::Pair(player, echo, named) => Operation::Pair(ManualPairing {
                player: id(*player),
                endpoint: named.then(|| endpoint(&echo.to_string())),
                user: named.then(|| users(*echo)),
                ..by_hand("", &echo.to_string(), request, now)
            }),
            Step::DeviceBinding(player, echo, serial) => Operation::DeviceBinding(DeviceBinding {
                user: Some(users(*echo)),
                endpoint: (*echo > 0).then(|| endpoint(&echo.to_string())),
                serial: format!("serial-{serial}"),
                player: id(*player),
                ..bind("", &echo.to_string(), request, now)
            }),
            Step::Want(player, echo, nearly) => self.want(*player, *echo, *nearly, request, now),
            Step::Unpair(echo, player) => Operation::Unpair(device(&echo.to_string()), player.map(id), now),
            Step::Dormant(echo) => Operation::Dormant(users(*echo), now),
            Step::Wait(_) | Step::Again => unreachable!(),
        }
    }

    fn want(&self, player: u8, echo: u8, nearly: u8, request: &str, now: Timestamp) -> Operation {
        Operation::Want(RecordStray {
            player: id(player),
            wanted: StrayRequest {
                device: device(&echo.to_string()),
                version: self.version(player, nearly),
                request: request.to_owned(),
                starts: u32::from(echo),
            },
            seen: self.players.get(&id(player)).and_then(|known| {
                known.wanted.as_ref().map(|wanted| wanted.request.clone()).filter(|_| nearly != 7)
            }),
            at: now,
        })
    }

    /// Mostly of what is there.
    fn claim(&self, player: u8, echo: u8, nearly: u8, request: &str, now: Timestamp) -> Operation {
        let pairing = self.players.get(&id(player)).and_then(|known| known.pairing.clone());
        let served_by = pairing.as_ref().and_then(|pairing| pairing.device.clone());
        let asked = served_by
            .as_ref()
            .and_then(|device| self.echos.get(device.as_str()))
            .and_then(|echo| echo.asked_request.clone());
        Operation::Claim(Claim {
            player: id(player),
            seen: pairing.map(|pairing| pairing.request).filter(|_| nearly != 7),
            seen_echo: served_by
                .filter(|device| *device != super::samples::device(&echo.to_string()))
                .map(|device| (device, asked.filter(|_| nearly != 6))),
            user: Some(users(echo)),
            ..claim("", self.version(player, nearly), &echo.to_string(), request, now)
        })
    }

    /// Mostly the present version.
    fn version(&self, player: u8, nearly: u8) -> u64 {
        let version = self.players.get(&id(player)).map_or(1, |known| known.version);
        if nearly == 0 { version.saturating_sub(1) } else { version }
    }

    fn event(
        &self,
        player: u8,
        kind: u8,
        origin: u8,
        nearly: u8,
        request: &str,
        now: Timestamp,
    ) -> EchoReport {
        let kind = [
            ReportKind::Started,
            ReportKind::NearlyFinished,
            ReportKind::Stopped,
            ReportKind::Failed,
            ReportKind::Finished,
        ][usize::from(kind)];
        let origin = [
            StartReason::Start,
            StartReason::ResumedAtOffset,
            StartReason::ResumedAtStart,
            StartReason::Replayed,
        ][usize::from(origin)];
        let issued_at = now.minus(Duration::from_secs(u64::from(nearly % 3)));
        let next = self.players.get(&id(player)).and_then(|known| known.next.as_ref());
        let next = next.filter(|_| nearly % 2 == 1).map(|next| next.version);
        let version = next.unwrap_or_else(|| self.version(player, nearly));
        let mut event = event(token(id(player).as_str(), version, issued_at, origin), kind, 1000, now);
        event.request = String::from(request);
        event.superseded = nearly == 5;
        event.offset_ms = if origin == StartReason::ResumedAtStart { 0 } else { event.offset_ms };
        event.device = (nearly != 4).then(|| device(&(nearly % 3).to_string()));
        event.error = event.error.map(|error| Failure {
            kind: if nearly == 6 { "MEDIA_ERROR_INVALID_REQUEST".to_owned() } else { error.kind },
            message: None,
        });
        event
    }

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
        let (version, handed) = (player.version, push.has_handed_over(&player));
        let before = known.filter(|known| started && known.version != version).map(Box::new);
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

fn push_for(player: u8, stream: u8, names: u8, request: &str, now: Timestamp) -> Push {
    let player = id(player);
    let name = player.as_str().replace('/', "%2F").replace('#', "%23").replace('?', "%3F");
    let path = match stream {
        0 => format!("announcement/{name}.mp3"),
        1 => format!("single/s/queue/item/{name}.mp3"),
        5 => format!("ugp/group.mp3?player_id={name}"),
        6 => format!("flow/{name}/item.mp3"),
        other => format!("flow/s{other}/queue/item/{name}.mp3"),
    };
    let mut push = push_of(&path, request, now);
    assert_eq!(push.player, player);
    push.metadata.title = (names > 1).then(|| format!("title of {request}"));
    push.metadata.artist = (names % 2 == 1).then(|| format!("artist of {request}"));
    push.is_play = names == 2 && stream == 2;
    push.metadata.album = (names == 3).then(|| "album".to_owned());
    push
}
