//! The bridge: the function `api` and `ma-alexa bridge` as they are, with the table, queue and tickets of an emulator.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use end_to_end::bridge::{Bridge, request};
use end_to_end::emulator::Emulator;
use end_to_end::envelope::{Envelope, Played, SKILL};
use end_to_end::program::Program;
use end_to_end::runtime_api::Function;
use ma_alexa::clock::{Clock as _, SystemClock};
use ma_alexa::control::{Action, ControlError, ControlRequest, Reply};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// The reply of a home that no Music Assistant is connected to.
const NOT_CONNECTED: Reply = Reply::Failed(ControlError::NotConnected);

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_says_reaches_the_home_and_its_reply_comes_back() {
    let Some(emulator) = Emulator::find() else { return };
    let bridge = Bridge::start(&emulator).await;
    let control = bridge.control();
    let home = bridge.start_home(&[]);
    let one = request("amzn1.echo-api.request.one", Action::Next);
    assert_eq!(control.carry_out(&one).await, NOT_CONNECTED);
    let _ = home.wait_for("a request is carried out");
    let _ = home.wait_for("a request was answered");

    // A queue delivers again, and a message may be old or strange.
    let again = serde_json::to_string(&one).unwrap();
    let old = ControlRequest {
        id: "old".to_owned(),
        until: SystemClock.now().minus(Duration::from_secs(1)),
        ..one.clone()
    };
    for body in [again.as_str(), &serde_json::to_string(&old).unwrap(), "no request"] {
        bridge.queue.send(body).await;
    }
    for said in
        ["a request came again", "a request came after its time", "a message of the queue is no request"]
    {
        let _ = home.wait_for(said);
    }
    let two = request("amzn1.echo-api.request.two", Action::WhatIsPlaying);
    assert_eq!(control.carry_out(&two).await, NOT_CONNECTED);
    let _ = home.wait_for("\"request.id\":\"amzn1.echo-api.request.two\"");
    ends_soon_and_says_nothing_secret(home);
    assert_eq!(bridge.queue.count().await, 0, "each message was deleted");
}

fn ends_soon_and_says_nothing_secret(home: Program) {
    let began = Instant::now();
    let output = home.terminate();
    assert!(output.status.success(), "{}", output.stderr);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let said = output.stdout + &output.stderr;
    let carried_out = said.matches("a request is carried out").count();
    assert_eq!(carried_out, 2, "{said}");
    for (name, secret) in end_to_end::api::CREDENTIALS {
        assert!(!name.ends_with("_PASSWORD") || !said.contains(secret), "{name} is in the log");
    }
    assert!(!said.contains("ASIA"), "a key is in the log: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_that_is_not_there_is_known_within_a_second() {
    let Some(emulator) = Emulator::find() else { return };
    let bridge = Bridge::start(&emulator).await;
    let control = bridge.control();
    let began = Instant::now();
    let reply = control.carry_out(&request("silent", Action::Next)).await;
    assert_eq!(reply, Reply::Failed(ControlError::NotConnected));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(bridge.queue.count().await, 0, "nothing was sent");

    // It was there a moment ago, and is not any more: the request ends by itself.
    assert_eq!(bridge.ask("seen", &json!({})).await.0, 200);
    let short = ControlRequest {
        until: SystemClock.now().plus(Duration::from_millis(700)),
        ..request("gone", Action::Next)
    };
    assert_eq!(control.carry_out(&short).await, Reply::Failed(ControlError::Slow));
    let late = json!({ "id": "gone", "reply": { "reply": "done" } });
    let (status, refused) = bridge.ask("answer", &late).await;
    assert_eq!((status, &refused["error"]["code"]), (404, &json!("not_waiting")));
    // A home that comes back does not do what was said before.
    let home = bridge.start_home(&[]);
    let _ = home.wait_for("a request came after its time");
    let said = home.terminate().stderr;
    assert!(!said.contains("a request is carried out"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_with_a_wrong_password_says_so_and_ends_at_a_signal() {
    let Some(emulator) = Emulator::find() else { return };
    let bridge = Bridge::start(&emulator).await;
    let home = bridge.try_home(&[("PUSH_PASSWORD", "not the password of it")]);
    let _ = home.wait_for("the functions do not take the user name and password");
    let output = home.terminate();
    assert!(output.status.success(), "{}", output.stderr);
    assert!(!output.stderr.contains("not the password of it"), "{}", output.stderr);
}

async fn said(skill: &Function, envelope: &Envelope) -> String {
    let answer = skill.invoke(&envelope.to_vec()).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    answer["response"]["outputSpeech"]["text"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_says_what_the_home_replies_and_at_once_that_it_is_not_there() {
    let Some(emulator) = Emulator::find() else { return };
    let bridge = Bridge::start(&emulator).await;
    let mut variables = bridge.variables();
    variables.push(("SKILL_ID", SKILL));
    let skill = Function::start("skill", &variables).await;
    bridge.api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let play = skill.invoke(&Envelope::new("play-audio").to_vec()).await.unwrap();
    let played = Played::of(&serde_json::from_slice(&play).unwrap());
    let next = || Envelope::new("intent-amazon-next").playing("PLAYING", &played.token, 9000);

    let began = Instant::now();
    let never = said(&skill, &next()).await;
    assert!(never.contains("not connected"), "{never}");
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());

    let home = bridge.start_home(&[]);
    let answered = said(&skill, &next()).await;
    assert_eq!(answered, never, "this home has no Music Assistant");
    let _ = home.wait_for("a request was answered");
    drop(home);
    assert_eq!(bridge.queue.count().await, 0);
}

/// A Music Assistant of before logins, with one player whose queue has a next item, and the commands that it got.
async fn music_assistant() -> (String, mpsc::UnboundedReceiver<(String, Value)>) {
    let (commands, got) = mpsc::unbounded_channel();
    let command = async |State(commands): State<mpsc::UnboundedSender<(String, Value)>>,
                         Json(body): Json<Value>| {
        let command = body["command"].as_str().unwrap_or_default().to_owned();
        let item = |id: &str| json!({ "queue_item_id": id, "name": id, "duration": 120 });
        let answer = match command.as_str() {
            "players/all" => {
                json!([{ "player_id": "Kitchen", "name": "Kitchen", "display_name": "Kitchen", "available": true }])
            }
            "player_queues/get_active_queue" => json!({
                "queue_id": "Kitchen", "items": 3, "state": "playing", "current_index": 1, "elapsed_time": 9.0,
                "shuffle_enabled": false, "repeat_mode": "off", "current_item": item("i2"), "next_item": item("i3"),
            }),
            _ => Value::Null,
        };
        let _ = commands.send((command, body["args"].clone()));
        Json(answer)
    };
    let info = json!({ "server_id": "one", "server_version": "2.5.0", "schema_version": 25, "min_supported_schema_version": 24 });
    let router = Router::new()
        .route("/info", get(async || Json(info)))
        .route("/api", post(command))
        .with_state(commands);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, got)
}

#[tokio::test(flavor = "multi_thread")]
async fn next_at_an_echo_is_one_command_of_music_assistant() {
    let Some(emulator) = Emulator::find() else { return };
    let bridge = Bridge::start(&emulator).await;
    let (address, mut commands) = music_assistant().await;
    let _home = bridge.start_home(&[("MA_API_URL", &address)]);
    let one = request("amzn1.echo-api.request.one", Action::Next);
    let control = bridge.control();
    let reply = control.carry_out(&one).await;
    assert_eq!(reply, Reply::Starting { music: None, room: None });
    // The queue delivers it again, and Alexa sends it again.
    bridge.queue.send(&serde_json::to_string(&one).unwrap()).await;
    assert_eq!(control.carry_out(&one).await, reply);
    let playing = request("amzn1.echo-api.request.two", Action::WhatIsPlaying);
    let plays = control.carry_out(&playing).await;
    assert!(matches!(&plays, Reply::Playing(music) if music.title == "i2"), "{plays:?}");
    let mut played = Vec::new();
    while let Ok((command, args)) = commands.try_recv() {
        if command == "player_queues/play_index" {
            played.push(args);
        }
    }
    assert_eq!(played, [json!({ "queue_id": "Kitchen", "index": 2 })]);
}
