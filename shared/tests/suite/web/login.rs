//! Who gets in.

use ma_alexa::secrets::SecretsError;
use reqwest::Method;

use super::browser::Browser;
use crate::api::harness::{App, MA, OWNER};

#[tokio::test]
async fn the_owner_logs_in_and_out() {
    let app = App::start().await;
    let browser = Browser::new(&app);
    assert_eq!(browser.get("/").await.header("location"), "/login");
    browser.log_in().await;
    assert_eq!(browser.get("/").await.header("location"), "/setup");
    assert_eq!(browser.get("/login").await.status, 303);
    let out = browser.submit("/logout", &[]).await;
    assert_eq!((out.status, out.header("location")), (303, "/login"));
    assert_eq!(browser.cookie("ma-alexa-session"), None);
    let page = browser.get("/login").await;
    assert!(page.text.contains("You are signed out."), "{}", page.text);
    assert!(!browser.get("/login").await.text.contains("You are signed out."), "said once");
}

#[tokio::test]
async fn only_the_pair_of_the_owner_logs_in() {
    let app = App::start().await;
    assert!(Browser::new(&app).get("/login").await.text.contains("name=\"username\" value=\"owner\""));
    let wrong = [
        ("owner", "", "wrong"),
        ("owner", "owner-password-0002", "wrong"),
        ("OWNER", OWNER.1, "wrong"),
        ("", OWNER.1, "wrong"),
        (MA.0, OWNER.1, "wrong"),
        (OWNER.0, MA.1, "wrong"),
        (MA.0, MA.1, "These are Music Assistant’s"),
    ];
    for (username, password, says) in wrong {
        let browser = Browser::new(&app);
        let seen = browser.log_in_as((username, password), "/status").await;
        assert_eq!(seen.status, 403, "{username}");
        assert!(seen.text.contains(says) && seen.text.contains("role=\"alert\""), "{}", seen.text);
        assert_eq!(browser.cookie("ma-alexa-session"), None);
        assert!(password.is_empty() || !seen.text.contains(password), "a password comes back");
        assert_eq!(seen.header("www-authenticate"), "");
    }
    assert_eq!(app.counted("AuthFailures"), wrong.len() as u64);
}

#[tokio::test]
async fn what_is_typed_comes_back_as_text() {
    let app = App::start().await;
    let hostile = "\"><script>alert(1)</script>";
    let seen = Browser::new(&app).log_in_as((hostile, "x"), hostile).await;
    assert!(!seen.text.contains("<script>alert"), "{}", seen.text);
    assert!(seen.text.contains("&#60;script&#62;alert(1)"), "{}", seen.text);
}

#[tokio::test]
async fn the_pages_are_deaf_to_basic() {
    let app = App::start().await;
    let browser = Browser::new(&app);
    for path in ["/", "/no/such/page"] {
        let seen = browser.send(browser.request(Method::GET, path).basic_auth(OWNER.0, Some(OWNER.1))).await;
        assert!(!seen.text.contains("/logout"), "{path}");
        assert_eq!(seen.header("www-authenticate"), "", "{path}");
    }
    let home = browser.send(browser.request(Method::GET, "/").basic_auth(OWNER.0, Some(OWNER.1))).await;
    assert_eq!((home.status, home.header("location")), (303, "/login"));
}

#[tokio::test]
async fn a_login_leads_to_a_page_of_ours_only() {
    let app = App::start().await;
    let elsewhere = [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/setup@evil.example",
        "/setup/../../evil",
        "/setup?next=//evil.example",
        "/setup\r\nLocation: https://evil.example",
        "javascript:alert(1)",
        "/setupevil",
        "/login",
        "/logout",
        "/art/Kitchen",
    ];
    for next in elsewhere {
        let seen = Browser::new(&app).log_in_as(OWNER, next).await;
        assert_eq!((seen.status, seen.header("location")), (303, "/"), "{next}");
    }
    for next in ["/setup", "/setup/skill", "/status", "/devices"] {
        let seen = Browser::new(&app).log_in_as(OWNER, next).await;
        assert_eq!((seen.status, seen.header("location")), (303, next));
        let browser = Browser::new(&app);
        let form = browser.get(&format!("/login?next={next}")).await;
        assert_eq!(form.hidden("next").as_deref(), Some(next));
    }
    let form = Browser::new(&app).get("/login?next=https://evil.example/").await;
    assert_eq!(form.hidden("next").as_deref(), Some("/"));
    assert!(!form.text.contains("evil"));
}

#[tokio::test]
async fn without_credentials_no_login_works_and_the_page_shows_strangers_no_path() {
    let app = App::start().await;
    let states = [
        Ok(None),
        Err(SecretsError::Malformed { place: "home/credentials".to_owned(), reason: "no JSON".to_owned() }),
    ];
    // A form stays open while the session ends.
    let early = Browser::new(&app);
    let token = early.get("/login").await.hidden("csrf").unwrap();
    for state in states {
        app.secrets.set(state);
        app.clock.advance(std::time::Duration::from_mins(6));
        let browser = Browser::new(&app);
        let seen = browser.get("/login").await;
        assert_eq!(seen.status, 503);
        for part in ["Login is not possible", "The log of the server says", "<html lang=\"en\">"] {
            assert!(seen.text.contains(part), "{part}: {}", seen.text);
        }
        for part in ["home/credentials", "API_PASSWORD", "no JSON", "type=\"password\""] {
            assert!(!seen.text.contains(part), "{part}: {}", seen.text);
        }
        let fields = [("csrf", token.as_str()), ("username", ""), ("password", "")];
        assert_eq!(early.post("/login", &fields).await.status, 503);
    }
}

#[tokio::test]
async fn the_page_slows_wrong_passwords_down() {
    let app = App::start().await;
    let wrong = (OWNER.0, "a wrong password!");
    for _ in 0..10 {
        assert_eq!(Browser::new(&app).log_in_as(wrong, "").await.status, 403);
    }
    let browser = Browser::new(&app);
    let seen = browser.log_in_as(OWNER, "").await;
    assert_eq!((seen.status, seen.header("retry-after")), (429, "10"));
    assert!(seen.text.contains("Too many user names or passwords were wrong"), "{}", seen.text);
    app.clock.advance(std::time::Duration::from_secs(10));
    assert_eq!(browser.log_in_as(OWNER, "").await.status, 303);
}
