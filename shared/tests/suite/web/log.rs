//! `/log`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::app;
use ma_alexa::clock::Clock as _;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::door::HomeHosts;
use ma_alexa::grant::GrantKeys;
use ma_alexa::playback::{Failure, PlayerId, ReportKind};
use ma_alexa::secrets::Credentials;
use ma_alexa::store::{Activity, ActivityKind, ActivityStore as _, PlaybackStore as _};

use super::browser::Browser;
use super::pages::{check, check_page};
use crate::api::harness::{App, KITCHEN_1, MA, OFFICE_1, OWNER, credentials, named};

/// The row of a player's last play.
fn play<'a>(page: &'a str, player: &str) -> &'a str {
    let rows = page.split("<li class=\"card\">").skip(1);
    rows.into_iter().find(|row| row.contains(&format!("<strong>{player}</strong>"))).unwrap_or_default()
}

/// The rows of the plays before the last ones.
fn past(page: &str) -> Vec<&str> {
    let list = page.split("class=\"plain plays\">").nth(1).unwrap_or_default();
    list.split("</details>").next().unwrap().split("<strong>").skip(1).collect()
}

/// The states of the links in a row: the first letter of each.
fn states(row: &str) -> String {
    let links = row.split("<ol class=\"chain\"").nth(1).unwrap_or_default().split("</ol>").next().unwrap();
    links.split("<li class=\"").skip(1).map(|rest| &rest[..1]).collect()
}

#[tokio::test]
async fn the_links_of_a_play_light_up_one_after_the_other() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let seen = async || {
        let seen = browser.get("/log").await;
        check_page("/log", &seen);
        states(play(&seen.text, "Kitchen"))
    };
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    // Without a door in this process, what only a door sees is no link.
    assert_eq!(seen().await, "lwwww");
    // An Echo that serves no player opened the skill.
    app.ask("D1", "a first ask").await;
    assert_eq!(seen().await, "llwww");
    app.claim("D1", "Kitchen", 1).await;
    assert_eq!(seen().await, "llllw");
    app.report("Kitchen", 1, ReportKind::Started, None).await;
    assert_eq!(seen().await, "lllll");
}

#[tokio::test]
async fn an_answer_that_alexa_refused_is_no_answer() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    app.claim("D1", "Kitchen", 1).await;
    app.clock.advance(Duration::from_secs(1));
    let kind = ActivityKind::AnswerRefused { error: "INVALID_RESPONSE".to_owned() };
    app.store.note(&Activity { at: app.clock.now(), kind }).await.unwrap();
    app.clock.advance(Duration::from_mins(1));
    let page = browser.get("/log").await.text;
    let row = play(&page, "Kitchen");
    assert_eq!(states(row), "llldd");
    assert!(row.contains("Alexa refused the answer") && row.contains("href=\"/status\""), "{row}");
}

#[tokio::test]
async fn earlier_plays_are_chains_too() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let url = |number: usize| format!("http://192.168.1.5:8097/flow/s{number}/Kitchen/i/Kitchen.flac");
    app.push(named(&url(0), "First")).await;
    app.claim("D1", "Kitchen", 1).await;
    app.report("Kitchen", 1, ReportKind::Started, None).await;
    app.clock.advance(Duration::from_mins(1));
    app.push(named(&url(1), "Second")).await;
    let failure = Failure { kind: MediaErrorType::ServiceUnavailable, message: None };
    app.report("Kitchen", 2, ReportKind::Failed, Some(failure)).await;
    app.clock.advance(Duration::from_mins(1));
    app.push(named(&url(2), "Third")).await;
    app.clock.advance(Duration::from_mins(1));
    app.push(named(&url(3), "Fourth")).await;
    let page = browser.get("/log").await;
    check_page("/log", &page);
    let rows = past(&page.text);
    let titles = |title: &str| rows.iter().position(|row| row.contains(title));
    assert_eq!((titles("Third"), titles("Second"), titles("First")), (Some(0), Some(1), Some(2)));
    assert!(rows[1].contains("href=\"/setup/address#address-check\""), "{}", rows[1]);
    // Nothing says whether an Echo got the third.
    assert_eq!([states(rows[0]), states(rows[1]), states(rows[2])], ["luuuu", "lllld", "lllll"]);
    assert_eq!(rows[0].matches(": unknown").count(), 4, "{}", rows[0]);
    for number in 4..40 {
        app.clock.advance(Duration::from_mins(1));
        app.push(named(&url(number), &number.to_string())).await;
    }
    assert_eq!(past(&browser.get("/log").await.text).len(), 19, "twenty with the present one");
}

/// A stream without a byte.
const SILENT: &str = "/flow/s1/Kitchen/i/Kitchen.mp3";

/// A server, as long as the test runs.
async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test]
async fn a_stream_is_fetched_once_the_door_served_bytes_of_it() {
    let music = get(async |uri: axum::http::Uri| {
        let sound = if uri.path() == SILENT { Vec::new() } else { vec![1_u8; 2048] };
        ([("content-type", "audio/mpeg")], sound)
    });
    let origin = format!("http://{}", serve(Router::new().fallback_service(music)).await);
    let app =
        App::start_with(&[("DOOR_URL", "https://music.example.com"), ("MA_STREAM_ORIGIN", &origin)]).await;
    let keys = GrantKeys::generate(&SeededRandom::new(3)).unwrap();
    app.secrets.set(Ok(Some(Credentials { grant_keys: Some(keys), ..credentials(OWNER, MA) })));
    let door = app::door_router(&app.state, Router::new(), Arc::new(HomeHosts::default())).unwrap();
    let door = serve(door).await;
    let browser = Browser::logged_in(&app).await;
    let seen = async || states(play(&browser.get("/log").await.text, "Kitchen"));
    let fetch = async || {
        let household = app.store.household(app.clock.now()).await.unwrap();
        let start = household.player(&PlayerId::from("Kitchen")).unwrap().start().unwrap().clone();
        let address = format!("http://{door}/s/{}.mp3", start.grant.unwrap());
        app.client.get(address).send().await.unwrap().bytes().await.unwrap().len()
    };
    let url = |number: usize| format!("{origin}/flow/s{number}/Kitchen/i/Kitchen.flac");
    app.push(named(&url(1), "Silence")).await;
    app.claim("D1", "Kitchen", 1).await;
    assert_eq!((seen().await.as_str(), fetch().await), ("llllww", 0));
    assert_eq!(seen().await, "llllww", "no byte came");
    app.clock.advance(Duration::from_mins(1));
    let page = browser.get("/log").await.text;
    let row = play(&page, "Kitchen");
    assert_eq!(states(row), "lllldd");
    assert!(
        row.contains("did not fetch the sound") && row.contains("href=\"/setup/address#address-check\""),
        "{row}"
    );
    app.push(named(&url(2), "Sound")).await;
    app.ask("D1", "a second ask").await;
    assert_eq!((seen().await.as_str(), fetch().await), ("llllww", 2048));
    assert_eq!(seen().await, "lllllw");
    app.clock.advance(Duration::from_secs(1));
    app.push(named(&url(3), "By another way")).await;
    app.report("Kitchen", 3, ReportKind::Started, None).await;
    let page = browser.get("/log").await.text;
    assert_eq!(states(play(&page, "Kitchen")), "llllul", "what no door saw is not lit");
    let rows = past(&page);
    assert_eq!([states(rows[0]), states(rows[1])], ["llllld", "lllldd"]);
}

#[tokio::test]
async fn the_link_that_broke_names_its_cure() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    app.push(named(OFFICE_1, "Feeling Good")).await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    app.claim("D2", "Office", 1).await;
    let failure = Failure { kind: MediaErrorType::ServiceUnavailable, message: None };
    app.report("Office", 1, ReportKind::Failed, Some(failure)).await;
    app.clock.advance(Duration::from_mins(1));
    let page = browser.get("/log").await.text;
    let (office, kitchen) = (play(&page, "Office"), play(&page, "Kitchen"));
    assert!(
        office.contains("class=\"dark\"") && office.contains("href=\"/setup/address#address-check\""),
        "{office}"
    );
    assert!(
        kitchen.contains("No Echo opened the skill")
            && kitchen.contains("href=\"/setup/skill?open=form#skill-form\""),
        "{kitchen}"
    );
}

#[tokio::test]
async fn problems_are_shown_alone_where_they_are_asked_for() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    app.ask("D9", "ask 1").await;
    let all = browser.get("/log/live").await;
    check("/log/live", &all);
    assert!(all.text.contains("Music Assistant started “Sinnerman” on Kitchen."), "{}", all.text);
    let problems = browser.get("/log?problems=1").await.text;
    assert!(!problems.contains("Music Assistant started “Sinnerman”"), "{problems}");
    assert!(problems.contains("/log/live?problems=1"), "{problems}");
}
