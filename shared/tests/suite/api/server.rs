//! The server itself: its health, and what it logs.

use std::time::Duration;

use reqwest::Method;

use super::harness::{App, MA, OWNER, answer, named};
use crate::logs;

#[tokio::test]
async fn health_is_open_and_asks_no_store() {
    let app = App::start().await;
    app.store.set_condition(super::store::StoreCondition::Panics);
    let mut health = answer(app.request(Method::GET, "/healthz")).await;
    assert_eq!(health.body["version"].take(), env!("CARGO_PKG_VERSION"));
    insta::assert_json_snapshot!(health, @r#"
    {
      "status": 200,
      "headers": {
        "content-type": "application/json"
      },
      "body": {
        "status": "ok",
        "version": null
      }
    }
    "#);
}

// The runtime has one thread, so that the subscriber of this thread hears the server too.
#[tokio::test]
async fn a_request_is_one_summary_line_and_nothing_private_is_logged() {
    logs::keep();
    let app = App::start().await;
    app.push(named("http://192.168.1.5:8097/flow/SESSION/q/i/Kitchen.flac", "PRIVATE TITLE")).await;
    app.get("/v1/players/Kitchen", OWNER).await;
    app.get("/v1/players/Kitchen", MA).await;
    app.get("/nowhere/PRIVATE", OWNER).await;

    let lines = logs::kept();
    let text = format!("{lines:?}");
    for private in ["SESSION", "PRIVATE", OWNER.1, MA.1, "Basic "] {
        assert!(!text.contains(private), "{private} in {text}");
    }
    assert!(text.contains("\"http://192.168.1.5:8097\""), "{text}");
    let summaries: Vec<String> = lines
        .iter()
        .filter(|line| line["message"] == "request")
        .map(|line| {
            assert_eq!(line["span"]["request.id"].as_str().unwrap().len(), 32);
            format!(
                "{} {} {} {} {} ms",
                line["http.method"],
                line["http.route"],
                line["http.status"],
                line["error.code"],
                line["duration.ms"]
            )
        })
        .collect();
    insta::assert_json_snapshot!(summaries, @r#"
    [
      "\"POST\" \"/ma/push-url\" 200 null 0 ms",
      "\"GET\" \"/v1/players/{id}\" 200 null 0 ms",
      "\"GET\" \"/v1/players/{id}\" 403 \"forbidden\" 0 ms",
      "\"GET\" \"none\" 404 \"not_found\" 0 ms"
    ]
    "#);
}

#[tokio::test]
async fn strangers_cause_one_line_of_a_kind_and_minute() {
    logs::keep();
    let app = App::start().await;
    for path in ["/v1/players", "/healthz", "/no/such/path", "/login"] {
        for _ in 0..50 {
            answer(app.request(Method::GET, path)).await;
        }
    }
    // What the owner does has its line each time, with any result.
    for path in ["/v1/players", "/v1/players", "/v1/players/unknown", "/v1/players/unknown"] {
        app.get(path, OWNER).await;
    }
    app.clock.advance(Duration::from_mins(1));
    answer(app.request(Method::GET, "/v1/players")).await;

    let lines = logs::kept();
    let summaries = lines.iter().filter(|line| line["message"] == "request");
    let summaries: Vec<String> = summaries
        .map(|line| format!("{} {} {}", line["http.route"], line["http.status"], line["earlier"]))
        .collect();
    insta::assert_json_snapshot!(summaries, @r#"
    [
      "\"/v1/players\" 401 null",
      "\"/healthz\" 200 null",
      "\"none\" 404 null",
      "\"/login\" 200 null",
      "\"/v1/players\" 200 null",
      "\"/v1/players\" 200 null",
      "\"/v1/players/{id}\" 404 null",
      "\"/v1/players/{id}\" 404 null",
      "\"/v1/players\" 401 49"
    ]
    "#);
    let written = app.metrics.lock().unwrap().len();
    assert!(written <= 8, "{written} lines of metrics for 205 requests");
    assert_eq!((app.counted("AuthFailures"), app.counted("Requests")), (51, 205));
}
