//! The end of a request: everything that is done for it shares one.
//!
//! A request is answered within [`REQUEST`], also where another host is silent. What asks others on its behalf looks here how much time
//! is left, and whom it found silent before: such a host is asked no further question.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// Time limit of a request until it is answered.
pub const REQUEST: Duration = Duration::from_secs(25);

/// Part of it that is reserved for the answer itself: the store may take five seconds of it.
const ANSWER: Duration = Duration::from_secs(5);

tokio::task_local! {
    static CURRENT: Deadline;
}

/// The end of one request; cheap to clone.
#[derive(Clone)]
pub struct Deadline(Arc<Shared>);

struct Shared {
    end: Instant,
    silent: Mutex<BTreeSet<String>>,
}

/// The request was not done in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this took too long")]
pub struct TooLong;

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deadline").field("end", &self.0.end).finish_non_exhaustive()
    }
}

impl Deadline {
    /// A deadline `span` from now.
    #[must_use]
    pub fn after(span: Duration) -> Self {
        Self(Arc::new(Shared { end: Instant::now() + span, silent: Mutex::default() }))
    }

    /// The deadline of the request that is served here, or one of [`REQUEST`] from now. A caller with less time says so by
    /// [`Self::limit`].
    #[must_use]
    pub fn of_request() -> Self {
        Self::current().unwrap_or_else(|| Self::after(REQUEST))
    }

    /// The deadline of the request that is served here; none outside of one.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Does the work of a request, to the deadline at most.
    ///
    /// # Errors
    /// When it was not done by then.
    pub async fn limit<T>(self, work: impl Future<Output = T>) -> Result<T, TooLong> {
        let end = self.0.end;
        timeout_at(end, CURRENT.scope(self, work)).await.map_err(|_| TooLong)
    }

    /// Does the work so much before the deadline, so that another answer can be made of its lateness.
    ///
    /// # Errors
    /// When it was not done by then.
    pub async fn limit_before<T>(&self, span: Duration, work: impl Future<Output = T>) -> Result<T, TooLong> {
        let end = self.0.end.checked_sub(span).unwrap_or(self.0.end);
        timeout_at(end, work).await.map_err(|_| TooLong)
    }

    fn left(&self) -> Duration {
        self.0.end.saturating_duration_since(Instant::now()).saturating_sub(ANSWER)
    }

    fn silent(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.0.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Time for which others may still be waited for: at most `span`, and less where the request ends before.
#[must_use]
pub fn at_most(span: Duration) -> Duration {
    Deadline::current().map_or(span, |deadline| deadline.left().min(span))
}

/// Notes that a host did not answer in time.
pub fn note_silence(host: &str) {
    if let Some(deadline) = Deadline::current() {
        deadline.silent().insert(host.to_owned());
    }
}

/// Whether this request found a host silent before.
#[must_use]
pub fn is_silent(host: &str) -> bool {
    Deadline::current().is_some_and(|deadline| deadline.silent().contains(host))
}

/// Takes the deadline of the present request along into a task of its own.
pub async fn carried<T>(deadline: Option<Deadline>, work: impl Future<Output = T>) -> T {
    match deadline {
        Some(deadline) => CURRENT.scope(deadline, work).await,
        None => work.await,
    }
}
