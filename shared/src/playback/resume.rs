//! Position in a stream at which a play begins.

use super::player::Player;
use super::token::PlayToken;
use super::types::StartReason;

/// An Echo's report of the stream that it played last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportedPosition {
    /// Its token.
    pub token: PlayToken,
    /// Position in the stream, in milliseconds.
    pub offset_ms: u64,
}

/// Position at which a play begins, and its start reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlayPlan {
    /// In milliseconds from the beginning of the stream.
    pub offset_ms: u64,
    /// Start reason of the play.
    pub origin: StartReason,
    /// Length of the part that was played before and is played again, in milliseconds.
    pub repeated_ms: u64,
}

impl PlayPlan {
    /// The first play of a start.
    pub const START: Self = Self { offset_ms: 0, origin: StartReason::Start, repeated_ms: 0 };

    /// One more play after a failure.
    pub const REPLAY: Self = Self { offset_ms: 0, origin: StartReason::Replayed, repeated_ms: 0 };

    /// A further play of a version. It begins at the offset that the Echo reports, else at the stored one. A stream
    /// that [cannot resume](super::StreamKind::can_resume) begins at its beginning.
    #[must_use]
    pub fn resume(player: &Player, reported: Option<ReportedPosition>) -> Self {
        let reported = reported.filter(|position| {
            position.token.player == player.player.key() && player.is_at(position.token.version)
        });
        if reported.is_none() && player.report().is_none() {
            return Self::START;
        }
        let offset_ms = reported.map_or(player.offset_ms(), |position| position.offset_ms);
        let can_resume = player.start().is_some_and(|start| start.stream.kind().can_resume());
        if offset_ms == 0 || !can_resume {
            return Self { offset_ms: 0, origin: StartReason::ResumedAtStart, repeated_ms: offset_ms };
        }
        Self { offset_ms, origin: StartReason::ResumedAtOffset, repeated_ms: 0 }
    }
}
