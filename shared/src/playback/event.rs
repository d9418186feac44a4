//! What an Echo reports of a play. Reports come late, twice and out of order; the one that sorts last counts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::player::{Player, RequestId, StreamState, Transition};
use super::resume::StartReason;
use super::short_hash::{ShortHash, short_hash};
use super::token::PlayToken;
use crate::alexa::DeviceId;
use crate::clock::{SKEW, Timestamp};

/// A failure of unknown kind is tried once more only this soon after the start: later, it is more likely
/// that the stream was cut than that it never came.
const UNKNOWN_RETRIED: Duration = Duration::from_secs(15);

/// A play that ends before this was no music: the Echo started and stopped at once.
const AT_ONCE_MS: u64 = 1000;

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
    /// The Echo that reports; absent where the request names none.
    pub device: Option<DeviceId>,
    /// The request.
    pub request: RequestId,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It counts; the player as it is now.
    Applied(Box<Player>),
    /// It is of another version, of an unknown player, or older than what is known.
    Stale,
}

impl Recorded {
    /// The player that is to be played once more, because this report used up its one replay.
    #[must_use]
    pub fn replay(&self, event: &PlaybackEvent) -> Option<&Player> {
        match self {
            Self::Applied(player) if player.replayed_by.as_ref() == Some(&event.request) => Some(player),
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

    /// Who reports, as a player keeps it.
    #[must_use]
    pub fn reporter(&self) -> Option<ShortHash> {
        self.device.as_ref().map(|device| short_hash(device.as_str()))
    }

    /// Whether this ends a play in which nothing was heard: `None` where it tells neither. A resume at an offset reports
    /// that offset.
    #[must_use]
    pub fn is_silent_end(&self) -> Option<bool> {
        match self.kind {
            EventKind::Stopped | EventKind::Finished => {
                let is_resume = self.token.origin == StartReason::ResumedAtOffset;
                Some(self.offset_ms < AT_ONCE_MS && !is_resume)
            }
            EventKind::NearlyFinished => (self.offset_ms >= AT_ONCE_MS).then_some(false),
            EventKind::Started | EventKind::Failed => None,
        }
    }

    /// Whether this failure is worth one more play: a resume at an offset, which the stream may not know, or
    /// an error that may pass.
    #[must_use]
    pub fn is_worth_a_replay(&self) -> bool {
        let Some(error) = self.error.as_ref().filter(|_| self.kind == EventKind::Failed) else {
            return false;
        };
        let replayed = self.token.origin == StartReason::Replayed;
        !replayed
            && !self.superseded
            && (self.token.origin == StartReason::ResumedAtOffset || error.may_pass(self))
    }
}

impl Player {
    /// Takes a report, if it is of this version and sorts after what is known. What an Echo reports that neither serves
    /// the player nor played this version is a move, or nothing: see `Player::record_elsewhere`.
    pub fn record(&mut self, event: &PlaybackEvent, now: Timestamp) -> Transition {
        if self.is_expired(now) || self.player.key() != event.token.player {
            return Transition::Rejected;
        }
        if self.is_of_interrupted(event) && !self.is_foreign(event) {
            return self.under.as_mut().map_or(Transition::Rejected, |under| under.record(event, now));
        }
        if self.version != event.token.version {
            return Transition::Rejected;
        }
        if self.is_foreign(event) {
            return self.record_elsewhere(event, now);
        }
        let order = event.order();
        if self.last_event.as_ref().is_some_and(|last| *last >= order && *last <= PlaybackEvent::latest(now))
        {
            let ours = self.event_request.as_ref() == Some(&event.request);
            return if ours { Transition::AlreadyApplied } else { Transition::Rejected };
        }
        self.last_event = Some(order);
        self.event_request = Some(event.request.clone());
        self.state = Some(event.kind.state());
        self.offset_ms = event.offset_ms;
        self.state_at = Some(event.at);
        self.reported_at = Some(now);
        self.played_by = event.reporter();
        self.origin = Some(event.token.origin);
        self.error.clone_from(&event.error);
        match event.is_silent_end() {
            Some(true) => self.silent_plays += 1,
            Some(false) => self.silent_plays = 0,
            None => {}
        }
        if event.kind == EventKind::Started {
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
