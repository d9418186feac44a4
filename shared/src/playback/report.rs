//! Last report of an Echo on a stream. Reports come late, twice and out of order; the one that sorts last counts.

use serde::{Deserialize, Serialize};

use super::event::EchoReport;
use super::id::RequestId;
use super::short_hash::ShortHash;
use super::types::{Failure, Metadata, StartReason, StreamStart, StreamState};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// The last report about a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ReportItem", into = "ReportItem")]
pub struct Report {
    /// State of the Echo since then.
    pub state: ReportedState,
    /// Position in the stream at that time, in milliseconds.
    pub offset_ms: u64,
    /// Time of the report, by the Echo's request.
    pub at: Timestamp,
    /// Time at which it came, by our clock; absent in items of older releases.
    pub received_at: Option<Timestamp>,
    /// Start reason of the reported play; absent where another Echo reports.
    pub origin: Option<StartReason>,
    /// The Echo that reported, as a digest of its id.
    pub reporter: Option<ShortHash>,
    /// Its place among all reports; see [`EchoReport::order`]. Absent where any later one counts.
    pub order: Option<String>,
    /// The request that brought it.
    pub request: Option<RequestId>,
}

/// The state that an Echo reports, with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportedState {
    /// The Echo plays it.
    Playing,
    /// A person stopped it, or spoke to the Echo.
    Stopped,
    /// It played to the end.
    Finished,
    /// It could not be played, and why.
    Failed(Option<Failure>),
}

impl ReportedState {
    pub(super) fn new(state: StreamState, error: Option<Failure>) -> Self {
        match state {
            StreamState::Playing => Self::Playing,
            StreamState::Stopped => Self::Stopped,
            StreamState::Finished => Self::Finished,
            StreamState::Failed => Self::Failed(error),
        }
    }

    /// The state without its reason.
    #[must_use]
    pub fn kind(&self) -> StreamState {
        match self {
            Self::Playing => StreamState::Playing,
            Self::Stopped => StreamState::Stopped,
            Self::Finished => StreamState::Finished,
            Self::Failed(_) => StreamState::Failed,
        }
    }

    /// Reason of the failure.
    #[must_use]
    pub fn error(&self) -> Option<&Failure> {
        match self {
            Self::Failed(error) => error.as_ref(),
            Self::Playing | Self::Stopped | Self::Finished => None,
        }
    }
}

impl Report {
    /// The report of an event that came at `now`.
    pub(super) fn of(event: &EchoReport, now: Timestamp) -> Self {
        Self {
            state: ReportedState::new(event.kind.state(), event.error.clone()),
            offset_ms: event.offset_ms,
            at: event.at,
            received_at: Some(now),
            origin: Some(event.token.origin),
            reporter: event.reporter(),
            order: Some(event.order()),
            request: Some(event.request.clone()),
        }
    }

    /// The report of music that an announcement ended: any later one of it counts.
    pub(super) fn interrupted(&self) -> Self {
        let state = match &self.state {
            ReportedState::Playing => ReportedState::Stopped,
            other => other.clone(),
        };
        Self { state, received_at: None, reporter: None, order: None, request: None, ..self.clone() }
    }

    /// Whether an event counts after this report. What sorts after all that can be now is of before the clock was set
    /// back.
    pub(super) fn yields_to(&self, event: &EchoReport, now: Timestamp) -> bool {
        self.order.as_ref().is_none_or(|last| *last < event.order() || *last > EchoReport::latest(now))
    }

    /// Whether this very event made it.
    pub(super) fn is_of(&self, event: &EchoReport) -> bool {
        self.request.as_ref() == Some(&event.request)
    }
}

/// Music that another Echo plays than the one that was given it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedPlayback {
    /// The other Echo.
    pub device: DeviceId,
    /// Time of its first report that it plays, by our clock.
    pub since: Timestamp,
    /// Its last report.
    #[serde(flatten)]
    pub report: Report,
}

/// The music that an announcement lies over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterruptedMusic {
    /// The version that it was.
    pub version: u64,
    /// The start of that version.
    pub start: StreamStart,
    /// The names of that music.
    #[serde(default)]
    pub metadata: Metadata,
    /// Last report of its Echo.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

/// A report as it is written down, beside the other members of its item.
#[derive(Serialize, Deserialize)]
pub(super) struct ReportItem {
    state: StreamState,
    #[serde(default)]
    offset_ms: u64,
    state_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reported_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<StartReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    played_by: Option<ShortHash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_event: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_request: Option<RequestId>,
}

impl From<ReportItem> for Report {
    fn from(item: ReportItem) -> Self {
        Self {
            state: ReportedState::new(item.state, item.error),
            offset_ms: item.offset_ms,
            at: item.state_at,
            received_at: item.reported_at,
            origin: item.origin,
            reporter: item.played_by,
            order: item.last_event,
            request: item.event_request,
        }
    }
}

impl From<Report> for ReportItem {
    fn from(report: Report) -> Self {
        Self {
            state: report.state.kind(),
            offset_ms: report.offset_ms,
            state_at: report.at,
            reported_at: report.received_at,
            origin: report.origin,
            error: report.state.error().cloned(),
            played_by: report.reporter,
            last_event: report.order,
            event_request: report.request,
        }
    }
}
