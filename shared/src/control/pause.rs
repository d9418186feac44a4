//! The pause that follows a person's stop of an Echo.

use std::time::Duration;

use super::{Action, ControlRequest};
use crate::clock::Timestamp;
use crate::playback::Pausing;

/// Time before a person's stop within which its report counts as one of it: some Echos report first.
pub const JUST_PAUSED: Duration = Duration::from_secs(3);

/// Time in which the pause may be carried out.
const CARRIED_OUT_WITHIN: Duration = Duration::from_secs(5);

impl ControlRequest {
    /// The pause of the queue behind a flow that a person stopped; none until the Echo has reported it.
    #[must_use]
    pub fn pause_of(pausing: &Pausing<'_>, now: Timestamp) -> Option<Self> {
        Some(Self {
            // One for each report, however often it is seen.
            id: format!("{}.pause", pausing.stopped_by?),
            player: pausing.player.player.clone(),
            locale: "en-US".to_owned(),
            until: now.plus(CARRIED_OUT_WITHIN),
            action: Action::Pause,
        })
    }
}
