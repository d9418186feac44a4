//! Retries of the step that runs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{SKEW, Timestamp};

/// Number of retries of a step after transient errors in a row.
const MAX_ATTEMPTS: u32 = 8;

/// Time that a step waits for Amazon without progress.
const PATIENCE: Duration = Duration::from_mins(15);

/// The pause before the first retry; it doubles with each up to [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const MAX_PAUSE: Duration = Duration::from_mins(1);

/// Number of times that a lost skill is searched or created again.
const MAX_RESTARTS: u32 = 2;

/// The retries of the step that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Nothing is done before: Amazon works, or throttles.
    pub not_before: Option<Timestamp>,
    /// Number of transient errors in a row.
    #[serde(default)]
    pub(super) attempts: u32,
    /// Since when the step waits for Amazon without progress.
    #[serde(default)]
    pub(super) waiting_since: Option<Timestamp>,
    /// Number of times that the skill was gone.
    #[serde(default)]
    pub(super) restarts: u32,
}

impl Retry {
    /// Gives the running step as many attempts and as much time as at its start. A pause stays.
    pub(super) fn renew(&mut self) {
        *self = Self { not_before: self.not_before, ..Self::default() };
    }

    /// Records that the step made progress, or ended.
    pub(super) fn progress(&mut self) {
        (self.attempts, self.waiting_since) = (0, None);
    }

    /// Records that the step waits for Amazon. `false` after 15 minutes without progress.
    pub(super) fn wait(&mut self, now: Timestamp) -> bool {
        self.attempts = 0;
        // A wait that began before the clock was set back begins again.
        let since = self.waiting_since.filter(|since| since.since(now) <= SKEW).unwrap_or(now);
        let goes_on = now.since(since) < PATIENCE;
        self.waiting_since = goes_on.then_some(since);
        goes_on
    }

    /// Records a transient error. The pause before the next attempt; none when no attempt is left.
    pub(super) fn backoff(&mut self) -> Option<Duration> {
        let pause = MAX_PAUSE.min(FIRST_PAUSE * 2_u32.saturating_pow(self.attempts));
        let is_left = self.attempts < MAX_ATTEMPTS;
        self.attempts += u32::from(is_left);
        is_left.then_some(pause)
    }

    /// Records that the skill is gone. `false` when it was gone too often.
    pub(super) fn restart(&mut self) -> bool {
        let is_left = self.restarts < MAX_RESTARTS;
        self.restarts += u32::from(is_left);
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_795_334_400_000);

    #[test]
    fn eight_transient_errors_in_a_row_are_retried_with_longer_pauses() {
        let mut retry = Retry::default();
        let pauses: Vec<_> =
            std::iter::from_fn(|| retry.backoff()).map(|pause| pause.as_secs()).take(20).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60, 60]);
        retry.progress();
        assert_eq!(retry.backoff(), Some(FIRST_PAUSE));
    }

    #[test]
    fn a_wait_ends_after_a_quarter_of_an_hour_and_begins_again_after_progress() {
        let mut retry = Retry::default();
        assert!(retry.wait(AT));
        assert!(retry.wait(AT.plus(PATIENCE / 2)));
        assert!(!retry.wait(AT.plus(PATIENCE)));
        assert!(retry.wait(AT.plus(PATIENCE)));
        retry.progress();
        assert!(retry.wait(AT.plus(PATIENCE * 3)));
    }

    #[test]
    fn a_clock_that_is_set_back_begins_the_wait_again() {
        let mut retry = Retry::default();
        assert!(retry.wait(AT.plus(PATIENCE * 9)));
        assert!(retry.wait(AT));
        assert!(!retry.wait(AT.plus(PATIENCE)));
    }

    #[test]
    fn more_time_leaves_the_pause() {
        let mut retry = Retry { not_before: Some(AT), attempts: 8, waiting_since: Some(AT), restarts: 2 };
        retry.renew();
        assert_eq!(retry, Retry { not_before: Some(AT), ..Retry::default() });
        assert!(retry.restart() && retry.restart() && !retry.restart());
    }
}
