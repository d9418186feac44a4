//! An announcement lies over the music of its player, and gives it back when it is over.

use super::event::{EchoReport, ReportKind};
use super::player::Player;
use super::report::{InterruptedMusic, Report};
use super::stream::{StreamKind, StreamUrl};
use super::types::{PastStream, REPLACED_KEPT, StreamState, Transition};
use crate::clock::Timestamp;

impl InterruptedMusic {
    /// Stream beneath an announcement: the music of its player, or the stream beneath the announcement before it.
    pub(super) fn beneath(stream: &StreamUrl, before: Option<&Player>, now: Timestamp) -> Option<Box<Self>> {
        let before = before.filter(|_| stream.kind() == StreamKind::Announcement)?;
        let start = before.start.as_ref()?;
        if start.stream.kind() == StreamKind::Announcement {
            return before.under.clone();
        }
        before.is_playable(now).then(|| {
            Box::new(Self {
                version: before.version,
                start: start.clone(),
                metadata: before.metadata.clone(),
                report: before.report.clone(),
            })
        })
    }

    /// Takes where the music was when the announcement interrupted it: its Echo says so after the announcement's start.
    pub(super) fn record(&mut self, event: &EchoReport, now: Timestamp) -> Transition {
        let is_late = self.report.as_ref().is_some_and(|report| !report.yields_to(event, now));
        if event.kind == ReportKind::Failed || is_late {
            return Transition::Rejected;
        }
        self.report = Some(Report::of(event, now));
        Transition::Applied
    }
}

impl Player {
    /// The player with the music beneath an announcement, as a version of its own, once the announcement finished,
    /// failed for good or was stopped.
    #[must_use]
    pub fn restored(&self, now: Timestamp) -> Option<Self> {
        let (under, over) = (self.under.as_deref()?, self.start.as_ref()?);
        let is_over = match self.effective_report()?.state() {
            StreamState::Stopped | StreamState::Finished => true,
            StreamState::Failed => !self.replay_is_pending(now),
            StreamState::Playing => false,
        };
        if !is_over {
            return None;
        }
        let mut replaced: Vec<PastStream> = self.replaced.clone();
        replaced.retain(|old| old.stream != under.start.stream_digest);
        // A late push of the announcement's names is none of the music's.
        replaced.push(PastStream {
            stream: over.stream_digest.clone(),
            version: self.version,
            started_at: over.started_at,
            replaced_at: now,
        });
        let surplus = replaced.len().saturating_sub(REPLACED_KEPT);
        replaced.drain(..surplus);
        Some(Self {
            version: self.next_version(),
            start: Some(under.start.clone()),
            replaced,
            metadata: under.metadata.clone(),
            previous_started_at: Some(over.started_at),
            report: under.report.as_ref().map(Report::interrupted),
            ..self.without_version()
        })
    }

    /// Gives the music back that lay under a version.
    pub fn restore(&mut self, version: u64, now: Timestamp) -> Transition {
        let restored = self.restored(now).filter(|_| self.version == version && !self.is_expired(now));
        let Some(restored) = restored else { return Transition::Rejected };
        *self = restored;
        Transition::Applied
    }

    /// Whether a report is of the music that lies under an announcement, by an Echo that may report.
    pub(super) fn is_of_interrupted(&self, event: &EchoReport) -> bool {
        self.under.as_ref().is_some_and(|under| under.version == event.token.version)
    }
}
