//! At most two requests at once, from all processes: two real processes, one of which is killed.

use std::path::Path;
use std::time::Duration;

use end_to_end::amazon::{FakeAmazon, Fault, serial};
use end_to_end::api::{Api, CREDENTIALS};
use end_to_end::program::Program;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use super::harness::sign_in;
use crate::local;

/// `ma-alexa` over the state in `folder`.
pub(super) fn server(folder: &Path, amazon: &FakeAmazon) -> (Program, Api) {
    let mut command = local::command(folder, &[]);
    let (program, base) = local::serve(command.envs(CREDENTIALS).env("AMAZON_ENDPOINT", amazon.url()));
    (program, Api::at(&base))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_send_two_requests_at_once_and_no_more() {
    let folder = TempDir::new().unwrap();
    let amazon = FakeAmazon::start().await;
    let ((first, one), (_second, two)) = (server(folder.path(), &amazon), server(folder.path(), &amazon));
    sign_in(&amazon, &one).await;
    one.get("/v1/devices").await;
    // Each answer takes its time, so that requests would overlap if they could.
    amazon.fault("/api/", Fault::Slow(Duration::from_millis(60)), usize::MAX);
    let mut asked = Vec::new();
    for round in 0..4 {
        for api in [&one, &two] {
            let volume = json!({ "volume": 20 + round });
            let volume_path = format!("/v1/devices/{}/volume", serial::KITCHEN);
            asked.push(ask(api, Method::PUT, volume_path, Some(volume)));
            asked.push(ask(api, Method::GET, "/v1/devices?refresh=true".to_owned(), None));
            let path = format!("/v1/devices/{}/do-not-disturb", serial::LIVING_ROOM);
            asked.push(ask(api, Method::PUT, path, Some(json!({ "enabled": round % 2 == 0 }))));
        }
    }
    for asked in asked {
        let status = asked.await.unwrap();
        assert_eq!(status, 200);
    }
    assert_eq!(amazon.max_in_flight(), 2);

    // A process that dies in the middle of a request leaves its lane closed until that request is certainly over.
    amazon.heal();
    amazon.fault("/api/dnd/status", Fault::NoAnswer, 1);
    let seen = amazon.requests("/api/dnd/status").len();
    let path = format!("/v1/devices/{}/do-not-disturb", serial::LIVING_ROOM);
    let dying = ask(&one, Method::PUT, path.clone(), Some(json!({ "enabled": true })));
    amazon.wait_for("/api/dnd/status", seen + 1).await;
    first.kill();
    assert!(dying.await.is_err());
    let (status, refused) = two.ask(Method::PUT, &path, Some(&json!({ "enabled": true }))).await;
    let calls = amazon.requests("/api/dnd/status");
    let apart = |later: &end_to_end::amazon::Call| later.arrived - calls[seen].arrived;
    if status == 200 {
        assert!(apart(&calls[seen + 1]) > ma_alexa::amazon::TIMEOUT);
    } else {
        // It waited for as long as it waits at all; a later request gets in.
        assert_eq!((status, &refused["error"]["code"]), (429, &json!("throttled")), "{refused}");
        assert_eq!(calls.len(), seen + 1);
        let (status, done) = two.ask(Method::PUT, &path, Some(&json!({ "enabled": true }))).await;
        assert_eq!(status, 200, "{done}");
    }
    two.get("/v1/devices?refresh=true").await;
    assert_eq!(amazon.max_in_flight(), 2);
}

fn ask(
    api: &Api,
    method: Method,
    path: String,
    body: Option<serde_json::Value>,
) -> tokio::task::JoinHandle<u16> {
    let api = api.clone();
    tokio::spawn(async move { api.ask(method, &path, body.as_ref()).await.0 })
}

/// What a schedule does in the cloud, `ma-alexa` does by itself.
#[tokio::test(flavor = "multi_thread")]
async fn the_session_is_renewed_without_being_asked_for() {
    let folder = TempDir::new().unwrap();
    let amazon = FakeAmazon::start().await;
    amazon.behave(|quirks| quirks.expires_in = 600);
    let (first, api) = server(folder.path(), &amazon);
    sign_in(&amazon, &api).await;
    first.kill();
    let before = amazon.requests("/auth/token").len();
    let (_second, api) = server(folder.path(), &amazon);
    amazon.wait_for("/auth/token", before + 1).await;
    assert_eq!(amazon.requests("/auth/register").len(), 1);
    api.get("/v1/devices").await;
}
