//! Tasks that go on for as long as the process lives.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Pause before a task begins again that a fault of this program ended.
const AGAIN: Duration = Duration::from_secs(10);

/// Runs a task, and begins it again where a fault of this program ends it. Everything else goes on meanwhile.
pub(crate) fn keep<F>(name: &'static str, begin: impl Fn() -> F + Send + 'static) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        while let Err(error) = tokio::spawn(begin()).await {
            if !error.is_panic() {
                return;
            }
            tracing::error!(
                task = name,
                again_in.s = AGAIN.as_secs(),
                "a fault of this program ended a task"
            );
            sleep(AGAIN).await;
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_a_fault_ends_begins_again_and_one_that_is_done_does_not() {
        let (runs, began) = (Arc::new(AtomicU32::new(0)), Instant::now());
        let counted = Arc::clone(&runs);
        let task = keep("test", move || {
            let run = counted.fetch_add(1, Ordering::Relaxed);
            async move { assert!(run >= 2, "a fault") }
        });
        task.await.unwrap();
        assert_eq!((runs.load(Ordering::Relaxed), began.elapsed()), (3, 2 * AGAIN));
    }
}
