//! Commands, queues, searches and plays by the API.

use std::time::{Duration, Instant};

use ma_alexa::clock::Clock as _;
use ma_alexa::store::ActivityStore as _;
use reqwest::Method;
use serde_json::{Value, json};

use super::connection::{ask, connect};
use super::stand_in::{Household, Mood, StandIn, TOKEN, item, media};
use crate::api::harness::App;

const COMMAND: &str = "/v1/players/Kitchen/command";
const PLAY: &str = "/v1/players/Kitchen/play";
const QUEUE: &str = "/v1/players/Kitchen/queue";
const SEARCH: &str = "/v1/search?query=two";

/// A household that is connected.
async fn connected() -> (App, StandIn) {
    let (app, stand_in) = (App::start().await, StandIn::start(Household::default()).await);
    let body = json!({ "address": stand_in.address().to_string(), "token": TOKEN });
    assert_eq!(connect(&app, body).await.0, 200);
    stand_in.asked();
    (app, stand_in)
}

async fn post(app: &App, path: &str, body: Value) -> (u16, Value) {
    ask(app, Method::POST, path, Some(body)).await
}

async fn get(app: &App, path: &str) -> (u16, Value) {
    ask(app, Method::GET, path, None).await
}

/// The last command, which is the one that changes something.
fn last(stand_in: &StandIn) -> (String, Value) {
    let mut asked = stand_in.asked();
    // The names of the library are read in the background.
    asked.retain(|(command, _)| !command.ends_with("/library_items"));
    asked.pop().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_command_reaches_the_queue() {
    let (app, stand_in) = connected().await;
    let kitchen = |name: &str, value: Value| json!({ "queue_id": "Kitchen", name: value });
    for (body, command, args) in [
        (json!({ "command": "next" }), "play_index", kitchen("index", json!(2))),
        (json!({ "command": "previous" }), "play_index", kitchen("index", json!(0))),
        (json!({ "command": "pause" }), "pause", json!({ "queue_id": "Kitchen" })),
        (json!({ "command": "resume" }), "resume", json!({ "queue_id": "Kitchen" })),
        (json!({ "command": "stop" }), "stop", json!({ "queue_id": "Kitchen" })),
        (json!({ "command": "clear" }), "clear", json!({ "queue_id": "Kitchen" })),
        (json!({ "command": "start_over" }), "seek", kitchen("position", json!(0))),
        (json!({ "command": "seek", "position": 30 }), "seek", kitchen("position", json!(30))),
        (
            json!({ "command": "shuffle", "enabled": true }),
            "shuffle",
            kitchen("shuffle_enabled", json!(true)),
        ),
        (json!({ "command": "repeat", "mode": "one" }), "repeat", kitchen("repeat_mode", json!("one"))),
    ] {
        let (status, said) = post(&app, COMMAND, body.clone()).await;
        assert_eq!((status, &said), (200, &json!({ "player": "Kitchen" })), "{body}");
        assert_eq!(last(&stand_in), (format!("player_queues/{command}"), args), "{body}");
    }
    stand_in.change(|household| {
        let office = json!({ "player_id": "RINCON_1", "name": "Office", "provider": "sonos" });
        household.players.as_array_mut().unwrap().push(office);
    });
    assert_eq!(post(&app, COMMAND, json!({ "command": "transfer", "to": "office" })).await.0, 200);
    let moved = json!({ "source_queue_id": "Kitchen", "target_queue_id": "RINCON_1" });
    assert_eq!(last(&stand_in), ("player_queues/transfer".to_owned(), moved));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_item_is_the_place_behind_whatever_is_named() {
    let (app, stand_in) = connected().await;
    for (next, index, wanted) in [
        (Value::Null, 1, Some(2)),
        (Value::Null, 2, None),
        (item("i2", "Two"), 1, Some(2)),
        (item("i2", "Two"), 2, None),
        (Value::Null, u64::MAX, None),
    ] {
        stand_in.change(|household| {
            household.queue["next_item"] = next.clone();
            household.queue["current_index"] = json!(index);
        });
        let (status, _) = post(&app, COMMAND, json!({ "command": "next" })).await;
        assert_eq!(status, if wanted.is_some() { 200 } else { 404 }, "{next} {index}");
        let sent = last(&stand_in);
        assert_eq!(sent.1["index"], json!(wanted), "{sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said_and_nothing_is_sent() {
    let (app, stand_in) = connected().await;
    let far = json!({ "command": "seek", "position": 999_999 });
    for (path, body, status, code) in [
        (COMMAND, json!({ "command": "dance" }), 400, "invalid_request"),
        (COMMAND, json!({ "command": "seek" }), 400, "invalid_request"),
        (COMMAND, json!({ "command": "seek", "position": -1 }), 400, "invalid_request"),
        (COMMAND, far, 400, "invalid_request"),
        (COMMAND, json!({ "command": "shuffle" }), 400, "invalid_request"),
        (COMMAND, json!({ "command": "repeat", "mode": "twice" }), 400, "invalid_request"),
        (COMMAND, json!({ "command": "transfer", "to": "Attic" }), 404, "player_unknown"),
        ("/v1/players/Attic/command", json!({ "command": "pause" }), 404, "player_unknown"),
        (PLAY, json!({}), 400, "invalid_request"),
        (PLAY, json!({ "uri": "library://track/Two", "query": "two" }), 400, "invalid_request"),
        (PLAY, json!({ "uri": "two" }), 400, "invalid_request"),
        (PLAY, json!({ "uri": "library://track/Gone" }), 404, "music_unknown"),
        (PLAY, json!({ "query": "x".repeat(8000) }), 400, "invalid_request"),
        ("/v1/players/Attic/play", json!({ "query": "two" }), 404, "player_unknown"),
    ] {
        let (answered, said) = post(&app, path, body.clone()).await;
        assert_eq!((answered, said["error"]["code"].as_str()), (status, Some(code)), "{path} {body}: {said}");
    }
    stand_in.change(|household| {
        household.queue["next_item"] = Value::Null;
        household.queue["current_index"] = Value::Null;
        household.results = json!({});
    });
    for body in [json!({ "command": "next" }), json!({ "command": "previous" })] {
        assert_eq!(post(&app, COMMAND, body).await.1["error"]["code"], "music_unknown");
    }
    assert_eq!(post(&app, PLAY, json!({ "query": "two" })).await.1["error"]["code"], "music_unknown");
    let changes = |(command, _): &(String, Value)| {
        let questions =
            ["get_active_queue", "players/all", "search", "item_by_uri", "library_items", "auth/me"];
        !questions.iter().any(|question| command.ends_with(question))
    };
    assert!(!stand_in.asked().iter().any(changes));
}

#[tokio::test(flavor = "multi_thread")]
async fn music_is_played_by_its_address_or_by_a_search() {
    let (app, stand_in) = connected().await;
    let body = json!({ "uri": "library://track/Two", "enqueue": "add", "radio": true });
    assert_eq!(post(&app, PLAY, body).await, (200, json!({ "player": "Kitchen", "music": null })));
    let args = json!({
        "queue_id": "Kitchen", "media": "library://track/Two", "option": "add", "radio_mode": true,
    });
    assert_eq!(last(&stand_in), ("player_queues/play_media".to_owned(), args));

    let (status, said) = post(&app, PLAY, json!({ "query": "two" })).await;
    assert_eq!((status, &said["music"]["uri"]), (200, &json!("library://track/Two")), "{said}");
    assert_eq!(last(&stand_in).1["option"], "replace");
}

/// Music Assistant empties a queue before it looks for music like a piece.
#[tokio::test(flavor = "multi_thread")]
async fn a_radio_that_no_provider_has_ends_nothing() {
    let (app, stand_in) = connected().await;
    let plays = || -> Vec<Value> {
        let asked = stand_in.asked().into_iter();
        let plays = asked.filter(|(command, _)| command == "player_queues/play_media");
        plays.map(|(_, args)| json!([args["option"], args["radio_mode"]])).collect()
    };
    let radio = json!({ "uri": "library://track/Two", "radio": true });
    assert_eq!(post(&app, PLAY, radio.clone()).await.0, 200);
    assert_eq!(plays(), [json!(["replace_next", true])], "what plays is left until the rest is there");
    stand_in.change(|household| household.fails = Some("player_queues/play_media"));
    for body in [radio, json!({ "query": "two", "radio": true })] {
        let (status, said) = post(&app, PLAY, body.clone()).await;
        assert_eq!(
            (status, &said["error"]["code"]),
            (502, &json!("music_assistant_failed")),
            "{body}: {said}"
        );
        assert_eq!(plays(), [json!(["replace_next", true])], "{body}: nothing else was sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_by_the_api_is_in_the_activity() {
    let (app, stand_in) = connected().await;
    stand_in.change(|household| household.fails = Some("player_queues/pause"));
    assert_eq!(post(&app, COMMAND, json!({ "command": "pause" })).await.0, 502);
    stand_in.change(|household| household.mood = Mood::Status(401));
    for _ in 0..2 {
        assert_eq!(post(&app, PLAY, json!({ "query": "two" })).await.0, 409);
    }
    let recent = app.store.recent(50, app.clock.now()).await.unwrap();
    let entries: Vec<Value> = recent.iter().map(|activity| serde_json::to_value(activity).unwrap()).collect();
    let noted: Vec<(&str, &str)> = entries
        .iter()
        .filter_map(|entry| Some((entry["player"].as_str()?, entry["reason"].as_str()?)))
        .collect();
    assert_eq!(
        noted,
        [("Kitchen", "signed_out"), ("Kitchen", "failed")],
        "each kind once a minute: {entries:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_heard_in_its_language() {
    let app = App::start_with(&[("LOCALE", "de-DE")]).await;
    let results = json!({ "tracks": [media("2", "library")] });
    let stand_in = StandIn::start(Household { results, ..Household::default() }).await;
    let body = json!({ "address": stand_in.address().to_string(), "token": TOKEN });
    assert_eq!(connect(&app, body).await.0, 200);
    for (body, status) in [
        (json!({ "query": "zwei" }), 200),
        (json!({ "query": "zwei", "locale": "de-DE" }), 200),
        (json!({ "query": "zwei", "locale": "en-us" }), 404),
        (json!({ "query": "two", "locale": "en-US" }), 200),
        (json!({ "query": "two", "locale": "xx" }), 400),
    ] {
        let (answered, said) = post(&app, PLAY, body.clone()).await;
        assert_eq!(answered, status, "{body}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_and_a_search_are_bounded() {
    let (app, stand_in) = connected().await;
    let (status, queue) = get(&app, QUEUE).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&queue["queue"], &queue["state"], &queue["index"]),
        (&json!("Kitchen"), &json!("playing"), &json!(1))
    );
    assert_eq!((&queue["offset_ms"], &queue["repeat"]), (&json!(12500), &json!("off")));
    let first = json!({
        "id": "i1", "title": "One", "artist": "Kim, Jo", "album": "Numbers", "uri": "library://track/One",
        "duration_ms": 120_000,
    });
    assert_eq!(queue["items"][0], first);
    assert_eq!(last(&stand_in).1, json!({ "queue_id": "Kitchen", "limit": 20, "offset": 1 }));
    assert_eq!(get(&app, &format!("{QUEUE}?limit=2")).await.1["items"].as_array().unwrap().len(), 2);

    let many: Vec<Value> = (0..5000).map(|number| media(&format!("T{number}"), "spotify--1")).collect();
    stand_in
        .change(|household| household.results = json!({ "tracks": many, "radio": [media("R", "library")] }));
    let (_, found) = get(&app, SEARCH).await;
    assert_eq!(found["results"].as_array().unwrap().len(), 11);
    let (_, found) = get(&app, "/v1/search?query=two&kinds=radio,%20album&limit=25&library=true").await;
    let result = json!({
        "kind": "radio", "name": "R", "artist": "Kim, Jo", "album": "Numbers", "uri": "library://track/R",
        "in_library": true, "favorite": true,
    });
    assert_eq!(found, json!({ "results": [result] }));

    let long = format!("/v1/search?query={}", "x".repeat(8000));
    let kinds = format!("{SEARCH}&kinds={}", ["track"; 9].join(","));
    for refused in [
        &long,
        &kinds,
        "/v1/search",
        "/v1/search?query=",
        "/v1/search?query=two&limit=0",
        "/v1/search?query=two&limit=26",
        "/v1/search?query=two&kinds=dance",
        "/v1/players/Kitchen/queue?limit=101",
    ] {
        let (status, said) = get(&app, refused).await;
        assert_eq!((status, &said["error"]["code"]), (400, &json!("invalid_request")), "{refused}");
    }
}

/// Each route asks, and says what came of it.
async fn all(app: &App) -> Vec<(u16, Value)> {
    let (command, play, queue, found) = tokio::join!(
        post(app, COMMAND, json!({ "command": "pause" })),
        post(app, PLAY, json!({ "query": "two" })),
        get(app, QUEUE),
        get(app, SEARCH),
    );
    vec![command, play, queue, found]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_has_its_code_within_six_seconds() {
    let (app, stand_in) = connected().await;
    for (mood, status, code) in [
        (Mood::Garbage, 502, "music_assistant_unexpected"),
        (Mood::Huge, 502, "music_assistant_unexpected"),
        (Mood::Redirects, 502, "music_assistant_unexpected"),
        (Mood::Status(401), 409, "music_assistant_signed_out"),
        (Mood::Status(403), 409, "music_assistant_not_allowed"),
        (Mood::Status(500), 502, "music_assistant_failed"),
        (Mood::Status(503), 502, "music_assistant_failed"),
        (Mood::Silent, 504, "music_assistant_slow"),
    ] {
        stand_in.change(|household| household.mood = mood);
        let began = Instant::now();
        for (answered, said) in all(&app).await {
            assert_eq!((answered, said["error"]["code"].as_str()), (status, Some(code)), "{mood:?}: {said}");
        }
        assert!(began.elapsed() < Duration::from_secs(6), "{mood:?}: {:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_every_route_says_so() {
    let app = App::start().await;
    for (status, said) in all(&app).await {
        assert_eq!(
            (status, &said["error"]["code"]),
            (409, &json!("music_assistant_not_connected")),
            "{said}"
        );
    }
}
