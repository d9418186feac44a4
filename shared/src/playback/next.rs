//! The item that follows a version: the Echo is given it ahead of time, and begins it by itself.
//!
//! Its version is reserved when it is kept, since the token of a play names that. No other start gets the same number,
//! even where the item is replaced or dropped.

use super::event::{EchoReport, ReportKind};
use super::id::{PlayerId, RequestId};
use super::player::Player;
use super::push::Push;
use super::types::{NextItem, StreamStart, Transition};
use crate::clock::Timestamp;

/// Keeps the item that follows a version, replaces it or drops it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepNext {
    /// The player.
    pub player: PlayerId,
    /// The version that it follows.
    pub after: u64,
    /// The item, as a push of it would be; none where nothing follows.
    pub next: Option<Push>,
    /// Time of the request.
    pub at: Timestamp,
    /// The request.
    pub request: RequestId,
}

impl Player {
    /// The number that the next version gets.
    pub(super) fn next_version(&self) -> u64 {
        self.version.max(self.reserved) + 1
    }

    /// Keeps the item that follows the present version; refused where another version is the present one.
    pub fn keep_next(&mut self, keep: &KeepNext) -> Transition {
        if self.is_expired(keep.at) || self.version != keep.after {
            return Transition::Rejected;
        }
        let Some(push) = &keep.next else {
            let Some(_) = self.next.take() else { return Transition::AlreadyApplied };
            return Transition::Applied;
        };
        if self.next.as_ref().is_some_and(|next| next.request == keep.request) {
            return Transition::AlreadyApplied;
        }
        self.reserved = self.next_version();
        self.next = Some(Box::new(NextItem {
            version: self.reserved,
            stream: push.stream.clone(),
            grant: push.grant.clone(),
            metadata: push.metadata.clone(),
            at: keep.at,
            request: keep.request.clone(),
        }));
        Transition::Applied
    }

    /// The player once the next item is its present one; none where nothing follows. The Echo asked for what was before,
    /// and so for this.
    #[must_use]
    pub fn moved_on(&self, now: Timestamp) -> Option<Self> {
        let (next, before) = (self.next.as_deref()?, self.start.as_ref()?);
        let stream_digest = next.stream.short_hash();
        Some(Self {
            version: next.version,
            replaced: self.replaced_by(&stream_digest, now),
            start: Some(StreamStart {
                stream: next.stream.clone(),
                grant: next.grant.clone(),
                stream_digest,
                started_at: before.started_at,
                pushed_at: next.at,
                start_request: next.request.clone(),
            }),
            metadata: next.metadata.clone(),
            previous_started_at: self.previous_started_at,
            reserved: self.reserved,
            ..self.without_version()
        })
    }

    /// Whether the Echo begins an item that it was given ahead of time, and that was replaced or dropped since.
    #[must_use]
    pub fn has_dropped(&self, event: &EchoReport) -> bool {
        let version = event.token.version;
        let is_reserved = version > self.version && version <= self.reserved;
        let is_next = self.next.as_ref().is_some_and(|next| next.version == version);
        event.kind == ReportKind::Started && is_reserved && !is_next && !self.is_foreign(event)
    }

    /// The player once it moved on, where a report shows that the Echo began the next item. A failure shows that it did
    /// not.
    pub(super) fn begun(&self, event: &EchoReport, now: Timestamp) -> Option<Self> {
        let is_next = self.next.as_ref().is_some_and(|next| next.version == event.token.version);
        let has_begun = is_next && event.kind != ReportKind::Failed && !self.is_foreign(event);
        self.moved_on(now).filter(|_| has_begun)
    }
}
