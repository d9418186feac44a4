//! What every page has.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ma_alexa::i18n::PageLanguage;
use reqwest::Method;
use serde_json::json;

use super::browser::{Browser, Seen};
use crate::api::harness::{App, OWNER};
use crate::api::store::StoreCondition;
use crate::logs;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What holds for every page.
pub(super) fn check(path: &str, seen: &Seen) {
    assert_eq!(seen.header("content-security-policy"), POLICY, "{path}");
    assert_eq!(seen.header("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(seen.header("x-frame-options"), "DENY", "{path}");
    assert_eq!(seen.header("cross-origin-opener-policy"), "same-origin", "{path}");
    assert_eq!(seen.header("x-page"), "1", "{path}");
    assert_eq!(seen.header("cache-control"), "no-store", "{path}");
    assert_eq!(seen.header("referrer-policy"), "same-origin", "{path}");
    assert!(seen.header("permissions-policy").contains("microphone=()"), "{path}");
    let text = &seen.text;
    if seen.header("content-type").starts_with("text/html") {
        assert!(text.len() < 100_000, "{path}: {} bytes", text.len());
        for attribute in ["src=\"", "href=\"", "action=\"", "srcset=\"", "data=\"", "poster=\""] {
            for rest in text.split(attribute).skip(1) {
                let address = rest.split('"').next().unwrap();
                let is_ours =
                    address.starts_with(['#', '?']) || address.starts_with('/') && !address.starts_with("//");
                assert!(is_ours, "{path} leads to {address}");
            }
        }
        for inline in ["<style", " style=", "<script>", " onclick=", " onload=", " onerror=", "javascript:"] {
            assert!(!text.contains(inline), "{path} has {inline}");
        }
    }
}

/// A whole page, with its landmarks.
pub(super) fn check_page(path: &str, seen: &Seen) {
    check(path, seen);
    let text = &seen.text;
    let once = [
        "<!doctype html>",
        "<main id=\"main\"",
        "<h1",
        "<title>",
        "class=\"skip\" href=\"#main\"",
        "<footer>",
        "</html>",
    ];
    for part in once {
        assert_eq!(text.matches(part).count(), 1, "{path}: {part} in {text}");
    }
}

#[tokio::test]
async fn open_pages_are_whole_in_every_language() {
    let app = App::start().await;
    for language in PageLanguage::all().map(PageLanguage::tag) {
        let browser = Browser::new(&app).with("accept-language", language);
        for path in ["/login", "/no/such/page", "/setup/no-such-page"] {
            let seen = browser.get(path).await;
            check_page(path, &seen);
            assert!(seen.text.contains(&format!("<html lang=\"{language}\">")), "{path}");
        }
        check("/", &browser.get("/").await);
    }
}

// The cookie comes back from the browser, where another page of this host may have put its own words.
#[tokio::test]
async fn a_sentence_is_said_only_where_there_is_one() {
    let app = App::start().await;
    let said = async |flash: serde_json::Value| {
        let cookie = format!("ma-alexa-said={}", URL_SAFE_NO_PAD.encode(flash.to_string()));
        let asked = app.client.get(format!("{}/login", app.base)).header("accept", "text/html");
        asked.header("cookie", cookie).send().await.unwrap().text().await.unwrap()
    };
    let of =
        |key: &str| json!({ "tone": "good", "key": key, "values": [["message", "words of a stranger"]] });
    let known = said(of("problem-other")).await;
    assert!(known.contains("words of a stranger"), "{known}");
    for key in ["words-of-a-stranger", "", "problem-other ", "Problem-Other", "-brand"] {
        let page = said(of(key)).await;
        assert!(page.contains("<h1>"), "{page}");
        for part in ["words of a stranger", "words-of-a-stranger", "class=\"message good\""] {
            assert!(!page.contains(part), "{key}: {page}");
        }
    }
}

#[tokio::test]
async fn a_page_that_is_not_there() {
    let app = App::start().await;
    let browser = Browser::new(&app);
    let seen = browser.get("/no/such/page").await;
    assert_eq!(seen.status, 404);
    assert!(seen.text.contains("There is no such page"), "{}", seen.text);
    // Every other caller hears what the API says.
    let plain = app.client.get(format!("{}/no/such/page", app.base)).send().await.unwrap();
    assert_eq!(plain.headers()["content-type"], "application/json");
    let v1 =
        browser.send(browser.request(Method::GET, "/v1/unknown").basic_auth(OWNER.0, Some(OWNER.1))).await;
    assert_eq!((v1.status, v1.header("content-type")), (404, "application/json"));
}

#[tokio::test]
async fn the_style_and_the_script_are_kept_by_browsers() {
    let app = App::start().await;
    let browser = Browser::new(&app);
    let page = browser.get("/login").await;
    let mut found = 0;
    for (attribute, kind) in [
        ("src=\"", "text/javascript"),
        ("stylesheet\" href=\"", "text/css"),
        ("icon\" href=\"", "image/svg+xml"),
    ] {
        let path = page.text.split(attribute).nth(1).unwrap().split('"').next().unwrap();
        let seen = browser.get(path).await;
        assert_eq!(seen.status, 200, "{path}");
        assert!(seen.header("content-type").starts_with(kind), "{path}");
        assert_eq!(seen.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(seen.header("x-content-type-options"), "nosniff");
        assert!(!seen.text.contains("http://") || kind == "image/svg+xml", "{path} names another place");
        assert!(!seen.text.contains("https://"), "{path} names another place");
        found += 1;
    }
    assert_eq!(found, 3);
    assert_eq!(browser.get("/assets/app.000000000000.css").await.status, 404);
}

#[tokio::test]
async fn a_panic_in_a_page_is_a_page() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    assert_eq!(browser.get("/setup").await.status, 200);
    app.store.set_condition(StoreCondition::Panics);
    let request = browser.request(Method::GET, "/status").header("accept", "text/html");
    let seen = browser.send(request).await;
    assert_eq!(seen.status, 500);
    check_page("/status", &seen);
    let script = browser.request(Method::GET, "/status").header("x-fetch", "1");
    let seen = browser.send(script).await;
    assert_eq!(seen.status, 500);
    assert!(
        seen.header("content-type").starts_with("text/html") && !seen.text.contains("<html"),
        "{}",
        seen.text
    );
    let not_there = browser.get("/no/such/page").await;
    assert_eq!(not_there.status, 500);
    check_page("/no/such/page", &not_there);
    let api =
        browser.send(browser.request(Method::GET, "/v1/players").basic_auth(OWNER.0, Some(OWNER.1))).await;
    assert_eq!((api.status, api.header("content-type")), (500, "application/json"));
    assert_eq!(app.counted("Panics"), 4);
    app.store.set_condition(StoreCondition::Serves);
    assert_eq!(browser.get("/status").await.status, 200);
}

#[tokio::test]
async fn a_panic_in_a_page_is_a_page_for_every_client_and_has_the_id_of_its_log_lines() {
    let app = App::start().await;
    let cookie = Browser::logged_in(&app).await.cookie("ma-alexa-session").unwrap();
    app.store.set_condition(StoreCondition::Panics);
    for accept in [Some("*/*"), Some("application/json"), None] {
        logs::keep();
        let request = app.client.get(format!("{}/status", app.base));
        let request = request.header("cookie", format!("ma-alexa-session={cookie}"));
        let request = accept.into_iter().fold(request, |request, accept| request.header("accept", accept));
        let seen = Browser::new(&app).send(request).await;
        assert_eq!(seen.status, 500, "{accept:?}");
        check_page("/status", &seen);
        let (_, rest) = seen.text.split_once("request.id: ").unwrap();
        let id = &rest[..32];
        assert!(id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
        let lines = logs::kept();
        let said = |message: &str| {
            let of_request = lines.iter().filter(|line| line["span"]["request.id"] == id);
            of_request.filter(|line| line["message"] == message).count()
        };
        assert_eq!((said("a request panicked"), said("request")), (1, 1), "{lines:?}");
        // A caller without a session has one line a minute.
        app.clock.advance(Duration::from_mins(1));
    }
}
