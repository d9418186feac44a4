//! Our connection to the real Music Assistant's own API, and what plays by it.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use end_to_end::music_assistant::ADMINISTRATOR;
use reqwest::Method;
use serde_json::{Value, json};

use super::house::House;
use super::{KITCHEN, OFFICE, at_home};

async fn connect(house: &House, sign_in: Value) -> (u16, Value) {
    let mut body = json!({ "address": house.ma.api() });
    body.as_object_mut().unwrap().extend(sign_in.as_object().unwrap().clone());
    house.ask(Method::POST, "/v1/music-assistant/connect", Some(body)).await
}

async fn connect_as_administrator(house: &House) -> Value {
    let (name, password) = ADMINISTRATOR;
    let (status, body) = connect(house, json!({ "username": name, "password": password })).await;
    assert_eq!((status, &body["connected"]), (200, &json!(true)), "{body}");
    body
}

/// The names of the tokens in Music Assistant's list.
async fn tokens(house: &House) -> Vec<String> {
    let tokens = house.ma.command("auth/tokens", json!({})).await;
    tokens.as_array().unwrap().iter().map(|token| token["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_connects_and_what_is_sent_then_plays() {
    at_home(async |house, tracks| {
        a_password_makes_one_token_that_ends_with_the_connection(house).await;
        a_guest_is_not_taken(house).await;
        music_is_searched_played_and_skipped(house, tracks).await;
    })
    .await;
}

async fn a_password_makes_one_token_that_ends_with_the_connection(house: &House) {
    let wrong = connect(house, json!({ "username": "admin", "password": "wrong horse" })).await;
    assert_eq!((wrong.0, &wrong.1["error"]["code"]), (409, &json!("music_assistant_login_refused")));
    let without = connect(house, json!({})).await;
    assert_eq!((without.0, &without.1["error"]["code"]), (409, &json!("music_assistant_signed_out")));

    let before = tokens(house).await;
    let body = connect_as_administrator(house).await;
    assert_eq!(
        (&body["user"], &body["role"], &body["schema"]),
        (&json!("admin"), &json!("admin"), &json!(29))
    );
    let with_ours: Vec<String> = [before.clone(), vec!["Alexa".to_owned()]].concat();
    let mut now = tokens(house).await;
    now.sort();
    let mut expected = with_ours;
    expected.sort();
    assert_eq!(now, expected, "ours, and none of the sign-in");

    let (status, body) = house.ask(Method::DELETE, "/v1/music-assistant", None).await;
    assert_eq!((status, &body["problem"]["code"]), (200, &json!("music_assistant_signed_out")));
    let (mut left, mut before) = (tokens(house).await, before);
    left.sort();
    before.sort();
    assert_eq!(left, before);
}

async fn a_guest_is_not_taken(house: &House) {
    let guest = json!({ "username": "visitor", "password": "correct horse too", "role": "guest" });
    let user = house.ma.command("auth/user/create", guest).await;
    let user_id = user["user_id"].as_str().or_else(|| user["user"]["user_id"].as_str()).unwrap();
    let wish = json!({ "name": "a guest's", "user_id": user_id });
    let token = house.ma.command("auth/token/create", wish).await;
    for sign_in in
        [json!({ "token": token }), json!({ "username": "visitor", "password": "correct horse too" })]
    {
        let (status, said) = connect(house, sign_in).await;
        assert_eq!((status, &said["error"]["code"]), (409, &json!("music_assistant_not_allowed")), "{said}");
    }
}

async fn music_is_searched_played_and_skipped(house: &House, tracks: &[String]) {
    connect_as_administrator(house).await;
    let (status, found) = house.ask(Method::GET, "/v1/search?query=Tone%202&kinds=track", None).await;
    assert_eq!(status, 200, "{found}");
    let result = &found["results"][0];
    assert_eq!((&result["kind"], &result["name"]), (&json!("track"), &json!("Tone 2")), "{found}");
    assert_eq!((&result["artist"], &result["in_library"]), (&json!("Artist 2"), &json!(true)));

    house.send(KITCHEN, "play", json!({ "uri": tracks[0] })).await;
    house.plays(KITCHEN, 1, Some("Tone 1")).await;
    for track in &tracks[1..3] {
        house.send(KITCHEN, "play", json!({ "uri": track, "enqueue": "add" })).await;
    }
    let (_, queue) = house.ask(Method::GET, "/v1/players/Kitchen/queue", None).await;
    let titles: Vec<&str> =
        queue["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect();
    assert_eq!((titles, &queue["count"]), (vec!["Tone 1", "Tone 2", "Tone 3"], &json!(3)), "{queue}");

    house.send(KITCHEN, "command", json!({ "command": "next" })).await;
    house.plays(KITCHEN, 2, Some("Tone 2")).await;
    house.send(KITCHEN, "command", json!({ "command": "next" })).await;
    house.plays(KITCHEN, 3, Some("Tone 3")).await;
    let last =
        house.ask(Method::POST, "/v1/players/Kitchen/command", Some(json!({ "command": "next" }))).await;
    assert_eq!((last.0, &last.1["error"]["code"]), (404, &json!("music_unknown")), "the last item plays on");
    house.send(KITCHEN, "command", json!({ "command": "previous" })).await;
    house.plays(KITCHEN, 4, Some("Tone 2")).await;

    house.send(KITCHEN, "command", json!({ "command": "shuffle", "enabled": true })).await;
    house.send(KITCHEN, "command", json!({ "command": "repeat", "mode": "all" })).await;
    let queue = house.queue(KITCHEN).await;
    assert_eq!((&queue["shuffle_enabled"], &queue["repeat_mode"]), (&json!(true), &json!("all")));

    let gone = json!({ "uri": "library://track/9999" });
    let (status, said) = house.ask(Method::POST, "/v1/players/Kitchen/play", Some(gone)).await;
    assert_eq!((status, &said["error"]["code"]), (404, &json!("music_unknown")), "{said}");
    house.plays(KITCHEN, 4, Some("Tone 2")).await;

    house.send(OFFICE, "play", json!({ "query": "tone 5" })).await;
    house.plays(OFFICE, 1, Some("Tone 5")).await;
    let (_, body) = house.ask(Method::GET, "/v1/music-assistant", None).await;
    let ways: Vec<&Value> =
        body["echos"].as_array().unwrap().iter().map(|echo| &echo["players"][0]["way"]).collect();
    assert_eq!(ways, [&json!("provider"), &json!("provider")], "{body}");

    house.is_settled(KITCHEN).await;
    house.send(KITCHEN, "command", json!({ "command": "stop" })).await;
    house.is(KITCHEN, "stopped", 4, Some("Tone 2")).await;
}
