//! A session that stays alive by itself, until a person has to sign in again.

use std::time::Duration;

use end_to_end::amazon::{Fault, Refusal, serial};
use reqwest::Method;
use serde_json::json;

use super::harness::Harness;

/// Through all changes of the session, the device is registered once.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_session_is_renewed_once_and_never_registered_again() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    for refusal in [Refusal::Unauthorized, Refusal::Forbidden, Refusal::SignInRedirect, Refusal::SignInPage] {
        // Refusals that follow each other soon renew nothing, see below.
        harness.pass(Duration::from_mins(10));
        harness.amazon.behave(|quirks| quirks.refusal = refusal);
        harness.amazon.expire_cookies();
        let tokens = harness.count("/auth/token");
        let (status, listed) = harness.api.ask(Method::GET, "/v1/devices?refresh=true", None).await;
        assert_eq!((status, &listed["problem"]), (200, &json!(null)), "{listed}");
        assert_eq!(harness.count("/auth/token"), tokens + 1, "renewed once");
    }
    // A redirect is never followed.
    assert_eq!(harness.count("/ap/signin"), 1, "the person's own visit");
    assert_eq!(harness.count("/auth/register"), 1);
    assert!(harness.amazon.violations().is_empty(), "{:?}", harness.amazon.violations());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_stays_refused_is_given_up_for_now_and_kept() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.fault("/api/devices-v2/device", Fault::Unauthorized, usize::MAX);
    let cookies = "/ap/exchangetoken/cookies";
    let before = harness.count(cookies);
    let (status, listed) = harness.api.ask(Method::GET, "/v1/devices?refresh=true", None).await;
    assert_eq!((status, &listed["problem"]["code"]), (200, &json!("session_refused")), "{listed}");
    assert_eq!(harness.count(cookies), before + 1);
    assert_eq!(harness.api.get("/v1/amazon").await["sign_in_again"], json!(null));
    // Each renewal writes the secret: they become rarer.
    for (minutes, renewed) in [(0, 1), (1, 1), (2, 2), (2, 2), (3, 3), (5, 3), (4, 4)] {
        harness.pass(Duration::from_mins(minutes));
        let listed = harness.api.get("/v1/devices?refresh=true").await;
        assert_eq!(listed["problem"]["code"], "session_refused", "{listed}");
        assert_eq!(harness.count(cookies), before + renewed, "{minutes}");
    }
    harness.amazon.heal();
    assert_eq!(harness.api.get("/v1/devices?refresh=true").await["problem"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_with_a_stale_session_renew_it_once() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.expire_cookies();
    let tokens = harness.count("/auth/token");
    let mut asked = Vec::new();
    for _ in 0..6 {
        let api = harness.api.clone();
        asked.push(tokio::spawn(async move { api.ask(Method::GET, "/v1/devices?refresh=true", None).await }));
        let api = harness.api.clone();
        let path = format!("/v1/devices/{}/do-not-disturb", serial::KITCHEN);
        let body = json!({ "enabled": true });
        asked.push(tokio::spawn(async move { api.ask(Method::PUT, &path, Some(&body)).await }));
    }
    for asked in asked {
        assert!(asked.await.is_ok_and(|(status, _)| status == 200));
    }
    assert_eq!(harness.count("/auth/token"), tokens + 1);
    assert!(harness.amazon.max_in_flight() <= 2, "{}", harness.amazon.max_in_flight());
}

/// A renewal takes longer than a lane is leased: the lane is kept for each of its requests.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_refresh_lets_no_other_into_its_lane() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let places = ["/api/language", "/spa/index.html", "/api/devices-v2/device", "/templates/oobe/"];
    harness.amazon.behave(|quirks| quirks.csrf_places = vec!["/templates/oobe/d-device-pick.handlebars"]);
    harness.amazon.expire_cookies();
    let listed = harness.count(places[2]);
    for slow in places.into_iter().chain(["/api/dnd/status"]) {
        harness.amazon.fault(slow, Fault::Slow(Duration::from_millis(500)), usize::MAX);
    }
    let get = || {
        let api = harness.api.clone();
        tokio::spawn(async move { api.ask(Method::GET, "/v1/devices?refresh=true", None).await })
    };
    let first = get();
    // The list itself, then the first three places; then as much time has gone as a lease has, and more.
    let counts = [harness.count(places[0]) + 1, harness.count(places[1]) + 1, listed + 2];
    for (place, count) in places.into_iter().zip(counts) {
        harness.amazon.wait_for(place, count).await;
        harness.pass(Duration::from_secs(5));
    }
    let second = get();
    let path = format!("/v1/devices/{}/do-not-disturb", serial::KITCHEN);
    let (status, done) = harness.put(&path, &json!({ "enabled": true })).await;
    assert_eq!(status, 200, "{done}");
    for asked in [first, second] {
        let (status, listed) = asked.await.unwrap();
        assert_eq!((status, &listed["problem"]), (200, &json!(null)), "{listed}");
    }
    assert_eq!(harness.amazon.max_in_flight(), 2, "one read and one command");
}

/// What else is written into the secret makes no session newer.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_changes_no_cookies_hides_no_refusal() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let (status, begun) = harness.post("/v1/amazon/login", &json!({})).await;
    assert_eq!(status, 200, "{begun}");
    harness.amazon.expire_cookies();
    let listed = harness.api.get("/v1/devices?refresh=true").await;
    assert_eq!(listed["problem"], json!(null), "{listed}");
}

/// A scheduled refresh and one on demand do not wait for each other.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_and_a_refused_read_do_not_wait_for_each_other() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.pass(Duration::from_mins(30));
    harness.amazon.expire_cookies();
    let listed = harness.count("/api/devices-v2/device");
    harness.amazon.fault("/api/devices-v2/device", Fault::Slow(Duration::from_millis(700)), 1);
    let api = harness.api.clone();
    let read = tokio::spawn(async move { api.ask(Method::GET, "/v1/devices?refresh=true", None).await });
    harness.amazon.wait_for("/api/devices-v2/device", listed + 1).await;
    let (status, report) = harness.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!((status, &report["refreshed"]), (200, &json!([])), "the read renewed it: {report}");
    let (status, listed) = read.await.unwrap();
    assert_eq!((status, &listed["problem"]), (200, &json!(null)), "{listed}");
}

/// What would run out before the next run is renewed, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_renews_what_runs_out() {
    let harness = Harness::signed_in().await;
    let refresh = async || {
        let (status, report) = harness.post("/v1/amazon/refresh", &json!({})).await;
        assert_eq!(status, 200, "{report}");
        report["refreshed"].clone()
    };
    assert_eq!(refresh().await, json!([]));
    harness.pass(Duration::from_mins(30));
    assert_eq!(refresh().await, json!(["access_token"]));
    let before = harness.api.get("/v1/amazon").await;
    harness.pass(Duration::from_hours(23));
    assert_eq!(refresh().await, json!(["access_token", "cookies"]));
    let after = harness.api.get("/v1/amazon").await;
    assert_ne!(before["cookies_renewed_at"], after["cookies_renewed_at"]);
    assert_eq!(harness.count("/auth/register"), 1);
}

/// Anything but Amazon's three words is no reason to give up a session.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_may_pass_discards_nothing() {
    let harness = Harness::signed_in().await;
    let kept = harness.secret()["alexa"]["refresh_token"].clone();
    for fault in [
        Fault::Unavailable,
        Fault::ServerError,
        Fault::Html,
        Fault::Malformed,
        Fault::Unauthorized,
        Fault::Closed,
        Fault::AnswerLost,
    ] {
        harness.pass(Duration::from_mins(50));
        harness.amazon.fault("/auth/token", fault, 1);
        let (status, refused) = harness.post("/v1/amazon/refresh", &json!({})).await;
        assert!((500..=504).contains(&status), "{fault:?}: {status} {refused}");
        assert_eq!(harness.secret()["alexa"]["refresh_token"], kept);
        assert_eq!(harness.api.get("/v1/amazon").await["sign_in_again"], json!(null), "{fault:?}");
    }
    let (status, report) = harness.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!((status, &report["refreshed"]), (200, &json!(["access_token"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_amazon_ended_asks_for_a_person() {
    for word in ["invalid_grant", "invalid_token", "unauthorized_client"] {
        let harness = Harness::signed_in().await;
        harness.api.get("/v1/devices").await;
        harness.amazon.behave(|quirks| quirks.revoked_as = word);
        harness.amazon.revoke();
        let path = format!("/v1/devices/{}/playback", serial::KITCHEN);
        let (status, refused) = harness.post(&path, &json!({ "command": "pause" })).await;
        assert_eq!((status, &refused["error"]["code"]), (409, &json!("sign_in_again")), "{refused}");
        let again = harness.api.get("/v1/amazon").await["sign_in_again"].clone();
        assert_eq!(again["reason"], word);
        // No further request goes to Amazon.
        let tokens = harness.count("/auth/token");
        assert_eq!(harness.post(&path, &json!({ "command": "pause" })).await.0, 409);
        let (status, report) = harness.post("/v1/amazon/refresh", &json!({})).await;
        assert_eq!((status, &report["sign_in_again"]), (200, &json!(["alexa"])), "{report}");
        assert_eq!(harness.count("/auth/token"), tokens);
        harness.sign_in().await;
        assert_eq!(harness.api.get("/v1/amazon").await["sign_in_again"], json!(null));
        harness.api.get("/v1/devices?refresh=true").await;
    }
}

/// The token of the developer account is kept by the same machinery.
#[tokio::test(flavor = "multi_thread")]
async fn the_developer_token_is_renewed_beside() {
    let harness = Harness::signed_in().await;
    let lwa = harness.amazon.lwa();
    harness.add_developer();
    harness.amazon.behave(|quirks| quirks.rotates_lwa = true);
    let (status, report) = harness.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!((status, &report["refreshed"]), (200, &json!(["developer_token"])), "{report}");
    assert_ne!(
        harness.secret()["developer"]["refresh_token"],
        lwa.refresh_token.as_str(),
        "Amazon rotated it"
    );

    // The end of one account is not the end of the other.
    harness.amazon.revoke_lwa();
    harness.pass(Duration::from_mins(50));
    let (status, report) = harness.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!(status, 200, "{report}");
    assert_eq!(
        report,
        json!({
            "refreshed": ["access_token"], "sign_in_again": ["developer"], "left_to_another": false,
        })
    );
    harness.api.get("/v1/devices").await;
}

/// One pair of quotes around a value is Amazon's wrapping.
#[tokio::test(flavor = "multi_thread")]
async fn quoted_cookies_are_unwrapped() {
    let harness = Harness::start().await;
    harness.amazon.behave(|quirks| quirks.quotes_cookies = true);
    harness.sign_in().await;
    harness.api.get("/v1/devices").await;
    assert!(harness.amazon.violations().is_empty());
}

/// The csrf token belongs to its shop, and the newest one counts.
#[tokio::test(flavor = "multi_thread")]
async fn csrf_follows_what_amazon_sets() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.rotate_csrf();
    harness.api.get("/v1/devices?refresh=true").await;
    let tokens = harness.count("/auth/token");
    let path = format!("/v1/devices/{}/do-not-disturb", serial::KITCHEN);
    let (status, done) = harness.put(&path, &json!({ "enabled": true })).await;
    assert_eq!((status, &done["outcome"]), (200, &json!("confirmed")), "{done}");
    assert_eq!(harness.count("/auth/token"), tokens, "the new token was seen where it was set");
}

/// docs/amazon-api.md, 2.3: where one place gives no csrf token, the next one is tried.
#[tokio::test(flavor = "multi_thread")]
async fn the_csrf_token_is_looked_for_in_every_place() {
    let harness = Harness::start().await;
    harness.amazon.behave(|quirks| quirks.csrf_places = vec!["/templates/oobe/d-device-pick.handlebars"]);
    harness.sign_in().await;
    harness.api.get("/v1/devices").await;
    assert!(harness.count("/api/language") > 0 && harness.count("/spa/index.html") > 0);
}

/// The csrf token is of the account's own shop: another one may have none for it.
#[tokio::test(flavor = "multi_thread")]
async fn the_csrf_token_is_asked_where_the_account_is_at_home() {
    let harness = Harness::signed_in().await;
    let asked: Vec<String> =
        harness.amazon.requests("/api/language").into_iter().map(|call| call.host).collect();
    assert_eq!(asked, ["alexa.amazon.de"]);
}

/// An account that moves gets the cookies of its new shop, and no other.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_moves_is_followed() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.move_to("co.uk");
    harness.amazon.behave(|quirks| quirks.bare_marketplace = true);
    let listed = harness.api.get("/v1/devices?refresh=true").await;
    assert_eq!(listed["problem"], json!(null));
    assert_eq!(harness.api.get("/v1/amazon").await["marketplace"], "amazon.co.uk");
    assert!(harness.amazon.violations().is_empty(), "{:?}", harness.amazon.violations());
    let last = harness.amazon.requests("/api/devices-v2/device").pop();
    assert!(last.is_some_and(|call| call.host == "eu-api-alexa.amazon.co.uk"));
}

/// A host that is none of Amazon's gets nothing, even when Amazon names it.
#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_host_never_gets_a_cookie() {
    for named in [
        "https://eu-api-alexa.amazon.de.evil.example",
        "https://evil.example/.amazon.de",
        "https://eu-api-alexa.amazon.de@evil.example",
        "http://eu-api-alexa.amazon.de",
        "https://eu-api-alexa.amazon.de:8443",
        "https://na-api-alexa.amazon.com",
        "127.0.0.1",
    ] {
        let harness = Harness::start().await;
        harness.amazon.move_to("de");
        harness.amazon.behave(|quirks| quirks.website_api_url = Some(named.to_owned()));
        harness.sign_in().await;
        let (_, listed) = harness.api.ask(Method::GET, "/v1/devices", None).await;
        assert!(harness.amazon.violations().is_empty(), "{named}: {:?}", harness.amazon.violations());
        let hosts: Vec<String> =
            harness.amazon.requests("/api/devices-v2/device").into_iter().map(|call| call.host).collect();
        assert!(hosts.iter().all(|host| host == "alexa.amazon.de"), "{named}: {hosts:?} {listed}");
    }
}

/// Places that are dead, or not for us, are never asked.
#[tokio::test(flavor = "multi_thread")]
async fn dead_places_are_left_alone() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.api.get(&format!("/v1/devices/{}", serial::KITCHEN)).await;
    for dead in
        ["/api/bootstrap", "/api/activities", "/api/notifications", "/alexa-privacy", "/api/media/state"]
    {
        assert_eq!(harness.count(dead), 0, "{dead}");
    }
}
