//! How often each kind of request goes to the store, and how often one call waits for another.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::sync::Arc;
use std::time::Duration;

use end_to_end::dynamo_proxy::DynamoProxy;
use end_to_end::emulator::{self, Emulator};
use end_to_end::envelope::{Envelope, Played};
use end_to_end::machine;
use ma_alexa::account::ChallengePurpose;
use ma_alexa::clock::Clock as _;
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::store::Store;
use ma_alexa::store::dynamodb::DynamoStore;
use ma_alexa::store::sqlite::Statistics;
use serde_json::Value;

use super::home::{Home, StateFile, clock};
use super::identify::{challenge, says};

/// What one kind of request asked of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cost {
    /// Requests to DynamoDB, or statements of SQLite.
    calls: usize,
    /// In how many rounds they went, each of which waited for the one before; for SQLite, which runs one statement
    /// after the other, how often the disk was waited for.
    rounds: usize,
    /// What they were.
    what: String,
}

/// Counts what a store is asked.
trait Meter {
    /// What was asked since this was last asked.
    fn take(&mut self) -> Cost;
}

struct DynamoMeter(DynamoProxy);

impl Meter for DynamoMeter {
    fn take(&mut self) -> Cost {
        let mut traffic = self.0.take_traffic();
        traffic.operations.sort();
        Cost { calls: traffic.operations.len(), rounds: traffic.rounds, what: traffic.operations.join(" ") }
    }
}

struct SqliteMeter {
    file: StateFile,
    before: Statistics,
}

impl Meter for SqliteMeter {
    fn take(&mut self) -> Cost {
        let now = self.file.store.statistics();
        let of = |count: fn(&Statistics) -> u64| usize::try_from(count(&now) - count(&self.before)).unwrap();
        let (reads, writes, commits) = (of(|now| now.reads), of(|now| now.writes), of(|now| now.commits));
        let statements = of(|now| now.statements);
        self.before = now;
        let what = format!("{reads} reads, {writes} writes");
        Cost { calls: statements, rounds: commits, what }
    }
}

/// One row: a kind of request, and what it cost.
type Row = (&'static str, Cost);

/// Goes through every kind of request once.
async fn measure(clock: &Arc<ManualClock>, store: Arc<dyn Store>, meter: &mut dyn Meter) -> Vec<Row> {
    let home = Home::start(clock.clone(), store.clone()).await;
    let mut rows = Vec::new();
    meter.take();

    home.api.push("Kitchen", "one", "Blue").await;
    rows.push(("push, first of a player", meter.take()));
    clock.advance(Duration::from_secs(1));
    home.api.push("Kitchen", "one", "A Case of You").await;
    rows.push(("push of metadata", meter.take()));
    ask(&home, &Envelope::new("play-audio")).await;
    rows.push(("play, first (claim)", meter.take()));
    clock.advance(Duration::from_mins(3));
    home.api.push("Kitchen", "two", "Carey").await;
    rows.push(("push, start minutes later", meter.take()));
    let played = Played::of(&ask(&home, &Envelope::new("play-audio")).await);
    rows.push(("play, steady state", meter.take()));
    ask(&home, &Envelope::report("PlaybackStarted", &played.token, 0)).await;
    rows.push(("event", meter.take()));
    ask(&home, &Envelope::report("PlaybackStopped", &played.token, 9_000)).await;
    rows.push(("event, first proof of a route", meter.take()));
    ask(&home, &Envelope::report("PlaybackStopped", &played.token, 9_001)).await;
    rows.push(("event, proof of a known route", meter.take()));
    clock.advance(Duration::from_secs(1));
    let resume = Envelope::new("intent-amazon-resume").playing("STOPPED", &played.token, 9_000);
    let resumed = Played::of(&ask(&home, &resume).await);
    rows.push(("resume", meter.take()));
    let failed = Envelope::failed(&resumed.token, "MEDIA_ERROR_SERVICE_UNAVAILABLE");
    let replayed = Played::of(&ask(&home, &failed).await);
    assert_eq!(replayed.offset_ms, 0);
    rows.push(("event, failed and replayed", meter.take()));

    home.api.push("Kitchen", "three", "California").await;
    rows.push(("push, start", meter.take()));
    ask(&home, &Envelope::new("intent-amazon-help")).await;
    rows.push(("help", meter.take()));
    ask(&home, &Envelope::new("intent-amazon-stop")).await;
    rows.push(("stop", meter.take()));
    ask(&home, &Envelope::new("ma-pause")).await;
    rows.push(("pause by Music Assistant", meter.take()));
    ask(&home, &Envelope::new("play-audio").from_echo("another")).await;
    rows.push(("play, not paired", meter.take()));
    ask(&home, &Envelope::new("pair-kitchen").from_echo("another")).await;
    rows.push(("pairing by voice", meter.take()));
    home.api.get("/v1/players").await;
    rows.push(("GET /v1/players", meter.take()));
    for row in ["what to say, first", "what to say, again"] {
        home.api.get("/alexa/intents").await;
        rows.push((row, meter.take()));
    }
    measure_codes(clock, store.as_ref(), &home, meter, &mut rows).await;
    rows
}

/// Says the code of each purpose to the skill.
async fn measure_codes(
    clock: &ManualClock,
    store: &dyn Store,
    home: &Home,
    meter: &mut dyn Meter,
    rows: &mut Vec<Row>,
) {
    let purposes = [
        ("code, to identify", ChallengePurpose::Identify),
        ("code, to play", ChallengePurpose::Play { version: 3 }),
    ];
    for (number, (row, kind)) in purposes.into_iter().enumerate() {
        let challenge = challenge(number, "Kitchen", kind, clock.now());
        assert!(store.put_challenge(&challenge, clock.now()).await.unwrap());
        meter.take();
        ask(home, &says(&challenge.word).from_echo("another")).await;
        rows.push((row, meter.take()));
    }
}

async fn ask(home: &Home, envelope: &Envelope) -> Value {
    serde_json::to_value(home.skill.answer(&envelope.to_vec()).await.unwrap()).unwrap()
}

fn print(title: &str, columns: [&str; 2], rows: &[Row]) {
    let mut lines = vec![title.to_owned(), format!("    {:<34} {:>10} {:>8}", "", columns[0], columns[1])];
    lines.extend(
        rows.iter().map(|(name, cost)| {
            format!("    {name:<34} {:>10} {:>8}  {}", cost.calls, cost.rounds, cost.what)
        }),
    );
    machine::say(&lines.join("\n"));
}

fn cost<'a>(rows: &'a [Row], name: &str) -> &'a Cost {
    &rows.iter().find(|(known, _)| *known == name).unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_play_waits_for_dynamodb_once() {
    let Some(emulator) = Emulator::find() else { return };
    let table = emulator.create_table().await;
    let proxy = DynamoProxy::start(emulator.address()).unwrap();
    let client = emulator::client(&proxy.endpoint());
    let store = DynamoStore::new(client, &table, Arc::new(SeededRandom::new(1)));
    proxy.hold(true);
    let rows = measure(&clock(), Arc::new(store), &mut DynamoMeter(proxy)).await;
    print("calls of DynamoDB", ["calls", "rounds"], &rows);

    for (name, calls, rounds, what) in [
        ("play, steady state", 2, 1, "Query UpdateItem"),
        ("resume", 2, 1, "Query UpdateItem"),
        ("event", 1, 1, "UpdateItem"),
        ("event, first proof of a route", 3, 3, "GetItem PutItem UpdateItem"),
        ("event, proof of a known route", 2, 2, "GetItem UpdateItem"),
        ("push of metadata", 2, 2, "GetItem PutItem"),
        ("push, start", 3, 3, "GetItem PutItem PutItem"),
        ("help", 0, 0, ""),
        ("stop", 0, 0, ""),
        ("pause by Music Assistant", 1, 1, "Query"),
        ("GET /v1/players", 1, 1, "Query"),
        ("what to say, first", 3, 3, "GetItem GetItem PutItem"),
        ("what to say, again", 1, 1, "GetItem"),
        ("code, to identify", 3, 3, "Query TransactWriteItems UpdateItem"),
        ("code, to play", 5, 4, "Query Query TransactWriteItems UpdateItem UpdateItem"),
    ] {
        let expected = Cost { calls, rounds, what: what.to_owned() };
        assert_eq!(*cost(&rows, name), expected, "{name}");
    }
    for (name, most) in
        [("play, first (claim)", 5), ("event, failed and replayed", 2), ("pairing by voice", 4)]
    {
        assert!(cost(&rows, name).calls <= most, "{name}: {:?}", cost(&rows, name));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_play_waits_for_the_disk_once() {
    let clock = clock();
    let file = StateFile::new(clock.clone());
    let store = Arc::new(file.store.clone());
    let rows = measure(&clock, store, &mut SqliteMeter { file, before: Statistics::default() }).await;
    print("statements of SQLite", ["statements", "commits"], &rows);

    for (name, commits) in [
        ("play, steady state", 1),
        ("resume", 1),
        ("event", 1),
        ("event, first proof of a route", 2),
        ("event, failed and replayed", 1),
        ("push of metadata", 1),
        ("help", 0),
        ("stop", 0),
        ("pause by Music Assistant", 0),
        ("GET /v1/players", 0),
        ("what to say, first", 1),
        ("what to say, again", 0),
        ("code, to identify", 2),
        ("code, to play", 3),
    ] {
        assert_eq!(cost(&rows, name).rounds, commits, "{name}");
    }
    assert_eq!(cost(&rows, "help").calls, 0);
}
