//! Random steps, and the operations that they are by what is there.

use std::collections::BTreeMap;
use std::time::Duration;

use ma_alexa::alexa::DeviceId;
use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::clock::Timestamp;
use ma_alexa::playback::{
    Claim, DeviceBinding, Echo, EchoReport, Failure, KeepNext, LastRequest, ManualPairing, Player, PlayerId,
    Push, RETENTION, Rebind, RecordStray, ReportKind, Revocation, ShortHash, StartReason, StrayRequest,
    short_hash,
};
use proptest::prelude::*;

use super::samples::{
    asked, bind, by_hand, claim, device, endpoint, event, push_of, rebind, revocation, token,
};

/// One step, whose details are decided by what is there when it is taken.
#[derive(Clone, Debug)]
pub(super) enum Step {
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
pub(super) enum Operation {
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

/// Any order of steps.
pub(super) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
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

/// What is expired stays in it, as it may in a store.
#[derive(Default)]
pub(super) struct Model {
    pub(super) players: BTreeMap<PlayerId, Player>,
    pub(super) echos: BTreeMap<String, Echo>,
}

fn id(player: u8) -> PlayerId {
    PlayerId::from(["A", "Küche 2", "c#/?"][usize::from(player)])
}

fn users(echo: u8) -> ShortHash {
    short_hash(&format!("user-{}", echo % 2))
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

impl Model {
    /// The operation that a step is at this moment.
    pub(super) fn operation(&self, step: &Step, request: &str, now: Timestamp) -> Operation {
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
            seen: self
                .players
                .get(&id(player))
                .and_then(|known| known.stray().map(|stray| stray.request.clone()).filter(|_| nearly != 7)),
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
        let version = self.players.get(&id(player)).map_or(1, Player::version);
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
        let next = self.players.get(&id(player)).and_then(Player::next);
        let next = next.filter(|_| nearly % 2 == 1).map(|next| next.version.get());
        let version = next.unwrap_or_else(|| self.version(player, nearly));
        let mut event = event(token(id(player).as_str(), version, issued_at, origin), kind, 1000, now);
        event.request = String::from(request);
        event.superseded = nearly == 5;
        event.offset_ms = if origin == StartReason::ResumedAtStart { 0 } else { event.offset_ms };
        event.device = (nearly != 4).then(|| device(&(nearly % 3).to_string()));
        event.error = event.error.map(|error| Failure {
            kind: if nearly == 6 { MediaErrorType::InvalidRequest } else { error.kind },
            message: None,
        });
        event
    }
}
