//! API tokens: what they open, what they cost, and how they end.

use std::collections::BTreeSet;
use std::time::Duration;

use ma_alexa::store::{Document, SetupStore as _};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{Answer, App, MA, OWNER, answer, credentials};
use super::store::StoreCondition;
use crate::logs;

/// Time after which a process has heard of what another one did.
const HEARD: Duration = Duration::from_secs(5);

/// A new token, and its id.
async fn make(app: &App, name: &str, scope: &str) -> (String, String) {
    let made = wish(app, &json!({ "name": name, "scope": scope })).await;
    assert_eq!(made.status, 200, "{made:?}");
    let text = |member: &str| made.body[member].as_str().unwrap().to_owned();
    (text("token"), text("id"))
}

async fn wish(app: &App, body: &Value) -> Answer {
    answer(app.request(Method::POST, "/v1/tokens").basic_auth(OWNER.0, Some(OWNER.1)).json(body)).await
}

async fn revoke(app: &App, id: &str) -> Answer {
    let path = format!("/v1/tokens/{id}");
    answer(app.request(Method::DELETE, &path).basic_auth(OWNER.0, Some(OWNER.1))).await
}

async fn send(app: &App, method: Method, path: &str, token: &str) -> Answer {
    answer(app.request(method, path).header("authorization", format!("Bearer {token}"))).await
}

async fn get(app: &App, token: &str) -> u16 {
    send(app, Method::GET, "/v1/players", token).await.status
}

/// The operations below `/v1` that are the owner's, each with what the document says of it.
async fn operations(app: &App) -> Vec<(Method, String, Value)> {
    let document = answer(app.request(Method::GET, "/openapi.json")).await.body;
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if path.starts_with("/v1/") && !path.starts_with("/v1/bridge/") {
                let method = method.to_uppercase().parse().unwrap();
                found.push((method, path.clone(), operation["security"].clone()));
            }
        }
    }
    found
}

#[tokio::test]
async fn a_token_opens_what_the_document_says_and_nothing_else() {
    let app = App::start().await;
    let (control, _) = make(&app, "one", "control").await;
    let (everything, _) = make(&app, "two", "everything").await;
    let basic = json!({ "basic": [] });
    let mut of_password = BTreeSet::new();
    let mut of_everything = BTreeSet::new();
    for (method, path, security) in operations(&app).await {
        let real = path.replace("{id}", "Kitchen").replace("{device_id}", "D1").replace("{serial}", "G1");
        let opens = async |token: &str| {
            let status = send(&app, method.clone(), &real, token).await.status;
            assert_ne!(status, 401, "{method} {path}");
            status != 403
        };
        let opened = (opens(&control).await, opens(&everything).await);
        let expected = match opened {
            (true, true) => json!([basic, { "token": ["control"] }]),
            (false, true) => json!([basic, { "token": ["everything"] }]),
            (_, false) => json!([basic]),
        };
        assert_eq!(security, expected, "{method} {path}");
        if !opened.0 {
            let kind = if opened.1 { &mut of_everything } else { &mut of_password };
            kind.insert(format!("{method} {path}"));
        }
    }
    // What a thief of a token must not do: make tokens, sign in, and take what opens more than the token.
    let expected =
        ["DELETE /v1/tokens/{id}", "GET /v1/backup", "GET /v1/tokens", "POST /v1/link", "POST /v1/tokens"];
    assert_eq!(of_password, expected.map(str::to_owned).into());
    // The set-up, and sentences, by which an Echo buys and unlocks.
    for operation in [
        "POST /v1/devices/{serial}/text",
        "POST /v1/amazon/login",
        "DELETE /v1/amazon/login",
        "POST /v1/door/funnel",
        "PUT /v1/renderers",
        "PUT /v1/echos/{device_id}/player",
        "GET /v1/diagnostics",
    ] {
        assert!(of_everything.contains(operation), "{operation}");
    }
}

#[tokio::test]
async fn a_token_opens_no_other_group_and_no_page() {
    let app = App::at_home(&[]).await;
    let (token, _) = make(&app, "one", "everything").await;
    for (method, path) in [
        (Method::GET, "/ma/latest-url"),
        (Method::POST, "/ma/push-url"),
        (Method::GET, "/alexa/intents"),
        (Method::POST, "/v1/bridge/ticket"),
    ] {
        assert_eq!(send(&app, method, path, &token).await.status, 401, "{path}");
    }
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    for path in ["/settings", "/status", "/settings/backup"] {
        let asked =
            client.get(format!("{}{path}", app.base)).header("authorization", format!("Bearer {token}"));
        let seen = asked.send().await.unwrap();
        assert_eq!(seen.status(), 303, "{path}");
        assert!(seen.headers()["location"].to_str().unwrap().starts_with("/login"), "{path}");
    }
    // It is no password of the owner's either, by any name.
    for name in ["owner", "token", ""] {
        assert_eq!(app.get("/v1/players", (name, &token)).await.status, 401, "{name}");
    }
    assert_eq!(send(&app, Method::GET, "/v1/unknown", &token).await.status, 404);
    assert_eq!(send(&app, Method::HEAD, "/v1/players", &token).await.status, 200);
    let metrics = send(&app, Method::GET, "/metrics", &token).await;
    assert_eq!(metrics.status, 200, "{metrics:?}");
}

#[tokio::test]
async fn a_refusal_says_which_token_is_needed() {
    let app = App::start().await;
    let (token, _) = make(&app, "one", "control").await;
    insta::assert_json_snapshot!(send(&app, Method::POST, "/v1/devices/G1/text", &token).await.body, @r#"
    {
      "error": {
        "code": "forbidden",
        "message": "this token is for `control`; this needs one for `everything`, or the owner's password"
      }
    }
    "#);
    insta::assert_json_snapshot!(send(&app, Method::GET, "/v1/tokens", &token).await.body, @r#"
    {
      "error": {
        "code": "forbidden",
        "message": "no token opens this; it needs the owner's user name and password, by HTTP Basic"
      }
    }
    "#);
    let wrong = "maa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    insta::assert_json_snapshot!(send(&app, Method::GET, "/v1/players", wrong).await.body, @r#"
    {
      "error": {
        "code": "unauthorized",
        "message": "this token is wrong, or was revoked"
      }
    }
    "#);
}

#[tokio::test]
async fn the_list_has_what_a_person_needs_and_no_secret() {
    let app = App::start().await;
    let (token, id) = make(&app, " Home Assistant ", "control").await;
    assert!(token.starts_with("maa_") && token.len() == 36, "{token}");
    let stored = app.store.document(Document::ApiTokens).await.unwrap().unwrap().content.to_string();
    assert!(!stored.contains(&token[4..]), "{stored}");
    let list = app.get("/v1/tokens", OWNER).await.body;
    let expected = json!({
        "id": id, "name": "Home Assistant", "scope": "control", "made_at": "2026-11-22T08:00:00Z", "used_on": null,
    });
    assert_eq!(list, json!({ "tokens": [expected] }));
    assert_eq!(get(&app, &token).await, 200);
    assert_eq!(app.get("/v1/tokens", OWNER).await.body["tokens"][0]["used_on"], "2026-11-22");
    assert_eq!(app.get("/v1/tokens", MA).await.status, 403);
}

#[tokio::test]
async fn a_revoked_token_is_dead_at_once_and_elsewhere_within_seconds() {
    let app = App::start().await;
    let other = app.another_instance().await;
    // The other one has looked a moment ago.
    assert_eq!(get(&other, "maa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").await, 401);
    let (token, id) = make(&app, "one", "control").await;
    assert_eq!(get(&app, &token).await, 200);
    app.clock.advance(HEARD);
    assert_eq!(get(&other, &token).await, 200);
    // It is read again after its first use of the day, and then kept.
    assert_eq!(get(&other, &token).await, 200);

    let revoked = revoke(&app, &id).await;
    assert_eq!((revoked.status, &revoked.body["name"]), (200, &json!("one")));
    assert_eq!(get(&app, &token).await, 401);
    app.clock.advance(HEARD);
    assert_eq!(get(&other, &token).await, 401);
    let again = revoke(&app, &id).await;
    assert_eq!((again.status, &again.body["error"]["code"]), (404, &json!("token_unknown")));
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_no_revoked_token_alive() {
    let app = App::start().await;
    let other = app.another_instance().await;
    let (token, id) = make(&app, "one", "control").await;
    for _ in 0..2 {
        assert_eq!(get(&other, &token).await, 200);
    }
    revoke(&app, &id).await;
    app.clock.set(app.state.clock().now().minus(Duration::from_hours(24)));
    app.clock.advance(HEARD);
    assert_eq!(get(&other, &token).await, 401);
}

#[tokio::test]
async fn a_new_password_of_the_owner_revokes_no_token() {
    let app = App::start().await;
    let (token, _) = make(&app, "one", "control").await;
    app.secrets.set(Ok(Some(credentials(("owner", "another-password-01"), MA))));
    app.clock.advance(Duration::from_mins(5));
    assert_eq!(app.get("/v1/players", OWNER).await.status, 401);
    assert_eq!(get(&app, &token).await, 200);
    let reads = app.secrets.reads();
    for _ in 0..3 {
        app.clock.advance(Duration::from_mins(5));
        assert_eq!(get(&app, &token).await, 200);
    }
    assert_eq!(app.secrets.reads(), reads, "a token needs no password");
}

/// Documents that were read and written for what came since the last look.
fn reads_and_writes(app: &App) -> (usize, usize) {
    let calls = app.store.calls();
    let count = |name: &str| calls.iter().filter(|call| **call == name).count();
    (count("document"), count("put_document"))
}

#[tokio::test]
async fn a_look_up_costs_one_read_in_five_seconds_and_one_write_a_day() {
    let app = App::start().await;
    let (token, _) = make(&app, "one", "control").await;
    app.store.calls();
    assert_eq!((get(&app, &token).await, reads_and_writes(&app)), (200, (1, 1)));
    for _ in 0..3 {
        app.clock.advance(HEARD);
        for (number, expected) in [(1, (1, 0)), (2, (0, 0)), (3, (0, 0))] {
            assert_eq!((get(&app, &token).await, reads_and_writes(&app)), (200, expected), "{number}");
        }
    }
    app.clock.advance(Duration::from_hours(24));
    assert_eq!((get(&app, &token).await, reads_and_writes(&app)), (200, (1, 1)));
    // What a stranger makes up costs no more, and what has not the shape of a token nothing.
    app.clock.advance(HEARD);
    for made_up in ["a", "b", "c"] {
        assert_eq!(get(&app, &format!("maa_{}", made_up.repeat(32))).await, 401);
    }
    assert_eq!(reads_and_writes(&app), (1, 0));
    app.clock.advance(HEARD);
    for odd in ["", "maa_", "x", &token[..35], &format!("{token} {token}"), &"y".repeat(5000)] {
        assert_eq!(get(&app, odd).await, 401, "{odd}");
    }
    assert_eq!(reads_and_writes(&app), (0, 0));
    // Nor do passwords.
    assert_eq!((app.get("/v1/players", OWNER).await.status, reads_and_writes(&app)), (200, (0, 0)));
}

#[tokio::test]
async fn a_burst_reads_the_tokens_once() {
    let app = App::start().await;
    let (token, _) = make(&app, "one", "control").await;
    assert_eq!(get(&app, &token).await, 200);
    app.store.calls();
    let asks = (0..20).map(|_| get(&app, &token));
    assert_eq!(futures_util::future::join_all(asks).await, [200; 20]);
    assert_eq!(reads_and_writes(&app), (1, 0));
}

#[tokio::test]
async fn wrong_tokens_have_to_wait_and_the_owner_has_not() {
    logs::keep();
    let app = App::start_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let (token, _) = make(&app, "one", "control").await;
    let from = async |address: &str, token: &str| {
        let request = app.request(Method::GET, "/v1/players").header("x-forwarded-for", address);
        answer(request.header("authorization", format!("Bearer {token}"))).await
    };
    // Also one without the shape of a token counts.
    for wrong in ["x", "maa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"].repeat(5) {
        assert_eq!(from("203.0.113.9", wrong).await.status, 401);
    }
    let early = from("203.0.113.9", &token).await;
    assert_eq!((early.status, &early.headers["retry-after"]), (429, &json!("10")));
    assert_eq!(from("198.51.100.1", &token).await.status, 200);
    let request = app.request(Method::GET, "/v1/players").header("x-forwarded-for", "203.0.113.9");
    assert_eq!(answer(request.basic_auth(OWNER.0, Some(OWNER.1))).await.status, 200);
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(from("203.0.113.9", &token).await.status, 200);
    assert_eq!(app.counted("AuthFailures"), 11);
    let lines = logs::kept();
    let named: Vec<_> = lines.iter().filter(|line| line["caller"] == "203.0.113.9").collect();
    assert_eq!(named.len(), 2, "a firewall learns the address: {named:?}");
    assert!(lines.iter().all(|line| !line.to_string().contains(&token[4..])), "no line has the token");
}

#[tokio::test]
async fn names_and_their_count_are_bounded() {
    let app = App::start().await;
    let long = "é".repeat(64);
    for (name, status) in [
        ("", 400),
        ("  ", 400),
        ("a\nb", 400),
        (format!("{long}x").as_str(), 400),
        (long.as_str(), 200),
        (long.as_str(), 400),
    ] {
        let made = wish(&app, &json!({ "name": name, "scope": "control" })).await;
        assert_eq!(made.status, status, "{name:?}: {made:?}");
    }
    for body in [json!({}), json!({ "name": "one" }), json!({ "name": "one", "scope": "owner" })] {
        assert_eq!(wish(&app, &body).await.status, 400, "{body}");
    }
    let mut ids = Vec::new();
    for number in 1..16 {
        ids.push(make(&app, &format!("token {number}"), "everything").await.1);
    }
    let surplus = wish(&app, &json!({ "name": "one more", "scope": "control" })).await;
    assert_eq!((surplus.status, &surplus.body["error"]["code"]), (409, &json!("too_many_tokens")));
    assert_eq!(revoke(&app, &ids[0]).await.status, 200);
    make(&app, "one more", "control").await;
    assert_eq!(app.get("/v1/tokens", OWNER).await.body["tokens"].as_array().unwrap().len(), 16);
}

#[tokio::test]
async fn two_that_are_made_at_once_are_both_kept() {
    let app = App::start().await;
    let other = app.another_instance().await;
    let made = (0..6).map(|number| {
        let app = if number % 2 == 0 { &app } else { &other };
        async move { make(app, &format!("token {number}"), "control").await.0 }
    });
    for token in futures_util::future::join_all(made).await {
        assert_eq!(get(&app, &token).await, 200);
    }
    assert_eq!(app.get("/v1/tokens", OWNER).await.body["tokens"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn without_the_store_no_token_opens_anything() {
    logs::keep();
    let app = App::start().await;
    let (token, _) = make(&app, "one", "control").await;
    app.store.set_condition(StoreCondition::IsMalformed);
    for _ in 0..5 {
        let refused = send(&app, Method::GET, "/v1/amazon", &token).await;
        assert_eq!((refused.status, &refused.body["error"]["code"]), (503, &json!("store_unavailable")));
    }
    app.store.set_condition(StoreCondition::Serves);
    assert_eq!(get(&app, &token).await, 503, "it is not asked again within five seconds");
    app.clock.advance(HEARD);
    assert_eq!(get(&app, &token).await, 200);
    let said = logs::kept().into_iter().filter(|line| line["message"] == "the API tokens cannot be read");
    assert_eq!(said.count(), 1);
}

#[tokio::test]
async fn a_token_whose_use_cannot_be_written_opens_what_it_opens() {
    logs::keep();
    let app = App::start().await;
    let (token, _) = make(&app, "one", "control").await;
    app.store.set_condition(StoreCondition::IsFull);
    for _ in 0..3 {
        assert_eq!(get(&app, &token).await, 200);
        app.clock.advance(HEARD);
    }
    let said =
        logs::kept().into_iter().filter(|line| line["message"] == "the use of an API token was not noted");
    assert_eq!(said.count(), 1, "once a day");
    // One more day, and room again.
    app.store.set_condition(StoreCondition::Serves);
    app.clock.advance(Duration::from_hours(24));
    assert_eq!(get(&app, &token).await, 200);
    assert_eq!(app.get("/v1/tokens", OWNER).await.body["tokens"][0]["used_on"], "2026-11-23");
}

#[tokio::test]
async fn what_a_newer_release_wrote_is_not_lost() {
    let app = App::start().await;
    let newer = json!({ "tokens": [{ "id": "one", "scope": "half of it" }] });
    assert!(app.store.put_document(Document::ApiTokens, &newer, None).await.unwrap());
    assert_eq!(app.get("/v1/tokens", OWNER).await.status, 503);
    assert_eq!(wish(&app, &json!({ "name": "two", "scope": "control" })).await.status, 503);
    assert_eq!(get(&app, "maa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").await, 503);
    assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
    assert_eq!(app.store.document(Document::ApiTokens).await.unwrap().unwrap().content, newer);
}
