//! Forms of other sites.

use reqwest::Method;

use super::browser::{Browser, form};
use crate::api::harness::{App, OWNER};

/// Whether the session survived a wish to end it, which is the simplest thing that a form changes.
async fn stays(browser: &Browser<'_>, status: u16) {
    assert_eq!(status, 403);
    assert_eq!(browser.get("/").await.header("location"), "/setup");
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let token = browser.token().await;
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:1"),
        ("origin", "nonsense"),
    ];
    for (name, value) in foreign {
        let request = browser.request(Method::POST, "/logout").header(name, value);
        let seen = browser.send(form(request, &[("csrf", &token)])).await;
        assert!(seen.text.contains("Nothing was changed"), "{name}: {value}: {}", seen.text);
        stays(&browser, seen.status).await;
        // The token in a header does not help either.
        let request = browser.request(Method::POST, "/logout").header(name, value);
        stays(&browser, browser.send(request.header("x-csrf-token", &token)).await.status).await;
    }
}

#[tokio::test]
async fn a_form_without_the_token_of_its_session_changes_nothing() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let other = Browser::logged_in(&app).await;
    let token = browser.token().await;
    let of_another_session = other.token().await;
    assert_ne!(token, of_another_session);
    for wrong in ["", "x", &token[1..], &of_another_session, &browser.cookie("ma-alexa-session").unwrap()] {
        stays(&browser, browser.post("/logout", &[("csrf", wrong)]).await.status).await;
        let request = browser.request(Method::POST, "/logout").header("x-csrf-token", wrong);
        stays(&browser, browser.send(form(request, &[("csrf", &token)])).await.status).await;
    }
    stays(&browser, browser.post("/logout", &[]).await.status).await;
    stays(&browser, browser.post("/logout", &[("csrf", "x"), ("csrf", &token)]).await.status).await;
    // What a form can send without asking, and is no form of ours.
    let as_text = browser.request(Method::POST, "/logout").header("content-type", "text/plain");
    stays(&browser, browser.send(as_text.body(format!("csrf={token}"))).await.status).await;
}

#[tokio::test]
async fn a_form_of_ours_is_taken() {
    let app =
        App::start_with(&[("API_URL", "https://alexa.example.com"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let host = app.base.strip_prefix("http://").unwrap().to_owned();
    let ours = [
        vec![],
        vec![("sec-fetch-site", "same-origin".to_owned())],
        vec![("origin", app.base.clone())],
        vec![("origin", format!("https://{host}"))],
        vec![("origin", "https://alexa.example.com".to_owned())],
        vec![
            ("origin", "https://proxy.example".to_owned()),
            ("x-forwarded-host", "proxy.example".to_owned()),
        ],
        // The browser knows that it is ours, though a proxy changed the name.
        vec![("sec-fetch-site", "same-origin".to_owned()), ("origin", "https://proxy.example".to_owned())],
    ];
    for headers in ours {
        for in_header in [false, true] {
            let browser = Browser::logged_in(&app).await;
            let token = browser.token().await;
            let mut request = browser.request(Method::POST, "/logout");
            for (name, value) in &headers {
                request = request.header(*name, value);
            }
            let request = if in_header {
                request.header("x-csrf-token", &token)
            } else {
                form(request, &[("csrf", &token)])
            };
            assert_eq!(browser.send(request).await.status, 303, "{headers:?}");
            assert_eq!(browser.cookie("ma-alexa-session"), None);
        }
    }
}

#[tokio::test]
async fn another_site_cannot_log_a_browser_in() {
    let app = App::start().await;
    let fields = [("username", OWNER.0), ("password", OWNER.1)];
    let victim = Browser::new(&app);
    let seen = victim.post("/login", &fields).await;
    assert_eq!((seen.status, victim.cookie("ma-alexa-session")), (403, None));
    // With a token that another browser got.
    let attacker = Browser::new(&app);
    let token = attacker.get("/login").await.hidden("csrf").unwrap();
    let seen = victim.post("/login", &[fields[0], fields[1], ("csrf", &token)]).await;
    assert_eq!((seen.status, victim.cookie("ma-alexa-session")), (403, None));
    let token = victim.get("/login").await.hidden("csrf").unwrap();
    let request = victim.request(Method::POST, "/login").header("sec-fetch-site", "cross-site");
    let seen = victim.send(form(request, &[fields[0], fields[1], ("csrf", &token)])).await;
    assert_eq!((seen.status, victim.cookie("ma-alexa-session")), (403, None));
    // Two tabs share a token.
    victim.get("/login").await;
    assert_eq!(victim.post("/login", &[fields[0], fields[1], ("csrf", &token)]).await.status, 303);
}
