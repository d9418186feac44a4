//! Task that refreshes the session, as the function `token-refresh` does.

use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use ma_alexa::amazon::SessionManager;
use ma_alexa::clock::{Clock as _, SystemClock};
use ma_alexa::telemetry::{Metric, Metrics};

/// Time between two runs: well within the span by which tokens are refreshed ahead of their end.
const EVERY: Duration = Duration::from_mins(30);

/// Shortest wait after a failure; it doubles with each up to [`EVERY`].
const AGAIN: Duration = Duration::from_mins(1);

/// Refreshes the session for as long as the process lives.
pub(crate) async fn forever(session: SessionManager, metrics: Arc<Metrics>) {
    let count = || metrics.count(&[Metric::RefreshFailures], SystemClock.now());
    loop {
        let patience = ExponentialBuilder::default()
            .with_min_delay(AGAIN)
            .with_max_delay(EVERY)
            .with_jitter()
            .without_max_times();
        let refreshed = (|| session.refresh()).retry(patience).notify(|error, wait| {
            count();
            tracing::error!(%error, again_in.s = wait.as_secs(), "the Amazon session was not refreshed");
        });
        match refreshed.await {
            Ok(report) if report.sign_in_again.is_empty() && report.refreshed.is_empty() => {
                tracing::debug!("no token had to be refreshed");
            }
            Ok(report) if report.sign_in_again.is_empty() => {
                tracing::info!(refreshed = ?report.refreshed, "refreshed");
            }
            Ok(report) => {
                count();
                let accounts = report.sign_in_again.join(", ");
                tracing::error!(accounts, "Amazon ended the session: the owner has to sign in again");
            }
            Err(error) => {
                count();
                tracing::error!(%error, "the Amazon session was not refreshed");
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}
