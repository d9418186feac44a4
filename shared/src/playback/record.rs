//! A report changes its player. Reports come late, twice and out of order; the one that sorts last counts.

use super::event::{EchoReport, ReportKind};
use super::player::Player;
use super::report::Report;
use super::types::Transition;
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
        player.start.as_ref().is_some_and(|start| start.stream.is_media())
    }

    /// The player that is to be played once more, because this report used up its one replay.
    #[must_use]
    pub fn replay(&self, event: &EchoReport) -> Option<&Player> {
        match self {
            Self::Applied(player) if player.replayed_by.as_ref() == Some(&event.request) => Some(player),
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
        if self.is_of_interrupted(event) && !self.is_foreign(event) {
            return self.under.as_mut().map_or(Transition::Rejected, |under| under.record(event, now));
        }
        if let Some(mut begun) = self.begun(event, now) {
            let transition = begun.record(event, now);
            if transition == Transition::Applied {
                *self = begun;
            }
            return transition;
        }
        if self.version != event.token.version {
            return Transition::Rejected;
        }
        if self.is_foreign(event) {
            return self.record_elsewhere(event, now);
        }
        if let Some(last) = self.report.as_ref().filter(|last| !last.yields_to(event, now)) {
            return if last.is_of(event) { Transition::AlreadyApplied } else { Transition::Rejected };
        }
        self.report = Some(Report::of(event, now));
        match event.is_silent_end() {
            Some(true) => self.silent_plays += 1,
            Some(false) => self.silent_plays = 0,
            None => {}
        }
        if event.kind == ReportKind::Started {
            self.played_at = Some(now);
            // It plays where it belongs.
            self.moved = None;
        }
        if event.is_worth_a_replay() && self.replayed_by.is_none() {
            self.replayed_by = Some(event.request.clone());
        }
        Transition::Applied
    }
}
