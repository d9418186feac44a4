//! The length of a login, and its ends.

use std::time::Duration;

use ma_alexa::store::{Document, SetupStore as _};

use super::browser::Browser;
use crate::api::harness::{App, MA, OWNER, START, credentials};
use crate::api::store::StoreCondition;

/// Whether the session opens something.
async fn is_logged_in(browser: &Browser<'_>) -> bool {
    browser.get("/").await.header("location") == "/setup"
}

#[tokio::test]
async fn the_cookie_of_plain_http() {
    let app = App::start().await;
    let browser = Browser::new(&app);
    let seen = browser.log_in_as(OWNER, "").await;
    let cookie = seen.set_cookie("ma-alexa-session").unwrap();
    for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=43200"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(seen.header("strict-transport-security"), "");
}

#[tokio::test]
async fn the_cookie_of_https() {
    let variables = [("API_URL", "https://alexa.example.com/"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let app = App::start_with(&variables).await;
    for (header, value) in [("x-forwarded-proto", "https"), ("host", "alexa.example.com")] {
        let browser = Browser::new(&app).with(header, value);
        let seen = browser.log_in_as(OWNER, "").await;
        let cookie = seen.set_cookie("__Host-ma-alexa-session").unwrap();
        for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Secure", "; Max-Age=43200"] {
            assert!(cookie.contains(part), "{part}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert_eq!(seen.set_cookie("ma-alexa-session"), None);
        assert_eq!(seen.header("strict-transport-security"), "");
        assert!(is_logged_in(&browser).await, "{header}");
        // Another host of the domain could set a cookie without the prefix: it has no effect.
        let planted = Browser::new(&app).with(header, value);
        planted.set_cookie("ma-alexa-session", &browser.cookie("__Host-ma-alexa-session").unwrap());
        assert!(!is_logged_in(&planted).await, "{header}");
    }
    let at_home = Browser::new(&app);
    assert!(
        at_home.log_in_as(OWNER, "").await.set_cookie("ma-alexa-session").is_some(),
        "by its address in the house"
    );
}

#[tokio::test]
async fn a_proxy_that_is_not_named_makes_no_cookie_of_https() {
    let app = App::start_with(&[("TRUSTED_PROXIES", "192.168.1.0/24")]).await;
    let browser = Browser::new(&app).with("x-forwarded-proto", "https");
    assert!(browser.log_in_as(OWNER, "").await.set_cookie("ma-alexa-session").is_some());
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    app.clock.advance(Duration::from_hours(12) - Duration::from_millis(1));
    assert!(is_logged_in(&browser).await);
    app.clock.advance(Duration::from_millis(1));
    assert!(!is_logged_in(&browser).await);
}

#[tokio::test]
async fn a_cookie_that_we_have_not_signed_opens_nothing() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let good = browser.cookie("ma-alexa-session").unwrap();
    let mut forged =
        vec![String::new(), ".".to_owned(), "...".to_owned(), "1.2.3.4".to_owned(), "é".to_owned()];
    // Any one character changed.
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        forged.push(String::from_utf8(bytes).unwrap());
    }
    forged.push(format!("{good}x"));
    forged.push(good.rsplit_once('.').unwrap().0.to_owned());
    for cookie in &forged {
        let other = Browser::new(&app);
        other.set_cookie("ma-alexa-session", cookie);
        let location = other.get("/").await.header("location").to_owned();
        assert_eq!(location, "/login", "{cookie} for {good}");
    }
    assert!(is_logged_in(&browser).await);
}

#[tokio::test]
async fn a_new_password_ends_every_session() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    app.secrets.set(Ok(Some(credentials(("owner", "another-password-01"), MA))));
    app.clock.advance(Duration::from_mins(5));
    assert!(!is_logged_in(&browser).await);
    let seen = browser.log_in_as(("owner", "another-password-01"), "").await;
    assert_eq!(seen.status, 303);
    assert!(is_logged_in(&browser).await);
    let reads = app.secrets.reads();
    for _ in 0..20 {
        assert!(is_logged_in(&browser).await);
    }
    assert_eq!(app.secrets.reads(), reads, "a session that is known causes no reading");
}

#[tokio::test]
async fn another_instance_learns_of_a_new_password_from_the_cookie() {
    let app = App::start().await;
    let old = Browser::logged_in(&app).await;
    // What another instance, which has read the new password, would hand out.
    let new_app =
        App::start_with(&[("API_USERNAME", "owner"), ("API_PASSWORD", "another-password-01")]).await;
    let elsewhere = Browser::new(&new_app);
    assert_eq!(elsewhere.log_in_as(("owner", "another-password-01"), "").await.status, 303);
    app.secrets.set(Ok(Some(credentials(("owner", "another-password-01"), MA))));
    let here = Browser::new(&app);
    here.set_cookie("ma-alexa-session", &elsewhere.cookie("ma-alexa-session").unwrap());
    assert!(is_logged_in(&here).await, "it reads the secret again");
    assert!(!is_logged_in(&old).await);
    // A caller who guesses causes a read once in a while at most.
    let reads = app.secrets.reads();
    for _ in 0..20 {
        assert!(!is_logged_in(&old).await);
    }
    assert_eq!(app.secrets.reads(), reads);
}

#[tokio::test]
async fn a_pair_of_the_environment_signs_sessions_too() {
    let app = App::start_with(&[("API_USERNAME", "me"), ("API_PASSWORD", "chosen-password-001")]).await;
    let browser = Browser::new(&app);
    assert_eq!(browser.log_in_as(("me", "chosen-password-001"), "").await.status, 303);
    assert!(is_logged_in(&browser).await);
    let other = App::start_with(&[("API_USERNAME", "me"), ("API_PASSWORD", "chosen-password-002")]).await;
    assert!(!is_logged_in(&copy(&browser, &other)).await);
}

/// Another browser with the session's cookie, on an instance.
fn copy<'a>(browser: &Browser<'_>, instance: &'a App) -> Browser<'a> {
    let copied = Browser::new(instance);
    copied.set_cookie("ma-alexa-session", &browser.cookie("ma-alexa-session").unwrap());
    copied
}

#[tokio::test]
async fn the_key_of_the_sessions_is_that_of_the_secret() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let other = app.another_instance().await;
    assert!(is_logged_in(&copy(&browser, &other)).await);

    let mut changed = credentials(OWNER, MA);
    changed.session_key = Some("another key of 32 random letters".into());
    app.secrets.set(Ok(Some(changed)));
    app.clock.advance(Duration::from_mins(5));
    assert!(!is_logged_in(&browser).await, "the password is the same");
}

#[tokio::test]
async fn without_a_key_in_the_secret_each_process_has_its_own() {
    let app = App::start_with(&[("API_USERNAME", "me"), ("API_PASSWORD", "chosen-password-001")]).await;
    let mut old = credentials(OWNER, MA);
    old.session_key = None;
    for secret in [Ok(Some(old)), Ok(None)] {
        app.secrets.set(secret);
        app.clock.advance(Duration::from_mins(6));
        let browser = Browser::new(&app);
        assert_eq!(browser.log_in_as(("me", "chosen-password-001"), "").await.status, 303);
        assert!(is_logged_in(&browser).await);
        assert!(!is_logged_in(&copy(&browser, &app.another_instance().await)).await);
    }
}

#[tokio::test]
async fn a_session_that_was_logged_out_is_refused_by_every_instance() {
    let app = App::start().await;
    let other = app.another_instance().await;
    let browser = Browser::logged_in(&app).await;
    let elsewhere = Browser::logged_in(&other).await;
    let copies = [copy(&browser, &app), copy(&browser, &other)];
    for copied in &copies {
        assert!(is_logged_in(copied).await);
    }
    let token = browser.token().await;

    assert_eq!(browser.submit("/logout", &[]).await.status, 303);
    for copied in &copies {
        assert!(!is_logged_in(copied).await);
        let refused = copied.post("/devices/refresh", &[("csrf", &token)]).await;
        assert_eq!(refused.header("location"), "/login", "{}", refused.text);
    }
    assert!(is_logged_in(&elsewhere).await, "another session goes on");
    assert!(is_logged_in(&Browser::logged_in(&app).await).await, "a new one begins");
}

#[tokio::test]
async fn everywhere_means_every_session_of_every_instance() {
    let app = App::start().await;
    let other = app.another_instance().await;
    let (browser, elsewhere) = (Browser::logged_in(&app).await, Browser::logged_in(&other).await);
    assert!(browser.get("/setup").await.text.contains("formaction=\"/logout/everywhere\""));
    let out = browser.submit("/logout/everywhere", &[]).await;
    assert_eq!((out.status, out.header("location")), (303, "/login"));
    assert!(browser.get("/login").await.text.contains("You are signed out on every browser."));
    assert!(!is_logged_in(&elsewhere).await);
    // The clock plays no part in it.
    app.clock.set(START.minus(Duration::from_hours(1)));
    let again = Browser::logged_in(&other).await;
    assert!(is_logged_in(&again).await && is_logged_in(&copy(&again, &app)).await);
    app.clock.set(START);
    assert!(!is_logged_in(&elsewhere).await);
}

#[tokio::test]
async fn after_many_log_outs_none_of_them_is_forgotten() {
    let app = App::start().await;
    let first = Browser::logged_in(&app).await;
    let copied = copy(&first, &app);
    first.submit("/logout", &[]).await;
    for _ in 0..65 {
        Browser::logged_in(&app).await.submit("/logout", &[]).await;
        assert!(!is_logged_in(&copied).await);
    }
    let list = app.store.document(Document::EndedSessions).await.unwrap().unwrap();
    assert!(list.content.to_string().len() < 2000, "{}", list.content);
}

#[tokio::test]
async fn a_log_out_that_cannot_be_kept_says_what_a_copy_opens() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let token = browser.token().await;
    app.store.set_condition(StoreCondition::IsFull);
    let refused = browser.post("/logout/everywhere", &[("csrf", &token)]).await;
    assert_eq!(refused.status, 507, "{}", refused.text);
    assert!(is_logged_in(&browser).await);
    assert_eq!(browser.post("/logout", &[("csrf", &token)]).await.status, 303);
    assert_eq!(browser.cookie("ma-alexa-session"), None);
    let page = browser.get("/login").await;
    assert!(page.text.contains("A copy of its cookie works for 12 hours at most."), "{}", page.text);
}

#[tokio::test]
async fn while_the_store_is_down_no_session_opens_anything() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    app.store.set_condition(StoreCondition::IsDown);
    let seen = browser.get("/setup").await;
    assert_eq!(seen.status, 503);
    assert!(
        seen.text.contains("The store does not answer") && !seen.text.contains("/logout"),
        "{}",
        seen.text
    );
    app.store.calls();
    let forged = Browser::new(&app);
    forged.set_cookie("ma-alexa-session", "2.1.0.x.x");
    assert_eq!(forged.get("/setup").await.status, 303);
    assert!(!app.store.calls().contains(&"document"), "a forged cookie causes no read");
    app.store.set_condition(StoreCondition::Serves);
    assert!(is_logged_in(&browser).await);
}

#[tokio::test]
async fn a_cookie_from_two_minutes_ahead_opens_nothing() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    app.clock.set(START.minus(Duration::from_mins(1)));
    assert!(is_logged_in(&browser).await, "the clock of another instance may be ahead by a minute");
    app.clock.set(START.minus(Duration::from_mins(2)));
    assert!(!is_logged_in(&browser).await);
    app.clock.set(START.minus(Duration::from_mins(1)).minus(Duration::from_millis(1)));
    assert!(!is_logged_in(&browser).await);
}
