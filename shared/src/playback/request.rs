//! A request of an Echo for music.

use super::id::RequestId;
use super::player::Player;
use super::short_hash::ShortHash;
use super::token::PlayToken;
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
/// An Echo asks for music.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayRequest {
    /// The Echo.
    pub device: DeviceId,
    /// Short hash of its endpoint id.
    pub endpoint: Option<ShortHash>,
    /// Short hash of its user's id.
    pub user: Option<ShortHash>,
    /// The request.
    pub request: RequestId,
    /// Time of the request, by our clock.
    pub at: Timestamp,
    /// Whether it asks in the words that are fixed inside Music Assistant.
    pub is_ma_phrase: bool,
    /// Whether it plays one of our streams at this moment.
    pub plays_ours: bool,
    /// The stream of ours that it played last, or plays.
    pub reported: Option<ReportedPlay>,
    /// Time of its request before, if it is known that the answer to that did not reach it.
    pub lost: Option<Timestamp>,
}

/// An Echo's report of the stream of ours that it played last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportedPlay {
    /// Its token.
    pub token: PlayToken,
    /// Its state on the Echo.
    pub activity: ReportedActivity,
}

/// State of the stream of ours that an Echo played last, as the Echo reports it with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportedActivity {
    /// It plays at this moment.
    Plays,
    /// It came to an end, or was ended by a person.
    Ended,
    /// It is paused, buffers, or has an activity that is not known.
    Other,
}

impl ReportedPlay {
    /// Whether it is the present version of this player.
    pub(super) fn is_of(&self, player: &Player) -> bool {
        self.token.player == player.player.key() && player.is_at(self.token.version)
    }
}
