//! The program at home: asks the queue for requests, and carries them out.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep, timeout};

use super::queue::{Delivery, Inbox, MESSAGE_AT_MOST, OpenInbox, QueueError};
use super::received::{Received, Verdict};
use super::server_time::ServerTime;
use super::ticket::Ticket;
use crate::clock::{Clock, Moment, Timestamp};
use crate::control::{Control, ControlError, ControlRequest, Reply};
use crate::playback::RequestId;
use crate::telemetry::LogLimiter;

/// Time that the queue waits for messages: the longest that Amazon SQS takes.
const WAIT: Duration = Duration::from_secs(20);

/// Age at which the keys are replaced. They last an hour.
const RENEW: Duration = Duration::from_mins(45);

/// Time between two reports that the home is there.
const SEEN: Duration = Duration::from_mins(1);

/// Most requests that are carried out at a time.
const AT_ONCE: u32 = 8;

/// Longest time of one request. [`Control::carry_out`] ends by itself before.
const CARRY: Duration = Duration::from_millis(6500);

/// Shortest and longest pause after a failure; it doubles with each.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// Pause before a reply is sent a second time.
const REPLY_AGAIN: Duration = Duration::from_millis(200);

/// Time at the end for what is under way.
const LAST: Duration = Duration::from_secs(4);

/// The functions in AWS as the home sees them.
#[async_trait]
pub trait HomeApi: fmt::Debug + Send + Sync {
    /// Asks for a ticket, which says that the home is there, too. With it comes the time of the functions.
    async fn ticket(&self) -> Result<(Ticket, Timestamp), HomeApiError>;

    /// Reports that the home is there; the time of the functions.
    async fn seen(&self) -> Result<Timestamp, HomeApiError>;

    /// Sends the reply to a request.
    async fn answer(&self, id: &RequestId, reply: &Reply) -> Result<(), HomeApiError>;
}

/// The functions did not serve. The text has no password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HomeApiError {
    /// They do not take the user name and password, or have no bridge.
    #[error("{0}")]
    Refused(String),
    /// They cannot be reached, or did not answer in time.
    #[error("{0}")]
    Unavailable(String),
    /// No request of this id waits any more.
    #[error("the request does not wait any more")]
    NotWaiting,
}

/// Asks for requests, and carries them out, until it is stopped.
#[derive(Clone, Debug)]
pub struct Carrier(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    api: Arc<dyn HomeApi>,
    inboxes: Arc<dyn OpenInbox>,
    control: Arc<dyn Control>,
    clock: Arc<dyn Clock>,
    log_limiter: Arc<LogLimiter>,
    places: Arc<Semaphore>,
    state: Mutex<State>,
}

/// What is remembered from one message to the next.
#[derive(Debug, Default)]
struct State {
    received: Received,
    time: Option<ServerTime>,
    seen: Option<Moment>,
}

/// An end of the work with one ticket.
enum Failure {
    Api(HomeApiError),
    Queue(QueueError),
}

impl Carrier {
    /// Carries out by `control` what comes out of the queue.
    #[must_use]
    pub fn new(
        api: Arc<dyn HomeApi>,
        inboxes: Arc<dyn OpenInbox>,
        control: Arc<dyn Control>,
        clock: Arc<dyn Clock>,
        log_limiter: Arc<LogLimiter>,
    ) -> Self {
        let places = Arc::new(Semaphore::new(AT_ONCE as usize));
        let state = Mutex::default();
        Self(Arc::new(Parts { api, inboxes, control, clock, log_limiter, places, state }))
    }

    /// Works until `stop` has a message. Then it takes no further request, and gives those under way 4 s.
    pub async fn run(self, mut stop: mpsc::Receiver<()>) {
        let stopped = async {
            if stop.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = stopped => {}
            () = self.forever() => {}
        }
        // Each request under way has one of the places.
        if timeout(LAST, self.0.places.acquire_many(AT_ONCE)).await.is_err() {
            tracing::warn!("a request was given up at the end");
        }
    }

    async fn forever(&self) {
        let mut pauses = pauses();
        loop {
            let Err(failure) = self.with_ticket(&mut pauses).await else { continue };
            let pause = pauses.next().unwrap_or(PAUSES.1);
            self.log(&failure, pause);
            sleep(pause).await;
        }
    }

    /// Works with one ticket until it is to be replaced.
    async fn with_ticket(&self, pauses: &mut ExponentialBackoff) -> Result<(), Failure> {
        let parts = &self.0;
        let begun = parts.clock.moment();
        let (ticket, now) = parts.api.ticket().await.map_err(Failure::Api)?;
        self.saw(now, begun);
        let lasts = RENEW.min(ticket.expires_at.since(now) * 3 / 4);
        let inbox = parts.inboxes.open(&ticket).map_err(Failure::Queue)?;
        tracing::info!(queue = ticket.queue, "the bridge is open");
        while parts.clock.moment().since(begun) < lasts {
            let places = self.free_places().await;
            let asked = Instant::now();
            match inbox.receive(places.len(), WAIT).await {
                Ok(deliveries) => {
                    // What answers at once and with nothing is not asked at once again.
                    if deliveries.is_empty() && asked.elapsed() < PAUSES.0 {
                        sleep(PAUSES.0).await;
                    } else {
                        *pauses = self::pauses();
                    }
                    self.report_presence();
                    for (delivery, place) in deliveries.into_iter().zip(places) {
                        tokio::spawn(self.clone().carry(Arc::clone(&inbox), delivery, place));
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

    /// The places that are free, at least one.
    async fn free_places(&self) -> Vec<OwnedSemaphorePermit> {
        let places = &self.0.places;
        // It is never closed.
        let first = Arc::clone(places).acquire_owned().await.ok();
        let others = std::iter::from_fn(|| Arc::clone(places).try_acquire_owned().ok());
        first.into_iter().chain(others).collect()
    }

    /// Carries out what one message asks for, and deletes the message.
    async fn carry(self, inbox: Arc<dyn Inbox>, delivery: Delivery, _place: OwnedSemaphorePermit) {
        match read(&delivery.body) {
            Some(request) => self.carry_request(&request).await,
            None => self.warn("a message of the queue is no request"),
        }
        if let Err(error) = inbox.delete(&delivery.receipt).await {
            // It ends by itself within a minute, and is not carried out again.
            tracing::debug!(%error, "a message was not deleted");
        }
    }

    async fn carry_request(&self, request: &ControlRequest) {
        let (now, monotonic) = (self.now(), self.0.clock.monotonic());
        let verdict = self.state().received.take(request, now, monotonic);
        match verdict {
            Verdict::CarryOut => {}
            Verdict::Late => return self.warn("a request came after its time, and was not carried out"),
            Verdict::TooMany => return self.warn("too many requests came within a minute"),
            Verdict::Repeated => return tracing::debug!(request.id, "a request came again"),
        }
        tracing::debug!(request.id, "a request is carried out");
        let reply = timeout(CARRY, self.0.control.carry_out(request)).await;
        self.answer(request, &reply.unwrap_or(Reply::Failed(ControlError::Slow))).await;
    }

    /// Sends a reply, twice where the first try fails and the request still waits.
    async fn answer(&self, request: &ControlRequest, reply: &Reply) {
        let mut answered = self.0.api.answer(&request.id, reply).await;
        if matches!(answered, Err(HomeApiError::Unavailable(_))) && self.now() < request.until {
            sleep(REPLY_AGAIN).await;
            answered = self.0.api.answer(&request.id, reply).await;
        }
        match answered {
            Ok(()) => tracing::debug!(request.id, "a request was answered"),
            Err(HomeApiError::NotWaiting) => tracing::debug!(request.id, "a reply came too late"),
            Err(error) => {
                if let Some(earlier) = self.0.log_limiter.admit("bridge reply", self.0.clock.now()) {
                    tracing::warn!(%error, earlier, "a reply was not taken");
                }
            }
        }
    }

    /// Reports once a minute that the home is there: only while the queue answers, since a home that cannot ask it is not.
    fn report_presence(&self) {
        let now = self.0.clock.moment();
        let mut state = self.state();
        if state.seen.is_some_and(|seen| now.since(seen) < SEEN) {
            return;
        }
        state.seen = Some(now);
        let carrier = self.clone();
        tokio::spawn(async move {
            let sent = carrier.0.clock.moment();
            match carrier.0.api.seen().await {
                Ok(now) => carrier.saw(now, sent),
                Err(error) => {
                    carrier.log(&Failure::Api(error), SEEN);
                    // The next answer of the queue reports again.
                    carrier.state().seen = None;
                }
            }
        });
    }

    fn saw(&self, now: Timestamp, sent: Moment) {
        let mut state = self.state();
        state.time = Some(ServerTime::answered(now, sent));
        state.seen = Some(self.0.clock.moment());
    }

    /// The time of the functions. Each message comes by a ticket, and so after an answer that told it.
    fn now(&self) -> Timestamp {
        let time = self.state().time;
        time.map_or_else(|| self.0.clock.now(), |time| time.now(self.0.clock.moment()))
    }

    fn warn(&self, says: &'static str) {
        if let Some(earlier) = self.0.log_limiter.admit(says, self.0.clock.now()) {
            tracing::warn!(earlier, "{says}");
        }
    }

    fn log(&self, failure: &Failure, pause: Duration) {
        let (kind, error) = match failure {
            Failure::Api(error) => ("bridge api", error.to_string()),
            Failure::Queue(error) => ("bridge queue", error.to_string()),
        };
        if let Some(earlier) = self.0.log_limiter.admit(kind, self.0.clock.now()) {
            tracing::warn!(error, earlier, again_in.s = pause.as_secs(), "the bridge is not open");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pauses() -> ExponentialBackoff {
    let (shortest, longest) = PAUSES;
    let pauses = ExponentialBuilder::default().with_min_delay(shortest).with_max_delay(longest);
    pauses.with_jitter().without_max_times().build()
}

/// The request in a message; none where it is none, or too long.
fn read(body: &str) -> Option<ControlRequest> {
    if body.len() > MESSAGE_AT_MOST {
        return None;
    }
    serde_json::from_str(body).ok()
}
