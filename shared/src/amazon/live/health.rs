//! Health of the stream, as the doctor reports it.

use std::collections::VecDeque;
use std::time::Duration;

use super::region::LiveRegion;
use crate::clock::{Moment, Timestamp};

/// The time whose openings are counted.
const COUNTED: Duration = Duration::from_hours(1);

/// Most openings that are remembered.
const REMEMBERED: usize = 512;

/// The state of the stream in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LiveStage {
    /// This process opens none: it is a function, or another command of the program.
    #[default]
    NotHere,
    /// No Amazon account is signed in.
    SignedOut,
    /// Another process has the one stream of the account.
    OtherProcess,
    /// It is being opened, or waits for the next attempt.
    Connecting,
    /// It is open.
    Open,
}

/// Why a stream ended, or was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveProblem {
    /// Amazon does not accept the token for a registered device.
    NoDevice,
    /// Amazon refuses the stream, also with a new token.
    Refused,
    /// Nothing came for minutes.
    Silent,
    /// The host speaks no HTTP/2.
    NoHttp2,
    /// No connection was made.
    Unreachable,
    /// Amazon ended it, or answered with a failure.
    Ended,
    /// The answer is no stream of Amazon's.
    Malformed,
}

/// The health of the stream at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveReport {
    /// The state.
    pub stage: LiveStage,
    /// Since when it is open; else since when it is not.
    pub since: Option<Timestamp>,
    /// Time of the last event.
    pub last_event: Option<Timestamp>,
    /// The region whose host it is opened at.
    pub region: Option<LiveRegion>,
    /// The number of its openings within the last hour.
    pub opens: usize,
    /// The last problem, while the stream is not open, and its time.
    pub problem: Option<(LiveProblem, Timestamp)>,
}

/// The record of the openings.
#[derive(Clone, Debug, Default)]
pub(super) struct StreamHealth {
    pub(super) report: LiveReport,
    opens: VecDeque<Moment>,
}

impl StreamHealth {
    pub(super) fn count_open(&mut self, now: Moment) {
        if self.opens.len() == REMEMBERED {
            self.opens.pop_front();
        }
        self.opens.push_back(now);
    }

    /// The number of openings within the last hour.
    pub(super) fn opens(&self, now: Moment) -> usize {
        self.opens.iter().filter(|at| now.since(**at) < COUNTED).count()
    }
}
