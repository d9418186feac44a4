//! Pushes of Music Assistant, and their results.

use std::time::Duration;

use ma_alexa::config::Settings;
use ma_alexa::store::SetupStore as _;
use serde_json::{Value, json};

use super::harness::{App, KITCHEN_1, KITCHEN_2, MA, OFFICE_1, OWNER, bare, named};
use super::store::StoreCondition;

#[tokio::test]
async fn a_push_starts_a_version_and_the_next_one_names_it() {
    let app = App::start().await;
    insta::assert_json_snapshot!(app.push(bare(KITCHEN_1)).await, @r#"
    {
      "status": 200,
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json"
      },
      "body": {
        "status": "ok",
        "version": 1
      }
    }
    "#);
    app.clock.advance(Duration::from_secs(1));
    insta::assert_json_snapshot!(app.push(named(KITCHEN_1, "Sinnerman")).await.body, @r#"
    {
      "status": "ok",
      "version": 1
    }
    "#);
    insta::assert_json_snapshot!(app.get("/ma/latest-url", MA).await, @r#"
    {
      "status": 200,
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json"
      },
      "body": {
        "album": "Pastel Blues",
        "artist": "Nina Simone",
        "imageUrl": "http://192.168.1.5:8095/imageproxy/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef?size=512",
        "streamUrl": "http://192.168.1.5:8097/flow/aaaa/Kitchen/item1/Kitchen.flac",
        "title": "Sinnerman"
      }
    }
    "#);
    assert_eq!(app.counted("Pushes"), 2);
}

#[tokio::test]
async fn the_latest_url_without_a_push_is_not_found() {
    let app = App::start().await;
    insta::assert_json_snapshot!(app.get("/ma/latest-url", MA).await, @r#"
    {
      "status": 404,
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json"
      },
      "body": {
        "error": "Music Assistant pushed nothing yet"
      }
    }
    "#);
    assert_eq!(app.get("/alexa/latest-url", MA).await.status, 404);
}

#[tokio::test]
async fn the_newest_push_of_all_players_is_the_latest() {
    let app = App::start().await;
    app.push(bare(OFFICE_1)).await;
    app.clock.advance(Duration::from_secs(1));
    app.push(bare(KITCHEN_1)).await;
    assert_eq!(app.get("/alexa/latest-url", MA).await.body["streamUrl"], KITCHEN_1);
    app.clock.advance(Duration::from_secs(1));
    app.push(named(OFFICE_1, "Feeling Good")).await;
    let latest = app.get("/ma/latest-url", OWNER).await.body;
    assert_eq!(latest["streamUrl"], OFFICE_1);
    assert_eq!(latest["title"], "Feeling Good");
}

#[tokio::test]
async fn nulls_and_unknown_members_are_taken() {
    let app = App::start().await;
    let body = json!({
        "streamUrl": KITCHEN_1, "title": null, "artist": null, "album": null, "imageUrl": null,
        "playerId": "Office", "nested": {"deep": [1, 2, {"er": null}]},
    });
    assert_eq!(app.push(body).await.body, json!({"status": "ok", "version": 1}));
    assert_eq!(app.player("Kitchen").await["title"], Value::Null);
}

#[tokio::test]
async fn every_shape_of_address_names_its_player() {
    let shapes = [
        ("http://192.168.1.5:8097/flow/q/i.flac", "q"),
        ("http://192.168.1.5:8097/single/s/Office Echo/i.flac", "Office Echo"),
        ("http://192.168.1.5:8097/flow/Aa2keUeZ/Büro/i/Küche & Bad.flac", "Küche & Bad"),
        ("http://192.168.1.5:8097/single/s/q/i/K%C3%BCche%20%26%20Bad 2.mp3", "Küche & Bad 2"),
        ("http://[fd00::5]:8097/flow/s/q/i/🎧 Den.pcm;codec=pcm;rate=44100", "🎧 Den"),
        ("http://ma.local:8097/announcement/Hall.mp3", "Hall"),
        ("http://ma:8097/pluginsource/spotify/Bath #1?.flac", "Bath #1?"),
        ("https://music.example.org/flow/s/q/i/100% Loud.flac", "100% Loud"),
        ("http://192.168.1.5:8097/ugp/ugp_1.flac?player_id=Den & Hall", "Den & Hall"),
        ("http://192.168.1.5:8097/ugp/ugp_1.mp3?player_id=AC/DC", "AC/DC"),
    ];
    let app = App::start().await;
    for (url, player) in shapes {
        let answer = app.push(bare(url)).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.error());
        assert_eq!(app.player(player).await["player"], player, "{url}");
    }
    assert_eq!(app.players().await.as_array().unwrap().len(), shapes.len());
}

#[tokio::test]
async fn a_stream_that_no_echo_could_fetch_is_refused_with_a_reason() {
    let app = App::start_with(&[]).await;
    insta::assert_json_snapshot!(app.push(bare(KITCHEN_1)).await, @r#"
    {
      "status": 400,
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json"
      },
      "body": {
        "error": "an Echo cannot reach this stream: it needs a public https address. Set DOOR_URL or STREAM_BASE_URL, for example https://music.example.com"
      }
    }
    "#);
    let refused = [
        "",
        "   ",
        "Kitchen",
        "ftp://192.168.1.5/flow/s/q/i/Kitchen.flac",
        "http:///flow/s/q/i/Kitchen.flac",
        "http://user:secret@192.168.1.5:8097/flow/s/q/i/Kitchen.flac",
        "http://192.168.1.5:8097/",
        "http://192.168.1.5:8097/command/Kitchen/next.mp3",
        "http://192.168.1.5:8097/flow/s/q/i/../Kitchen.flac",
        "https://example.com/song.mp3",
    ];
    for url in refused {
        let answer = app.push(bare(url)).await;
        assert_eq!(answer.status, 400, "{url}");
        assert!(answer.error().starts_with("streamUrl "), "{url}: {}", answer.error());
        assert!(!answer.error().contains("secret"), "{url}");
    }
    let slash = app.push(bare("http://192.168.1.5:8097/flow/s/AC/DC/i/AC/DC.flac")).await;
    assert_eq!(slash.status, 400);
    assert!(slash.error().contains("Rename it without the /"), "{}", slash.error());
    for name in ["a%00b", "a%0D%0Ab"] {
        let answer = app.push(bare(&format!("http://192.168.1.5:8097/flow/s/q/i/{name}.flac"))).await;
        assert_eq!(answer.status, 400, "{name}");
    }
    let long = format!("http://192.168.1.5:8097/flow/s/q/i/{}.flac", "x".repeat(2000));
    let answer = app.push(bare(&long)).await;
    assert_eq!((answer.status, answer.error()), (400, "streamUrl is longer than 2000 characters"));
    assert_eq!(app.players().await, json!([]));
    let public = "https://music.example.org/flow/s/q/i/Kitchen.flac";
    assert_eq!(app.push(bare(public)).await.status, 200);
}

#[tokio::test]
async fn settings_are_read_once_in_ten_seconds_and_the_environment_goes_before_them() {
    let app = App::start_with(&[("LOCALE", "de-DE")]).await;
    assert_eq!(app.push(bare(KITCHEN_1)).await.status, 400);
    let settings = Settings {
        stream_base_url: Some("https://music.example.com/".into()),
        art_base_url: Some("http://not-https.example.com".into()),
        locale: Some("fr-FR".into()),
        invocation_name: Some("house jukebox".into()),
        ma_phrases: Some("builtin".into()),
        ..Settings::default()
    };
    app.store.put_settings(&settings).await.unwrap();
    assert_eq!(app.push(bare(KITCHEN_1)).await.status, 400);
    assert_eq!(app.store.settings_reads(), 1);
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(app.push(named(KITCHEN_1, "Sinnerman")).await.status, 200);
    assert_eq!(app.store.settings_reads(), 2);
    assert_eq!(app.player("Kitchen").await["art_url"], Value::Null);
    insta::assert_json_snapshot!(app.get("/alexa/intents", MA).await.body, @r#"
    {
      "intents": [
        {
          "intent": "AMAZON.PauseIntent",
          "utterances": [
            "pause"
          ]
        },
        {
          "intent": "AMAZON.ResumeIntent",
          "utterances": [
            "weitermachen"
          ]
        },
        {
          "intent": "AMAZON.StopIntent",
          "utterances": [
            "stopp"
          ]
        }
      ],
      "invocationName": "sag house jukebox",
      "locale": "de-DE"
    }
    "#);
}

#[tokio::test]
async fn pushes_may_come_in_any_order() {
    let pushes = [bare(KITCHEN_2), named(KITCHEN_1, "the old song"), named(KITCHEN_2, "the new song")];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let app = App::start().await;
        app.push(bare(KITCHEN_1)).await;
        for index in order {
            app.clock.advance(Duration::from_secs(1));
            assert_eq!(app.push(pushes[index].clone()).await.status, 200, "{order:?}");
        }
        let player = app.player("Kitchen").await;
        assert_eq!((&player["version"], &player["title"]), (&json!(2), &json!("the new song")), "{order:?}");
        assert_eq!(app.get("/ma/latest-url", MA).await.body["streamUrl"], KITCHEN_2, "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pushes_may_come_at_once() {
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    for _ in 0..20 {
        let answers = tokio::join!(
            app.push(bare(KITCHEN_2)),
            app.push(named(KITCHEN_1, "the old song")),
            app.push(named(KITCHEN_2, "the new song")),
        );
        assert_eq!((answers.0.status, answers.1.status, answers.2.status), (200, 200, 200));
        assert_eq!((&answers.0.body["version"], &answers.2.body["version"]), (&json!(2), &json!(2)));
    }
    let player = app.player("Kitchen").await;
    assert_eq!((&player["version"], &player["title"]), (&json!(2), &json!("the new song")));
}

#[tokio::test]
async fn the_placeholder_replaces_no_names() {
    let app = App::start().await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    let placeholder = json!({
        "streamUrl": KITCHEN_1, "title": "Music Assistant", "artist": null, "album": null,
        "imageUrl": "http://192.168.1.5:8095/imageproxy/fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210",
    });
    assert_eq!(app.push(placeholder).await.body["version"], 1);
    let player = app.player("Kitchen").await;
    assert_eq!(player["title"], "Sinnerman");
    assert_eq!(
        player["art_url"],
        "https://art.example.com/imageproxy/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    );
}

#[tokio::test]
async fn long_names_are_cut_and_an_absurd_picture_is_left_out() {
    let app = App::start().await;
    let body = json!({
        "streamUrl": KITCHEN_1,
        "title": "🎵".repeat(3000),
        "imageUrl": format!("https://cdn.example.com/{}", "x".repeat(200_000)),
    });
    assert_eq!(app.push(body).await.status, 200);
    let player = app.player("Kitchen").await;
    assert_eq!(player["title"], "🎵".repeat(500));
    assert_eq!(player["art_url"], Value::Null);
    assert_eq!(app.get("/ma/latest-url", MA).await.body["imageUrl"], Value::Null);
}

#[tokio::test]
async fn a_push_does_not_fail_over_what_cannot_be_noted() {
    let app = App::start().await;
    app.store.set_condition(StoreCondition::ForgetsActivity);
    assert_eq!(app.push(bare(KITCHEN_1)).await.status, 200);
}

#[tokio::test]
async fn a_store_that_is_down_is_said_in_a_sentence() {
    let app = App::start().await;
    app.store.set_condition(StoreCondition::IsDown);
    insta::assert_json_snapshot!(app.push(bare(KITCHEN_1)).await, @r#"
    {
      "status": 503,
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json"
      },
      "body": {
        "error": "the store cannot be reached at the moment; try again"
      }
    }
    "#);
    insta::assert_json_snapshot!(app.get("/v1/players", OWNER).await.body, @r#"
    {
      "error": {
        "code": "store_unavailable",
        "message": "the store cannot be reached at the moment; try again"
      }
    }
    "#);
    app.store.set_condition(StoreCondition::IsNewer);
    insta::assert_json_snapshot!(app.get("/v1/echos", OWNER).await.body, @r#"
    {
      "error": {
        "code": "store_unavailable",
        "message": "the store was written by a newer release; install that one here too"
      }
    }
    "#);
    assert_eq!(app.counted("StoreErrors"), 3);
}

#[tokio::test]
async fn a_full_disk_is_said_with_its_cure() {
    let app = App::start().await;
    app.store.set_condition(StoreCondition::IsFull);
    insta::assert_json_snapshot!(app.push(bare(KITCHEN_1)).await, @r#"
    {
      "status": 507,
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json"
      },
      "body": {
        "error": "the disk is full, so nothing can be kept: free some space on the machine that runs this"
      }
    }
    "#);
    assert_eq!(app.players().await, json!([]), "what is there is still told");
    assert_eq!(app.counted("StoreErrors"), 1);
    let examined = app.get("/v1/doctor?fresh=true", OWNER).await.body.to_string();
    assert!(examined.contains("\"disk-full\""), "{examined}");
}

#[tokio::test]
async fn phrases_are_returned_even_if_they_cannot_be_stored() {
    let app = App::start().await;
    app.store.set_condition(StoreCondition::NeverKeepsDocuments);
    let answer = tokio::time::timeout(Duration::from_secs(4), app.get("/alexa/intents", MA)).await.unwrap();
    assert_eq!((answer.status, &answer.body["locale"]), (200, &json!("en-US")));
    assert!(app.store.calls().contains(&"put_document"));
}
