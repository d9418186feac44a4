//! Music that another Echo plays than the one that was given it: it was moved there, or is the other half of a pair.

use serde::{Deserialize, Serialize};

use super::event::{EventKind, Failure, PlaybackEvent};
use super::player::{Player, RequestId, StreamState, Transition};
use super::short_hash::short_hash;
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// What an Echo reported of a version that was given to another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedPlayback {
    /// The Echo.
    pub device: DeviceId,
    /// When it first reported that it plays, by our clock.
    pub since: Timestamp,
    /// What it last reported.
    pub state: StreamState,
    /// When that was, by its request.
    pub state_at: Timestamp,
    /// When that came, by our clock.
    pub reported_at: Timestamp,
    /// Where in the stream that was, in milliseconds.
    pub offset_ms: u64,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// The place of that report among all of its version; see [`PlaybackEvent::order`].
    pub last_event: String,
    /// The request that brought it.
    pub event_request: RequestId,
}

/// What counts of all that was reported of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectiveReport<'a> {
    /// What the Echo does.
    pub state: StreamState,
    /// Since when, by its request.
    pub state_at: Option<Timestamp>,
    /// When that came, by our clock; absent in items of older releases.
    pub reported_at: Option<Timestamp>,
    /// Where in the stream, in milliseconds.
    pub offset_ms: u64,
    /// Why it failed.
    pub error: Option<&'a Failure>,
    /// The Echo that it was moved to; absent where it is the one that was given the stream.
    pub moved_to: Option<&'a DeviceId>,
}

impl MovedPlayback {
    /// Whether this very report made the move known.
    #[must_use]
    pub fn was_made_by(&self, event: &PlaybackEvent) -> bool {
        self.event_request == event.request && self.since == self.reported_at
    }
}

impl Player {
    /// Whether a report is of an Echo that neither serves this player nor reported this version before.
    #[must_use]
    pub fn is_foreign(&self, event: &PlaybackEvent) -> bool {
        let own = self.pairing.as_ref().and_then(|pairing| pairing.device.as_ref());
        let (Some(own), Some(device)) = (own, &event.device) else { return false };
        own != device && self.played_by != Some(short_hash(device.as_str()))
    }

    /// Takes the report of an Echo that this version was not given to. That it plays is a move; that it ends counts only
    /// for an Echo that the music was moved to, and never for what the own Echo plays.
    pub(super) fn record_elsewhere(&mut self, event: &PlaybackEvent, now: Timestamp) -> Transition {
        let Some(device) = &event.device else { return Transition::Rejected };
        let order = event.order();
        let before = self.moved.as_ref();
        if let Some(moved) =
            before.filter(|moved| moved.last_event >= order && moved.last_event <= PlaybackEvent::latest(now))
        {
            let ours = moved.event_request == event.request;
            return if ours { Transition::AlreadyApplied } else { Transition::Rejected };
        }
        let same = before.filter(|moved| &moved.device == device);
        if same.is_none() && event.kind != EventKind::Started {
            return Transition::Rejected;
        }
        if event.kind == EventKind::Started {
            self.played_at = Some(now);
        }
        self.moved = Some(MovedPlayback {
            device: device.clone(),
            since: same.map_or(now, |moved| moved.since),
            state: event.kind.state(),
            state_at: event.at,
            reported_at: now,
            offset_ms: event.offset_ms,
            error: event.error.clone(),
            last_event: order,
            event_request: event.request.clone(),
        });
        Transition::Applied
    }

    /// What counts of all that Echos reported of this version: that it plays, wherever that is, else what came last.
    #[must_use]
    pub fn effective_report(&self) -> Option<EffectiveReport<'_>> {
        let own = self.state.map(|state| EffectiveReport {
            state,
            state_at: self.state_at,
            reported_at: self.reported_at,
            offset_ms: self.offset_ms,
            error: self.error.as_ref().filter(|_| state == StreamState::Failed),
            moved_to: None,
        });
        let moved = self.moved.as_ref().map(|moved| EffectiveReport {
            state: moved.state,
            state_at: Some(moved.state_at),
            reported_at: Some(moved.reported_at),
            offset_ms: moved.offset_ms,
            error: moved.error.as_ref(),
            moved_to: Some(&moved.device),
        });
        let (Some(own), Some(moved)) = (own, moved) else { return own.or(moved) };
        let is_there = moved.state == StreamState::Playing
            || (own.state != StreamState::Playing && moved.state_at > own.state_at);
        Some(if is_there { moved } else { own })
    }
}
