//! `/log`.

use std::time::Duration;

use ma_alexa::playback::{EventKind, Failure};

use super::browser::Browser;
use super::pages::{check, check_page};
use crate::api::harness::{App, KITCHEN_1, OFFICE_1, named};

/// The row of a player's last play.
fn play<'a>(page: &'a str, player: &str) -> &'a str {
    let rows = page.split("<li class=\"card\">").skip(1);
    rows.into_iter().find(|row| row.contains(&format!("<strong>{player}</strong>"))).unwrap_or_default()
}

#[tokio::test]
async fn the_links_of_a_play_light_up_one_after_the_other() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let lit = async || {
        let seen = browser.get("/log").await;
        check_page("/log", &seen);
        let row = play(&seen.text, "Kitchen").to_owned();
        (row.matches("class=\"lit\"").count(), row.matches("class=\"waits\"").count())
    };
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    assert_eq!(lit().await, (1, 3));
    app.claim("D1", "Kitchen", 1).await;
    assert_eq!(lit().await, (3, 1));
    app.report("Kitchen", 1, EventKind::Started, None).await;
    assert_eq!(lit().await, (4, 0));
}

#[tokio::test]
async fn the_link_that_broke_names_its_cure() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    app.push(named(OFFICE_1, "Feeling Good")).await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    app.claim("D2", "Office", 1).await;
    let failure = Failure { kind: "MEDIA_ERROR_SERVICE_UNAVAILABLE".to_owned(), message: None };
    app.report("Office", 1, EventKind::Failed, Some(failure)).await;
    app.clock.advance(Duration::from_mins(1));
    let page = browser.get("/log").await.text;
    let (office, kitchen) = (play(&page, "Office"), play(&page, "Kitchen"));
    assert!(office.contains("class=\"dark\"") && office.contains("href=\"/setup/address\""), "{office}");
    assert!(
        kitchen.contains("did not ask for this music") && kitchen.contains("href=\"/devices\""),
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
