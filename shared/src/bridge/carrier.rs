//! The program at home: takes requests of the queue, and carries them out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{sleep, timeout};

use super::home_api::{HomeApi, HomeApiError};
use super::poller::{Poller, Receiver};
use super::queue::{Delivery, Inbox, OpenInbox, REQUEST_AT_MOST};
use super::received::{Admission, Received};
use super::server_time::ServerTime;
use super::ticket::Ticket;
use crate::clock::{Clock, Moment, Timestamp};
use crate::control::{Control, ControlError, ControlRequest, Reply};
use crate::task;
use crate::telemetry::LogLimiter;

/// Time between two reports that the home is there.
const SEEN: Duration = Duration::from_mins(1);

/// Most requests that are carried out at a time.
const AT_ONCE: u32 = 8;

/// Longest time of one request. [`Control::carry_out`] ends by itself before.
const CARRY: Duration = Duration::from_millis(6500);

/// Pause before a reply is sent a second time.
const REPLY_AGAIN: Duration = Duration::from_millis(200);

/// Time at the end for what is under way.
const LAST: Duration = Duration::from_secs(4);

/// Asks for requests, and carries them out, until it is stopped.
#[derive(Clone, Debug)]
pub struct Carrier(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    poller: Poller,
    control: Arc<dyn Control>,
    places: Arc<Semaphore>,
    state: Mutex<CarrierState>,
}

/// The memory from one message to the next.
#[derive(Debug, Default)]
struct CarrierState {
    received: Received,
    time: Option<ServerTime>,
    seen: Option<Moment>,
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
        let poller = Poller { api, inboxes, clock, log_limiter };
        Self(Arc::new(Shared { poller, control, places, state }))
    }

    /// Works until `stop` has a message. Then it takes no further request, and gives those under way 4 s.
    pub async fn run(self, stop: mpsc::Receiver<()>) {
        self.0.poller.until_stopped(&self, stop).await;
        // Each request under way has one of the places.
        if timeout(LAST, self.0.places.acquire_many(AT_ONCE)).await.is_err() {
            tracing::warn!("a request was given up at the end");
        }
    }

    /// Carries out what one message asks for, and deletes the message.
    async fn carry(self, inbox: Arc<dyn Inbox>, delivery: Delivery, _place: OwnedSemaphorePermit) {
        match read(&delivery.body) {
            Some(request) => self.carry_request(&request).await,
            None => self.0.poller.warn("a message of the queue is no request"),
        }
        if let Err(error) = inbox.delete(&delivery.receipt).await {
            // It ends by itself within a minute, and is not carried out again.
            tracing::debug!(%error, "a message was not deleted");
        }
    }

    async fn carry_request(&self, request: &ControlRequest) {
        let (now, monotonic) = (self.now(), self.0.poller.clock.monotonic());
        let verdict = self.state().received.take(request, now, monotonic);
        match verdict {
            Admission::CarryOut => {}
            Admission::Late => {
                return self.0.poller.warn("a request came after its time, and was not carried out");
            }
            Admission::TooMany => return self.0.poller.warn("too many requests came within a minute"),
            Admission::Repeated => return tracing::debug!(request.id, "a request came again"),
        }
        tracing::debug!(request.id, "a request is carried out");
        let own = self.by_own_clock(request, now);
        let reply = timeout(CARRY, self.0.control.carry_out(&own)).await;
        self.answer(request, &reply.unwrap_or(Reply::Failed(ControlError::Slow))).await;
    }

    /// The request with its end by the clock of this machine, by which it is carried out. `now` is the time of the functions.
    fn by_own_clock(&self, request: &ControlRequest, now: Timestamp) -> ControlRequest {
        let until = self.0.poller.clock.now().plus(request.until.since(now));
        ControlRequest { until, ..request.clone() }
    }

    /// Sends a reply, twice where the first try fails and the request still waits.
    async fn answer(&self, request: &ControlRequest, reply: &Reply) {
        let mut answered = self.0.poller.api.answer(&request.id, reply).await;
        if matches!(answered, Err(HomeApiError::Unavailable(_))) && self.now() < request.until {
            sleep(REPLY_AGAIN).await;
            answered = self.0.poller.api.answer(&request.id, reply).await;
        }
        match answered {
            Ok(()) => tracing::debug!(request.id, "a request was answered"),
            Err(HomeApiError::NotWaiting) => tracing::debug!(request.id, "a reply came too late"),
            Err(error) => {
                if let Some(earlier) =
                    self.0.poller.log_limiter.admit("bridge reply", self.0.poller.clock.now())
                {
                    tracing::warn!(%error, earlier, "a reply was not taken");
                }
            }
        }
    }

    /// Reports once a minute that the home is there: only while the queue answers, since a home that cannot ask it is not.
    fn report_presence(&self) {
        let now = self.0.poller.clock.moment();
        let mut state = self.state();
        if state.seen.is_some_and(|seen| now.since(seen) < SEEN) {
            return;
        }
        state.seen = Some(now);
        let carrier = self.clone();
        task::spawn(async move {
            let sent = carrier.0.poller.clock.moment();
            match carrier.0.poller.api.seen().await {
                Ok(now) => {
                    tracing::debug!("the functions know that the home is there");
                    carrier.saw(now, sent);
                }
                Err(error) => {
                    carrier.0.poller.log_api(error, SEEN);
                    // The next answer of the queue reports again.
                    carrier.state().seen = None;
                }
            }
        });
    }

    /// The time of the functions. Each message comes by a ticket, and so after an answer that told it.
    fn now(&self) -> Timestamp {
        let time = self.state().time;
        time.map_or_else(|| self.0.poller.clock.now(), |time| time.now(self.0.poller.clock.moment()))
    }

    fn state(&self) -> MutexGuard<'_, CarrierState> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Receiver for Carrier {
    type Place = OwnedSemaphorePermit;

    const OPEN: &'static str = "the bridge is open";

    fn queue<'a>(&self, ticket: &'a Ticket) -> Option<&'a str> {
        Some(&ticket.queue)
    }

    async fn places(&self) -> Vec<OwnedSemaphorePermit> {
        let places = &self.0.places;
        // It is never closed.
        let first = Arc::clone(places).acquire_owned().await.ok();
        let others = std::iter::from_fn(|| Arc::clone(places).try_acquire_owned().ok());
        first.into_iter().chain(others).collect()
    }

    fn saw(&self, now: Timestamp, sent: Moment) {
        let mut state = self.state();
        state.time = Some(ServerTime::nearest(state.time, now, sent, self.0.poller.clock.moment()));
    }

    fn answered(&self) {
        self.report_presence();
    }

    fn take(&self, inbox: &Arc<dyn Inbox>, delivery: Delivery, place: OwnedSemaphorePermit) {
        task::spawn(self.clone().carry(Arc::clone(inbox), delivery, place));
    }
}

/// The request in a message; none where it is none, or too long.
fn read(body: &str) -> Option<ControlRequest> {
    if body.len() > REQUEST_AT_MOST {
        return None;
    }
    serde_json::from_str(body).ok()
}
