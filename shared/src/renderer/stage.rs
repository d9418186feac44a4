//! Stages of a transport between an action and its end, and their times.

use std::time::Duration;

/// Time from a play to the report of its Echo. Without one, the play failed.
pub const REPORTED_WITHIN: Duration = Duration::from_secs(12);

/// Time for the report of a pause or a stop, which is shown without it then.
pub const CONFIRMED_WITHIN: Duration = Duration::from_secs(3);

/// Time that a stop waits for a play in its place. Controllers stop before each play, and the play ends the music, too.
pub const STOP_WAITS: Duration = Duration::from_millis(400);

/// The same, after the item of that play was set.
pub const STOP_WAITS_FOR_PLAY: Duration = Duration::from_millis(1500);

/// Time in which an Echo begins the next item that it was given.
pub const NEXT_WITHIN: Duration = Duration::from_secs(4);

/// Age at which a command without an answer is lost.
pub const LOST_AFTER: Duration = Duration::from_secs(30);

/// The stage of the last action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    #[default]
    Rest,
    /// A new version is stored, and then the Echo is made to ask for it.
    Starting { until: Duration, is_asked: bool },
    /// The Echo is made to ask for what it had.
    Resuming { until: Duration, is_asked: bool },
    /// It is shown at `until`, or was.
    Pausing { until: Option<Duration>, is_sent: bool },
    /// It is sent at `at`, and shown at `until`, or was.
    Stopping { at: Duration, until: Option<Duration>, is_sent: bool },
    /// The Echo has what it is to play, and has not begun it. Without a report until then, the next item is started
    /// where it was that.
    Awaiting { until: Duration, is_next: bool },
}
