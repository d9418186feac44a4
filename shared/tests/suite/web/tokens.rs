//! API tokens on the page of settings.

use std::time::Duration;

use reqwest::Method;

use super::browser::{Browser, Seen};
use super::pages::check_page;
use crate::api::harness::{App, answer};
use crate::api::store::StoreCondition;

/// The token that a page shows.
fn shown(page: &Seen) -> Option<String> {
    let (_, rest) = page.text.split_once("id=\"new-token\" value=\"")?;
    Some(rest.split('"').next()?.to_owned())
}

async fn make(browser: &Browser<'_>, name: &str, scope: &str) -> Seen {
    browser.submit("/settings/tokens", &[("name", name), ("scope", scope)]).await
}

#[tokio::test]
async fn a_token_is_made_shown_once_and_revoked() {
    let app = App::start().await;
    for (language, unused, used, yesterday) in [
        ("en", "Not used yet.", "Last used today.", "Last used yesterday."),
        ("de", "Noch nicht benutzt.", "Zuletzt heute benutzt.", "Zuletzt gestern benutzt."),
        ("fr", "Pas encore utilisé.", "dernière fois aujourd’hui.", "dernière fois hier."),
    ] {
        let browser = Browser::logged_in(&app).await.with("accept-language", language);
        let made = make(&browser, "Home Assistant", "control").await;
        assert_eq!(made.status, 200, "{}", made.text);
        check_page("/settings/tokens", &made);
        let token = shown(&made).unwrap();
        let line = format!("curl -H &#39;Authorization: Bearer {token}&#39; {}/v1/players", app.base);
        assert!(made.text.contains(&line) && made.text.contains(unused), "{}", made.text);
        // It stands behind the button, in the section of tokens.
        let (before, after) = made.text.split_once("action=\"/settings/tokens#tokens-made\"").unwrap();
        assert!(!before.contains(&token) && after.contains(&token), "{}", made.text);

        let request = app.request(Method::GET, "/v1/players");
        let asked = answer(request.header("authorization", format!("Bearer {token}"))).await;
        assert_eq!(asked.status, 200);
        let page = browser.get("/settings").await;
        check_page("/settings", &page);
        assert_eq!(shown(&page), None);
        assert!(!page.text.contains(&token) && page.text.contains(used), "{}", page.text);
        app.clock.advance(Duration::from_hours(24));
        let browser = Browser::logged_in(&app).await.with("accept-language", language);
        let page = browser.get("/settings").await;
        assert!(page.text.contains(yesterday), "{}", page.text);

        let id = page.hidden("id").unwrap();
        let revoked = browser.submit("/settings/tokens/revoke", &[("id", &id)]).await;
        assert_eq!((revoked.status, revoked.header("location")), (303, "/settings#tokens-list"));
        let page = browser.get("/settings").await;
        let (_, section) = page.text.split_once("id=\"tokens-list\"").unwrap();
        assert!(section.contains("message good") && page.hidden("id").is_none(), "{}", page.text);
        let request = app.request(Method::GET, "/v1/players");
        let asked = answer(request.header("authorization", format!("Bearer {token}"))).await;
        assert_eq!(asked.status, 401);
    }
}

#[tokio::test]
async fn what_cannot_be_made_is_said_beside_the_form() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let said = async |name: &str, sentence: &str| {
        let sent = make(&browser, name, "everything").await;
        assert_eq!((sent.status, sent.header("location")), (303, "/settings#tokens-form"), "{name}");
        let page = browser.get("/settings").await.text;
        let (_, section) = page.split_once("id=\"tokens-form\"").unwrap();
        assert!(section.contains(sentence), "{name}: {section}");
    };
    said("", "Give the token a name of 1 to 64 characters.").await;
    assert_eq!(make(&browser, "one", "everything").await.status, 200);
    said("one", "Another token has this name.").await;
    for number in 2..=16 {
        assert_eq!(make(&browser, &format!("token {number}"), "control").await.status, 200);
    }
    said("one more", "There are 16 tokens, and no more are kept.").await;
    assert_eq!(make(&browser, "odd", "owner").await.status, 400);
    let gone = browser.submit("/settings/tokens/revoke", &[("id", "none")]).await;
    assert_eq!(gone.status, 303);
    assert!(browser.get("/settings").await.text.contains("There is no such token any more."));
}

#[tokio::test]
async fn a_name_is_shown_as_text() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let made = make(&browser, "\"><script>alert(1)</script>", "control").await;
    assert_eq!(made.status, 200);
    assert!(shown(&made).is_some() && !made.text.contains("<script>alert"), "{}", made.text);
    assert!(!browser.get("/settings").await.text.contains("<script>alert"));
}

#[tokio::test]
async fn a_form_of_another_site_makes_no_token() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let sent = browser.post("/settings/tokens", &[("name", "one"), ("scope", "everything")]).await;
    assert_eq!(sent.status, 403);
    assert!(browser.get("/settings").await.text.contains("There is no token."));
    let stranger = Browser::new(&app);
    assert_eq!(stranger.post("/settings/tokens", &[("name", "one")]).await.header("location"), "/login");
    app.store.set_condition(StoreCondition::IsFull);
    let lost = make(&browser, "one", "control").await;
    assert_eq!((lost.status, shown(&lost)), (303, None));
}
