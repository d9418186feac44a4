//! A queue that delivers again and in any order, and a home that starts again: each request is carried out once at most, and
//! never after its time. The time of tokio is paused.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use ma_alexa::bridge::{Carrier, Delivery, HomeApi, HomeApiError, Inbox, OpenInbox, QueueError, Ticket};
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::clock::{Clock, Random as _, Timestamp};
use ma_alexa::control::{Action, Control, ControlRequest, Reply};
use ma_alexa::playback::{PlayerId, RequestId};
use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// Deliveries of requests that were delivered before.
const REDELIVERIES: usize = 100_000;

/// Time between two requests of people, and until a request ends (`HANDED_WITHIN`).
const BETWEEN: Duration = Duration::from_millis(400);
const LASTS: Duration = Duration::from_millis(4500);

/// How long the queue hides what it delivered, and how long it keeps a message, as the template has it.
const HIDES: Duration = Duration::from_secs(10);
const KEEPS: Duration = Duration::from_mins(1);

/// The time of the functions at the start.
const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// One message.
#[derive(Debug)]
struct Message {
    sent: Instant,
    body: String,
    /// Moment from which it is delivered.
    from: Instant,
    /// The start of the home that has received it last.
    received_by: usize,
    is_deleted: bool,
}

/// Queue, functions and Music Assistant, over all starts of the home.
#[derive(Debug)]
struct World {
    began: Instant,
    random: SeededRandom,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    messages: Vec<Message>,
    redeliveries: usize,
    /// The commands at Music Assistant, and those that came after their time.
    commands: BTreeMap<RequestId, usize>,
    late: BTreeSet<RequestId>,
    /// The requests of which the home might know in time, as it ran then.
    reachable: BTreeSet<usize>,
}

impl World {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn below(&self, limit: usize) -> usize {
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes).unwrap();
        u32::from_ne_bytes(bytes) as usize % limit
    }

    fn is_one_in(&self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn now(&self) -> Timestamp {
        T0.plus(self.began.elapsed())
    }

    /// Makes the requests that people have said by now.
    fn fill(&self) {
        let mut state = self.state();
        loop {
            let number = state.messages.len();
            let made = BETWEEN * u32::try_from(number).unwrap();
            if made > self.began.elapsed() {
                return;
            }
            let request = ControlRequest {
                id: number.to_string(),
                player: PlayerId::from("Kitchen"),
                locale: "en-US".to_owned(),
                until: T0.plus(made + LASTS),
                action: Action::Next,
            };
            // One in ten is slow on its way, so that it may come late.
            let delay = if self.is_one_in(10) { self.below(15_000) } else { 0 };
            let (sent, body) = (self.began + made, serde_json::to_string(&request).unwrap());
            let from = sent + Duration::from_millis(u64::try_from(delay).unwrap());
            state.messages.push(Message { sent, body, from, received_by: 0, is_deleted: false });
        }
    }

    /// The messages that a start of the home gets now: new ones in any order, and again what it has had.
    fn deliver(&self, start: usize, count: usize) -> Vec<Delivery> {
        self.fill();
        let (mut state, now) = (self.state(), Instant::now());
        let first = state.messages.iter().position(|message| now - message.sent < KEEPS).unwrap_or_default();
        let kept = first..state.messages.len();
        let (mut fresh, had): (Vec<usize>, Vec<usize>) = kept
            .filter(|at| {
                state.messages[*at].from <= now && !state.messages[*at].is_deleted
                    || state.messages[*at].received_by == start
            })
            .partition(|at| state.messages[*at].from <= now && !state.messages[*at].is_deleted);
        let mut chosen = Vec::new();
        while chosen.len() < count && !fresh.is_empty() && !(chosen.is_empty() && self.is_one_in(5)) {
            chosen.push(fresh.swap_remove(self.below(fresh.len())));
        }
        while chosen.len() < count && !had.is_empty() {
            chosen.push(had[self.below(had.len())]);
        }
        state.redeliveries += chosen.iter().filter(|at| state.messages[**at].received_by > 0).count();
        let taken = chosen.into_iter().map(|at| {
            let message = &mut state.messages[at];
            (message.from, message.received_by) = (now + HIDES, start);
            if now - message.sent < LASTS / 2 {
                state.reachable.insert(at);
            }
            Delivery { body: state.messages[at].body.clone(), receipt: at.to_string() }
        });
        taken.collect()
    }
}

/// One start of the home, in which nothing happens any more once it is killed.
#[derive(Clone, Debug)]
struct Start {
    world: Arc<World>,
    number: usize,
    is_killed: Arc<AtomicBool>,
}

impl Start {
    /// Goes on only while the home runs.
    async fn runs(&self) {
        if self.is_killed.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    }

    async fn takes(&self, millis: usize) {
        sleep(Duration::from_millis(u64::try_from(self.world.below(millis)).unwrap())).await;
        self.runs().await;
    }
}

/// A clock at home that is an hour ahead, and set again and again.
impl Clock for Start {
    fn now(&self) -> Timestamp {
        let hours = 1 + self.monotonic().as_secs() / 100 % 3;
        self.world.now().plus(Duration::from_hours(hours))
    }

    fn monotonic(&self) -> Duration {
        self.world.began.elapsed()
    }
}

impl HomeApi for Start {
    fn ticket(&self) -> BoxFuture<'_, Result<(Ticket, Timestamp), HomeApiError>> {
        Box::pin(async move {
            self.runs().await;
            let key = || SecretString::from("key");
            let ticket = Ticket {
                queue: "queue".to_owned(),
                reports: None,
                region: "eu-west-1".to_owned(),
                access_key_id: "id".to_owned(),
                secret_access_key: key(),
                session_token: key(),
                expires_at: self.world.now().plus(Duration::from_hours(1)),
            };
            Ok((ticket, self.world.now()))
        })
    }

    fn seen(&self) -> BoxFuture<'_, Result<Timestamp, HomeApiError>> {
        Box::pin(async move {
            self.takes(50).await;
            Ok(self.world.now())
        })
    }

    fn is_lost<'a>(&'a self, _: &'a PlayerId) -> BoxFuture<'a, Result<bool, HomeApiError>> {
        Box::pin(async move { Ok(false) })
    }

    fn answer<'a>(&'a self, _: &'a RequestId, _: &'a Reply) -> BoxFuture<'a, Result<(), HomeApiError>> {
        Box::pin(async move {
            self.takes(50).await;
            match self.world.below(20) {
                0 => Err(HomeApiError::Unavailable("a bad day".to_owned())),
                1 => Err(HomeApiError::NotWaiting),
                _ => Ok(()),
            }
        })
    }
}

impl OpenInbox for Start {
    fn open(&self, _: &Ticket, _: &str) -> Result<Arc<dyn Inbox>, QueueError> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Inbox for Start {
    async fn receive(&self, count: usize, _: Duration) -> Result<Vec<Delivery>, QueueError> {
        self.takes(80).await;
        if self.world.is_one_in(2000) {
            return Err(QueueError::Refused("ExpiredToken".to_owned()));
        }
        if self.world.is_one_in(500) {
            return Err(QueueError::Unavailable("no answer".to_owned()));
        }
        Ok(self.world.deliver(self.number, count))
    }

    async fn delete(&self, receipt: &str) -> Result<(), QueueError> {
        self.takes(20).await;
        if self.world.is_one_in(10) {
            return Err(QueueError::Unavailable("no answer".to_owned()));
        }
        self.world.state().messages[receipt.parse::<usize>().unwrap()].is_deleted = true;
        Ok(())
    }
}

impl Control for Start {
    fn carry_out<'a>(&'a self, request: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            self.runs().await;
            {
                let (now, mut state) = (self.world.now(), self.world.state());
                *state.commands.entry(request.id.clone()).or_default() += 1;
                if now > request.until {
                    state.late.insert(request.id.clone());
                }
            }
            self.takes(100).await;
            Reply::Done
        })
    }
}

/// Runs one start of the home for a while, and ends it: at once, or as a system does that stops it.
async fn run(world: &Arc<World>, number: usize) {
    let start = Start { world: Arc::clone(world), number, is_killed: Arc::default() };
    let (is_killed, all) = (Arc::clone(&start.is_killed), Arc::new(start));
    let carrier = Carrier::new(all.clone(), all.clone(), all.clone(), all, Arc::default());
    let (stop, stopped) = mpsc::channel(1);
    let running = tokio::spawn(carrier.run(stopped));
    sleep(Duration::from_millis(u64::try_from(20_000 + world.below(40_000)).unwrap())).await;
    if number.is_multiple_of(2) {
        stop.send(()).await.unwrap();
        running.await.unwrap();
    } else {
        is_killed.store(true, Ordering::Relaxed);
        running.abort();
    }
    sleep(Duration::from_millis(u64::try_from(world.below(4000)).unwrap())).await;
}

#[tokio::test(start_paused = true)]
async fn of_a_hundred_thousand_redeliveries_none_is_carried_out_again_or_late() {
    let (began, random) = (Instant::now(), SeededRandom::new(1));
    let world = Arc::new(World { began, random, state: Mutex::default() });
    let mut starts = 0;
    while world.state().redeliveries < REDELIVERIES {
        starts += 1;
        run(&world, starts).await;
    }
    let state = world.state();
    assert!(starts > 5, "{starts} starts");
    let twice: Vec<_> = state.commands.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "done twice: {twice:?}");
    assert!(state.late.is_empty(), "done late: {:?}", state.late);
    let missed = state.reachable.iter().filter(|at| !state.commands.contains_key(&at.to_string())).count();
    // What a home that is killed had received is lost: eight at most for each.
    assert!(missed <= 8 * starts, "{missed} of {} were not done", state.reachable.len());
    assert!(state.reachable.len() > 500, "{} were to be done", state.reachable.len());
}
