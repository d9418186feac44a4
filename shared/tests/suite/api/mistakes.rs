//! Mistakes that others have made, one test each.

use std::time::Duration;

use ma_alexa::config::StreamOverrides;
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{App, KITCHEN_1, KITCHEN_2, MA, OFFICE_1, OWNER, answer, bare, env, named};

#[tokio::test]
async fn no_header_and_no_parameter_opens_a_route() {
    let app = App::start().await;
    let request = app
        .request(Method::GET, "/v1/players?sim_signature=a&sim_cert=b&owner=1")
        .header("X-Simulator-Bypass", "1")
        .header("X-Simulator-Signature", "a")
        .header("X-Forwarded-User", "owner")
        .header("X-Original-URL", "/healthz")
        .header("Cookie", "session=owner");
    assert_eq!(answer(request).await.status, 401);
}

#[tokio::test]
async fn without_credentials_nothing_is_public() {
    let app = App::start().await;
    app.secrets.set(Ok(None));
    for (method, path) in
        [(Method::POST, "/ma/push-url"), (Method::GET, "/alexa/intents"), (Method::GET, "/v1/players")]
    {
        assert_eq!(answer(app.request(method.clone(), path)).await.status, 401, "{path}");
        let tried = app.request(method, path).basic_auth("", Some(""));
        assert_eq!(answer(tried).await.status, 503, "{path}");
    }
}

#[tokio::test]
async fn trivial_credentials_are_refused_wherever_they_come_from() {
    let env = env(&[("API_USERNAME", "admin"), ("API_PASSWORD", "test")]);
    let refused = ma_alexa::config::ApiCredentials::from_env(&env).unwrap_err();
    assert_eq!(refused.name(), "API_PASSWORD");

    crate::logs::keep();
    let app = App::start().await;
    let trivial = r#"{"owner":{"username":"admin","password":"test"},
                      "music_assistant":{"username":"ma","password":"push-password-00001"}}"#;
    app.secrets.set(ma_alexa::secrets::Credentials::from_json(trivial, "home/credentials").map(Some));
    let answer = app.get("/v1/players", ("admin", "test")).await;
    assert_eq!(answer.status, 503);
    assert!(!answer.error().contains("home/credentials"), "{}", answer.error());
    let lines = crate::logs::kept();
    let says = |line: &serde_json::Value| {
        line["error"].as_str().is_some_and(|error| error.contains("16 characters"))
    };
    assert!(lines.iter().any(says), "{lines:?}");
}

#[tokio::test]
async fn an_unauthenticated_body_is_bounded_and_kept_nowhere() {
    let app = App::start().await;
    let large = app
        .request(Method::POST, "/ma/push-url")
        .header("content-type", "application/json")
        .body(vec![b'a'; 2 * 1024 * 1024]);
    assert_eq!(answer(large).await.status, 413);
    let forged = app.request(Method::POST, "/ma/push-url").json(&named(KITCHEN_1, "forged"));
    assert_eq!(answer(forged).await.status, 401);
    assert_eq!(app.players().await, json!([]));
    assert_eq!(app.get("/v1/activity", OWNER).await.body, json!({"activity": []}));
}

#[tokio::test]
async fn responses_hold_no_token_and_no_user() {
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    app.claim("amzn1.ask.device.SECRET", "Kitchen", 1).await;
    let activity = app.get("/v1/activity", OWNER).await.body.to_string();
    assert!(activity.contains("\"kind\":\"asked\""), "{activity}");
    assert!(!activity.contains("SECRET") && !activity.contains("http"), "{activity}");
    let user = ma_alexa::playback::short_hash("a user");
    for path in ["/v1/players", "/v1/echos"] {
        let shown = app.get(path, OWNER).await.body.to_string();
        assert!(!shown.contains(user.as_str()), "{shown}");
    }
}

#[tokio::test]
async fn music_assistants_password_does_not_open_what_is_the_owners() {
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    app.ask("D1", "r1").await;
    let pair = app
        .request(Method::PUT, "/v1/echos/D1/player")
        .basic_auth(MA.0, Some(MA.1))
        .json(&json!({"player": "Kitchen"}));
    assert_eq!(answer(pair).await.status, 403);
    assert_eq!(app.player("Kitchen").await["echo"], Value::Null);
}

#[tokio::test]
async fn a_second_room_does_not_take_the_stream_of_the_first() {
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    app.clock.advance(Duration::from_secs(1));
    app.push(bare(OFFICE_1)).await;
    let versions: Vec<Value> = [app.player("Kitchen").await, app.player("Office").await]
        .iter()
        .map(|player| player["version"].clone())
        .collect();
    assert_eq!(versions, [1, 1]);
}

#[tokio::test]
async fn a_track_change_in_the_kitchen_changes_nothing_in_the_office() {
    let app = App::start().await;
    app.push(named(KITCHEN_1, "one")).await;
    app.push(named(OFFICE_1, "two")).await;
    let office = app.player("Office").await;
    for title in ["three", "four", "five"] {
        app.clock.advance(Duration::from_secs(200));
        assert_eq!(app.push(named(KITCHEN_1, title)).await.body["version"], 1);
    }
    assert_eq!(app.player("Office").await, office);
    assert_eq!(app.player("Kitchen").await["title"], "five");
}

#[tokio::test]
async fn the_second_push_route_loses_nothing() {
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    app.push(named(KITCHEN_2, "Sinnerman")).await;
    let again = app.push_to("/alexa/push-url", bare(KITCHEN_2)).await;
    assert_eq!(again.body, json!({"status": "ok", "version": 2}));
    let player = app.player("Kitchen").await;
    assert_eq!(
        (&player["title"], &player["artist"], &player["album"], &player["version"]),
        (&json!("Sinnerman"), &json!("Nina Simone"), &json!("Pastel Blues"), &json!(2))
    );
}

#[tokio::test]
async fn an_address_has_one_scheme_whatever_its_end() {
    for base in [
        "https://music.example.com",
        "https://music.example.com/",
        " https://music.example.com// ",
        "HTTPS://Music.Example.Com:443/",
    ] {
        let app = App::start_with(&[("STREAM_BASE_URL", base), ("ART_BASE_URL", base)]).await;
        assert_eq!(app.push(named(KITCHEN_1, "x")).await.status, 200, "{base}");
        assert_eq!(
            app.player("Kitchen").await["art_url"],
            "https://music.example.com/imageproxy/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "{base}"
        );
    }
    for refused in ["music.example.com", "http://music.example.com", "https://https://music.example.com"] {
        let error = StreamOverrides::from_env(&env(&[("STREAM_BASE_URL", refused)])).unwrap_err();
        assert_eq!(error.name(), "STREAM_BASE_URL", "{refused}");
    }
}

#[tokio::test]
async fn a_cover_on_a_public_host_is_left_alone() {
    let app = App::start().await;
    let cover = "https://i.scdn.co/image/ab67616d?size=640";
    let mut push = named(KITCHEN_1, "x");
    push["imageUrl"] = json!(cover);
    app.push(push).await;
    assert_eq!(app.player("Kitchen").await["art_url"], cover);
}
