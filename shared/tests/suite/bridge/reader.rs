//! The program at home hears reports, over functions and a queue that tests decide. The time of tokio is paused.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use ma_alexa::bridge::testing::FakeTickets;
use ma_alexa::bridge::{
    Delivery, HomeApi, HomeApiError, Inbox, OpenInbox, QueueError, ReportReader, Ticket, TicketOffice as _,
};
use ma_alexa::clock::Timestamp;
use ma_alexa::clock::testing::ManualClock;
use ma_alexa::control::Reply;
use ma_alexa::playback::{PlayerId, RequestId};
use ma_alexa::speakers::{HomeReport, Observed, ReportSink};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// The time of the functions. The machine at home is an hour ahead.
const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Functions, queue and renderers of one test, and what happened.
#[derive(Debug, Default)]
struct World {
    deliveries: Mutex<VecDeque<Result<Vec<String>, QueueError>>>,
    said: Mutex<Vec<String>>,
    is_older: bool,
}

#[derive(Clone, Debug)]
struct Shared(Arc<World>);

impl Shared {
    fn says(&self, what: String) {
        self.0.said.lock().unwrap().push(what);
    }
}

impl HomeApi for Shared {
    fn ticket(&self) -> BoxFuture<'_, Result<(Ticket, Timestamp), HomeApiError>> {
        Box::pin(async move {
            self.says("ticket".to_owned());
            let ticket = FakeTickets { is_open: true }.issue().await.unwrap();
            let reports = ticket.reports.filter(|_| !self.0.is_older);
            Ok((Ticket { reports, expires_at: T0.plus(Duration::from_hours(1)), ..ticket }, T0))
        })
    }

    fn seen(&self) -> BoxFuture<'_, Result<Timestamp, HomeApiError>> {
        Box::pin(async move { Ok(T0) })
    }

    fn is_lost<'a>(&'a self, _: &'a PlayerId) -> BoxFuture<'a, Result<bool, HomeApiError>> {
        Box::pin(async move { Ok(false) })
    }

    fn answer<'a>(&'a self, _: &'a RequestId, _: &'a Reply) -> BoxFuture<'a, Result<(), HomeApiError>> {
        Box::pin(async move { Ok(()) })
    }
}

impl OpenInbox for Shared {
    fn open(&self, _: &Ticket, queue: &str) -> Result<Arc<dyn Inbox>, QueueError> {
        assert!(queue.ends_with("/home-reports"), "{queue}");
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Inbox for Shared {
    async fn receive(&self, count: usize, wait: Duration) -> Result<Vec<Delivery>, QueueError> {
        assert_eq!(count, 10);
        let next = self.0.deliveries.lock().unwrap().pop_front();
        let Some(bodies) = next else {
            sleep(wait).await;
            return Ok(Vec::new());
        };
        let delivery = |(at, body): (usize, String)| Delivery { body, receipt: at.to_string() };
        Ok(bodies?.into_iter().enumerate().map(delivery).collect())
    }

    async fn delete(&self, receipt: &str) -> Result<(), QueueError> {
        self.says(format!("delete {receipt}"));
        Ok(())
    }
}

impl ReportSink for Shared {
    fn heard(&self, player: String, observed: Observed) {
        self.says(format!("{player} {}", observed.revision));
    }
}

fn message(player: &str, revision: u64) -> String {
    let observed = Observed { version: 1, revision, ..Observed::default() };
    serde_json::to_string(&HomeReport { player: player.to_owned(), observed, at: T0 }).unwrap()
}

/// Runs the program for `span`, and returns what happened.
async fn run(world: World, span: Duration) -> Vec<String> {
    let all = Arc::new(Shared(Arc::new(world)));
    let clock = Arc::new(ManualClock::at(T0.plus(Duration::from_hours(1))));
    let reader = ReportReader::new(all.clone(), all.clone(), all.clone(), clock, Arc::default());
    let (stop, stopped) = mpsc::channel(1);
    let running = tokio::spawn(reader.run(stopped));
    sleep(span).await;
    stop.send(()).await.unwrap();
    running.await.unwrap();
    std::mem::take(&mut *all.0.said.lock().unwrap())
}

#[tokio::test(start_paused = true)]
async fn each_report_is_heard_once_in_its_order_and_deleted() {
    let both = vec![message("Kitchen", 5), message("Study", 2), message("Kitchen", 5)];
    let late = vec![message("Kitchen", 4), "no report".to_owned(), "x".repeat(20_000), message("Study", 3)];
    let deliveries = Mutex::new(VecDeque::from([Ok(both), Ok(late)]));
    let said = run(World { deliveries, ..World::default() }, Duration::from_secs(5)).await;
    let heard: Vec<&String> =
        said.iter().filter(|said| said.contains("Kitchen") || said.contains("Study")).collect();
    assert_eq!(heard, ["Kitchen 5", "Study 2", "Study 3"]);
    assert_eq!(said.iter().filter(|said| said.starts_with("delete")).count(), 7, "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_refused_are_replaced() {
    let refused = Err(QueueError::Refused("ExpiredToken".to_owned()));
    let deliveries = Mutex::new(VecDeque::from([refused, Ok(vec![message("Kitchen", 5)])]));
    let said = run(World { deliveries, ..World::default() }, Duration::from_secs(10)).await;
    assert_eq!(said, ["ticket", "ticket", "Kitchen 5", "delete 0"]);
}

#[tokio::test(start_paused = true)]
async fn functions_of_an_older_release_are_asked_rarely() {
    let world = World { is_older: true, ..World::default() };
    let said = run(world, Duration::from_mins(10)).await;
    assert!((5..25).contains(&said.len()), "{} tickets in ten minutes", said.len());
}
