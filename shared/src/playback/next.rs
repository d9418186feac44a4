//! The item that follows a version: the Echo is given it ahead of time, and begins it by itself.
//!
//! Its version is reserved when it is kept, since the token of a play names that. No other start gets the same number,
//! even where the item is replaced or dropped.

use std::num::NonZeroU64;

use super::event::{EchoReport, ReportKind};
use super::id::{PlayerId, RequestId};
use super::player::Player;
use super::push::Push;
use super::types::{NextItem, StreamStart, Transition};
use super::version::{Following, PresentVersion};
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

impl PresentVersion {
    /// The number that the version after it gets.
    pub(super) fn next_number(&self) -> NonZeroU64 {
        self.number.max(self.following.reserved().unwrap_or(self.number)).saturating_add(1)
    }
}

impl Player {
    /// Keeps the item that follows the present version; refused where another version is the present one.
    pub fn keep_next(&mut self, keep: &KeepNext) -> Transition {
        let is_expired = self.is_expired(keep.at);
        let present =
            self.present.as_mut().filter(|present| !is_expired && present.number.get() == keep.after);
        let Some(present) = present else { return Transition::Rejected };
        let before = present.following.item();
        let Some(push) = &keep.next else {
            let Some(dropped) = before else { return Transition::AlreadyApplied };
            present.following = Following::Reserved(dropped.version);
            return Transition::Applied;
        };
        if before.is_some_and(|next| next.request == keep.request) {
            return Transition::AlreadyApplied;
        }
        present.following = Following::Item(Box::new(NextItem {
            version: present.next_number(),
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
        let before = self.present.as_ref()?;
        let next = before.following.item()?;
        let stream_digest = next.stream.short_hash();
        let replaced = before.replaced_by(&stream_digest, now);
        let start = StreamStart {
            stream: next.stream.clone(),
            grant: next.grant.clone(),
            stream_digest,
            started_at: before.start.started_at,
            pushed_at: next.at,
            start_request: next.request.clone(),
        };
        Some(self.with_present(PresentVersion {
            replaced,
            previous_started_at: before.previous_started_at,
            following: Following::Reserved(next.version),
            ..PresentVersion::new(next.version, start, next.metadata.clone())
        }))
    }

    /// Whether the Echo begins an item that it was given ahead of time, and that was replaced or dropped since.
    #[must_use]
    pub fn has_dropped(&self, event: &EchoReport) -> bool {
        let (version, Some(present)) = (event.token.version, &self.present) else { return false };
        let reserved = present.following.reserved().map_or(0, NonZeroU64::get);
        let is_reserved = version > present.number.get() && version <= reserved;
        let is_next = present.following.item().is_some_and(|next| next.version.get() == version);
        event.kind == ReportKind::Started && is_reserved && !is_next && !self.is_foreign(event)
    }

    /// The player once it moved on, where a report shows that the Echo began the next item. A failure shows that it did
    /// not.
    pub(super) fn begun(&self, event: &EchoReport, now: Timestamp) -> Option<Self> {
        let is_next = self.next().is_some_and(|next| next.version.get() == event.token.version);
        let has_begun = is_next && event.kind != ReportKind::Failed && !self.is_foreign(event);
        has_begun.then(|| self.moved_on(now)).flatten()
    }
}
