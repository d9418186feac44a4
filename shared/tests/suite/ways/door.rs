//! The routes of the API.

use std::time::Duration;

use ma_alexa::config::{Env, WaysConfig};
use ma_alexa::store::SetupStore as _;
use reqwest::Method;
use serde_json::json;

use super::machine::{Machine, TAILSCALE, URL, funnel};
use crate::api::harness::{App, MA, OWNER, answer};

fn turn_on(app: &App, who: (&str, &str)) -> reqwest::RequestBuilder {
    app.request(Method::POST, "/v1/door/funnel").basic_auth(who.0, Some(who.1)).json(&json!({}))
}

#[tokio::test]
async fn the_owner_turns_funnel_on_and_the_address_is_saved() {
    let machine = Machine::new();
    machine.start_daemon();
    machine.install("tailscale", TAILSCALE);
    let app = machine.app(&[]).await;
    let before = app.get("/v1/door", OWNER).await;
    assert_eq!((before.status, &before.body["door_url"]), (200, &json!(null)));
    assert_eq!(before.body["ways"][0]["state"], "ready");
    assert_eq!(before.body["ways"][1]["state"], "absent");

    let done = answer(turn_on(&app, OWNER)).await;
    assert_eq!((done.status, &done.body["door_url"]), (200, &json!(URL)));
    assert_eq!(done.body["ways"][0]["state"], "on");
    let stored = app.store.settings().await.unwrap().door_url.unwrap();
    assert_eq!(stored.value().unwrap().as_str(), URL);
    assert_eq!(machine.asked(), "funnel --bg 5001\n");
}

#[tokio::test]
async fn what_was_found_is_used_for_ten_seconds() {
    let machine = Machine::new();
    machine.start_daemon();
    let app = machine.app(&[]).await;
    let state = async || app.get("/v1/door", OWNER).await.body["ways"][0]["state"].clone();
    assert_eq!(state().await, "ready");
    machine.serves(&funnel("http://127.0.0.1:5001"));
    app.clock.advance(Duration::from_secs(9));
    assert_eq!(state().await, "ready");
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(state().await, "on");
}

#[tokio::test]
async fn a_funnel_that_is_refused_changes_no_setting() {
    let machine = Machine::new();
    machine.start_daemon();
    machine.install("tailscale", TAILSCALE);
    machine.serves(&funnel("http://127.0.0.1:3000"));
    let app = machine.app(&[]).await;
    let refused = answer(turn_on(&app, OWNER)).await;
    assert_eq!((refused.status, &refused.body["error"]["code"]), (409, &json!("funnel_refused")));
    assert!(refused.error().contains("already serves something else"), "{}", refused.error());
    assert_eq!(app.store.settings().await.unwrap().door_url, None);
}

#[tokio::test]
async fn the_door_is_the_owners() {
    let machine = Machine::new();
    let app = machine.app(&[]).await;
    assert_eq!(app.get("/v1/door", MA).await.status, 403);
    assert_eq!(answer(turn_on(&app, MA)).await.status, 403);
    // No form of another site can send JSON.
    let form = app.request(Method::POST, "/v1/door/funnel").basic_auth(OWNER.0, Some(OWNER.1)).body("{}");
    assert_eq!(answer(form).await.status, 415);
}

#[tokio::test]
async fn the_cloud_has_no_ways() {
    let machine = Machine::new();
    let app = machine.app(&[("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"), ("DOOR_URL", URL)]).await;
    let found = app.get("/v1/door", OWNER).await;
    assert_eq!(found.body, json!({ "door_url": URL, "ways": [] }));
}

#[test]
fn the_programs_are_those_of_the_path() {
    let machine = Machine::new();
    let program = machine.install("tailscale", TAILSCALE);
    machine.write("cloudflared", "not executable");
    let path = format!("relative:/nowhere:{}", machine.folder().display());
    let env = move |name: &str| match name {
        "PATH" => Some(path.clone()),
        "DOOR_BIND" => Some("0.0.0.0:6001".to_owned()),
        _ => None,
    };
    let found = WaysConfig::from_env(&Env::new(env)).unwrap().unwrap();
    let expected = WaysConfig { tailscale: Some(program), door_port: 6001, ..WaysConfig::default() };
    assert_eq!(found, expected);
}
