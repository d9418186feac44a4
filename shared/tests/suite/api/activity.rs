//! The newest activities.

use std::time::Duration;

use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::playback::{Failure, ReportKind};
use serde_json::json;

use super::harness::{App, KITCHEN_1, OWNER, bare, named};

#[tokio::test]
async fn activities_are_listed_newest_first() {
    let app = App::start().await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    app.clock.advance(Duration::from_secs(2));
    app.claim("D1", "Kitchen", 1).await;
    app.clock.advance(Duration::from_secs(1));
    let failure = Failure { kind: MediaErrorType::Unspecified, message: None };
    app.report("Kitchen", 1, ReportKind::Failed, Some(failure)).await;
    insta::assert_json_snapshot!(app.get("/v1/activity", OWNER).await, @r#"
    {
      "status": 200,
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json"
      },
      "body": {
        "activity": [
          {
            "at": "2026-11-22T08:00:03Z",
            "error": "MEDIA_ERROR_UNKNOWN",
            "kind": "reported",
            "player": "Kitchen",
            "state": "failed"
          },
          {
            "at": "2026-11-22T08:00:02Z",
            "echo": "33a123e5",
            "kind": "asked"
          },
          {
            "at": "2026-11-22T08:00:00Z",
            "kind": "started",
            "player": "Kitchen",
            "title": "Sinnerman",
            "version": 1
          }
        ]
      }
    }
    "#);
}

#[tokio::test]
async fn the_list_has_a_limit() {
    let app = App::start().await;
    for number in 0..60 {
        app.clock.advance(Duration::from_secs(1));
        let url = format!("http://192.168.1.5:8097/flow/s{number}/Kitchen/i/Kitchen.flac");
        app.push(bare(&url)).await;
    }
    for (path, length) in [
        ("/v1/activity", 50),
        ("/v1/activity?limit=1", 1),
        ("/v1/activity?limit=200", 60),
        ("/v1/activity?other=x", 50),
    ] {
        let told = app.get(path, OWNER).await.body;
        let told = told["activity"].as_array().unwrap();
        assert_eq!(told.len(), length, "{path}");
        assert_eq!(told[0]["version"], json!(60), "{path}");
    }
}

/// An Echo reports whole seconds of Amazon's clock, which would put its report before what led to it.
#[tokio::test]
async fn activities_keep_the_order_of_arrival() {
    let app = App::start().await;
    app.clock.advance(Duration::from_millis(300));
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    app.clock.advance(Duration::from_millis(300));
    app.claim("D1", "Kitchen", 1).await;
    app.clock.advance(Duration::from_millis(300));
    app.report("Kitchen", 1, ReportKind::Started, None).await;
    let told = app.get("/v1/activity", OWNER).await.body;
    let kinds: Vec<_> =
        told["activity"].as_array().unwrap().iter().map(|entry| entry["kind"].clone()).collect();
    assert_eq!(kinds, ["reported", "asked", "started"]);
}
