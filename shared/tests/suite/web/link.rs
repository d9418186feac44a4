//! Sign-in by a link.

use std::time::Duration;

use ma_alexa::access::{LINK_LASTS, SignInLink, make_sign_in_link};
use ma_alexa::clock::{Clock as _, SystemRandom};
use ma_alexa::store::{Document, SetupStore as _};
use reqwest::Method;
use serde_json::json;

use super::browser::{Browser, Seen};
use crate::api::harness::{App, MA, OWNER, answer};
use crate::api::store::StoreCondition;

async fn link(app: &App) -> SignInLink {
    make_sign_in_link(app.store.as_ref(), &SystemRandom, app.clock.now()).await.unwrap()
}

/// Opens a link and presses its button.
async fn follow(browser: &Browser<'_>, token: &str) -> Seen {
    let page = browser.get(&format!("/link/{token}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let (csrf, token) = (page.hidden("csrf").unwrap(), page.hidden("token").unwrap());
    browser.post("/link", &[("csrf", &csrf), ("token", &token)]).await
}

fn is_signed_in(browser: &Browser<'_>) -> bool {
    browser.cookie("ma-alexa-session").is_some()
}

#[tokio::test]
async fn a_link_signs_the_owner_in_once() {
    let app = App::start().await;
    let link = link(&app).await;
    // The preview of a chat opens it, too.
    for _ in 0..3 {
        assert_eq!(Browser::new(&app).get(&link.path()).await.status, 200);
    }
    let browser = Browser::new(&app);
    let seen = follow(&browser, link.token()).await;
    assert_eq!((seen.status, seen.header("location")), (303, "/"), "{}", seen.text);
    assert_eq!(browser.get("/").await.header("location"), "/setup");
    assert_eq!(browser.get(&link.path()).await.header("location"), "/");

    let second = Browser::new(&app);
    let seen = follow(&second, link.token()).await;
    assert_eq!(seen.status, 403);
    assert!(seen.text.contains("was used before") && seen.text.contains("href=\"/login\""), "{}", seen.text);
    assert!(!is_signed_in(&second));
}

#[tokio::test]
async fn a_link_lasts_15_minutes() {
    let app = App::start().await;
    let (early, late) = (link(&app).await, link(&app).await);
    app.clock.advance(LINK_LASTS.saturating_sub(Duration::from_secs(1)));
    assert_eq!(follow(&Browser::new(&app), early.token()).await.status, 303);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(follow(&Browser::new(&app), late.token()).await.status, 403);
}

#[tokio::test]
async fn a_link_of_another_process_is_known_by_the_store_alone() {
    let app = App::start().await;
    let other = app.another_instance().await;
    let link = link(&other).await;
    let stored = app.store.document(Document::SignInLinks).await.unwrap().unwrap().content.to_string();
    assert!(!stored.contains(&link.token().replace('-', "")) && !stored.contains(link.token()), "{stored}");
    // A person may type it.
    let typed = link.token().replace('-', " ").to_uppercase().replace(' ', "");
    assert_eq!(follow(&Browser::new(&app), &typed).await.status, 303);
}

#[tokio::test]
async fn the_api_makes_a_link_with_the_owners_password_alone() {
    let app = App::start().await;
    let wish = |who: (&str, &str)| {
        app.request(Method::POST, "/v1/link").basic_auth(who.0, Some(who.1)).json(&json!({}))
    };
    let made = answer(wish(OWNER)).await;
    assert_eq!((made.status, &made.body["until"]), (200, &json!("2026-11-22T08:15:00Z")));
    let token = made.body["path"].as_str().unwrap().strip_prefix("/link/").unwrap().to_owned();
    assert_eq!(follow(&Browser::new(&app), &token).await.status, 303);
    assert_eq!(follow(&Browser::new(&app), &token).await.status, 403, "it works once");
    assert_eq!(answer(wish(MA)).await.status, 403);
    assert_eq!(answer(wish(("owner", "owner-password-0002"))).await.status, 401);
    app.store.set_condition(StoreCondition::IsFull);
    assert_eq!(answer(wish(OWNER)).await.status, 507);
}

#[tokio::test]
async fn of_many_links_the_newest_count() {
    let app = App::start().await;
    let first = link(&app).await;
    let mut last = link(&app).await;
    for _ in 0..7 {
        last = link(&app).await;
    }
    assert_eq!(follow(&Browser::new(&app), first.token()).await.status, 403);
    assert_eq!(follow(&Browser::new(&app), last.token()).await.status, 303);
}

#[tokio::test]
async fn wrong_links_are_slowed_down() {
    let app = App::start().await;
    let link = link(&app).await;
    for number in 0..10 {
        let seen = follow(&Browser::new(&app), &format!("4fqz-7k2m-4fqz-000{number}")).await;
        assert_eq!(seen.status, 403, "{number}");
    }
    let seen = follow(&Browser::new(&app), link.token()).await;
    assert_eq!((seen.status, seen.header("retry-after")), (429, "10"), "{}", seen.text);
    assert!(app.counted("AuthFailures") >= 11);
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(follow(&Browser::new(&app), link.token()).await.status, 303, "it was not used up");
}

#[tokio::test]
async fn a_form_that_no_page_of_this_browser_sent_uses_no_link_up() {
    let app = App::start().await;
    let link = link(&app).await;
    let browser = Browser::new(&app);
    for csrf in ["", "x"] {
        let seen = browser.post("/link", &[("csrf", csrf), ("token", link.token())]).await;
        assert_eq!(seen.status, 403);
        assert!(seen.text.contains("too old"), "{}", seen.text);
    }
    let foreign = Browser::new(&app).with("sec-fetch-site", "cross-site");
    let seen = foreign.post("/link", &[("token", link.token())]).await;
    assert_eq!((seen.status, is_signed_in(&foreign)), (403, false));
    assert_eq!(follow(&browser, link.token()).await.status, 303);
}

#[tokio::test]
async fn a_link_shows_its_token_as_text() {
    let app = App::start().await;
    let seen = Browser::new(&app).get("/link/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert!(!seen.text.contains("<script>alert"), "{}", seen.text);
}
