//! `/status`, with Amazon.

use std::time::Duration;

use super::browser::Browser;
use crate::amazon::harness::Harness;

#[tokio::test(flavor = "multi_thread")]
async fn it_says_when_the_session_was_renewed_and_that_it_ended() {
    let harness = Harness::start().await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    assert_eq!(browser.get("/status").await.matches(">not signed in<").count(), 2);
    harness.amazon.move_to("de");
    harness.sign_in().await;
    let page = browser.get("/status").await;
    for part in ["signed in as", "Last renewed", "just now", "The Amazon account was signed in."] {
        assert!(page.contains(part), "{part}: {page}");
    }
    harness.pass(Duration::from_hours(2));
    let page = browser.get("/status/more").await;
    assert!(page.contains("2 hours ago"), "{page}");
    let status = harness.post("/v1/amazon/refresh", &serde_json::json!({})).await.0;
    assert_eq!(status, 200);
    assert!(browser.get("/status/more").await.contains("just now"));
    harness.amazon.revoke();
    harness.pass(Duration::from_hours(2));
    harness.post("/v1/amazon/refresh", &serde_json::json!({})).await;
    let page = browser.get("/status").await;
    for part in ["ended by Amazon", "href=\"/setup/amazon#household\">Sign in", "You have to sign in again."]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let german = Browser::logged_in(&harness.api, "de").await;
    assert!(german.get("/status").await.contains("von Amazon beendet"));
    for secret in harness.amazon.secrets() {
        assert!(!page.contains(&secret), "a secret is on the page");
    }
}
