//! What an Echo reports of a play. Reports come late, twice and out of order; the one that sorts last counts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::player::{Player, RequestId, StreamState, Transition};
use super::resume::Origin;
use super::token::PlayToken;
use crate::clock::{SKEW, Timestamp};

/// A failure of unknown kind is tried once more only this soon after the start: later, it is more likely
/// that the stream was cut than that it never came.
const UNKNOWN_RETRIED: Duration = Duration::from_secs(15);

/// What is reported, in the order in which events of one moment count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// The Echo plays.
    Started,
    /// It could take the next stream.
    NearlyFinished,
    /// It was stopped, or interrupted by somebody who spoke to it.
    Stopped,
    /// It could not play.
    Failed,
    /// It played to the end.
    Finished,
}

impl EventKind {
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

/// Why an Echo could not play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Amazon's type, such as `MEDIA_ERROR_INVALID_REQUEST`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the Echo said beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Failure {
    fn may_pass(&self, event: &PlaybackEvent) -> bool {
        match self.kind.as_str() {
            "MEDIA_ERROR_SERVICE_UNAVAILABLE" | "MEDIA_ERROR_INTERNAL_SERVER_ERROR" => true,
            "MEDIA_ERROR_UNKNOWN" => event.at.since(event.token.issued_at) <= UNKNOWN_RETRIED,
            _ => false,
        }
    }
}

/// One report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaybackEvent {
    /// The play.
    pub token: PlayToken,
    /// What happened.
    pub kind: EventKind,
    /// When, as the request says; whole seconds.
    pub at: Timestamp,
    /// Where in the stream, in milliseconds.
    pub offset_ms: u64,
    /// Why it failed, for [`EventKind::Failed`].
    pub error: Option<Failure>,
    /// Whether something else plays on that Echo by now, so that a replay would disturb it.
    pub superseded: bool,
    /// The request.
    pub request: RequestId,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It counts; the player as it is now.
    Counted(Box<Player>),
    /// It is of another version, of an unknown player, or older than what is known.
    Ignored,
}

impl Recorded {
    /// The player that is to be played once more, because this report used up its one replay.
    #[must_use]
    pub fn replay(&self, event: &PlaybackEvent) -> Option<&Player> {
        match self {
            Self::Counted(player) if player.replayed_by.as_ref() == Some(&event.request) => Some(player),
            _ => None,
        }
    }
}

impl PlaybackEvent {
    /// The place of this report among all of its version, as text that sorts: the play's time of issue, the
    /// request's timestamp, the offset, and the kind.
    #[must_use]
    pub fn order(&self) -> String {
        let issued = self.token.issued_at.millis().max(0);
        let at = self.at.millis().max(0);
        let offset = self.offset_ms.min(999_999_999_999);
        format!("{issued:019}.{at:019}.{offset:012}.{}", self.kind as u8)
    }

    /// The last place that a report of a play may have that was issued before `now`. What sorts after it is of a play
    /// from before the clock was set back, and no report waits for the clock to catch up with it.
    #[must_use]
    pub fn latest(now: Timestamp) -> String {
        format!("{:019}.~", now.plus(SKEW).millis().max(0))
    }

    /// Whether this failure is worth one more play: a resume at an offset, which the stream may not know, or
    /// an error that may pass.
    #[must_use]
    pub fn is_worth_a_replay(&self) -> bool {
        let Some(error) = self.error.as_ref().filter(|_| self.kind == EventKind::Failed) else {
            return false;
        };
        let replayed = self.token.origin == Origin::Replayed;
        !replayed
            && !self.superseded
            && (self.token.origin == Origin::ResumedAtOffset || error.may_pass(self))
    }
}

impl Player {
    /// Takes a report, if it is of this version and sorts after what is known.
    pub fn record(&mut self, event: &PlaybackEvent, now: Timestamp) -> Transition {
        if self.is_expired(now)
            || self.player.key() != event.token.player
            || self.version != event.token.version
        {
            return Transition::Refused;
        }
        let order = event.order();
        if self.last_event.as_ref().is_some_and(|last| *last >= order && *last <= PlaybackEvent::latest(now))
        {
            let ours = self.event_request.as_ref() == Some(&event.request);
            return if ours { Transition::Repeated } else { Transition::Refused };
        }
        self.last_event = Some(order);
        self.event_request = Some(event.request.clone());
        self.state = Some(event.kind.state());
        self.offset_ms = event.offset_ms;
        self.state_at = Some(event.at);
        self.origin = Some(event.token.origin);
        self.error.clone_from(&event.error);
        if event.is_worth_a_replay() && self.replayed_by.is_none() {
            self.replayed_by = Some(event.request.clone());
        }
        Transition::Made
    }
}
