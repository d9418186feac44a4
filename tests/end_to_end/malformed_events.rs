//! Events that are no requests: the function `api` answers each, and the next one too.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use axum::http::Request;
use end_to_end::api::CREDENTIALS;
use end_to_end::runtime_api::{Function, http_event};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The event of a good request.
fn event() -> Value {
    let request = Request::builder().uri("/healthz?a=b").header("host", "api.example.com").body(()).unwrap();
    let mut event = http_event(&request.into_parts().0, "");
    event["headers"]["x-forwarded-proto"] = json!("https");
    event
}

/// The same with `value` at `pointer`.
fn with(pointer: &str, value: Value) -> Value {
    let mut event = event();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[name] = value;
    event
}

fn without(pointer: &str) -> Value {
    let mut event = event();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
    event
}

fn encoded(body: &str) -> Value {
    let mut event = with("/body", json!(body));
    event["isBase64Encoded"] = json!(true);
    event
}

fn malformed() -> Vec<Value> {
    let mut events = Vec::new();
    for proto in ["", " ", "h ttps", "https:", "//", "ws", "https\u{0}", "javascript"] {
        events.push(with("/headers/x-forwarded-proto", json!(proto)));
    }
    for host in ["", " ", "a b", "[", "[::1", "a:b", "a:99999", "a/b", "a?b", "user@a", "%", "a\u{0}b", "a#b"]
    {
        events.push(with("/headers/host", json!(host)));
    }
    for query in [" ", "a b", "\u{0}", "a=\u{1}", "\r\n", "\u{7f}", &"q".repeat(70_000)] {
        events.push(with("/rawQueryString", json!(query)));
    }
    for body in ["%%%", "a", "====", "ä", "YQ==YQ=="] {
        events.push(encoded(body));
    }
    for (name, value) in [("x", "a\nb"), ("x", "\u{0}"), ("", "a"), ("a b", "a"), ("ä", "a"), ("a:", "b")] {
        let mut event = event();
        event["headers"][name] = json!(value);
        events.push(event);
    }
    for path in [json!(""), json!("healthz"), json!("*"), Value::Null, json!(5)] {
        events.push(with("/rawPath", path));
    }
    for method in [json!("GE T"), json!("G\u{0}"), json!(5)] {
        events.push(with("/requestContext/http/method", method));
    }
    events.extend([without("/requestContext"), without("/requestContext/http"), without("/rawPath")]);
    events.extend([json!({}), json!([]), json!(null), json!("text"), json!({ "Records": [] })]);
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_no_request_is_answered_and_the_function_lives_on() {
    let folder = TempDir::new().unwrap();
    let store = format!("sqlite:{}", folder.path().join("state.db").display());
    let variables: Vec<(&str, &str)> =
        [("STORE_URL", store.as_str())].into_iter().chain(CREDENTIALS).collect();
    let function = Function::start("api", &variables).await;
    let answer = async |event: &Value| -> Value {
        let answer = function.invoke(event.to_string().as_bytes()).await;
        serde_json::from_slice(&answer.unwrap_or_else(|error| panic!("{event}: {error}"))).unwrap()
    };
    let events = malformed();
    assert!(events.len() >= 24);
    for event in &events {
        let answered = answer(event).await;
        assert_eq!(answered["statusCode"], 400, "{event}: {answered}");
        let body: Value = serde_json::from_str(answered["body"].as_str().unwrap()).unwrap();
        assert!(body["error"].as_str().unwrap().starts_with("the request is malformed"), "{body}");
    }
    for good in [event(), without("/headers/host"), without("/headers/x-forwarded-proto"), encoded("YQ==")] {
        assert_eq!(answer(&good).await["statusCode"], 200, "{good}");
    }
    let said = function.said();
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(said.matches("an event is no request").count(), 1, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_cannot_start_says_why_in_a_sentence() {
    for (name, variable, value, sentence) in [
        ("api", "BIND", "everywhere", "BIND must be IP:PORT, for example 0.0.0.0:5000"),
        ("api", "RUST_LOG", "ma_alexa=shout", "RUST_LOG: "),
        ("skill", "SKILL_ID", "my-skill", "SKILL_ID"),
        ("token-refresh", "SECRETS_URL", "somewhere", "SECRETS_URL must be file:FOLDER or"),
    ] {
        let folder = TempDir::new().unwrap();
        let store = format!("sqlite:{}", folder.path().join("state.db").display());
        let function = Function::start(name, &[("STORE_URL", &store), (variable, value)]).await;
        let (told, output) = function.cannot_start();
        assert!(!output.status.success());
        let told = told.unwrap();
        let message = told["errorMessage"].as_str().unwrap();
        assert!(message.starts_with(sentence), "{name}: {message}");
        let said = output.stdout + &output.stderr;
        assert!(said.contains(message), "{said}");
        assert!(!said.contains("ConfigError") && !said.contains("Some("), "{said}");
    }
}
