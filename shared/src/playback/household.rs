//! Everything that a play needs to know: the players, the Echos and the settings of one household.

use std::collections::BTreeSet;

use serde::Serialize;

use super::echo::Echo;
use super::id::{PlayerId, PlayerKey, RequestId};
use super::known_routes::KnownRoutes;
use super::player::Player;
use super::request::PlayRequest;
use super::types::{Failure, StreamStart, StreamState};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::config::{Origin, Settings};

/// The players, the Echos and the settings of a household, as one query finds them. What has expired is not
/// in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Household {
    /// In no particular order.
    pub players: Vec<Player>,
    /// In no particular order.
    pub echos: Vec<Echo>,
    /// As they are stored.
    pub settings: Settings,
}

/// State of a player, by the reports that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlayerState {
    /// No Echo asked for its stream.
    Idle,
    /// Its Echo asked and has been answered, and has not reported since.
    Requested,
    /// It plays.
    Playing,
    /// It was stopped.
    Stopped,
    /// It played to the end.
    Finished,
    /// It could not be played.
    Failed,
}

/// A player beside what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerView<'a> {
    /// The player.
    pub player: &'a Player,
    /// State of the player.
    pub state: PlayerState,
    /// Since when, where known.
    pub since: Option<Timestamp>,
    /// Position in the stream at that time, in milliseconds.
    pub offset_ms: u64,
    /// Reason why the last play failed, from its report on until another one comes.
    pub error: Option<&'a Failure>,
    /// The Echo that plays it where it was moved, else the one that serves it.
    pub echo: Option<&'a DeviceId>,
}

/// A flow that a person pauses at its Echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pausing<'a> {
    /// The player.
    pub player: &'a Player,
    /// The request by which the Echo reported that it stopped; none while it plays.
    pub stopped_by: Option<&'a RequestId>,
}

impl Household {
    /// The flow that plays at an Echo, or stopped there since a moment, whose sender leaves out the sentence of a pause. After a
    /// pause, only a new start of Music Assistant's goes on with a flow. Any other stream goes on by itself, and Music Assistant
    /// would stop it half a minute after a pause.
    #[must_use]
    pub fn pausing(&self, device: &DeviceId, since: Timestamp, now: Timestamp) -> Option<Pausing<'_>> {
        let player = self.last_started_of(device, now)?;
        let is_flow = player.start().is_some_and(|start| start.stream.is_flow());
        if !is_flow || !player.hands_over || player.is_awaited(now) {
            return None;
        }
        let effective = player.effective_report().filter(|effective| effective.moved_to.is_none())?;
        let stopped_by = match effective.state() {
            StreamState::Playing => None,
            StreamState::Stopped if effective.report.received_at.is_some_and(|at| at >= since) => {
                Some(effective.report.request.as_ref()?)
            }
            StreamState::Stopped | StreamState::Finished | StreamState::Failed => return None,
        };
        Some(Pausing { player, stopped_by })
    }

    /// The Echo with this id, if it ever asked, or brought back a one-time word.
    #[must_use]
    pub fn echo(&self, device: &DeviceId) -> Option<&Echo> {
        self.echos.iter().find(|echo| &echo.device == device)
    }

    /// The number of Echos that serve a player.
    #[must_use]
    pub fn paired_echos(&self) -> usize {
        let pairings = self.players.iter().filter_map(|player| player.pairing.as_ref());
        pairings.filter_map(|pairing| pairing.device.as_ref()).collect::<BTreeSet<_>>().len()
    }

    /// The other Echos of the same kind of which an outcome of a route is known.
    pub fn kin<'a>(&'a self, echo: &'a Echo) -> impl Iterator<Item = &'a Echo> {
        let is_kin = move |other: &&Echo| {
            other.device != echo.device
                && echo.kind.is_some()
                && other.kind == echo.kind
                && !other.routes.is_empty()
        };
        self.echos.iter().filter(is_kin)
    }

    /// The routes that other Echos of the same kind learned, for an Echo to which they are news.
    #[must_use]
    pub fn kin_routes(&self, echo: &Echo) -> KnownRoutes {
        KnownRoutes::newest(self.kin(echo).map(|other| &other.routes))
    }

    /// The player with this id.
    #[must_use]
    pub fn player(&self, id: &PlayerId) -> Option<&Player> {
        self.players.iter().find(|player| &player.player == id)
    }

    /// The present streams of Music Assistant. Media of other controllers says nothing of where that is.
    pub fn streams(&self) -> impl Iterator<Item = &StreamStart> {
        self.players.iter().filter_map(Player::start).filter(|start| !start.stream.is_media())
    }

    /// The origin of the stream of Music Assistant that was pushed last: for the player with this key, else for any.
    #[must_use]
    pub fn stream_origin(&self, player: PlayerKey) -> Option<Origin> {
        let newest = self.players.iter().filter_map(|other| {
            let start = other.start().filter(|start| !start.stream.is_media())?;
            Some((other.player.key() == player, start.pushed_at, start))
        });
        let (_, _, start) = newest.max_by_key(|(is_own, pushed_at, _)| (*is_own, *pushed_at))?;
        Origin::parse(start.stream.origin()).ok()
    }

    /// The players that this Echo serves.
    #[must_use]
    pub fn served_by(&self, device: &DeviceId) -> Vec<&Player> {
        self.players.iter().filter(|player| player.is_served_by(device)).collect()
    }

    /// The player of this Echo that was started last; none where it serves none.
    #[must_use]
    pub fn last_started_of(&self, device: &DeviceId, now: Timestamp) -> Option<&Player> {
        let started = |player: &&Player| player.started_at().map(|started| started.order(now));
        self.served_by(device).into_iter().max_by_key(started)
    }

    /// Whether a player of this Echo was started in the last [`super::JUST_STARTED`]. A command to stop that comes
    /// now was meant for what played before.
    #[must_use]
    pub fn has_just_started(&self, device: &DeviceId, now: Timestamp) -> bool {
        let newest = self.served_by(device).iter().filter_map(|player| player.started_at()).max();
        // The clocks of two functions may differ, but a start far ahead is a clock that was set back.
        newest.is_some_and(|started| {
            now.since(started) < super::JUST_STARTED && started.since(now) < super::JUST_STARTED
        })
    }

    /// Time at which an Echo was last seen. The present request does not count: others may not know of it yet.
    pub(super) fn seen(&self, device: &DeviceId, paired_at: Timestamp, request: &PlayRequest) -> Timestamp {
        let requested_at = self.echo(device).and_then(|echo| echo.asked_before(&request.request));
        requested_at.map_or(paired_at, |requested_at| {
            std::cmp::max_by_key(requested_at, paired_at, |at| at.order(request.at))
        })
    }

    /// State of a player at a moment.
    #[must_use]
    pub fn view<'a>(&'a self, player: &'a Player, now: Timestamp) -> PlayerView<'a> {
        let requested_at = self.requested_at(player);
        let effective = player.effective_report();
        let state_at = effective.map(|effective| effective.report.at);
        let (state, since) = match effective.map(|effective| effective.state()) {
            Some(StreamState::Failed) if player.replay_is_pending(now) => (PlayerState::Requested, state_at),
            Some(StreamState::Playing) => (PlayerState::Playing, state_at),
            Some(StreamState::Stopped) => (PlayerState::Stopped, state_at),
            Some(StreamState::Finished) => (PlayerState::Finished, state_at),
            Some(StreamState::Failed) => (PlayerState::Failed, state_at),
            None if requested_at.is_some() => (PlayerState::Requested, requested_at),
            None => (PlayerState::Idle, None),
        };
        let moved_to = effective.filter(|effective| effective.state() == StreamState::Playing);
        let served_by = player.pairing.as_ref().and_then(|pairing| pairing.device.as_ref());
        PlayerView {
            player,
            state,
            since,
            offset_ms: effective.map_or(0, |effective| effective.report.offset_ms),
            error: effective.and_then(|effective| effective.report.state.error()),
            echo: moved_to.and_then(|effective| effective.moved_to).or(served_by),
        }
    }

    /// Time at which its Echo requested this version and got it. That request came after the start, and no later start
    /// of another of its players came first.
    fn requested_at(&self, player: &Player) -> Option<Timestamp> {
        let device = player.pairing.as_ref()?.device.as_ref()?;
        let (asked_at, started_at) = (self.echo(device)?.asked_at?, player.started_at()?);
        let overtaken = self
            .served_by(device)
            .iter()
            .filter_map(|other| other.started_at())
            .any(|other| other > started_at && other <= asked_at);
        (asked_at >= started_at && !overtaken).then_some(asked_at)
    }
}
