//! The program at home: takes what Echos reported to the functions, for its renderers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::heard::{HeardReports, HeardVerdict};
use super::home_api::HomeApi;
use super::poller::{Poller, Receiver};
use super::queue::{Delivery, Inbox, OpenInbox, REPORT_AT_MOST};
use super::server_time::ServerTime;
use super::ticket::Ticket;
use crate::clock::{Clock, Moment, Timestamp};
use crate::speakers::{HomeReport, ReportSink};
use crate::task;
use crate::telemetry::LogLimiter;

/// Reports that are taken at a time: the most that Amazon SQS delivers.
const AT_ONCE: usize = 10;

/// Asks the queue of reports, and hands each that counts to a sink, until it is stopped.
#[derive(Debug)]
pub struct ReportReader {
    poller: Poller,
    sink: Arc<dyn ReportSink>,
    state: Mutex<ReaderState>,
}

/// The memory from one report to the next.
#[derive(Debug, Default)]
struct ReaderState {
    heard: HeardReports,
    time: Option<ServerTime>,
}

impl ReportReader {
    /// Hands what comes out of the queue to `sink`.
    #[must_use]
    pub fn new(
        api: Arc<dyn HomeApi>,
        inboxes: Arc<dyn OpenInbox>,
        sink: Arc<dyn ReportSink>,
        clock: Arc<dyn Clock>,
        log_limiter: Arc<LogLimiter>,
    ) -> Self {
        let poller = Poller { api, inboxes, clock, log_limiter };
        Self { poller, sink, state: Mutex::default() }
    }

    /// Works until `stop` has a message.
    pub async fn run(self, stop: mpsc::Receiver<()>) {
        self.poller.until_stopped(&self, stop).await;
    }

    fn hear(&self, body: &str) {
        let Some(report) = read(body) else { return self.poller.warn("a message of the queue is no report") };
        let (now, monotonic) = (self.now(), self.poller.clock.monotonic());
        let verdict = self.state().heard.take(&report, now, monotonic);
        match verdict {
            HeardVerdict::Take(passed) => {
                tracing::debug!(version = report.observed.version, "a report came");
                self.sink.heard(report.player.clone(), report.after(passed));
            }
            HeardVerdict::Old => tracing::debug!("a report came again, or after a newer one"),
            HeardVerdict::Late => self.poller.warn("a report was too long on its way"),
            HeardVerdict::TooMany => self.poller.warn("reports came of too many players"),
        }
    }

    /// The time of the functions. Each message comes by a ticket, and so after an answer that told it.
    fn now(&self) -> Timestamp {
        let time = self.state().time;
        time.map_or_else(|| self.poller.clock.now(), |time| time.now(self.poller.clock.moment()))
    }

    fn state(&self) -> MutexGuard<'_, ReaderState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Receiver for ReportReader {
    type Place = ();

    const OPEN: &'static str = "the bridge hears reports";

    fn queue<'a>(&self, ticket: &'a Ticket) -> Option<&'a str> {
        ticket.reports.as_deref()
    }

    async fn places(&self) -> Vec<()> {
        vec![(); AT_ONCE]
    }

    fn saw(&self, now: Timestamp, sent: Moment) {
        let moment = self.poller.clock.moment();
        let mut state = self.state();
        state.time = Some(ServerTime::nearest(state.time, now, sent, moment));
    }

    fn answered(&self) {}

    fn take(&self, inbox: &Arc<dyn Inbox>, delivery: Delivery, (): ()) {
        self.hear(&delivery.body);
        let inbox = Arc::clone(inbox);
        task::spawn(async move {
            if let Err(error) = inbox.delete(&delivery.receipt).await {
                // It ends by itself within minutes, and is not taken again.
                tracing::debug!(%error, "a report was not deleted");
            }
        });
    }
}

/// The report in a message; none where it is none, or too long.
fn read(body: &str) -> Option<HomeReport> {
    if body.len() > REPORT_AT_MOST {
        return None;
    }
    serde_json::from_str(body).ok()
}
