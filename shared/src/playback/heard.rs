//! Word of what an Echo reported, for other parts of the same process.

use std::fmt;

use super::player::Player;

/// A report that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardReport {
    /// The player as it is since then.
    pub player: Box<Player>,
    /// Whether the Echo was given the next item in answer.
    pub is_next_given: bool,
}

/// Hears of each report that was taken. It must not wait.
pub trait ReportListener: fmt::Debug + Send + Sync {
    /// Takes a report.
    fn heard(&self, report: HeardReport);
}
