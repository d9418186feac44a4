//! The connection to Music Assistant, by the API.

use ma_alexa::store::SetupStore as _;
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::stand_in::{Household, LOGIN, Mood, StandIn, TOKEN};
use crate::api::harness::{App, KITCHEN_1, OWNER, answer, bare};

pub(super) async fn ask(app: &App, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = app.request(method, path).basic_auth(OWNER.0, Some(OWNER.1));
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let answered = answer(request).await;
    (answered.status, answered.body)
}

pub(super) async fn connect(app: &App, body: Value) -> (u16, Value) {
    ask(app, Method::POST, "/v1/music-assistant/connect", Some(body)).await
}

fn with_password(stand_in: &StandIn) -> Value {
    json!({ "address": stand_in.address().to_string(), "username": LOGIN.0, "password": LOGIN.1 })
}

/// The token that is kept.
pub(crate) fn kept(app: &App) -> Option<String> {
    let secret = app.secrets.secret.lock().unwrap();
    let credentials = secret.as_ref().unwrap().as_ref().unwrap();
    credentials.ma_token.as_ref().map(|token| token.expose_secret().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_connects_and_the_token_alone_is_kept() {
    let (app, stand_in) = (App::start().await, StandIn::start(Household::default()).await);
    app.push(bare(KITCHEN_1)).await;
    let (status, body) = ask(&app, Method::GET, "/v1/music-assistant", None).await;
    assert_eq!((status, &body["connected"], &body["address"]), (200, &json!(false), &Value::Null));
    assert_eq!(body["problem"]["code"], "music_assistant_not_connected");
    assert_eq!(body["suggestions"], json!(["http://192.168.1.5:8095"]), "the host of the push");

    let (status, body) = connect(&app, with_password(&stand_in)).await;
    assert_eq!((status, &body["connected"]), (200, &json!(true)), "{body}");
    assert_eq!((&body["version"], &body["schema"]), (&json!("2.8.0"), &json!(29)));
    assert_eq!((&body["user"], &body["role"]), (&json!("kim"), &json!("user")));
    let player = json!({ "id": "Kitchen", "name": "Kitchen", "way": "provider", "available": true });
    assert_eq!(body["echos"], json!([{ "echo": "Kitchen", "players": [player] }]));
    assert_eq!(kept(&app).as_deref(), Some(TOKEN));
    let settings = app.store.settings().await.unwrap();
    assert_eq!(settings.ma_api_url.map(|url| url.to_string()), Some(stand_in.address().to_string()));
    let commands: Vec<String> = stand_in.asked().into_iter().map(|(command, _)| command).take(4).collect();
    assert_eq!(commands, ["login", "auth/me", "auth/token/create", "logout"], "the short token is ended");

    let (_, activity) = ask(&app, Method::GET, "/v1/activity", None).await;
    assert!(activity.to_string().contains("music_assistant_connected"), "{activity}");
    for text in [body.to_string(), activity.to_string()] {
        assert!(!text.contains(TOKEN) && !text.contains(LOGIN.1), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_a_person_made_is_not_ended_in_music_assistant() {
    for (is_made_here, ends) in [(true, 2), (false, 0)] {
        let (app, stand_in) = (App::start().await, StandIn::start(Household::default()).await);
        let by_token = json!({ "address": stand_in.address().to_string(), "token": format!(" {TOKEN} ") });
        let body = if is_made_here { with_password(&stand_in) } else { by_token };
        assert_eq!(connect(&app, body).await.0, 200);
        let (status, body) = ask(&app, Method::DELETE, "/v1/music-assistant", None).await;
        assert_eq!((status, &body["connected"]), (200, &json!(false)));
        assert_eq!(body["problem"]["code"], "music_assistant_signed_out");
        assert_eq!(kept(&app), None);
        let logouts = stand_in.asked().iter().filter(|(command, _)| command == "logout").count();
        assert_eq!(logouts, ends, "that of the sign-in, and that which was kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_before_logins_is_connected_without_any() {
    let old = Household { schema: 24, oldest_schema: 24, ..Household::default() };
    let (app, stand_in) = (App::start().await, StandIn::start(old).await);
    let (status, body) = connect(&app, json!({ "address": stand_in.address().to_string() })).await;
    assert_eq!((status, &body["connected"], &body["user"]), (200, &json!(true), &Value::Null), "{body}");
    assert_eq!(kept(&app), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_changes_nothing() {
    let (app, stand_in) = (App::start().await, StandIn::start(Household::default()).await);
    let address = stand_in.address().to_string();
    let long = "x".repeat(8000);
    for (body, status, code) in [
        (json!({ "address": "ma" }), 400, "invalid_request"),
        (json!({ "address": "http://kim:x@127.0.0.1" }), 400, "invalid_request"),
        (json!({ "address": "http://ma.example.com" }), 400, "invalid_request"),
        (json!({}), 409, "music_assistant_not_connected"),
        (json!({ "address": address, "username": "kim" }), 400, "invalid_request"),
        (json!({ "address": address, "username": "kim", "password": long }), 400, "invalid_request"),
        (json!({ "address": address, "token": long }), 400, "invalid_request"),
        (json!({ "address": address }), 409, "music_assistant_signed_out"),
        (json!({ "address": address, "token": "another" }), 409, "music_assistant_signed_out"),
        (
            json!({ "address": address, "username": "kim", "password": "wrong" }),
            409,
            "music_assistant_login_refused",
        ),
        (json!({ "address": "http://127.0.0.1:9", "token": TOKEN }), 502, "music_assistant_unreachable"),
        (json!({ "address": app.base, "token": TOKEN }), 502, "music_assistant_unexpected"),
    ] {
        let (answered, said) = connect(&app, body.clone()).await;
        assert_eq!((answered, said["error"]["code"].as_str()), (status, Some(code)), "{body}: {said}");
    }
    for role in [LOGIN.1, TOKEN] {
        stand_in.change(|household| household.role = "guest");
        let body = if role == TOKEN {
            json!({ "address": address, "token": TOKEN })
        } else {
            with_password(&stand_in)
        };
        let (status, said) = connect(&app, body).await;
        assert_eq!((status, &said["error"]["code"]), (409, &json!("music_assistant_not_allowed")), "{said}");
    }
    let made = stand_in.asked().iter().any(|(command, _)| command == "auth/token/create");
    assert!(!made, "a guest gets no token");
    assert_eq!(kept(&app), None);
    assert!(app.store.settings().await.unwrap().ma_api_url.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_broke_says_why() {
    let (app, stand_in) = (App::start().await, StandIn::start(Household::default()).await);
    connect(&app, with_password(&stand_in)).await;
    for (mood, code) in [
        (Mood::Garbage, "music_assistant_unexpected"),
        (Mood::Status(401), "music_assistant_signed_out"),
        (Mood::Status(403), "music_assistant_not_allowed"),
        (Mood::Status(500), "music_assistant_failed"),
    ] {
        stand_in.change(|household| household.mood = mood);
        let (status, body) = ask(&app, Method::GET, "/v1/music-assistant", None).await;
        assert_eq!(
            (status, &body["connected"], body["problem"]["code"].as_str()),
            (200, &json!(false), Some(code))
        );
    }
    stand_in.change(|household| {
        (household.mood, household.schema, household.oldest_schema) = (Mood::Well, 60, 50);
    });
    let (_, body) = ask(&app, Method::GET, "/v1/music-assistant", None).await;
    assert_eq!(body["problem"]["code"], "music_assistant_unexpected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_fixes_the_address() {
    let stand_in = StandIn::start(Household::default()).await;
    let address = stand_in.address().to_string();
    let app = App::start_with(&[("MA_API_URL", &address)]).await;
    let (status, _) = connect(&app, json!({ "address": "http://127.0.0.1:9", "token": TOKEN })).await;
    assert_eq!(status, 400);
    assert_eq!(connect(&app, json!({ "token": TOKEN })).await.0, 200);
    assert!(app.store.settings().await.unwrap().ma_api_url.is_none());
}
