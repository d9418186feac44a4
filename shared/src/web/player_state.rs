//! The states of a player, in words.

use crate::playback::PlayerState;

/// The class of a state.
pub(crate) fn state_tone(state: PlayerState) -> &'static str {
    match state {
        PlayerState::Playing => "good",
        PlayerState::Failed => "bad",
        PlayerState::Requested => "warn",
        PlayerState::Idle | PlayerState::Stopped | PlayerState::Finished => "",
    }
}

/// The key of the name of a state.
pub(crate) fn state_word(state: PlayerState) -> &'static str {
    match state {
        PlayerState::Idle => "state-idle",
        PlayerState::Requested => "state-requested",
        PlayerState::Playing => "state-playing",
        PlayerState::Stopped => "state-stopped",
        PlayerState::Finished => "state-finished",
        PlayerState::Failed => "state-failed",
    }
}
