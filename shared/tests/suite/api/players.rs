//! What every player does.

use std::time::Duration;

use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::playback::{Failure, ReportKind};
use serde_json::{Value, json};

use super::harness::{App, KITCHEN_1, OFFICE_1, OWNER, bare, named};

#[tokio::test]
async fn a_player_is_shown_from_its_push_to_its_end() {
    let app = App::start().await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    insta::assert_json_snapshot!(app.get("/v1/players", OWNER).await, @r#"
    {
      "status": 200,
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json"
      },
      "body": {
        "players": [
          {
            "album": "Pastel Blues",
            "art_url": "https://art.example.com/imageproxy/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "artist": "Nina Simone",
            "echo": null,
            "error": null,
            "offset_ms": 0,
            "origin": null,
            "player": "Kitchen",
            "pushed_at": "2026-11-22T08:00:00Z",
            "state": "idle",
            "state_at": null,
            "title": "Sinnerman",
            "version": 1
          }
        ]
      }
    }
    "#);
    app.clock.advance(Duration::from_secs(2));
    app.claim("D1", "Kitchen", 1).await;
    let mut told = vec![app.player("Kitchen").await];
    for kind in [ReportKind::Started, ReportKind::Stopped, ReportKind::Finished] {
        app.clock.advance(Duration::from_secs(10));
        app.report("Kitchen", 1, kind, None).await;
        told.push(app.player("Kitchen").await);
    }
    let told: Vec<String> = told
        .iter()
        .map(|told| {
            format!(
                "{} since {} at {} ms on {} ({})",
                told["state"], told["state_at"], told["offset_ms"], told["echo"], told["origin"]
            )
        })
        .collect();
    insta::assert_json_snapshot!(told, @r#"
    [
      "\"requested\" since \"2026-11-22T08:00:02Z\" at 0 ms on \"D1\" (null)",
      "\"playing\" since \"2026-11-22T08:00:12Z\" at 1500 ms on \"D1\" (\"start\")",
      "\"stopped\" since \"2026-11-22T08:00:22Z\" at 1500 ms on \"D1\" (\"start\")",
      "\"finished\" since \"2026-11-22T08:00:32Z\" at 1500 ms on \"D1\" (\"start\")"
    ]
    "#);
}

#[tokio::test]
async fn a_failure_names_cause_and_cure() {
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    let failure =
        Failure { kind: MediaErrorType::InvalidRequest, message: Some("Device playback error".to_owned()) };
    app.report("Kitchen", 1, ReportKind::Failed, Some(failure)).await;
    insta::assert_json_snapshot!(app.get("/v1/players/Kitchen", OWNER).await.body, @r#"
    {
      "album": null,
      "art_url": null,
      "artist": null,
      "echo": null,
      "error": {
        "message": "The Echo was refused the stream. Check the address in the step Public address of the setup: no login may stand before it. If the music was started hours ago, start it again",
        "type": "MEDIA_ERROR_INVALID_REQUEST"
      },
      "offset_ms": 1500,
      "origin": "start",
      "player": "Kitchen",
      "pushed_at": "2026-11-22T08:00:00Z",
      "state": "failed",
      "state_at": "2026-11-22T08:00:00Z",
      "title": null,
      "version": 1
    }
    "#);
}

#[tokio::test]
async fn every_type_of_error_has_a_sentence() {
    let app = App::start().await;
    let mut sentences = std::collections::BTreeSet::new();
    let kinds = [
        "MEDIA_ERROR_INVALID_REQUEST",
        "MEDIA_ERROR_SERVICE_UNAVAILABLE",
        "MEDIA_ERROR_INTERNAL_SERVER_ERROR",
        "MEDIA_ERROR_INTERNAL_DEVICE_ERROR",
        "MEDIA_ERROR_UNKNOWN",
        "MEDIA_ERROR_OF_NEXT_YEAR",
    ];
    for (version, kind) in kinds.iter().enumerate() {
        let url = format!("http://192.168.1.5:8097/flow/s{version}/Kitchen/i/Kitchen.flac");
        app.push(bare(&url)).await;
        let failure = Failure { kind: MediaErrorType::from(*kind), message: None };
        let version = u64::try_from(version).unwrap() + 1;
        app.report("Kitchen", version, ReportKind::Failed, Some(failure)).await;
        let error = app.player("Kitchen").await["error"].clone();
        assert_eq!(error["type"], *kind);
        sentences.insert(error["message"].as_str().unwrap().to_owned());
    }
    assert_eq!(sentences.len(), kinds.len());
}

#[tokio::test]
async fn players_are_sorted_and_found_by_their_names() {
    let app = App::start().await;
    let odd = "http://192.168.1.5:8097/flow/s/q/i/Küche%2FBad ?%25.flac";
    for url in [OFFICE_1, odd, KITCHEN_1] {
        assert_eq!(app.push(bare(url)).await.status, 200, "{url}");
    }
    let players = app.players().await;
    let names: Vec<&Value> = players.as_array().unwrap().iter().map(|player| &player["player"]).collect();
    assert_eq!(names, ["Kitchen", "Küche/Bad ?%", "Office"]);
    let found = app.get("/v1/players/K%C3%BCche%2FBad%20%3F%25", OWNER).await;
    assert_eq!((found.status, &found.body["player"]), (200, &json!("Küche/Bad ?%")));
}

#[tokio::test]
async fn an_unknown_player_is_answered_with_those_that_there_are() {
    let app = App::start().await;
    insta::assert_json_snapshot!(app.get("/v1/players/Attic", OWNER).await.body, @r#"
    {
      "error": {
        "code": "player_unknown",
        "message": "there is no player Attic: none is known until Music Assistant plays on one"
      }
    }
    "#);
    app.push(bare(OFFICE_1)).await;
    app.push(bare(KITCHEN_1)).await;
    insta::assert_json_snapshot!(app.get("/v1/players/attic", OWNER).await, @r#"
    {
      "status": 404,
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json"
      },
      "body": {
        "error": {
          "code": "player_unknown",
          "message": "there is no player attic: known are Kitchen, Office"
        }
      }
    }
    "#);
    for number in 0..30 {
        let url = format!("http://192.168.1.5:8097/flow/s/q/i/Player {number:02}.flac");
        app.push(bare(&url)).await;
    }
    let long = app.get(&format!("/v1/players/{}", "x".repeat(3000)), OWNER).await;
    assert!(long.error().ends_with(" and 12 more"), "{}", long.error());
    assert!(long.error().len() < 500, "{}", long.error());
}

#[tokio::test]
async fn a_picture_that_an_echo_cannot_fetch_is_left_out() {
    let app = App::start_with(&[("STREAM_BASE_URL", "https://music.example.com")]).await;
    app.push(named(KITCHEN_1, "x")).await;
    assert_eq!(app.player("Kitchen").await["art_url"], Value::Null);
}
