//! An announcement lies over the music of its player, and gives it back when it is over.

use super::event::{EchoReport, ReportKind};
use super::player::Player;
use super::report::{InterruptedMusic, Report};
use super::stream::{StreamKind, StreamUrl};
use super::types::{PastStream, REPLACED_KEPT, StreamState, Transition};
use super::version::{OwnReports, PresentVersion};
use crate::clock::Timestamp;

impl InterruptedMusic {
    /// Stream beneath an announcement: the music of its player, or the stream beneath the announcement before it.
    pub(super) fn beneath(
        stream: &StreamUrl,
        before: Option<&PresentVersion>,
        now: Timestamp,
    ) -> Option<Box<Self>> {
        let before = before.filter(|_| stream.kind() == StreamKind::Announcement)?;
        if before.start.stream.kind() == StreamKind::Announcement {
            return before.under.clone();
        }
        before.is_playable(now).then(|| {
            Box::new(Self {
                version: before.number.get(),
                start: before.start.clone(),
                metadata: before.metadata.clone(),
                report: before.report().cloned(),
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
        let over = self.present.as_ref()?;
        let under = over.under.as_deref()?;
        let is_over = match over.effective_report()?.state() {
            StreamState::Stopped | StreamState::Finished => true,
            StreamState::Failed => !over.replay_is_pending(now),
            StreamState::Playing => false,
        };
        if !is_over {
            return None;
        }
        let mut replaced: Vec<PastStream> = over.replaced.clone();
        replaced.retain(|old| old.stream != under.start.stream_digest);
        // A late push of the announcement's names is none of the music's.
        replaced.push(PastStream {
            stream: over.start.stream_digest.clone(),
            version: over.number.get(),
            started_at: over.start.started_at,
            replaced_at: now,
        });
        let surplus = replaced.len().saturating_sub(REPLACED_KEPT);
        replaced.drain(..surplus);
        let reports =
            under.report.as_ref().map(|report| OwnReports { last: report.interrupted(), replayed_by: None });
        Some(self.with_present(PresentVersion {
            replaced,
            previous_started_at: Some(over.start.started_at),
            reports,
            ..PresentVersion::new(over.next_number(), under.start.clone(), under.metadata.clone())
        }))
    }

    /// Gives the music back that lay under a version.
    pub fn restore(&mut self, version: u64, now: Timestamp) -> Transition {
        let restored = self.restored(now).filter(|_| self.is_at(version) && !self.is_expired(now));
        let Some(restored) = restored else { return Transition::Rejected };
        *self = restored;
        Transition::Applied
    }

    /// The music under an announcement, where a report is of that, by an Echo that may report.
    pub(super) fn interrupted_of(&mut self, event: &EchoReport) -> Option<&mut InterruptedMusic> {
        let under = self.present.as_ref()?.under.as_ref()?;
        if under.version != event.token.version || self.is_foreign(event) {
            return None;
        }
        self.present.as_mut()?.under.as_deref_mut()
    }
}
