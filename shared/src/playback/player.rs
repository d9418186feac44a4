//! A player of Music Assistant: its present stream, the reports about that, and its pairing.

use serde::Serialize;

use super::id::{PlayerId, RequestId};
use super::short_hash::ShortHash;
use super::types::{
    Failure, InterruptedMusic, Metadata, MovedPlayback, Pairing, PastStream, StartReason, StrayRequest,
    StreamStart, StreamState,
};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// A player and its present version, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Player {
    /// Its id in Music Assistant.
    pub player: PlayerId,
    /// Counts its starts, from 1; 0 before the first.
    pub version: u64,
    /// The start of this version; none where Music Assistant has pushed nothing yet and only the Echo is known.
    #[serde(flatten)]
    pub start: Option<StreamStart>,
    /// The streams before, oldest first, at most eight.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<PastStream>,
    /// Title, artist, album and art.
    #[serde(flatten)]
    pub metadata: Metadata,
    /// When its names last came by a push of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named_at: Option<Timestamp>,
    /// When the version before it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_started_at: Option<Timestamp>,
    /// Two Echos wanted this start and neither is known to be right, so that none gets it.
    #[serde(skip_serializing_if = "is_false")]
    pub contested: bool,

    /// The order of the last event that counted; see [`super::PlaybackEvent::order`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_event: Option<String>,
    /// The request that brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_request: Option<RequestId>,
    /// What the Echo last reported of this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StreamState>,
    /// Where in the stream that was, in milliseconds.
    pub offset_ms: u64,
    /// When that was, by the Echo's request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_at: Option<Timestamp>,
    /// How the play that reported it had been started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<StartReason>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// The request that used up the one replay of this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replayed_by: Option<RequestId>,

    /// The Echo whose reports these are, as a digest of its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub played_by: Option<ShortHash>,
    /// When the last report came, by our clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_at: Option<Timestamp>,
    /// What another Echo reported of this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<MovedPlayback>,
    /// The music that this version lies over, which is an announcement then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<Box<InterruptedMusic>>,
    /// How many plays in a row ended at once, across versions.
    #[serde(skip_serializing_if = "is_zero")]
    pub silent_plays: u32,
    /// When an Echo last reported that it plays this player, across versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub played_at: Option<Timestamp>,

    /// Which Echo serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairing: Option<Pairing>,
    /// An Echo served it at some time.
    #[serde(skip_serializing_if = "is_false")]
    pub had_echo: bool,

    /// Which other Echo asked for its starts, while its own did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<StrayRequest>,

    /// When the item stops to exist, in seconds since the epoch; never, where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// How often its item was written; 0 before the first time and in items of older releases. The store counts.
    #[serde(skip_serializing)]
    pub revision: u64,
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Player {
    /// A player before its first push and pairing.
    #[must_use]
    pub fn new(player: &PlayerId) -> Self {
        Self {
            player: player.clone(),
            version: 0,
            start: None,
            replaced: Vec::new(),
            metadata: Metadata::default(),
            named_at: None,
            previous_started_at: None,
            contested: false,
            last_event: None,
            event_request: None,
            state: None,
            offset_ms: 0,
            state_at: None,
            origin: None,
            error: None,
            replayed_by: None,
            played_by: None,
            reported_at: None,
            moved: None,
            under: None,
            silent_plays: 0,
            played_at: None,
            pairing: None,
            had_echo: false,
            wanted: None,
            expires_at: None,
            revision: 0,
        }
    }

    /// When its present version started; none before the first.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.start.as_ref().map(|start| start.started_at)
    }

    /// When the last push of its present version came; none before the first.
    #[must_use]
    pub fn pushed_at(&self) -> Option<Timestamp> {
        self.start.as_ref().map(|start| start.pushed_at)
    }

    /// Whether this request made its present version.
    #[must_use]
    pub fn was_started_by(&self, request: &str) -> bool {
        self.start.as_ref().is_some_and(|start| start.start_request == request)
    }

    /// Whether the item has ceased to exist, although a store may still show it.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expiry| expiry <= now.seconds())
    }

    /// The failure was answered with one more play, of which nothing is known yet and may still come. After
    /// [`super::REPLAY_REPORTED`] it failed as well.
    #[must_use]
    pub fn replay_is_pending(&self, now: Timestamp) -> bool {
        let is_replayed = self.replayed_by.is_some() && self.replayed_by == self.event_request;
        let age = |failed: Timestamp| now.since(failed).max(failed.since(now));
        is_replayed && self.state_at.is_some_and(|failed| age(failed) < super::REPLAY_REPORTED)
    }

    /// Whether an Echo ever reported that it plays this player, as far as that is still known.
    #[must_use]
    pub fn has_played(&self) -> bool {
        let heard = self.effective_report().map(|heard| heard.state);
        self.played_at.is_some() || heard.is_some_and(|state| state != StreamState::Failed)
    }

    /// Whether this version can be asked for: it neither finished nor failed for good, and was heard of in
    /// the last [`super::STREAM_LIFETIME`].
    #[must_use]
    pub fn is_playable(&self, now: Timestamp) -> bool {
        let last = self.effective_report();
        let over = match last.map(|last| last.state) {
            Some(StreamState::Finished) => true,
            Some(StreamState::Failed) => !self.replay_is_pending(now),
            Some(StreamState::Playing | StreamState::Stopped) | None => false,
        };
        let reported = last.and_then(|last| last.state_at);
        let heard = self.pushed_at().map(|pushed| reported.map_or(pushed, |at| at.max(pushed)));
        // After a clock that was set back a little, music that plays still does.
        let is_recent = |heard: Timestamp| now.since(heard).max(heard.since(now)) < super::STREAM_LIFETIME;
        !over && heard.is_some_and(is_recent)
    }

    /// Whether the present start is recent enough to be claimed.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.started_at().is_some_and(|started| now.is_within(super::CLAIM_WINDOW, started))
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
