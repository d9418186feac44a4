//! What the benchmark answers in DynamoDB's name is what the emulator answered to the same requests.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::api::{MUSIC_ASSISTANT, send};
use end_to_end::emulator::{self, Emulator};
use end_to_end::envelope::{Played, nothing};
use end_to_end::household::{self, PLAYERS};
use end_to_end::machine;
use end_to_end::recorded::{ECHO, Exchange, STARTED, STREAMS, VERSION, recorded_at};
use end_to_end::recorder::Recorder;
use ma_alexa::clock::Clock as _;
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::store::dynamodb::DynamoStore;
use reqwest::Method;
use serde_json::{Value, json};

use super::home::Home;

/// A household in which every player has had many streams, and one that no Echo has asked for yet.
struct Household {
    home: Home,
    requests: usize,
}

impl Household {
    async fn grow(home: Home) -> Self {
        let mut household = Self { home, requests: 0 };
        for number in 0..STREAMS {
            for index in 0..PLAYERS {
                household.push(index, number, "Menuetto").await;
                household.wait(1);
                household.play(index).await;
                household.wait(1);
                household.started(index, number as u64 + 1).await;
            }
        }
        household.wait(300);
        let answer = household.push(ECHO, STREAMS, "Menuetto").await;
        assert_eq!(answer["version"], VERSION);
        household
    }

    fn wait(&self, seconds: u64) {
        self.home.clock.advance(Duration::from_secs(seconds));
    }

    async fn push(&self, index: usize, number: usize, title: &str) -> Value {
        let (name, password) = MUSIC_ASSISTANT;
        let request = self.home.api.request(Method::POST, "/ma/push-url").basic_auth(name, Some(password));
        let (status, answer) = send(request.json(&household::push(index, number, title))).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn play(&mut self, index: usize) {
        self.requests += 1;
        let ask = household::play(index, self.requests, self.home.clock.now()).unwrap();
        let _ = Played::of(&self.ask(&ask).await);
    }

    async fn started(&mut self, index: usize, version: u64) {
        self.requests += 1;
        let (now, random) = (self.home.clock.now(), SeededRandom::new(4));
        let report = household::started(index, version, self.requests, now, &random).unwrap();
        assert_eq!(self.ask(&report).await, nothing());
    }

    async fn ask(&self, envelope: &str) -> Value {
        serde_json::to_value(self.home.skill.answer(envelope.as_bytes()).await.unwrap()).unwrap()
    }
}

/// What each call asks and is answered. Query and write of a play are made at once, and whether the one finds what the
/// other writes is chance: the query's answer is that of the same query, made alone before.
async fn record(proxy: &Recorder, household: &mut Household, table: &str) -> Vec<Exchange> {
    proxy.record();
    household.home.api.get("/v1/players").await;
    let mut recorded = proxy.take();
    assert_eq!(recorded.len(), 1);
    proxy.record();
    household.play(ECHO).await;
    let (queries, writes): (Vec<_>, Vec<_>) =
        proxy.take().into_iter().partition(|exchange| exchange.operation == "Query");
    assert!(queries.iter().all(|query| query.request == recorded[0].request), "{queries:?}");
    assert_eq!((queries.len(), writes.len()), (1, 1));
    recorded.extend(writes);
    proxy.record();
    household.wait(1);
    household.started(ECHO, VERSION).await;
    household.wait(1);
    assert_eq!(household.push(ECHO, STREAMS, "Allegro").await["version"], VERSION);
    assert_eq!(household.push(STARTED, STREAMS, "Menuetto").await["version"], VERSION);
    let key = household::player_key(ECHO);
    let get = emulator::client(&proxy.endpoint()).get_item().table_name(table).consistent_read(true);
    let get = get.key("pk", AttributeValue::S("home".to_owned())).key("sk", AttributeValue::S(key));
    assert!(get.send().await.unwrap().item.is_some());
    recorded.extend(proxy.take());
    recorded
}

/// The form of the file: a line for each exchange, and one for each item of an answer.
fn written_down(recorded: &[Value]) -> String {
    let exchanges = recorded.iter().cloned().map(|mut exchange| {
        let items = exchange["answer"].get_mut("Items").map(Value::take);
        let text = exchange.to_string();
        let Some(Value::Array(items)) = items else { return text };
        let items: Vec<String> = items.iter().map(Value::to_string).collect();
        text.replace("\"Items\":null", &format!("\"Items\":[\n{}\n]", items.join(",\n")))
    });
    format!("[\n{}\n]\n", exchanges.collect::<Vec<_>>().join(",\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_benchmark_answers_as_the_emulator_did() {
    let Some(emulator) = Emulator::find() else { return };
    let table = emulator.create_table().await;
    let proxy = Recorder::start(emulator.address()).await;
    let store = DynamoStore::new(emulator::client(&proxy.endpoint()), &table, Arc::new(SeededRandom::new(1)));
    // So long before that the last push is made when everything is said to be recorded.
    let grown_in = 2 * STREAMS as u64 * PLAYERS as u64 + 300;
    let clock = Arc::new(ManualClock::at(recorded_at().minus(Duration::from_secs(grown_in))));
    let home = Home::start(clock, Arc::new(store)).await;
    let mut household = Household::grow(home).await;
    assert_eq!(household.home.clock.now(), recorded_at());
    household.wait(5);
    let recorded: Vec<Value> =
        record(&proxy, &mut household, &table).await.iter().map(Exchange::to_json).collect();

    let file = machine::workspace().join("tests/fixtures/dynamodb.json");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&file, written_down(&recorded)).unwrap();
    }
    let known: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let remedy = "INSTA_UPDATE=always tests/run the_benchmark_answers";
    let names = |list: &Value| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|exchange| exchange["operation"].clone()).collect()
    };
    let recorded = json!(recorded);
    assert_eq!(names(&known), names(&recorded), "{remedy}");
    for (known, recorded) in known.as_array().unwrap().iter().zip(recorded.as_array().unwrap()) {
        // Both are too long to be read in a terminal.
        assert!(known == recorded, "{} is not as it was recorded: {remedy}", known["operation"]);
    }
}
