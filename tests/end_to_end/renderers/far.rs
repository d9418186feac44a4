//! A home whose functions are in AWS: the real `skill`, `api` and bridge over an emulator, and the renderers of the home.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use end_to_end::amazon::{FakeAmazon, serial};
use end_to_end::api::{Api, http_client};
use end_to_end::bridge::Bridge;
use end_to_end::dynamo_proxy::DynamoProxy;
use end_to_end::emulator::Emulator;
use end_to_end::envelope::{Envelope, Played, SKILL};
use end_to_end::runtime_api::Function;
use ma_alexa::renderer::udn;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::controller::{Controller, TRANSPORT};
use super::echos::Echos;
use super::household::{Household, RealServer};
use super::loopback::{didl, stream};
use crate::amazon::harness::{device_id, sign_in};

const ECHO: &str = serial::KITCHEN;

/// The functions of a household, and its account.
pub(super) struct FarHousehold {
    amazon: FakeAmazon,
    pub(super) bridge: Bridge,
    skill: Function,
    proxy: DynamoProxy,
    _folder: TempDir,
}

impl FarHousehold {
    pub(super) async fn start(emulator: &Emulator, of_skill: &[(&str, &str)]) -> Arc<Self> {
        let (amazon, folder) = (FakeAmazon::start().await, TempDir::new().unwrap());
        let secrets = format!("file:{}", folder.path().display());
        let of_api = [("AMAZON_ENDPOINT", amazon.url()), ("SECRETS_URL", secrets)];
        let of_api: Vec<_> = of_api.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let bridge = Bridge::start_with(emulator, &of_api).await;
        amazon.move_to("de");
        sign_in(&amazon, &bridge.api).await;
        let proxy = DynamoProxy::start(emulator.address()).unwrap();
        let endpoint = proxy.endpoint();
        let mut variables = bridge.variables();
        variables.extend([("SKILL_ID", SKILL), ("AWS_ENDPOINT_URL_DYNAMODB", &endpoint)]);
        variables.extend(of_skill);
        let skill = Function::start("skill", &variables).await;
        Arc::new(Self { amazon, skill, proxy, bridge, _folder: folder })
    }

    /// The home, with renderers on a port of its own.
    pub(super) fn start_home(&self, variables: &[(&str, &str)]) -> RealServer {
        let mut all = vec![("RENDERER_BIND", "127.0.0.1:0")];
        all.extend(variables);
        let program = self.bridge.start_home(&all);
        let line: Value = serde_json::from_str(&program.wait_for("\"serving renderers\"")).unwrap();
        let _ = program.wait_for("the bridge hears reports");
        let bound: SocketAddr = line["bind"].as_str().unwrap().parse().unwrap();
        let renderers = ([127, 0, 0, 1], bound.port()).into();
        RealServer { program, api: Api::at(self.bridge.address()), renderers }
    }
}

#[async_trait]
impl Household for FarHousehold {
    fn amazon(&self) -> &FakeAmazon {
        &self.amazon
    }

    async fn ask_skill(&self, envelope: &Envelope) -> Value {
        let answer = self.skill.invoke(&envelope.to_vec()).await.unwrap();
        serde_json::from_slice(&answer).unwrap()
    }
}

/// A Music Assistant of before logins that plays on the renderer of the kitchen. It says when a command starts the next one.
async fn music_assistant() -> (String, mpsc::UnboundedReceiver<()>) {
    let (told, commands) = mpsc::unbounded_channel();
    let id = format!("uuid:{}", udn(ECHO));
    let answer = async |State((told, id)): State<(mpsc::UnboundedSender<()>, String)>,
                        Json(body): Json<Value>| {
        let item = |name: &str| json!({ "queue_item_id": name, "name": name, "duration": 120 });
        Json(match body["command"].as_str().unwrap_or_default() {
            "players/all" => json!([{
                "player_id": id, "name": "Küche", "display_name": "Küche", "available": true, "state": "playing",
            }]),
            "player_queues/get_active_queue" => json!({
                "queue_id": id, "items": 3, "state": "playing", "current_index": 0, "elapsed_time": 9.0,
                "shuffle_enabled": false, "repeat_mode": "off", "current_item": item("one"), "next_item": item("two"),
            }),
            "player_queues/play_index" | "player_queues/next" => {
                told.send(()).unwrap();
                Value::Null
            }
            _ => Value::Null,
        })
    };
    let info = json!({ "server_id": "one", "server_version": "2.5.0", "schema_version": 25, "min_supported_schema_version": 24 });
    let router = Router::new()
        .route("/info", get(async || Json(info)))
        .route("/api", post(answer))
        .with_state((told, id));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, commands)
}

#[tokio::test(flavor = "multi_thread")]
async fn renderers_of_a_home_play_by_functions_in_aws() {
    let Some(emulator) = Emulator::find() else { return };
    let household = FarHousehold::start(&emulator, &[]).await;
    let (music_assistant, mut commands) = music_assistant().await;
    let home = household.start_home(&[("MA_API_URL", &music_assistant)]);
    home.offers(ECHO).await;
    home.offers(serial::LIVING_ROOM).await;
    let echos = Echos::new(Arc::clone(&household) as _, "http://127.0.0.1:9");
    let listening = tokio::spawn(echos.clone().listen());

    // Two rooms at once.
    let mut kitchen = Controller::of(&home, ECHO).await;
    let mut living_room = Controller::of(&home, serial::LIVING_ROOM).await;
    let (one, other) = (stream("one"), stream("other"));
    let (didl_of_one, didl_of_other) = (didl("One", "one"), didl("Other", "other"));
    tokio::join!(kitchen.play(&one, &didl_of_one), living_room.play(&other, &didl_of_other));
    kitchen.sees("TransportState", "PLAYING").await;
    living_room.sees("TransportState", "PLAYING").await;
    let titles = |serial: &str| echos.titles(serial);
    assert_eq!((titles(ECHO), titles(serial::LIVING_ROOM)), (vec!["One".into()], vec!["Other".into()]));

    // A person stops it: the report alone brings that home, since no look at the store is due.
    echos.is_stopped_by_voice(ECHO).await;
    kitchen.sees("TransportState", "PAUSED_PLAYBACK").await;
    let _ = home.program.wait_for("a report came");
    kitchen.resume().await;
    kitchen.sees("TransportState", "PLAYING").await;
    assert_eq!(echos.sentences(ECHO), 2, "a start and a resume");

    // The queue delivers again, out of order, and something else.
    let old = json!({ "player": "Küche", "observed": {
        "version": 1, "revision": 1, "item": null, "next": null, "is_next_given": false, "report": null,
    }, "at": ma_alexa::clock::Timestamp::from_millis(i64::MAX / 2) });
    for body in [old.to_string(), "no report".to_owned()] {
        household.bridge.reports.send(&body).await;
    }
    let _ = home.program.wait_for("a report came again, or after a newer one");
    let _ = home.program.wait_for("a message of the queue is no report");

    // "Next": what Music Assistant starts then is in the answer, and no sentence is needed.
    let (two, didl_of_two) = (stream("two"), didl("Two", "two"));
    let began = Instant::now();
    tokio::join!(echos.asks(ECHO, "AMAZON.NextIntent"), async {
        commands.recv().await.unwrap();
        kitchen.play(&two, &didl_of_two).await;
    });
    let answered = began.elapsed();
    assert_eq!(titles(ECHO).last().map(String::as_str), Some("Two"), "after {answered:?}");
    assert!(answered < Duration::from_secs(5), "{answered:?}");
    kitchen.sees("CurrentTrackURI", &two).await;
    kitchen.sees("TransportState", "PLAYING").await;
    assert_eq!(echos.sentences(ECHO), 2, "it was in the answer");

    // A home that starts again knows what plays.
    home.program.kill();
    let home = household.start_home(&[]);
    home.offers(ECHO).await;
    let mut kitchen = Controller::of(&home, ECHO).await;
    kitchen.sees("TransportState", "PLAYING").await;
    kitchen.sees("CurrentTrackURI", &two).await;
    kitchen.call(TRANSPORT, "Stop", &[]).await.unwrap();
    kitchen.sees("TransportState", "STOPPED").await;
    echos.is_silent(ECHO).await;
    assert!(echos.plays(serial::LIVING_ROOM), "the other room plays on");
    listening.abort();
    let output = home.program.terminate();
    assert!(output.status.success(), "{}", output.stderr);
}

/// The choice is kept in AWS, and what is offered at home follows it.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_switched_on_where_the_functions_are() {
    let Some(emulator) = Emulator::find() else { return };
    let household = FarHousehold::start(&emulator, &[]).await;
    let choice = json!({ "all_off": false, "off": [serial::LIVING_ROOM], "on": [serial::EVERYWHERE] });
    let (status, chosen) = household.bridge.api.ask(Method::PUT, "/v1/renderers", Some(&choice)).await;
    assert_eq!(
        (status, &chosen["served"], &chosen["at_home"]),
        (200, &json!(false), &json!(true)),
        "{chosen}"
    );
    let is_on = |serial: &str| {
        let all = chosen["renderers"].as_array().unwrap();
        all.iter().find(|renderer| renderer["serial"] == serial).map(|renderer| renderer["on"].clone())
    };
    assert_eq!(is_on(serial::EVERYWHERE), Some(json!(true)), "{chosen}");
    assert_eq!(is_on(serial::LIVING_ROOM), Some(json!(false)), "{chosen}");

    let home = household.start_home(&[]);
    home.offers(serial::EVERYWHERE).await;
    home.offers(ECHO).await;
    let off = http_client().get(home.url(serial::LIVING_ROOM, "description.xml")).send().await.unwrap();
    assert_eq!(off.status(), 404);
}

/// The skill's calls to the store for one report.
async fn calls_of_report(household: &FarHousehold, token: &str) -> Vec<String> {
    let _ = household.proxy.take_traffic();
    let report = Envelope::report("PlaybackStarted", token, 0).from_echo(&device_id(ECHO));
    household.ask_skill(&report).await;
    // The function takes the next request once all is done for the one before. This one needs no store.
    household.ask_skill(&Envelope::new("session-resumed-request")).await;
    let mut operations = household.proxy.take_traffic().operations;
    operations.sort();
    operations
}

/// Without renderers a report costs what it did, and where the queue is silent no answer waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_costs_one_message_and_no_answer_waits_for_the_queue() {
    let Some(emulator) = Emulator::find() else { return };
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let household = FarHousehold::start(&emulator, &[("AWS_ENDPOINT_URL_SQS", &endpoint)]).await;
    let asked = Envelope::new("play-audio").from_echo(&device_id(ECHO));

    household.bridge.api.push("Küche", "Aa2keUeZ", "Blue").await;
    let played = Played::of(&household.ask_skill(&asked).await);
    assert_eq!(calls_of_report(&household, &played.token).await, ["UpdateItem"]);

    // A renderer of the home starts the next one.
    let item = json!({ "uri": stream("one"), "title": "One" });
    let request = json!({ "request": { "store": { "serial": ECHO, "item": item } } });
    let (status, stored) = household.bridge.ask("echos", &request).await;
    assert_eq!(status, 200, "{stored}");
    assert_eq!(stored["answer"]["stored"]["handed"], false, "{stored}");
    let asked = Envelope::new("play-audio").from_echo(&device_id(ECHO));
    let played = Played::of(&household.ask_skill(&asked).await);
    // No home was ever there.
    assert_eq!(calls_of_report(&household, &played.token).await, ["GetItem", "UpdateItem"]);
    assert_eq!(household.bridge.reports.count().await, 0);

    // One is there, and the queue is silent.
    let skill = Function::start("skill", &skill_variables(&household, &endpoint)).await;
    assert_eq!(household.bridge.ask("seen", &json!({})).await.0, 200);
    let report = Envelope::report("PlaybackStopped", &played.token, 9_000).from_echo(&device_id(ECHO));
    skill.invoke(&Envelope::new("intent-amazon-help").to_vec()).await.unwrap();
    let began = Instant::now();
    skill.invoke(&report.to_vec()).await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(800), "{:?}", began.elapsed());
    let _ = skill.wait_for_log("a report did not go into the queue in time");
    drop(silent);
}

fn skill_variables<'a>(household: &'a FarHousehold, sqs: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut variables = household.bridge.variables();
    variables.extend([("SKILL_ID", SKILL), ("AWS_ENDPOINT_URL_SQS", sqs)]);
    variables
}
