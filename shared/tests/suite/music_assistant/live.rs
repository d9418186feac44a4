//! Music Assistant's events, and what the pages make of them.

use std::time::Duration;

use ma_alexa::playback::ReportKind;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::connection::connect;
use super::stand_in::{Household, StandIn, TOKEN, item};
use crate::api::harness::{App, KITCHEN_1, bare};

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A household that follows a stand-in; the follower ends with it.
pub(crate) struct Following {
    pub(crate) app: App,
    pub(crate) stand_in: StandIn,
    _stop: mpsc::Sender<()>,
}

impl Following {
    pub(crate) async fn start(household: Household) -> Self {
        let (app, stand_in) = (App::start().await, StandIn::start(household).await);
        app.push(bare(KITCHEN_1)).await;
        app.claim("D1", "Kitchen", 1).await;
        app.report("Kitchen", 1, ReportKind::Started, None).await;
        let wish = json!({ "address": stand_in.address().to_string(), "token": TOKEN });
        let wish =
            if stand_in.household().schema < 28 { json!({ "address": wish["address"] }) } else { wish };
        assert_eq!(connect(&app, wish).await.0, 200);
        let (stop, stopped) = mpsc::channel(1);
        tokio::spawn(app.state.follower().run(stopped));
        Self { app, stand_in, _stop: stop }
    }

    /// Waits until the queues are as `is` wants them.
    pub(crate) async fn until(&self, is: impl Fn(&App) -> bool) {
        let mut changes = self.app.state.queues().changes();
        let waited = timeout(PATIENCE, async {
            while !is(&self.app) {
                changes.next().await;
            }
        });
        assert!(waited.await.is_ok(), "it did not come: {:?}", kitchen(&self.app));
    }

    pub(crate) fn tell(&self, event: &Value) {
        self.stand_in.events.send(event.to_string()).unwrap();
    }
}

/// The title of what the kitchen plays, and the titles of what comes.
pub(crate) fn kitchen(app: &App) -> Option<(String, Vec<String>)> {
    let echo = ma_alexa::music_assistant::EchoName { name: "Kitchen".to_owned(), udn: None };
    let live = app.state.queues().of(&echo)?;
    let title = |item: &ma_alexa::music_assistant::QueueItem| item.media_item.as_ref().unwrap().name.clone();
    Some((live.queue.current_item.as_ref().map(title)?, live.coming.iter().map(title).collect()))
}

fn plays(app: &App, title: &str) -> bool {
    kitchen(app).is_some_and(|(present, _)| present == title)
}

fn queue(index: u64, title: &str) -> Value {
    let queue = json!({
        "queue_id": "Kitchen", "items": 3, "state": "playing", "current_index": index, "elapsed_time": 0.5,
        "current_item": item("i9", title),
    });
    json!({ "event": "queue_updated", "object_id": "Kitchen", "data": queue })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_known_without_a_question() {
    for schema in [24, 29, 34] {
        let household = Household { schema, oldest_schema: 24, ..Household::default() };
        let following = Following::start(household).await;
        following.until(|app| plays(app, "Two")).await;
        following.until(|app| kitchen(app).is_some_and(|(_, coming)| coming.len() == 3)).await;
        following.tell(&json!({ "event": "a_kind_of_tomorrow", "data": [1] }));
        following.tell(&queue(2, "Three"));
        following.until(|app| plays(app, "Three")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_of_a_server_that_is_not_heard() {
    let following = Following::start(Household::default()).await;
    following.until(|app| plays(app, "Two")).await;
    following.stand_in.events.send(String::new()).unwrap();
    following.until(|app| kitchen(app).is_none()).await;
    following.until(|app| plays(app, "Two")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_takes_the_place_of_the_one_before() {
    let following = Following::start(Household::default()).await;
    following.until(|app| plays(app, "Two")).await;
    let mut household = Household::default();
    household.queue["current_item"] = item("i7", "Seven");
    let other = StandIn::start(household).await;
    let wish = json!({ "address": other.address().to_string(), "token": TOKEN });
    assert_eq!(connect(&following.app, wish).await.0, 200);
    following.until(|app| plays(app, "Seven")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_long_ends_the_socket() {
    let following = Following::start(Household::default()).await;
    following.until(|app| plays(app, "Two")).await;
    following.tell(&json!({ "event": "queue_updated", "data": "x".repeat(2 * 1024 * 1024) }));
    following.until(|app| kitchen(app).is_none()).await;
}
