//! `/devices` without an Amazon account. With Amazon, see the end-to-end tests.

use ma_alexa::alexa::DeviceId;
use ma_alexa::clock::Clock as _;
use ma_alexa::playback::{RecordStray, StrayRequest};
use ma_alexa::store::PlaybackStore as _;

use super::browser::Browser;
use super::pages::check_page;
use crate::api::harness::{App, KITCHEN_1, OFFICE_1, named};

#[tokio::test]
async fn without_amazon_it_shows_the_echos_that_asked() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let empty = browser.get("/devices").await;
    check_page("/devices", &empty);
    for part in
        ["No Amazon account is signed in", "With your Amazon account", "No Echo has asked for music yet"]
    {
        assert!(empty.text.contains(part), "{part}: {}", empty.text);
    }
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    app.claim("D1", "Kitchen", 1).await;
    let seen = browser.get("/devices").await;
    check_page("/devices", &seen);
    for part in ["<strong>Kitchen</strong>", "learned from its first play", "Undo", "value=\"D1\"", "<svg"] {
        assert!(seen.text.contains(part), "{part}: {}", seen.text);
    }
    for part in ["type=\"range\"", "/devices/test", "No Echo has asked"] {
        assert!(!seen.text.contains(part), "{part}: {}", seen.text);
    }
    let live = browser.get("/devices/live").await;
    assert!(seen.text.contains(live.text.trim()), "{}", live.text);
}

#[tokio::test]
async fn a_pairing_is_made_and_undone() {
    let app = App::start().await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    app.push(named(OFFICE_1, "Feeling Good")).await;
    app.ask("D1", "ask 1").await;
    let browser = Browser::logged_in(&app).await;
    let sent = browser.submit("/devices/pair", &[("echo", "D1"), ("player", "Kitchen")]).await;
    assert_eq!((sent.status, sent.header("location")), (303, "/devices"));
    assert_eq!(app.player("Kitchen").await["echo"], "D1");
    let page = browser.get("/devices").await.text;
    assert!(page.contains("The Echo serves Kitchen now.") && page.contains("chosen by hand"), "{page}");
    browser.submit("/devices/unpair", &[("echo", "D1"), ("player", "Kitchen")]).await;
    assert_eq!(app.player("Kitchen").await["echo"], serde_json::Value::Null);
    assert!(browser.get("/devices").await.text.contains("The pairing with Kitchen is undone."));
    browser.submit("/devices/unpair", &[("echo", "D1"), ("player", "Kitchen")]).await;
    assert!(browser.get("/devices").await.text.contains("There was no pairing with Kitchen any more."));
    assert!(browser.get("/status").await.text.contains("plays for Kitchen now: chosen by hand."));
}

#[tokio::test]
async fn a_form_with_something_else_in_it_changes_nothing() {
    let app = App::start().await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    let browser = Browser::logged_in(&app).await;
    // A device that never asked is no device.
    browser.submit("/devices/pair", &[("echo", "forged"), ("player", "Kitchen")]).await;
    let page = browser.get("/devices").await.text;
    assert!(
        page.contains("This Echo has not asked for music for long.") && !page.contains("forged"),
        "{page}"
    );
    app.ask("D1", "ask 1").await;
    browser.submit("/devices/pair", &[("echo", "D1"), ("player", "Nowhere")]).await;
    assert!(browser.get("/devices").await.text.contains("There is no such player any more."));
    for fields in [vec![], vec![("echo", "D1")], vec![("player", "Kitchen")]] {
        assert_eq!(browser.submit("/devices/pair", &fields).await.status, 400);
    }
    let loud = [("serial", "S1"), ("volume", "loud")];
    assert_eq!(browser.submit("/devices/volume", &loud).await.status, 400);
    browser.submit("/devices/volume", &[("serial", "S1"), ("volume", "101")]).await;
    assert!(browser.get("/devices").await.text.contains("volume: it has to be a number from 0 to 100"));
    // The same form on the first page is answered in its card there.
    for (page, to) in [("home", "/status#player-1"), ("devices", "/devices#player-1")] {
        let fields = [("serial", "S1"), ("volume", "101"), ("page", page), ("place", "player-1")];
        assert_eq!(browser.submit("/devices/volume", &fields).await.header("location"), to);
    }
    let elsewhere = [("serial", "S1"), ("volume", "10"), ("page", "//evil.example")];
    assert_eq!(browser.submit("/devices/volume", &elsewhere).await.status, 400);
    browser.get("/devices").await;
    browser.submit("/devices/test", &[("serial", "S1")]).await;
    assert!(browser.get("/devices").await.text.contains("No Amazon account is signed in."));
    assert_eq!(app.player("Kitchen").await["echo"], serde_json::Value::Null);
}

#[tokio::test]
async fn the_script_gets_a_sentence_instead_of_a_page() {
    let app = App::start().await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    app.ask("D1", "ask 1").await;
    let browser = Browser::logged_in(&app).await;
    let token = browser.token().await;
    let script = Browser::new(&app).with("x-fetch", "1").with("x-csrf-token", &token);
    script.set_cookie("ma-alexa-session", &browser.cookie("ma-alexa-session").unwrap());
    let said = script.post("/devices/pair", &[("echo", "D1"), ("player", "Kitchen")]).await;
    assert_eq!(said.status, 200);
    assert_eq!(said.text.trim(), "<p class=\"message good\">The Echo serves Kitchen now.</p>");
    let said = script.post("/devices/pair", &[("echo", "D1"), ("player", "Nowhere")]).await;
    assert!(said.text.contains("message bad") && !said.text.contains("<html"), "{}", said.text);
    assert!(said.set_cookie("ma-alexa-said").is_none());
}

// A browser drops a cookie of more than 4096 bytes, and the message with it.
#[tokio::test]
async fn a_message_that_is_too_long_for_a_cookie_is_cut() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    for piece in ["a", "ö", "🎵", "\u{1}", "\""] {
        let player = piece.repeat(5000);
        let sent = browser.submit("/devices/unpair", &[("echo", "D1"), ("player", &player)]).await;
        assert_eq!(sent.status, 303, "{piece}");
        let cookie = sent.set_cookie("ma-alexa-said").unwrap();
        assert!((2000..4096).contains(&cookie.len()), "{piece}: {}", cookie.len());
        let page = browser.get("/devices").await.text;
        assert!(page.contains("There was no pairing with ") && page.contains("… any more."), "{page}");
    }
    let short = "ö".repeat(500);
    browser.submit("/devices/unpair", &[("echo", "D1"), ("player", &short)]).await;
    let page = browser.get("/devices").await.text;
    assert!(page.contains(&format!("There was no pairing with {short} any more.")), "{page}");
}

/// A player whose starts another Echo asked for, three times in a row, is shown with its remedy.
#[tokio::test]
async fn a_player_that_another_echo_asks_for_is_paired_with_one_click() {
    let app = App::start().await;
    app.ask("D1", "ask 1").await;
    let browser = Browser::logged_in(&app).await;
    let mut seen = None;
    for version in 1..=3_u32 {
        let stream = format!("http://192.168.1.5:8097/flow/s{version}/Kitchen/item/Kitchen.flac");
        app.push(named(&stream, "Sinnerman")).await;
        let page = browser.get("/devices").await.text;
        assert!(!page.contains("Pair Kitchen with this Echo"), "{version}: {page}");
        let wanting = RecordStray {
            player: "Kitchen".into(),
            wanted: StrayRequest {
                device: DeviceId::from("D1".to_owned()),
                version: version.into(),
                request: format!("ask {version}"),
                starts: version,
            },
            seen: seen.replace(format!("ask {version}")),
            at: app.clock.now(),
        };
        assert!(
            app.store
                .record_stray(&wanting, &ma_alexa::playback::Household::default())
                .await
                .unwrap()
                .succeeded()
        );
    }
    for path in ["/devices", "/devices/live"] {
        let page = browser.get(path).await.text;
        for part in ["Kitchen was started 3 times in a row", "Pair Kitchen with this Echo", "value=\"D1\""] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
    check_page("/devices", &browser.get("/devices").await);
    browser.submit("/devices/pair", &[("echo", "D1"), ("player", "Kitchen")]).await;
    assert_eq!(app.player("Kitchen").await["echo"], "D1");
    assert!(!browser.get("/devices").await.text.contains("Pair Kitchen with this Echo"));
}
