//! The program at home, over functions and a queue that tests decide. The time of tokio is paused.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use ma_alexa::bridge::{Carrier, Delivery, HomeApi, HomeApiError, Inbox, OpenInbox, QueueError, Ticket};
use ma_alexa::clock::{Clock, Timestamp};
use ma_alexa::control::{Action, Control, ControlRequest, Reply};
use ma_alexa::playback::{PlayerId, RequestId};
use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// The time of the functions at the start.
const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// The time of a clock at home that is an hour ahead.
fn ahead() -> Timestamp {
    T0.plus(Duration::from_hours(1))
}

/// The clock of the machine at home, which goes with tokio's.
#[derive(Clone, Copy, Debug)]
struct PausedClock {
    began: Instant,
    at: Timestamp,
}

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        self.at.plus(self.monotonic())
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed()
    }
}

/// What the queue does next.
#[derive(Debug)]
enum Step {
    Delivers(Vec<String>),
    Refuses,
    IsDown,
}

/// Functions, queue and Music Assistant of one test, and what each was asked.
#[derive(Debug)]
struct World {
    clock: PausedClock,
    steps: Mutex<VecDeque<Step>>,
    carry: Duration,
    keys_last: Duration,
    said: Mutex<Vec<String>>,
}

impl World {
    fn says(&self, what: String) {
        self.said.lock().unwrap().push(what);
    }

    fn count(&self, what: &str) -> usize {
        self.said.lock().unwrap().iter().filter(|said| said.starts_with(what)).count()
    }

    fn now(&self) -> Timestamp {
        T0.plus(self.clock.monotonic())
    }
}

#[derive(Clone, Debug)]
struct Shared(Arc<World>);

impl HomeApi for Shared {
    fn ticket(&self) -> BoxFuture<'_, Result<(Ticket, Timestamp), HomeApiError>> {
        Box::pin(async move {
            self.0.says("ticket".to_owned());
            let key = || SecretString::from("key");
            let ticket = Ticket {
                queue: "queue".to_owned(),
                reports: Some("reports".to_owned()),
                region: "eu-west-1".to_owned(),
                access_key_id: "id".to_owned(),
                secret_access_key: key(),
                session_token: key(),
                expires_at: self.0.now().plus(self.0.keys_last),
            };
            Ok((ticket, self.0.now()))
        })
    }

    fn seen(&self) -> BoxFuture<'_, Result<Timestamp, HomeApiError>> {
        Box::pin(async move {
            self.0.says("seen".to_owned());
            Ok(self.0.now())
        })
    }

    fn is_lost<'a>(&'a self, _: &'a PlayerId) -> BoxFuture<'a, Result<bool, HomeApiError>> {
        Box::pin(async move { Ok(false) })
    }

    fn answer<'a>(&'a self, id: &'a RequestId, reply: &'a Reply) -> BoxFuture<'a, Result<(), HomeApiError>> {
        Box::pin(async move {
            self.0.says(format!("answer {id} {reply:?}"));
            if id == "lost" && self.0.count("answer lost") == 1 {
                return Err(HomeApiError::Unavailable("a bad day".to_owned()));
            }
            Ok(())
        })
    }
}

impl OpenInbox for Shared {
    fn open(&self, _: &Ticket, _: &str) -> Result<Arc<dyn Inbox>, QueueError> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Inbox for Shared {
    async fn receive(&self, count: usize, wait: Duration) -> Result<Vec<Delivery>, QueueError> {
        assert!((1..=8).contains(&count), "{count}");
        let step = self.0.steps.lock().unwrap().pop_front();
        match step {
            Some(Step::Delivers(bodies)) => {
                let deliveries = bodies.into_iter().enumerate();
                Ok(deliveries.map(|(at, body)| Delivery { body, receipt: at.to_string() }).collect())
            }
            Some(Step::Refuses) => Err(QueueError::Refused("ExpiredToken".to_owned())),
            Some(Step::IsDown) => Err(QueueError::Unavailable("no answer".to_owned())),
            None => {
                sleep(wait).await;
                Ok(Vec::new())
            }
        }
    }

    async fn delete(&self, receipt: &str) -> Result<(), QueueError> {
        self.0.says(format!("delete {receipt}"));
        Ok(())
    }
}

impl Control for Shared {
    fn carry_out<'a>(&'a self, request: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let left = request.until.since(self.0.clock.now());
            self.0.says(format!("carry {} within {left:?}", request.id));
            sleep(self.0.carry).await;
            Reply::Done
        })
    }
}

fn message(id: &str, span: Duration) -> String {
    let request = ControlRequest {
        id: id.to_owned(),
        player: PlayerId::from("Kitchen"),
        locale: "en-US".to_owned(),
        until: T0.plus(span),
        action: Action::Next,
    };
    serde_json::to_string(&request).unwrap()
}

/// Runs the program for `span`, stops it, and returns what was asked, with the time that its end took.
async fn run(steps: Vec<Step>, carry: Duration, span: Duration) -> (Arc<World>, Duration) {
    run_in(world(steps, carry), span).await
}

fn world(steps: Vec<Step>, carry: Duration) -> World {
    let clock = PausedClock { began: Instant::now(), at: ahead() };
    let keys_last = Duration::from_hours(1);
    World { clock, steps: Mutex::new(steps.into()), carry, keys_last, said: Mutex::default() }
}

async fn run_in(world: World, span: Duration) -> (Arc<World>, Duration) {
    let clock = Arc::new(world.clock);
    let shared = Shared(Arc::new(world));
    let all = Arc::new(shared.clone());
    let carrier = Carrier::new(all.clone(), all.clone(), all, clock, Arc::default());
    let (stop, stopped) = mpsc::channel(1);
    let running = tokio::spawn(carrier.run(stopped));
    sleep(span).await;
    let stopping = Instant::now();
    stop.send(()).await.unwrap();
    running.await.unwrap();
    (shared.0, stopping.elapsed())
}

const SOON: Duration = Duration::from_millis(50);

#[tokio::test(start_paused = true)]
async fn a_request_is_carried_out_answered_and_deleted_by_the_time_of_the_functions() {
    for at in [ahead(), T0.minus(Duration::from_hours(1))] {
        let mut world = world(vec![Step::Delivers(vec![message("one", Duration::from_secs(4))])], SOON);
        world.clock.at = at;
        let (world, end) = run_in(world, Duration::from_secs(5)).await;
        let expected = ["ticket", "seen", "carry one within 4s", "answer one Done", "delete 0"];
        assert_eq!(
            *world.said.lock().unwrap(),
            expected,
            "the end is one of the clock at home, which is wrong"
        );
        assert!(end < Duration::from_millis(10), "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_over_at_once_are_not_asked_for_without_a_pause() {
    let mut world = world(vec![], SOON);
    world.keys_last = Duration::from_millis(1);
    let (world, _) = run_in(world, Duration::from_mins(10)).await;
    let tickets = world.count("ticket");
    assert!((8..=20).contains(&tickets), "{tickets} tickets in ten minutes");
    assert_eq!(world.count("seen"), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_late_repeated_or_no_request_is_deleted_and_not_carried_out() {
    let four = Duration::from_secs(4);
    let steps = vec![
        Step::Delivers(vec![message("one", four), message("one", four), "{}".to_owned(), "x".repeat(5000)]),
        Step::Delivers(vec![message("one", four), message("far", Duration::from_mins(1))]),
    ];
    let (world, _) = run(steps, SOON, Duration::from_secs(1)).await;
    assert_eq!((world.count("carry"), world.count("answer"), world.count("delete")), (1, 1, 6));
    // Delivered after 10 s, as a message that was not deleted is.
    let steps =
        vec![Step::Delivers(vec![]), Step::Delivers(vec![message("late", Duration::from_millis(900))])];
    let (world, _) = run(steps, SOON, Duration::from_secs(3)).await;
    assert_eq!((world.count("carry"), world.count("delete")), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_is_lost_is_sent_again() {
    let steps = vec![Step::Delivers(vec![message("lost", Duration::from_secs(4))])];
    let (world, _) = run(steps, SOON, Duration::from_secs(2)).await;
    assert_eq!((world.count("carry"), world.count("answer"), world.count("delete")), (1, 2, 1));
}

#[tokio::test(start_paused = true)]
async fn keys_are_replaced_before_they_end_and_when_they_are_refused() {
    let (world, _) = run(vec![], SOON, Duration::from_mins(91)).await;
    assert_eq!(world.count("ticket"), 3, "at the start, and every 45 minutes");
    let seen = world.count("seen");
    // Every 60 s, after an answer that comes every 20 s.
    assert!((65..=95).contains(&seen), "the home was seen {seen} times");
    let (world, _) = run(vec![Step::Refuses], SOON, Duration::from_secs(10)).await;
    assert_eq!(world.count("ticket"), 2);
    let (world, _) = run(vec![Step::IsDown, Step::IsDown], SOON, Duration::from_secs(30)).await;
    assert_eq!(
        (world.count("ticket"), world.count("seen")),
        (1, 1),
        "a queue that is down needs no other keys, and the home is there once it answers"
    );
}

#[tokio::test(start_paused = true)]
async fn an_end_waits_four_seconds_for_what_is_under_way() {
    let steps = vec![Step::Delivers(vec![message("long", Duration::from_secs(4))])];
    let (world, end) = run(steps, Duration::from_mins(1), Duration::from_millis(500)).await;
    assert_eq!(world.count("carry"), 1);
    assert!(end >= Duration::from_secs(4) && end < Duration::from_secs(5), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn a_home_is_there_at_once_and_only_where_its_queue_answers() {
    let (world, _) = run(vec![], SOON, Duration::from_millis(10)).await;
    assert_eq!((world.count("ticket"), world.count("seen")), (1, 1), "the first answer says so");
    let refuses = std::iter::repeat_with(|| Step::Refuses).take(100).collect();
    let (world, _) = run(refuses, SOON, Duration::from_mins(30)).await;
    assert!(world.count("ticket") > 10, "{} tickets", world.count("ticket"));
    assert_eq!(world.count("seen"), 0, "it has keys, and its queue refuses them");
}
