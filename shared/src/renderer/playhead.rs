//! The position in an item, as far as a report has it.

use std::time::Duration;

/// A position at a moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Playhead {
    position: Duration,
    at: Duration,
}

impl Playhead {
    /// At this position at the moment `now`.
    pub(super) fn new(position: Duration, now: Duration) -> Self {
        Self { position, at: now }
    }

    /// The position at `now`, where it moves or does not.
    pub(super) fn position(self, now: Duration, moves: bool) -> Duration {
        if moves { self.position + now.saturating_sub(self.at) } else { self.position }
    }
}
