//! The Echos, and pairing by hand.

use std::time::Duration;

use ma_alexa::playback::short_hash;
use ma_alexa::store::PlaybackStore as _;
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{Answer, App, KITCHEN_1, OFFICE_1, OWNER, START, answer, bare};

async fn pair(app: &App, device: &str, body: Value) -> Answer {
    let request = app
        .request(Method::PUT, &format!("/v1/echos/{device}/player"))
        .basic_auth(OWNER.0, Some(OWNER.1))
        .json(&body);
    answer(request).await
}

async fn unpair(app: &App, path: &str) -> Answer {
    let request =
        app.request(Method::DELETE, &format!("/v1/echos/{path}")).basic_auth(OWNER.0, Some(OWNER.1));
    answer(request).await
}

#[tokio::test]
async fn echos_are_listed_with_what_they_serve() {
    let app = App::start().await;
    insta::assert_json_snapshot!(app.get("/v1/echos", OWNER).await, @r#"
    {
      "status": 200,
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json"
      },
      "body": {
        "echos": []
      }
    }
    "#);
    app.push(bare(KITCHEN_1)).await;
    app.claim("D1", "Kitchen", 1).await;
    app.clock.advance(Duration::from_secs(5));
    app.ask("D2", "r2").await;
    insta::assert_json_snapshot!(app.get("/v1/echos", OWNER).await.body, @r#"
    {
      "echos": [
        {
          "asked_at": "2026-11-22T08:00:05Z",
          "device": "D2",
          "locale": "en-US",
          "name": "2265f533",
          "players": [],
          "serial": null
        },
        {
          "asked_at": "2026-11-22T08:00:00Z",
          "device": "D1",
          "locale": "en-US",
          "name": "33a123e5",
          "players": [
            {
              "how": "learned",
              "paired_at": "2026-11-22T08:00:00Z",
              "player": "Kitchen"
            }
          ],
          "serial": null
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn pairings_without_an_echo_are_listed_too() {
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    app.claim("D1", "Kitchen", 1).await;
    app.store.forget_echo("D1");
    app.push(bare(OFFICE_1)).await;
    app.claim("D2", "Office", 1).await;
    app.store.edit_player("Office", |player| {
        if let Some(pairing) = &mut player.pairing {
            pairing.user = Some(short_hash("another user"));
        }
    });
    let dormant = app.store.suspend(&short_hash("another user"), START).await.unwrap();
    assert_eq!(dormant, 1);
    app.store.forget_echo("D2");
    insta::assert_json_snapshot!(app.get("/v1/echos", OWNER).await.body, @r#"
    {
      "echos": [
        {
          "asked_at": null,
          "device": "D1",
          "locale": null,
          "name": "33a123e5",
          "players": [
            {
              "how": "learned",
              "paired_at": "2026-11-22T08:00:00Z",
              "player": "Kitchen"
            }
          ],
          "serial": null
        },
        {
          "asked_at": null,
          "device": null,
          "locale": null,
          "name": null,
          "players": [
            {
              "how": "learned",
              "paired_at": "2026-11-22T08:00:00Z",
              "player": "Office"
            }
          ],
          "serial": null
        }
      ]
    }
    "#);
    assert_eq!(app.player("Office").await["echo"], Value::Null);
    // Who serves a player has asked, however long ago.
    assert_eq!(pair(&app, "D1", json!({"player": "Office"})).await.status, 200);
}

#[tokio::test]
async fn a_person_pairs_and_unpairs() {
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    app.push(bare(OFFICE_1)).await;
    app.claim("D1", "Kitchen", 1).await;
    app.clock.advance(Duration::from_mins(1));
    insta::assert_json_snapshot!(pair(&app, "D1", json!({"player": "Office", "else": 1})).await, @r#"
    {
      "status": 200,
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json"
      },
      "body": {
        "asked_at": "2026-11-22T08:00:00Z",
        "device": "D1",
        "locale": "en-US",
        "name": "33a123e5",
        "players": [
          {
            "how": "manual",
            "paired_at": "2026-11-22T08:01:00Z",
            "player": "Office"
          }
        ],
        "serial": null
      }
    }
    "#);
    assert_eq!(app.player("Kitchen").await["echo"], Value::Null);

    app.ask("D2", "r2").await;
    assert_eq!(pair(&app, "D2", json!({"player": "Office"})).await.status, 200);
    assert_eq!(app.player("Office").await["echo"], "D2");

    assert_eq!(unpair(&app, "D2/player?player=Kitchen").await.body, json!({"unpaired": 0}));
    assert_eq!(unpair(&app, "D2/player?player=Office").await.body, json!({"unpaired": 1}));
    assert_eq!(unpair(&app, "D2/player").await.body, json!({"unpaired": 0}));
    assert_eq!(unpair(&app, "never-seen/player").await.body, json!({"unpaired": 0}));
    assert_eq!(app.player("Office").await["echo"], Value::Null);
    let activity = app.get("/v1/activity", OWNER).await.body;
    let happened: Vec<&Value> =
        activity["activity"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(happened, ["unpaired", "paired", "paired", "asked", "started", "started", "asked"]);
}

#[tokio::test]
async fn an_unknown_echo_or_player_is_not_paired() {
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    insta::assert_json_snapshot!(pair(&app, "D1", json!({"player": "Kitchen"})).await.body, @r#"
    {
      "error": {
        "code": "echo_unknown",
        "message": "no Echo with this id ever asked for music: say \"Alexa, open music assistant\" to it, and look at /v1/echos"
      }
    }
    "#);
    app.ask("D1", "r1").await;
    insta::assert_json_snapshot!(pair(&app, "D1", json!({"player": "kitchen"})).await.body, @r#"
    {
      "error": {
        "code": "player_unknown",
        "message": "there is no player kitchen: known are Kitchen"
      }
    }
    "#);
    insta::assert_json_snapshot!(pair(&app, "D1", json!({"player": 5})).await.body, @r#"
    {
      "error": {
        "code": "invalid_request",
        "message": "player: invalid type: integer `5`, expected a string at line 1 column 11"
      }
    }
    "#);
    insta::assert_json_snapshot!(pair(&app, "D1", json!({})).await.body, @r#"
    {
      "error": {
        "code": "invalid_request",
        "message": "missing field `player` at line 1 column 2"
      }
    }
    "#);
    assert_eq!(pair(&app, &"x".repeat(257), json!({"player": "Kitchen"})).await.status, 400);
    assert_eq!(pair(&app, &"x".repeat(256), json!({"player": "Kitchen"})).await.status, 404);
    assert_eq!(app.player("Kitchen").await["echo"], Value::Null);
}
