//! A report of an Echo about a play, and its place among all reports.

use std::time::Duration;

use super::address::RouteStanding;
use super::id::RequestId;
use super::known_routes::RouteOutcome;
use super::short_hash::{ShortHash, short_hash};
use super::token::PlayToken;
use super::types::{Failure, StartReason, StreamState};
use crate::alexa::DeviceId;
use crate::alexa::request::MediaErrorType;
use crate::clock::{SKEW, Timestamp};

/// Time after the start in which a failure of unknown kind is tried once more. Later, the stream was more likely cut
/// than never there.
const UNKNOWN_RETRIED: Duration = Duration::from_secs(15);

/// A play that ends before this was no music: the Echo started and stopped at once.
const AT_ONCE_MS: u64 = 1000;

/// Shortest play that proves its route, in milliseconds.
const PROVEN_MS: u64 = 5000;

/// Kinds of reports, in the order in which events of one moment count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportKind {
    /// The Echo plays.
    Started,
    /// It could take the next stream.
    NearlyFinished,
    /// It was stopped, or interrupted by a person who spoke to it.
    Stopped,
    /// It could not play.
    Failed,
    /// It played to the end.
    Finished,
}

impl ReportKind {
    /// The state that it leaves the player in.
    #[must_use]
    pub fn state(self) -> StreamState {
        match self {
            Self::Started | Self::NearlyFinished => StreamState::Playing,
            Self::Stopped => StreamState::Stopped,
            Self::Failed => StreamState::Failed,
            Self::Finished => StreamState::Finished,
        }
    }
}

impl Failure {
    fn may_pass(&self, event: &EchoReport) -> bool {
        match &self.kind {
            MediaErrorType::ServiceUnavailable | MediaErrorType::InternalServerError => true,
            MediaErrorType::Unspecified => event.at.since(event.token.issued_at) <= UNKNOWN_RETRIED,
            MediaErrorType::InvalidRequest
            | MediaErrorType::InternalDeviceError
            | MediaErrorType::Unknown(_) => false,
        }
    }
}

/// One report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EchoReport {
    /// The play.
    pub token: PlayToken,
    /// Kind of the event.
    pub kind: ReportKind,
    /// Time of the event by the Echo's request, in whole seconds.
    pub at: Timestamp,
    /// Position in the stream, in milliseconds.
    pub offset_ms: u64,
    /// Reason of the failure, for [`ReportKind::Failed`].
    pub error: Option<Failure>,
    /// Whether something else plays on that Echo by now, so that a replay would disturb it.
    pub superseded: bool,
    /// The Echo that reports; absent where the request names none.
    pub device: Option<DeviceId>,
    /// The request.
    pub request: RequestId,
}

impl EchoReport {
    /// Place of this report among all reports of its version, as text that sorts. It joins the play's time of issue,
    /// the request's timestamp, the offset and the kind.
    #[must_use]
    pub fn order(&self) -> String {
        let issued = self.token.issued_at.millis().max(0);
        let at = self.at.millis().max(0);
        let offset = self.offset_ms.min(999_999_999_999);
        format!("{issued:019}.{at:019}.{offset:012}.{}", self.kind as u8)
    }

    /// The last place of a report whose play was issued before `now`. A report that sorts after it is of a play from
    /// before the clock was set back. No report waits for the clock to catch up with it.
    #[must_use]
    pub fn latest(now: Timestamp) -> String {
        format!("{:019}.~", now.plus(SKEW).millis().max(0))
    }

    /// The reporting Echo, as a player stores it.
    #[must_use]
    pub fn reporter(&self) -> Option<ShortHash> {
        self.device.as_ref().map(|device| short_hash(device.as_str()))
    }

    /// Whether this ends a play in which nothing was heard: `None` where it says neither. A resume at an offset reports
    /// that offset.
    #[must_use]
    pub fn is_silent_end(&self) -> Option<bool> {
        match self.kind {
            ReportKind::Stopped | ReportKind::Finished => {
                let is_resume = self.token.origin == StartReason::ResumedAtOffset;
                Some(self.offset_ms < AT_ONCE_MS && !is_resume)
            }
            ReportKind::NearlyFinished => (self.offset_ms >= AT_ONCE_MS).then_some(false),
            ReportKind::Started | ReportKind::Failed => None,
        }
    }

    /// The outcome of the play's route, where this report proves one that was not known. A route that works fails only
    /// when it does so twice in a row. A resume at an offset proves nothing: its stream may not know the offset, and the
    /// report counts from there.
    #[must_use]
    pub fn route_outcome(&self) -> Option<RouteOutcome> {
        let is_new = self.token.standing != RouteStanding::Works;
        if matches!(self.token.origin, StartReason::ResumedAtOffset | StartReason::Tested) {
            return None;
        }
        let works = self.is_proof() && self.kind != ReportKind::Started;
        let fails = self.kind == ReportKind::Failed && !works && !self.superseded;
        let counts =
            if works { is_new } else { fails && (is_new || self.token.origin == StartReason::Replayed) };
        counts.then(|| RouteOutcome {
            route: self.token.route,
            works,
            at: self.at,
            played_ms: works.then_some(self.offset_ms),
            error: self.error.as_ref().filter(|_| !works).map(|error| error.kind.to_string()),
        })
    }

    /// Whether the play lasted long enough to prove its route.
    fn is_proof(&self) -> bool {
        self.offset_ms >= PROVEN_MS
    }

    /// Whether this failure is worth one more play. A stream may not know the offset of a resume. An error may pass.
    /// Another route may work where this one is not known to.
    #[must_use]
    pub fn is_worth_a_replay(&self) -> bool {
        let Some(error) = self.error.as_ref().filter(|_| self.kind == ReportKind::Failed) else {
            return false;
        };
        let replayed = self.token.origin == StartReason::Replayed;
        !replayed
            && !self.superseded
            && (self.token.origin == StartReason::ResumedAtOffset
                || error.may_pass(self)
                || self.token.standing == RouteStanding::OneOfSeveral && !self.is_proof())
    }
}
