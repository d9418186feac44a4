//! The work of the program at home with one queue: it asks for messages, with keys that are renewed.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::home_api::{HomeApi, HomeApiError};
use super::queue::{Delivery, Inbox, OpenInbox, QueueError};
use super::ticket::Ticket;
use crate::clock::{Clock, Moment, Timestamp};
use crate::task;
use crate::telemetry::LogLimiter;

/// Time that the queue waits for messages: the longest that Amazon SQS takes.
const WAIT: Duration = Duration::from_secs(20);

/// Age at which the keys are replaced. They last an hour.
const RENEW: Duration = Duration::from_mins(45);

/// Shortest time of use of keys. Those that end before are not used: they would be asked for again without a pause.
const SHORTEST: Duration = Duration::from_secs(30);

/// Shortest and longest pause after a failure; it doubles with each.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// The receiver of the messages of a queue.
pub(super) trait Receiver: Send + Sync {
    /// Room for one message, which is kept as long as that is worked on.
    type Place: Send;

    /// The log line once the queue is open.
    const OPEN: &'static str;

    /// The queue; none where the functions have none.
    fn queue<'a>(&self, ticket: &'a Ticket) -> Option<&'a str>;

    /// The places that are free, at least one.
    fn places(&self) -> impl Future<Output = Vec<Self::Place>> + Send;

    /// Hears the time of the functions, in the answer to what was sent at `sent`.
    fn saw(&self, now: Timestamp, sent: Moment);

    /// Hears that the queue answered.
    fn answered(&self);

    /// Takes a message. It must not wait.
    fn take(&self, inbox: &Arc<dyn Inbox>, delivery: Delivery, place: Self::Place);
}

/// Asks queues that tickets open.
#[derive(Debug)]
pub(super) struct Poller {
    pub(super) api: Arc<dyn HomeApi>,
    pub(super) inboxes: Arc<dyn OpenInbox>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) log_limiter: Arc<LogLimiter>,
}

/// An end of the work with one ticket.
enum Failure {
    Api(HomeApiError),
    Queue(QueueError),
}

impl Poller {
    /// Asks for messages, and hands them to `receiver`, until `stop` has a message.
    pub(super) async fn until_stopped(&self, receiver: &impl Receiver, mut stop: mpsc::Receiver<()>) {
        tokio::select! {
            () = task::stopped(&mut stop) => {}
            () = self.forever(receiver) => {}
        }
    }

    async fn forever(&self, receiver: &impl Receiver) {
        let mut pauses = pauses();
        loop {
            let Err(failure) = self.with_ticket(receiver, &mut pauses).await else { continue };
            let pause = pauses.next().unwrap_or(PAUSES.1);
            self.log(&failure, pause);
            sleep(pause).await;
        }
    }

    /// Works with one ticket until it is to be replaced.
    async fn with_ticket<R: Receiver>(
        &self,
        receiver: &R,
        pauses: &mut ExponentialBackoff,
    ) -> Result<(), Failure> {
        let begun = self.clock.moment();
        let (ticket, now) = self.api.ticket().await.map_err(Failure::Api)?;
        receiver.saw(now, begun);
        let lasts = RENEW.min(ticket.expires_at.since(now) * 3 / 4);
        if lasts < SHORTEST {
            let over =
                || HomeApiError::Unavailable("the functions gave keys that are over at once".to_owned());
            return Err(Failure::Api(over()));
        }
        let older =
            || HomeApiError::Refused("the functions have no such queue: deploy this release".to_owned());
        let queue = receiver.queue(&ticket).ok_or_else(|| Failure::Api(older()))?;
        let inbox = self.inboxes.open(&ticket, queue).map_err(Failure::Queue)?;
        // A queue is open once it answered. The first answer comes at once.
        let mut wait = Duration::ZERO;
        while self.clock.moment().since(begun) < lasts {
            let places = receiver.places().await;
            let asked = Instant::now();
            match inbox.receive(places.len(), wait).await {
                Ok(deliveries) => {
                    if wait.is_zero() {
                        tracing::info!(queue, "{}", R::OPEN);
                    }
                    wait = WAIT;
                    receiver.answered();
                    // What answers at once and with nothing is not asked at once again.
                    if deliveries.is_empty() && asked.elapsed() < PAUSES.0 {
                        sleep(PAUSES.0).await;
                    } else {
                        *pauses = self::pauses();
                    }
                    for (delivery, place) in deliveries.into_iter().zip(places) {
                        receiver.take(&inbox, delivery, place);
                    }
                }
                Err(refused @ QueueError::Refused(_)) => return Err(Failure::Queue(refused)),
                Err(unavailable) => {
                    let pause = pauses.next().unwrap_or(PAUSES.1);
                    self.log(&Failure::Queue(unavailable), pause);
                    sleep(pause).await;
                }
            }
        }
        Ok(())
    }

    /// Writes that the functions did not take what was sent.
    pub(super) fn log_api(&self, error: HomeApiError, again_in: Duration) {
        self.log(&Failure::Api(error), again_in);
    }

    fn log(&self, failure: &Failure, pause: Duration) {
        let (kind, error) = match failure {
            Failure::Api(error) => ("bridge api", error.to_string()),
            Failure::Queue(error) => ("bridge queue", error.to_string()),
        };
        if let Some(earlier) = self.log_limiter.admit(kind, self.clock.now()) {
            tracing::warn!(error, earlier, again_in.s = pause.as_secs(), "the bridge is not open");
        }
    }

    /// Writes what strangers to this program may cause, within the limits of the log.
    pub(super) fn warn(&self, says: &'static str) {
        if let Some(earlier) = self.log_limiter.admit(says, self.clock.now()) {
            tracing::warn!(earlier, "{says}");
        }
    }
}

fn pauses() -> ExponentialBackoff {
    let (shortest, longest) = PAUSES;
    let pauses = ExponentialBuilder::default().with_min_delay(shortest).with_max_delay(longest);
    pauses.with_jitter().without_max_times().build()
}
