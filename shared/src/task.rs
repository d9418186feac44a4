//! Work that outlives its caller.

use std::pin::Pin;

use tokio::task::JoinHandle;
#[cfg(feature = "client")]
use tracing::{Instrument as _, Span};

#[cfg(feature = "client")]
use crate::deadline::{self, Deadline};

/// Waits for a message to stop. A channel that ended has none: the wait has no end then.
#[cfg(any(feature = "server", feature = "live", feature = "music-assistant"))]
pub(crate) async fn stopped(stop: &mut tokio::sync::mpsc::Receiver<()>) {
    if stop.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Starts work as a task of its own.
///
/// The runtime's code for a task is compiled once for what the work results in, and not once for each piece of work.
pub(crate) fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    let work: Pin<Box<dyn Future<Output = T> + Send>> = Box::pin(work);
    tokio::spawn(work)
}

/// Runs work to completion in a task of its own, even when its caller goes away. The task keeps the deadline and the
/// span of the caller, and passes on a panic. None when the runtime shuts down.
#[cfg(feature = "client")]
pub(crate) fn run_to_completion<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = Option<T>> {
    // The work is spawned outside of the future, which stays small.
    let work = deadline::carried(Deadline::current(), work);
    let task = spawn(work.instrument(Span::current()));
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
