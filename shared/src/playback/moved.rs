//! Music that plays on another Echo than the one that got it. It was moved there, or that Echo is the other half of a
//! pair.

use super::event::{EchoReport, ReportKind};
use super::player::Player;
use super::report::{MovedPlayback, Report};
use super::short_hash::short_hash;
use super::types::Transition;
use super::version::PresentVersion;
use crate::clock::Timestamp;

impl MovedPlayback {
    /// Whether this very report made the move known.
    #[must_use]
    pub fn was_made_by(&self, event: &EchoReport) -> bool {
        self.report.is_of(event) && Some(self.since) == self.report.received_at
    }
}

impl Player {
    /// Report of its present version by another Echo than the one that got it.
    #[must_use]
    pub fn moved(&self) -> Option<&MovedPlayback> {
        self.present.as_ref()?.moved.as_ref()
    }

    /// Whether a report is of an Echo that neither serves this player nor reported this version before.
    #[must_use]
    pub fn is_foreign(&self, event: &EchoReport) -> bool {
        let own = self.pairing.as_ref().and_then(|pairing| pairing.device.as_ref());
        let (Some(own), Some(device)) = (own, &event.device) else { return false };
        let reporter = self.present.as_ref().and_then(PresentVersion::reporter);
        own != device && reporter != Some(&short_hash(device.as_str()))
    }

    /// Takes the report of an Echo that did not get this version. A report of playing is a move. A report of an end
    /// counts only from the Echo that the music was moved to, and never ends the own Echo's playback.
    pub(super) fn record_elsewhere(&mut self, event: &EchoReport, now: Timestamp) -> Transition {
        let (Some(device), Some(present)) = (&event.device, &mut self.present) else {
            return Transition::Rejected;
        };
        let before = present.moved.as_ref();
        if let Some(moved) = before.filter(|moved| !moved.report.yields_to(event, now)) {
            return if moved.report.is_of(event) { Transition::AlreadyApplied } else { Transition::Rejected };
        }
        let same = before.filter(|moved| &moved.device == device);
        if same.is_none() && event.kind != ReportKind::Started {
            return Transition::Rejected;
        }
        present.moved = Some(MovedPlayback {
            device: device.clone(),
            since: same.map_or(now, |moved| moved.since),
            report: Report::of(event, now),
        });
        if event.kind == ReportKind::Started {
            self.played_at = Some(now);
        }
        Transition::Applied
    }
}
