//! Reports of Echos, as a function in AWS hands them on to the home.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::observed::{Observed, ObservedState};
use crate::clock::Timestamp;
use crate::playback::HeardReport;

/// A player since a report of its Echo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeReport {
    /// The name of the player.
    pub player: String,
    /// The player as it was at that moment. Its revision gives the order of reports.
    pub observed: Observed,
    /// The moment of the report, by the time of the functions.
    pub at: Timestamp,
}

/// Hears, at home, of what Echos reported to functions in AWS. It must not wait.
pub trait ReportSink: fmt::Debug + Send + Sync {
    /// Takes the player of this name as it is since a report.
    fn heard(&self, player: String, observed: Observed);
}

impl HomeReport {
    /// A report that is handed on at `at`.
    #[must_use]
    pub fn of(heard: &HeardReport, at: Timestamp) -> Self {
        let observed = Observed::of(&heard.player, heard.is_next_given, at);
        Self { player: heard.player.player.to_string(), observed, at }
    }

    /// The player after `passed`: what plays has gone on.
    #[must_use]
    pub fn after(self, passed: Duration) -> Observed {
        let mut observed = self.observed;
        if let Some(report) = &mut observed.report
            && report.state == ObservedState::Playing
        {
            report.position += passed;
        }
        observed
    }
}
