//! The present version of a player: its start, and all that is known of that start alone.

use std::num::NonZeroU64;

use super::id::RequestId;
use super::report::{InterruptedMusic, MovedPlayback, Report};
use super::short_hash::ShortHash;
use super::types::{Metadata, NextItem, PastStream, StrayRequest, StreamStart, StreamState};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// The version of a player that was started last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentVersion {
    /// Counts the starts of the player, from 1.
    pub number: NonZeroU64,
    /// Its start.
    pub start: StreamStart,
    /// The streams before, oldest first, at most eight.
    pub replaced: Vec<PastStream>,
    /// Title, artist, album and art.
    pub metadata: Metadata,
    /// Time of the last push that brought its names only.
    pub named_at: Option<Timestamp>,
    /// Time of the start of the version before it.
    pub previous_started_at: Option<Timestamp>,
    /// Two Echos wanted this start and neither is known to be right, so that none gets it.
    pub contested: bool,
    /// Reports of the Echo that got it.
    pub reports: Option<OwnReports>,
    /// Report of it by another Echo.
    pub moved: Option<MovedPlayback>,
    /// The music that it lies over, which is an announcement then.
    pub under: Option<Box<InterruptedMusic>>,
    /// The item that follows it, and the numbers that no start gets.
    pub following: Following,
    /// Another Echo that requested its starts, while its own did not.
    pub wanted: Option<StrayRequest>,
}

/// Reports of a version by the Echo that got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnReports {
    /// The last one.
    pub last: Report,
    /// The request that used up the one replay of the version. It reported a failure.
    pub replayed_by: Option<RequestId>,
}

/// The item that follows a version. Its number is reserved, since the token of its play names that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Following {
    /// None, and none was set since the last start.
    #[default]
    Nothing,
    /// This one, whose number is the highest that was reserved.
    Item(Box<NextItem>),
    /// None any more: this is the highest number that was reserved, for an item that was dropped or has begun.
    Reserved(NonZeroU64),
}

impl Following {
    /// The item.
    #[must_use]
    pub fn item(&self) -> Option<&NextItem> {
        match self {
            Self::Item(next) => Some(next),
            Self::Nothing | Self::Reserved(_) => None,
        }
    }

    /// The highest number that was reserved since the last start.
    #[must_use]
    pub fn reserved(&self) -> Option<NonZeroU64> {
        match self {
            Self::Nothing => None,
            Self::Item(next) => Some(next.version),
            Self::Reserved(number) => Some(*number),
        }
    }
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

impl PresentVersion {
    /// A version of which its start and its names are known, and nothing else.
    pub(super) fn new(number: NonZeroU64, start: StreamStart, metadata: Metadata) -> Self {
        Self {
            number,
            start,
            replaced: Vec::new(),
            metadata,
            named_at: None,
            previous_started_at: None,
            contested: false,
            reports: None,
            moved: None,
            under: None,
            following: Following::Nothing,
            wanted: None,
        }
    }

    /// Last report by the Echo that got it.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.reports.as_ref().map(|reports| &reports.last)
    }

    /// The request that used up its one replay.
    #[must_use]
    pub fn replayed_by(&self) -> Option<&RequestId> {
        self.reports.as_ref()?.replayed_by.as_ref()
    }

    /// The failure was answered with one more play, of which nothing is known yet and may still come. After
    /// [`super::REPLAY_REPORTED`] it failed as well.
    #[must_use]
    pub fn replay_is_pending(&self, now: Timestamp) -> bool {
        let replayed = self
            .reports
            .as_ref()
            .filter(|reports| reports.replayed_by.is_some() && reports.replayed_by == reports.last.request);
        let age = |failed: Timestamp| now.since(failed).max(failed.since(now));
        replayed.is_some_and(|reports| age(reports.last.at) < super::REPLAY_REPORTED)
    }

    /// Whether it can be asked for: it neither finished nor failed for good, and was heard of in the last
    /// [`super::STREAM_LIFETIME`].
    #[must_use]
    pub fn is_playable(&self, now: Timestamp) -> bool {
        let last = self.effective_report();
        let over = match last.map(|last| last.state()) {
            Some(StreamState::Finished) => true,
            Some(StreamState::Failed) => !self.replay_is_pending(now),
            Some(StreamState::Playing | StreamState::Stopped) | None => false,
        };
        let pushed = self.start.pushed_at;
        let last_sign = last.map_or(pushed, |last| last.report.at.max(pushed));
        // After a clock that was set back a little, music that plays still does.
        !over && now.since(last_sign).max(last_sign.since(now)) < super::STREAM_LIFETIME
    }

    /// Whether its start is recent enough to be claimed.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.is_within(super::CLAIM_WINDOW, self.start.started_at)
    }

    /// The report that counts: the one that it plays, on any Echo, else the last one.
    #[must_use]
    pub fn effective_report(&self) -> Option<EffectiveReport<'_>> {
        let own = self.report().map(|report| EffectiveReport { report, moved_to: None });
        let moved = self.moved.as_ref();
        let moved =
            moved.map(|moved| EffectiveReport { report: &moved.report, moved_to: Some(&moved.device) });
        let (Some(own), Some(moved)) = (own, moved) else { return own.or(moved) };
        let is_there = moved.state() == StreamState::Playing
            || (own.state() != StreamState::Playing && moved.report.at > own.report.at);
        Some(if is_there { moved } else { own })
    }

    /// The Echo that reported, as a digest of its id.
    pub(super) fn reporter(&self) -> Option<&ShortHash> {
        self.report()?.reporter.as_ref()
    }
}
