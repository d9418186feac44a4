//! A player of Music Assistant: its present stream, the reports about that, and its pairing.

use serde::Serialize;

use super::id::{PlayerId, RequestId};
use super::report::{InterruptedMusic, MovedPlayback, Report};
use super::short_hash::ShortHash;
use super::types::{
    HandOver, Metadata, NextItem, Pairing, PastStream, StrayRequest, StreamStart, StreamState,
};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// A player and its present version, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each says something else of the item")]
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
    /// Time of the last push that brought its names only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named_at: Option<Timestamp>,
    /// Time of the start of the version before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_started_at: Option<Timestamp>,
    /// Two Echos wanted this start and neither is known to be right, so that none gets it.
    #[serde(skip_serializing_if = "is_false")]
    pub contested: bool,

    /// Last report of this version, by the Echo that got it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
    /// The request that used up the one replay of this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replayed_by: Option<RequestId>,

    /// Report of this version by another Echo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<MovedPlayback>,
    /// The music that this version lies over, which is an announcement then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<Box<InterruptedMusic>>,
    /// The item that follows this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Box<NextItem>>,
    /// The highest version that was reserved for a next item; 0 where none was since the last start.
    #[serde(skip_serializing_if = "is_zero_version")]
    pub reserved: u64,
    /// Number of plays in a row that ended at once, across versions.
    #[serde(skip_serializing_if = "is_zero")]
    pub silent_plays: u32,
    /// Time of the last report that an Echo plays this player, across versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub played_at: Option<Timestamp>,

    /// The Echo that serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairing: Option<Pairing>,
    /// An Echo served it at some time.
    #[serde(skip_serializing_if = "is_false")]
    pub had_echo: bool,

    /// Another Echo that requested its starts, while its own did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<StrayRequest>,

    /// The person's request that waits for its next start, or got one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hand_over: Option<Box<HandOver>>,
    /// Whether the sender of its last start leaves the sentence out for a request that waits.
    #[serde(skip_serializing_if = "is_false")]
    pub hands_over: bool,
    /// Whether a renderer of a home started it before, to which functions in AWS hand on what its Echo reports.
    #[serde(skip_serializing_if = "is_false")]
    pub reports_home: bool,

    /// Time at which the item expires, in seconds since the epoch; never, where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// Number of writes of its item; 0 before the first one and in items of older releases. The store counts.
    #[serde(skip_serializing)]
    pub revision: u64,
}

/// The report of a version that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectiveReport<'a> {
    /// The report.
    pub report: &'a Report,
    /// The Echo that it was moved to; absent where it is the one that was given the stream.
    pub moved_to: Option<&'a DeviceId>,
}

impl EffectiveReport<'_> {
    /// State of the Echo.
    #[must_use]
    pub fn state(&self) -> StreamState {
        self.report.state.kind()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero_version(version: &u64) -> bool {
    *version == 0
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
            report: None,
            replayed_by: None,
            moved: None,
            under: None,
            next: None,
            reserved: 0,
            silent_plays: 0,
            played_at: None,
            pairing: None,
            had_echo: false,
            wanted: None,
            hand_over: None,
            hands_over: false,
            reports_home: false,
            expires_at: None,
            revision: 0,
        }
    }

    /// The player with what outlives its present version, for another one.
    pub(super) fn without_version(&self) -> Self {
        Self {
            silent_plays: self.silent_plays,
            played_at: self.played_at,
            pairing: self.pairing.clone(),
            had_echo: self.had_echo,
            hand_over: self.hand_over.clone(),
            hands_over: self.hands_over,
            reports_home: self.reports_home,
            expires_at: self.expires_at,
            revision: self.revision,
            ..Self::new(&self.player)
        }
    }

    /// Time of the start of its present version; none before the first.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.start.as_ref().map(|start| start.started_at)
    }

    /// Time of the last push of its present version; none before the first.
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
        let replayed = self
            .report
            .as_ref()
            .filter(|report| self.replayed_by.is_some() && self.replayed_by == report.request);
        let age = |failed: Timestamp| now.since(failed).max(failed.since(now));
        replayed.is_some_and(|report| age(report.at) < super::REPLAY_REPORTED)
    }

    /// Whether an Echo ever reported that it plays this player, as far as that is still known.
    #[must_use]
    pub fn has_played(&self) -> bool {
        let state = self.effective_report().map(|state| state.state());
        self.played_at.is_some() || state.is_some_and(|state| state != StreamState::Failed)
    }

    /// Whether this version can be asked for: it neither finished nor failed for good, and was heard of in
    /// the last [`super::STREAM_LIFETIME`].
    #[must_use]
    pub fn is_playable(&self, now: Timestamp) -> bool {
        let last = self.effective_report();
        let over = match last.map(|last| last.state()) {
            Some(StreamState::Finished) => true,
            Some(StreamState::Failed) => !self.replay_is_pending(now),
            Some(StreamState::Playing | StreamState::Stopped) | None => false,
        };
        let reported = last.map(|last| last.report.at);
        let last_sign = self.pushed_at().map(|pushed| reported.map_or(pushed, |at| at.max(pushed)));
        // After a clock that was set back a little, music that plays still does.
        let is_recent =
            |last_sign: Timestamp| now.since(last_sign).max(last_sign.since(now)) < super::STREAM_LIFETIME;
        !over && last_sign.is_some_and(is_recent)
    }

    /// Whether the present start is recent enough to be claimed.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.started_at().is_some_and(|started| now.is_within(super::CLAIM_WINDOW, started))
    }

    /// The report of this version that counts: the one that it plays, on any Echo, else the last one.
    #[must_use]
    pub fn effective_report(&self) -> Option<EffectiveReport<'_>> {
        let own = self.report.as_ref().map(|report| EffectiveReport { report, moved_to: None });
        let moved = self.moved.as_ref();
        let moved =
            moved.map(|moved| EffectiveReport { report: &moved.report, moved_to: Some(&moved.device) });
        let (Some(own), Some(moved)) = (own, moved) else { return own.or(moved) };
        let is_there = moved.state() == StreamState::Playing
            || (own.state() != StreamState::Playing && moved.report.at > own.report.at);
        Some(if is_there { moved } else { own })
    }

    /// State of the Echo that got this version; none where it has not reported.
    #[must_use]
    pub fn state(&self) -> Option<StreamState> {
        self.report.as_ref().map(|report| report.state.kind())
    }

    /// Position of that Echo in the stream, in milliseconds.
    #[must_use]
    pub fn offset_ms(&self) -> u64 {
        self.report.as_ref().map_or(0, |report| report.offset_ms)
    }

    /// The Echo that reported, as a digest of its id.
    pub(super) fn reporter(&self) -> Option<&ShortHash> {
        self.report.as_ref()?.reporter.as_ref()
    }
}
