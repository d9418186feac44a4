//! The store does not serve until it is healed: each request learns so in time, and nothing is lost or done twice.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use end_to_end::dynamo_proxy::{Fault, Victims};
use end_to_end::emulator::Emulator;
use end_to_end::envelope::{ECHO, Envelope, Played, nothing};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::harness::{ATTEMPTS, ATTIC, HALL, Harness, LOFT, STUDY, assert_log, furnish, in_time, speech};
use crate::functions::Functions;

/// What stands only in the writes that decide something: a claim, an event, a pairing by voice, a start.
const DECISIVE: &[&str] = &["had_echo", "last_event", "TransactItems", "replaced"];

/// As many as it takes for each request to the skill to have one of its own.
const INSTANCES: usize = 4;

/// The requests that are made during an outage.
struct Requests {
    play: Envelope,
    event: Envelope,
    claim: Envelope,
    pairing: Envelope,
}

impl Requests {
    fn new(token: &str) -> Self {
        Self {
            play: Envelope::new("intent-amazon-resume"),
            event: Envelope::report("PlaybackStarted", token, 0),
            claim: Envelope::new("play-audio").from_echo(HALL),
            pairing: Envelope::new("pair-kitchen")
                .from_echo(ATTIC)
                .with("/request/intent/slots/player/slotValue/value", json!("loft")),
        }
    }
}

/// What they came to.
struct Answers {
    play: Value,
    event: Value,
    claim: Value,
    pairing: Value,
    push: (u16, Value),
    players: (u16, Value),
}

/// Asks everything at once. An instance does one thing at a time, so `instances` make it quick where each answer takes
/// long.
async fn ask_everything(instances: &[Mutex<Functions>], requests: &Requests) -> Answers {
    let instance = |number: usize| instances[number % instances.len()].lock();
    let ask = async |number: usize, envelope: &Envelope| in_time(&*instance(number).await, envelope).await;
    let (play, event, claim, pairing, push, players) = tokio::join!(
        ask(0, &requests.play),
        ask(1, &requests.event),
        ask(2, &requests.claim),
        ask(3, &requests.pairing),
        async { instance(4).await.api.try_push("Study", "two", "California").await },
        async { instance(5).await.api.ask(Method::GET, "/v1/players", None).await },
    );
    Answers { play, event, claim, pairing, push, players }
}

/// Asks for everything while the store fails `victims`, which the log is to call `cause`, and once more when it is
/// healed.
async fn outage(fault: Fault, victims: Victims, instances: usize, cause: &str) {
    let Some(emulator) = Emulator::find() else { return };
    let harness = Harness::start(&emulator).await;
    let mut clouds = Vec::new();
    for _ in 0..instances {
        clouds.push(Mutex::new(harness.instance().await));
    }
    let token = furnish(&*clouds[0].lock().await).await;

    let _ = harness.proxy.take_calls();
    harness.proxy.fail(fault, victims);
    let answers = ask_everything(&clouds, &Requests::new(&token)).await;
    let tried: Vec<usize> = harness.proxy.take_calls().iter().map(|call| call.attempts).collect();
    assert_eq!(tried.iter().max(), Some(&ATTEMPTS), "{fault:?}: {tried:?}");
    assert_failed(&answers, victims == Victims::ALL);
    // Those that were asked for the claim, and for the push.
    assert_log(&clouds[2 % instances].lock().await.skill, cause);
    assert_log(&clouds[4 % instances].lock().await.api_function, cause);

    harness.proxy.heal();
    let answers = ask_everything(&clouds, &Requests::new(&token)).await;
    harness.assert_no_retries();
    assert_served(&answers);
    assert_done_once(&*clouds[0].lock().await).await;
}

fn assert_failed(answers: &Answers, all: bool) {
    assert_eq!(answers.event, nothing());
    for answer in [&answers.claim, &answers.pairing] {
        assert!(!speech(answer).is_empty(), "{answer}");
        assert_eq!(answer["response"]["shouldEndSession"], true, "{answer}");
    }
    let (status, body) = &answers.push;
    assert_eq!((*status, body["error"].is_string()), (503, true), "{body}");
    let (status, body) = &answers.players;
    if all {
        assert!(!speech(&answers.play).is_empty(), "{}", answers.play);
        assert_eq!((*status, &body["error"]["code"]), (503, &json!("store_unavailable")), "{body}");
    } else {
        assert!(Played::of(&answers.play).url.ends_with("/Kitchen.mp3"));
        assert_eq!(*status, 200, "{body}");
    }
}

fn assert_served(answers: &Answers) {
    assert!(Played::of(&answers.play).url.ends_with("/Kitchen.mp3"));
    assert_eq!(answers.event, nothing());
    assert!(Played::of(&answers.claim).url.ends_with("/Office.mp3"));
    assert!(speech(&answers.pairing).contains("Loft"), "{}", answers.pairing);
    assert_eq!(answers.push, (200, json!({ "status": "ok", "version": 2 })));
    assert_eq!(answers.players.0, 200);
}

async fn assert_done_once(functions: &Functions) {
    let players = functions.api.get("/v1/players").await;
    let players: Vec<[&Value; 4]> = players["players"]
        .as_array()
        .unwrap()
        .iter()
        .map(|player| [&player["player"], &player["version"], &player["echo"], &player["state"]])
        .collect();
    assert_eq!(
        json!(players),
        json!([
            ["Kitchen", 1, ECHO, "playing"],
            ["Loft", 1, ATTIC, "requested"],
            ["Office", 1, HALL, "requested"],
            ["Study", 2, STUDY, "idle"],
        ])
    );
    let echos = functions.api.get("/v1/echos").await;
    let mut echos: Vec<Value> = echos["echos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|echo| {
            let served = echo["players"].as_array().unwrap().iter();
            let served: Vec<[&Value; 2]> = served.map(|it| [&it["player"], &it["how"]]).collect();
            json!([echo["device"], served])
        })
        .collect();
    echos.sort_by_key(Value::to_string);
    assert_eq!(
        json!(echos),
        json!([
            [ECHO, [["Kitchen", "learned"]]],
            [ATTIC, [["Loft", "voice"]]],
            [HALL, [["Office", "learned"]]],
            [LOFT, []],
            [STUDY, [["Study", "learned"]]],
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_is_reported_and_forgotten() {
    tokio::join!(
        outage(Fault::Throttled, Victims::ALL, 1, "Exception: "),
        outage(Fault::Failed, Victims::ALL, 1, "InternalServerError: "),
        outage(Fault::Dropped, Victims::ALL, 1, "connection closed"),
    );
}

/// Whether or not a decision was written, taking it again ends in the same state.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_may_have_been_written_is_taken_again() {
    let decisive = Victims::ALL.with(DECISIVE);
    tokio::join!(
        outage(Fault::Failed, decisive, 1, "InternalServerError: "),
        outage(Fault::DoneButFailed, decisive, 1, "InternalServerError: "),
        outage(Fault::DoneButDropped, decisive, 1, "connection closed"),
    );
}

/// What decides is written, and the writer learns it only by asking again.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_says_nothing_at_first_is_asked_again() {
    let Some(emulator) = Emulator::find() else { return };
    let harness = Harness::start(&emulator).await;
    let mut clouds = Vec::new();
    for _ in 0..INSTANCES {
        clouds.push(Mutex::new(harness.instance().await));
    }
    let token = furnish(&*clouds[0].lock().await).await;
    harness.proxy.fail(Fault::DoneButSilent, Victims::first(1).with(DECISIVE));
    assert_served(&ask_everything(&clouds, &Requests::new(&token)).await);
    harness.proxy.heal();
    assert_done_once(&*clouds[0].lock().await).await;
}

/// Activities are kept for people to read, and no request waits long for that.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_record_delays_no_music() {
    let Some(emulator) = Emulator::find() else { return };
    let harness = Harness::start(&emulator).await;
    let functions = harness.instance().await;
    furnish(&functions).await;
    harness.proxy.fail(Fault::Silent, Victims::ALL.with(&["activity#"]));
    let _ = harness.proxy.take_calls();
    let claim = Envelope::new("play-audio").from_echo(HALL);
    assert!(Played::of(&in_time(&functions, &claim).await).url.ends_with("/Office.mp3"));
    let calls = harness.proxy.take_calls();
    let tried: Vec<usize> =
        calls.iter().filter(|call| call.body.contains("activity#")).map(|call| call.attempts).collect();
    assert_eq!(tried, [1], "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_says_nothing_is_given_up_in_time() {
    tokio::join!(
        outage(Fault::Silent, Victims::ALL, INSTANCES, "timeout"),
        outage(Fault::DoneButSilent, Victims::ALL.with(DECISIVE), INSTANCES, "the store "),
    );
}
