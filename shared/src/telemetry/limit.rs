//! A bound for log lines that strangers can cause.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;

/// Time for which a line stands for all of its kind.
const WINDOW: Duration = Duration::from_mins(1);

/// Most kinds that are distinguished at a time; what comes above them shares one.
const MAX_KINDS: usize = 256;

/// The kind that all others share once there are [`MAX_KINDS`].
const OTHERS: &str = "others";

/// Lets one log line of a kind through in a minute, and counts the rest.
#[derive(Debug, Default)]
pub struct LogLimiter {
    kinds: Mutex<HashMap<String, Window>>,
}

#[derive(Debug)]
struct Window {
    began: Timestamp,
    /// Lines that were kept back since the last one was written.
    kept_back: u64,
}

impl LogLimiter {
    /// Whether a line of this kind may be written now: the number of lines that were kept back since the last one,
    /// or `None` where this one has to be kept back too.
    pub fn admit(&self, kind: &str, now: Timestamp) -> Option<u64> {
        let mut kinds = self.lock();
        if !kinds.contains_key(kind) && kinds.len() >= MAX_KINDS {
            kinds.retain(|_, window| window.kept_back > 0 || window.is_open(now));
        }
        let is_full = kinds.len() >= MAX_KINDS && !kinds.contains_key(kind);
        let kind = if is_full { OTHERS } else { kind };
        match kinds.get_mut(kind) {
            Some(window) if window.is_open(now) => {
                window.kept_back = window.kept_back.saturating_add(1);
                None
            }
            Some(window) => {
                window.began = now;
                Some(std::mem::take(&mut window.kept_back))
            }
            None => {
                kinds.insert(kind.to_owned(), Window { began: now, kept_back: 0 });
                Some(0)
            }
        }
    }

    /// Writes one line for each kind whose minute is over, with the number of lines that were kept back.
    pub fn report(&self, now: Timestamp) {
        for (kind, count) in self.overdue(now) {
            tracing::warn!(kind, count, "log lines of one kind were kept back");
        }
    }

    /// Does the same for every kind, before the process ends.
    pub fn report_all(&self) {
        self.report(Timestamp::from_millis(i64::MAX));
    }

    /// The kinds of which lines were kept back and whose minute is over, with their counts, which begin again.
    #[must_use]
    pub fn overdue(&self, now: Timestamp) -> Vec<(String, u64)> {
        let mut kinds = self.lock();
        let counts = kinds.iter().filter(|(_, window)| window.kept_back > 0 && !window.is_open(now));
        let counts = counts.map(|(kind, window)| (kind.clone(), window.kept_back)).collect();
        kinds.retain(|_, window| window.is_open(now));
        counts
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Window>> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    /// A clock that was set back begins a new minute: it must not silence a kind for as long as the difference.
    fn is_open(&self, now: Timestamp) -> bool {
        self.began <= now && now.since(self.began) < WINDOW
    }
}
