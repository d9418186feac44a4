//! No order of commands, refreshes and failures sends a token to a host that is none of Amazon's, or shows one.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::path::Path;

use end_to_end::amazon::{FakeAmazon, Fault, Refusal, Throttle, serial};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::Harness;

/// Something that a person, a schedule or Amazon does.
#[derive(Clone, Copy, Debug)]
enum Step {
    SignIn,
    SignOut,
    CompleteNonsense,
    Devices,
    State,
    Pause,
    Volume,
    Speak,
    Quiet,
    Refresh,
    ExpireCookies,
    ExpireTokens,
    Revoke,
    Move(&'static str),
    Refuse(Refusal),
    NameHost(&'static str),
    Fail(&'static str, Fault),
    Heal,
    Hours(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let hosts = prop::sample::select(vec![
        "https://eu-api-alexa.amazon.de.evil.example",
        "https://amazon.de",
        "http://eu-api-alexa.amazon.de",
        "https://127.0.0.1",
        "https://evil.example/?.amazon.de",
        "https://eu-api-alexa.amazon.co.uk",
    ]);
    let paths = prop::sample::select(vec![
        "/auth/token",
        "/auth/register",
        "/ap/exchangetoken/cookies",
        "/api/users/me",
        "/api/endpoints",
        "/api/language",
        "/api/devices-v2/device",
        "/api/np/command",
        "/api/behaviors/preview",
    ]);
    let faults = prop::sample::select(vec![
        Fault::Throttled(Throttle::Graphql),
        Fault::Unavailable,
        Fault::Html,
        Fault::SignInRedirect,
        Fault::Malformed,
        Fault::Unauthorized,
        Fault::Forbidden,
        Fault::Closed,
        Fault::AnswerLost,
    ]);
    let refusals = prop::sample::select(vec![
        Refusal::Unauthorized,
        Refusal::Forbidden,
        Refusal::SignInRedirect,
        Refusal::SignInPage,
    ]);
    let step = prop_oneof![
        2 => Just(Step::SignIn),
        1 => Just(Step::SignOut),
        1 => Just(Step::CompleteNonsense),
        3 => Just(Step::Devices),
        2 => Just(Step::State),
        2 => Just(Step::Pause),
        2 => Just(Step::Volume),
        2 => Just(Step::Speak),
        2 => Just(Step::Quiet),
        3 => Just(Step::Refresh),
        2 => Just(Step::ExpireCookies),
        1 => Just(Step::ExpireTokens),
        1 => Just(Step::Revoke),
        1 => prop::sample::select(vec!["com", "de", "co.uk", "co.jp"]).prop_map(Step::Move),
        1 => refusals.prop_map(Step::Refuse),
        2 => hosts.prop_map(Step::NameHost),
        3 => (paths, faults).prop_map(|(path, fault)| Step::Fail(path, fault)),
        2 => Just(Step::Heal),
        2 => (1_u64..30).prop_map(Step::Hours),
    ];
    prop::collection::vec(step, 4..16)
}

#[test]
fn no_order_of_events_lets_a_secret_out() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    runner
        .run(&steps(), |steps| {
            runtime.block_on(async {
                let harness = Harness::start().await;
                let mut said = Vec::new();
                for step in steps {
                    take(&harness, step, &mut said).await;
                }
                let violations = harness.amazon.violations();
                prop_assert!(violations.is_empty(), "{violations:?}");
                for answer in said {
                    let found = harness.amazon.secrets_in(&answer);
                    prop_assert!(found.is_empty(), "{found:?} in {answer}");
                }
                let found = found_in_store(&harness.amazon, harness.folder());
                prop_assert!(found.is_empty(), "{found:?} in the database");
                Ok(())
            })
        })
        .unwrap();
}

async fn take(harness: &Harness, step: Step, said: &mut Vec<String>) {
    let kitchen = |rest: &str| format!("/v1/devices/{}{rest}", serial::KITCHEN);
    let body = |value: Value| Some(value);
    let (method, path, body) = match step {
        Step::SignIn => return sign_in(harness, said).await,
        Step::SignOut => (Method::DELETE, "/v1/amazon/login".to_owned(), None),
        Step::CompleteNonsense => {
            let address = "https://www.amazon.com/ap/maplanding?openid.oa2.authorization_code=nonsense";
            (Method::POST, "/v1/amazon/login/complete".to_owned(), body(json!({ "address": address })))
        }
        Step::Devices => (Method::GET, "/v1/devices?refresh=true".to_owned(), None),
        Step::State => (Method::GET, kitchen(""), None),
        Step::Pause => (Method::POST, kitchen("/playback"), body(json!({ "command": "next" }))),
        Step::Volume => (Method::PUT, kitchen("/volume"), body(json!({ "volume": 20 }))),
        Step::Speak => (Method::POST, kitchen("/speak"), body(json!({ "text": "hello" }))),
        Step::Quiet => (Method::PUT, kitchen("/do-not-disturb"), body(json!({ "enabled": true }))),
        Step::Refresh => (Method::POST, "/v1/amazon/refresh".to_owned(), body(json!({}))),
        Step::ExpireCookies => return harness.amazon.expire_cookies(),
        Step::ExpireTokens => return harness.amazon.expire_access_tokens(),
        Step::Revoke => return harness.amazon.revoke(),
        Step::Move(marketplace) => return harness.amazon.move_to(marketplace),
        Step::Refuse(refusal) => return harness.amazon.behave(|quirks| quirks.refusal = refusal),
        Step::NameHost(host) => {
            return harness.amazon.behave(|quirks| quirks.website_api_url = Some(host.to_owned()));
        }
        Step::Fail(path, fault) => return harness.amazon.fault(path, fault, 1),
        Step::Heal => return harness.amazon.heal(),
        Step::Hours(hours) => return harness.pass(std::time::Duration::from_hours(hours)),
    };
    let (status, answer) = harness.api.ask(method, &path, body.as_ref()).await;
    said.push(format!("{status} {answer}"));
}

async fn sign_in(harness: &Harness, said: &mut Vec<String>) {
    let (status, begun) = harness.post("/v1/amazon/login", &json!({})).await;
    assert_eq!(status, 200, "{begun}");
    let address = harness.amazon.sign_in(begun["url"].as_str().unwrap()).await;
    let (status, done) = harness.post("/v1/amazon/login/complete", &json!({ "address": address })).await;
    said.push(format!("{status} {done}"));
}

/// The secrets that the files of a store hold.
pub(super) fn found_in_store(amazon: &FakeAmazon, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_store = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("state.db"));
        if is_store && path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            found.extend(amazon.secrets_in(&String::from_utf8_lossy(&bytes)));
        }
    }
    found
}
