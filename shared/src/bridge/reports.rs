//! The skill's end of the queue of reports.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::queue::{Outbox, REPORT_AT_MOST};
use crate::clock::{Clock, Timestamp};
use crate::control::Presence;
use crate::playback::{HeardReport, ReportListener};
use crate::speakers::HomeReport;
use crate::store::Store;

/// Longest time that sending takes.
const SEND: Duration = Duration::from_secs(1);

/// Time for which it is not looked again whether a home that was silent is there.
const SILENT: Duration = Duration::from_secs(30);

/// Most reports that wait for being sent; a request brings one.
const WAITING_AT_MOST: usize = 16;

/// Hands reports on to the renderers of a home. It keeps a report until [`Self::send`], so that no answer waits for the queue.
///
/// Only players that such renderers started before are reported, so that a household without them pays for nothing.
#[derive(Debug)]
pub struct HomeReports {
    store: Arc<dyn Store>,
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
    state: Mutex<OutboxState>,
}

#[derive(Debug, Default)]
struct OutboxState {
    waiting: Vec<HomeReport>,
    /// When the home was looked for, and its presence then.
    looked: Option<(Timestamp, Option<Presence>)>,
}

impl HomeReports {
    /// Sends into `outbox`, where `store` says that the home is there.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, outbox: Arc<dyn Outbox>, clock: Arc<dyn Clock>) -> Self {
        Self { store, outbox, clock, state: Mutex::default() }
    }

    /// Sends what was heard, within 1 s, if the home was seen within the last 150 s. What is not sent is lost: the home reads
    /// the store from time to time.
    pub async fn send(&self) {
        let waiting = std::mem::take(&mut self.state().waiting);
        if waiting.is_empty() {
            return;
        }
        if tokio::time::timeout(SEND, self.send_all(waiting)).await.is_err() {
            tracing::warn!("a report did not go into the queue in time");
        }
    }

    async fn send_all(&self, waiting: Vec<HomeReport>) {
        if !self.is_home_present().await {
            return;
        }
        for report in waiting {
            let Some(body) = serde_json::to_string(&report).ok().filter(|body| body.len() <= REPORT_AT_MOST)
            else {
                tracing::warn!("a report is too long for the queue");
                continue;
            };
            if let Err(error) = self.outbox.send(body).await {
                tracing::warn!(%error, "a report did not go into the queue");
            }
        }
    }

    /// Whether the home was seen within the last 150 s. The store is asked where what is known does not say so.
    async fn is_home_present(&self) -> bool {
        let now = self.clock.now();
        let looked = self.state().looked;
        if let Some((at, presence)) = looked {
            let is_present = presence.is_some_and(|presence| presence.is_present(now));
            if is_present || now.is_within(SILENT, at) {
                return is_present;
            }
        }
        match self.store.presence(now).await {
            Ok(presence) => {
                self.state().looked = Some((now, presence));
                presence.is_some_and(|presence| presence.is_present(now))
            }
            Err(error) => {
                tracing::warn!(%error, "it is not known whether the home is there");
                false
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, OutboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReportListener for HomeReports {
    fn heard(&self, report: HeardReport) {
        if !report.player.reports_home {
            return;
        }
        let report = HomeReport::of(&report, self.clock.now());
        let mut state = self.state();
        if state.waiting.len() < WAITING_AT_MOST {
            state.waiting.push(report);
        }
    }
}
