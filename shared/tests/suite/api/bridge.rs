//! The routes of the program at home.

use std::time::Duration;

use ma_alexa::bridge::{ApiClient, HomeApiError};
use ma_alexa::clock::Clock as _;
use ma_alexa::config::UserPassword;
use ma_alexa::control::{Action, ControlRequest, HomeNames, Reply, WaitingRequest};
use ma_alexa::playback::PlayerId;
use ma_alexa::store::{BridgeStore as _, KnownNames};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::harness::{Answer, App, MA, OWNER, answer};

async fn post(app: &App, route: &str, body: &Value, who: (&str, &str)) -> Answer {
    let request = app.request(Method::POST, &format!("/v1/bridge/{route}")).basic_auth(who.0, Some(who.1));
    answer(request.json(body)).await
}

async fn in_aws() -> App {
    App::start_with(&[("BRIDGE_QUEUE", "https://sqs.eu-west-1.amazonaws.com/123456789012/home-bridge")]).await
}

async fn waits(app: &App, id: &str) {
    let now = app.clock.now();
    let request = ControlRequest {
        id: id.to_owned(),
        player: PlayerId::from("Kitchen"),
        locale: "en-US".to_owned(),
        until: now.plus(Duration::from_secs(4)),
        action: Action::Next,
    };
    app.store.put_waiting(&WaitingRequest::new(&request, now), now).await.unwrap();
}

#[tokio::test]
async fn a_ticket_opens_the_queue_and_a_report_says_that_the_home_is_there() {
    let app = in_aws().await;
    assert_eq!(app.store.presence(app.clock.now()).await.unwrap(), None);
    for who in [MA, OWNER] {
        let ticket = post(&app, "ticket", &json!({}), who).await;
        assert_eq!(ticket.status, 200, "{:?}", ticket.body);
        let expected = json!({
            "queue": "https://sqs.eu-west-1.amazonaws.com/123456789012/home-bridge",
            "reports": "https://sqs.eu-west-1.amazonaws.com/123456789012/home-reports", "region": "eu-west-1",
            "access_key_id": "ASIAEXAMPLE", "secret_access_key": "a-key", "session_token": "a-token",
            "expires_at": "2026-11-22T09:00:00Z", "now": "2026-11-22T08:00:00Z",
        });
        assert_eq!(ticket.body, expected);
    }
    let presence = app.store.presence(app.clock.now()).await.unwrap();
    assert_eq!(presence, None, "its queue may refuse the keys");
    app.clock.advance(Duration::from_mins(3));
    assert_eq!(post(&app, "seen", &json!({}), MA).await.body, json!({ "now": "2026-11-22T08:03:00Z" }));
    let seen = app.store.presence(app.clock.now()).await.unwrap().unwrap();
    assert!(seen.is_present(app.clock.now()));
    app.clock.advance(Duration::from_mins(3));
    assert!(!seen.is_present(app.clock.now()));
}

#[tokio::test]
async fn only_a_reply_to_a_request_that_waits_is_taken() {
    let app = in_aws().await;
    let done = json!({ "id": "one", "reply": { "reply": "done" } });
    let refused = post(&app, "answer", &done, MA).await;
    assert_eq!((refused.status, &refused.body["error"]["code"]), (404, &json!("not_waiting")));
    waits(&app, "one").await;
    for _ in 0..2 {
        let taken = post(&app, "answer", &done, MA).await;
        assert_eq!((taken.status, &taken.body), (200, &json!({ "taken": true })));
    }
    let known = app.store.waiting(&"one".to_owned(), app.clock.now()).await.unwrap().unwrap();
    assert_eq!(known.reply, Some(Reply::Done));
    let other = json!({ "id": "one", "reply": { "reply": "nothing_plays" } });
    assert_eq!(post(&app, "answer", &other, MA).await.status, 404);
    waits(&app, "two").await;
    app.clock.advance(Duration::from_secs(5));
    let late = json!({ "id": "two", "reply": { "reply": "done" } });
    assert_eq!(post(&app, "answer", &late, MA).await.status, 404);
}

#[tokio::test]
async fn what_is_no_reply_is_refused() {
    let app = in_aws().await;
    let heard = "la".repeat(5000);
    for malformed in [
        json!({}),
        json!({ "id": "one", "reply": { "reply": "dance" } }),
        json!({ "id": "", "reply": { "reply": "done" } }),
        json!({ "id": "x".repeat(201), "reply": { "reply": "done" } }),
        json!({ "id": "one", "reply": { "reply": "not_found", "with": { "heard": heard } } }),
    ] {
        let refused = post(&app, "answer", &malformed, MA).await;
        let code = &refused.body["error"]["code"];
        assert_eq!((refused.status, code), (400, &json!("invalid_request")), "{malformed}");
    }
}

#[tokio::test]
async fn names_at_home_are_kept_within_limits() {
    let app = in_aws().await;
    let many: Vec<String> = (0..1500).map(|number| format!("Mix {number}")).collect();
    for (rooms, playlists, kept) in [
        (json!(["Sonos Bath", "sonos bath", "\u{1f3a7}"]), json!(["Dinner"]), (1, 1)),
        (json!([]), json!(many), (0, 200)),
        (json!(["x".repeat(5000)]), json!([""]), (1, 0)),
    ] {
        let taken = post(&app, "names", &json!({ "rooms": rooms, "playlists": playlists }), MA).await;
        // No person has made a skill by the set-up.
        assert_eq!((taken.status, &taken.body), (200, &json!({ "learning": false })));
        let known = KnownNames::read(app.store.as_ref()).await.unwrap();
        assert_eq!((known.names.rooms.len(), known.names.playlists.len()), kept);
    }
    for malformed in [json!({}), json!({ "rooms": [7], "playlists": [] }), json!({ "rooms": "Bath" })] {
        assert_eq!(post(&app, "names", &malformed, MA).await.status, 400, "{malformed}");
    }
}

#[tokio::test]
async fn the_program_at_home_sends_names() {
    let names = HomeNames::new(["Sonos Bath"], ["Dinner"]);
    let user = || UserPassword::new(MA.0, MA.1).unwrap();
    let client = |app: &App| ApiClient::new(&Url::parse(&app.base).unwrap(), user()).unwrap();
    let app = in_aws().await;
    assert_eq!(client(&app).names(&names).await, Ok(false));
    assert_eq!(KnownNames::read(app.store.as_ref()).await.unwrap().names, names);
    let older = App::start().await;
    let refused = client(&older).names(&names).await;
    assert!(matches!(refused, Err(HomeApiError::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn the_home_needs_a_password_and_functions_in_aws() {
    let app = in_aws().await;
    for route in ["ticket", "seen", "answer", "names", "nowhere"] {
        let unknown = post(&app, route, &json!({}), ("music-assistant", "not-this-password")).await;
        assert_eq!(unknown.status, 401, "{route}");
    }
    assert_eq!(post(&app, "nowhere", &json!({}), MA).await.status, 404);
    assert_eq!(app.get("/v1/players", MA).await.status, 403, "the rest of /v1 is the owner's");
    let at_home = App::start().await;
    let done = json!({ "id": "one", "reply": { "reply": "done" } });
    let names = json!({ "rooms": [], "playlists": [] });
    for (route, body) in [("ticket", json!({})), ("seen", json!({})), ("answer", done), ("names", names)] {
        let refused = post(&at_home, route, &body, MA).await;
        assert_eq!((refused.status, &refused.body["error"]["code"]), (404, &json!("no_bridge")), "{route}");
    }
}
