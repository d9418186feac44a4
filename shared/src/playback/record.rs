//! A report changes its player. Reports come late, twice and out of order; the one that sorts last counts.

use super::event::{EchoReport, ReportKind};
use super::player::Player;
use super::report::Report;
use super::types::Transition;
use super::version::{OwnReports, PresentVersion};
use crate::clock::Timestamp;

/// The outcome of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It counts; the player as it is now.
    Applied(Box<Player>),
    /// It is of another version, of an unknown player, or older than what is known.
    Stale,
    /// The Echo begins an item that it was given ahead of time, and that follows no more.
    Dropped,
}

impl Recorded {
    /// Whether it is of media that is none of Music Assistant's.
    #[must_use]
    pub fn is_of_media(&self) -> bool {
        let Self::Applied(player) = self else { return false };
        player.start().is_some_and(|start| start.stream.is_media())
    }

    /// The player that is to be played once more, because this report used up its one replay.
    #[must_use]
    pub fn replay(&self, event: &EchoReport) -> Option<&Player> {
        match self {
            Self::Applied(player) if player.replayed_by() == Some(&event.request) => Some(player),
            Self::Applied(_) | Self::Stale | Self::Dropped => None,
        }
    }
}

impl Player {
    /// Takes a report, if it is of this version and sorts after what is known. What an Echo reports that neither serves
    /// the player nor played this version is a move, or nothing: see `Player::record_elsewhere`.
    pub fn record(&mut self, event: &EchoReport, now: Timestamp) -> Transition {
        if self.is_expired(now) || self.player.key() != event.token.player {
            return Transition::Rejected;
        }
        if let Some(under) = self.interrupted_of(event) {
            return under.record(event, now);
        }
        if let Some(mut begun) = self.begun(event, now) {
            let transition = begun.record(event, now);
            if transition == Transition::Applied {
                *self = begun;
            }
            return transition;
        }
        let is_foreign = self.is_foreign(event);
        let present = self.present.as_mut().filter(|present| present.number.get() == event.token.version);
        let Some(present) = present else { return Transition::Rejected };
        if is_foreign {
            return self.record_elsewhere(event, now);
        }
        if let Some(last) = present.report().filter(|last| !last.yields_to(event, now)) {
            return if last.is_of(event) { Transition::AlreadyApplied } else { Transition::Rejected };
        }
        present.take_report(event, now);
        match event.is_silent_end() {
            Some(true) => self.silent_plays += 1,
            Some(false) => self.silent_plays = 0,
            None => {}
        }
        if event.kind == ReportKind::Started {
            self.played_at = Some(now);
            // It plays where it belongs.
            present.moved = None;
        }
        Transition::Applied
    }
}

impl PresentVersion {
    /// Takes a report of its own Echo, which uses up the one replay where it is worth that.
    fn take_report(&mut self, event: &EchoReport, now: Timestamp) {
        let replayed_by = self.reports.take().and_then(|before| before.replayed_by);
        let replays = replayed_by.is_none() && event.is_worth_a_replay();
        self.reports = Some(OwnReports {
            last: Report::of(event, now),
            replayed_by: if replays { Some(event.request.clone()) } else { replayed_by },
        });
    }
}
