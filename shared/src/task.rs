//! Work that outlives its caller.

use tracing::{Instrument as _, Span};

use crate::deadline::{self, Deadline};

/// Runs work to completion in a task of its own, even when its caller goes away. The task keeps the deadline and the
/// span of the caller, and passes on a panic. None when the runtime shuts down.
pub(crate) fn run_to_completion<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = Option<T>> {
    // The work is spawned outside of the future, which stays small.
    let work = deadline::carried(Deadline::current(), work);
    let task = tokio::spawn(work.instrument(Span::current()));
    async {
        match task.await {
            Ok(done) => Some(done),
            Err(failed) => match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => None,
            },
        }
    }
}
