//! A session that stays alive by itself, until a person has to sign in again.

use std::time::Duration;

use end_to_end::amazon::{Fault, Refusal, serial};
use reqwest::Method;
use serde_json::json;

use super::world::World;

/// T1: whatever happens to the session, the device is registered once.
#[tokio::test(flavor = "multi_thread")]
async fn t1_a_stale_session_is_renewed_once_and_never_registered_again() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    for refusal in [Refusal::Unauthorized, Refusal::Forbidden, Refusal::SignInRedirect, Refusal::SignInPage] {
        // Refusals that follow each other soon renew nothing, see below.
        world.pass(Duration::from_mins(10));
        world.amazon.behave(|habits| habits.refusal = refusal);
        world.amazon.expire_cookies();
        let tokens = world.count("/auth/token");
        let (status, listed) = world.api.ask(Method::GET, "/v1/devices?refresh=true", None).await;
        assert_eq!((status, &listed["problem"]), (200, &json!(null)), "{listed}");
        assert_eq!(world.count("/auth/token"), tokens + 1, "renewed once");
    }
    // T17: a redirect is never followed.
    assert_eq!(world.count("/ap/signin"), 1, "the person's own visit");
    assert_eq!(world.count("/auth/register"), 1);
    assert!(world.amazon.violations().is_empty(), "{:?}", world.amazon.violations());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_stays_refused_is_given_up_for_now_and_kept() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    world.amazon.fault("/api/devices-v2/device", Fault::Unauthorized, usize::MAX);
    let cookies = "/ap/exchangetoken/cookies";
    let before = world.count(cookies);
    let (status, listed) = world.api.ask(Method::GET, "/v1/devices?refresh=true", None).await;
    assert_eq!((status, &listed["problem"]["code"]), (200, &json!("session_refused")), "{listed}");
    assert_eq!(world.count(cookies), before + 1);
    assert_eq!(world.api.get("/v1/amazon").await["sign_in_again"], json!(null));
    // Each renewal writes the secret: they become rarer.
    for (minutes, renewed) in [(0, 1), (1, 1), (2, 2), (2, 2), (3, 3), (5, 3), (4, 4)] {
        world.pass(Duration::from_mins(minutes));
        let listed = world.api.get("/v1/devices?refresh=true").await;
        assert_eq!(listed["problem"]["code"], "session_refused", "{listed}");
        assert_eq!(world.count(cookies), before + renewed, "{minutes}");
    }
    world.amazon.heal();
    assert_eq!(world.api.get("/v1/devices?refresh=true").await["problem"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_with_a_stale_session_renew_it_once() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    world.amazon.expire_cookies();
    let tokens = world.count("/auth/token");
    let mut asked = Vec::new();
    for _ in 0..6 {
        let api = world.api.clone();
        asked.push(tokio::spawn(async move { api.ask(Method::GET, "/v1/devices?refresh=true", None).await }));
        let api = world.api.clone();
        let path = format!("/v1/devices/{}/do-not-disturb", serial::KITCHEN);
        let body = json!({ "enabled": true });
        asked.push(tokio::spawn(async move { api.ask(Method::PUT, &path, Some(&body)).await }));
    }
    for asked in asked {
        assert!(asked.await.is_ok_and(|(status, _)| status == 200));
    }
    assert_eq!(world.count("/auth/token"), tokens + 1);
    assert!(world.amazon.max_in_flight() <= 2, "{}", world.amazon.max_in_flight());
}

/// A renewal takes longer than a lane is leased: the lane is kept for each of its requests.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_renewal_lets_nobody_else_into_its_lane() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    let places = ["/api/language", "/spa/index.html", "/api/devices-v2/device", "/templates/oobe/"];
    world.amazon.behave(|habits| habits.csrf_places = vec!["/templates/oobe/d-device-pick.handlebars"]);
    world.amazon.expire_cookies();
    let listed = world.count(places[2]);
    for slow in places.into_iter().chain(["/api/dnd/status"]) {
        world.amazon.fault(slow, Fault::Slow(Duration::from_millis(500)), usize::MAX);
    }
    let get = || {
        let api = world.api.clone();
        tokio::spawn(async move { api.ask(Method::GET, "/v1/devices?refresh=true", None).await })
    };
    let first = get();
    // The list itself, then the first three places; then as much time has gone as a lease has, and more.
    let counts = [world.count(places[0]) + 1, world.count(places[1]) + 1, listed + 2];
    for (place, count) in places.into_iter().zip(counts) {
        world.amazon.wait_for(place, count).await;
        world.pass(Duration::from_secs(5));
    }
    let second = get();
    let path = format!("/v1/devices/{}/do-not-disturb", serial::KITCHEN);
    let (status, done) = world.put(&path, &json!({ "enabled": true })).await;
    assert_eq!(status, 200, "{done}");
    for asked in [first, second] {
        let (status, listed) = asked.await.unwrap();
        assert_eq!((status, &listed["problem"]), (200, &json!(null)), "{listed}");
    }
    assert_eq!(world.amazon.max_in_flight(), 2, "one read and one command");
}

/// What else is written into the secret makes no session newer.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_changes_no_cookies_hides_no_refusal() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    let (status, begun) = world.post("/v1/amazon/login", &json!({})).await;
    assert_eq!(status, 200, "{begun}");
    world.amazon.expire_cookies();
    let listed = world.api.get("/v1/devices?refresh=true").await;
    assert_eq!(listed["problem"], json!(null), "{listed}");
}

/// Whoever renews on schedule and whoever has to do not wait for each other.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_and_a_refused_read_do_not_wait_for_each_other() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    world.pass(Duration::from_mins(30));
    world.amazon.expire_cookies();
    let listed = world.count("/api/devices-v2/device");
    world.amazon.fault("/api/devices-v2/device", Fault::Slow(Duration::from_millis(700)), 1);
    let api = world.api.clone();
    let read = tokio::spawn(async move { api.ask(Method::GET, "/v1/devices?refresh=true", None).await });
    world.amazon.wait_for("/api/devices-v2/device", listed + 1).await;
    let (status, report) = world.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!((status, &report["refreshed"]), (200, &json!([])), "the read renewed it: {report}");
    let (status, listed) = read.await.unwrap();
    assert_eq!((status, &listed["problem"]), (200, &json!(null)), "{listed}");
}

/// What would run out before the next run is renewed, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_renews_what_runs_out() {
    let world = World::signed_in().await;
    let refresh = async || {
        let (status, report) = world.post("/v1/amazon/refresh", &json!({})).await;
        assert_eq!(status, 200, "{report}");
        report["refreshed"].clone()
    };
    assert_eq!(refresh().await, json!([]));
    world.pass(Duration::from_mins(30));
    assert_eq!(refresh().await, json!(["access_token"]));
    let before = world.api.get("/v1/amazon").await;
    world.pass(Duration::from_hours(23));
    assert_eq!(refresh().await, json!(["access_token", "cookies"]));
    let after = world.api.get("/v1/amazon").await;
    assert_ne!(before["cookies_renewed_at"], after["cookies_renewed_at"]);
    assert_eq!(world.count("/auth/register"), 1);
}

/// Anything but Amazon's three words is no reason to give up a session.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_may_pass_discards_nothing() {
    let world = World::signed_in().await;
    let kept = world.secret()["alexa"]["refresh_token"].clone();
    for fault in [
        Fault::Unavailable,
        Fault::ServerError,
        Fault::Html,
        Fault::Malformed,
        Fault::Unauthorized,
        Fault::Closed,
        Fault::AnswerLost,
    ] {
        world.pass(Duration::from_mins(50));
        world.amazon.fault("/auth/token", fault, 1);
        let (status, refused) = world.post("/v1/amazon/refresh", &json!({})).await;
        assert!((500..=504).contains(&status), "{fault:?}: {status} {refused}");
        assert_eq!(world.secret()["alexa"]["refresh_token"], kept);
        assert_eq!(world.api.get("/v1/amazon").await["sign_in_again"], json!(null), "{fault:?}");
    }
    let (status, report) = world.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!((status, &report["refreshed"]), (200, &json!(["access_token"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_amazon_ended_asks_for_a_person() {
    for word in ["invalid_grant", "invalid_token", "unauthorized_client"] {
        let world = World::signed_in().await;
        world.api.get("/v1/devices").await;
        world.amazon.behave(|habits| habits.revoked_as = word);
        world.amazon.revoke();
        let path = format!("/v1/devices/{}/playback", serial::KITCHEN);
        let (status, refused) = world.post(&path, &json!({ "command": "pause" })).await;
        assert_eq!((status, &refused["error"]["code"]), (409, &json!("sign_in_again")), "{refused}");
        let again = world.api.get("/v1/amazon").await["sign_in_again"].clone();
        assert_eq!(again["reason"], word);
        // Nobody asks Amazon again for nothing.
        let tokens = world.count("/auth/token");
        assert_eq!(world.post(&path, &json!({ "command": "pause" })).await.0, 409);
        let (status, report) = world.post("/v1/amazon/refresh", &json!({})).await;
        assert_eq!((status, &report["sign_in_again"]), (200, &json!(["alexa"])), "{report}");
        assert_eq!(world.count("/auth/token"), tokens);
        world.sign_in().await;
        assert_eq!(world.api.get("/v1/amazon").await["sign_in_again"], json!(null));
        world.api.get("/v1/devices?refresh=true").await;
    }
}

/// The token of the developer account is kept by the same machinery.
#[tokio::test(flavor = "multi_thread")]
async fn the_developer_token_is_renewed_beside() {
    let world = World::signed_in().await;
    let lwa = world.amazon.lwa();
    world.add_developer();
    world.amazon.behave(|habits| habits.rotates_lwa = true);
    let (status, report) = world.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!((status, &report["refreshed"]), (200, &json!(["developer_token"])), "{report}");
    assert_ne!(world.secret()["developer"]["refresh_token"], lwa.refresh_token.as_str(), "Amazon rotated it");

    // The end of one account is not the end of the other.
    world.amazon.revoke_lwa();
    world.pass(Duration::from_mins(50));
    let (status, report) = world.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!(status, 200, "{report}");
    assert_eq!(
        report,
        json!({
            "refreshed": ["access_token"], "sign_in_again": ["developer"], "left_to_another": false,
        })
    );
    world.api.get("/v1/devices").await;
}

/// T14: one pair of quotes around a value is Amazon's wrapping.
#[tokio::test(flavor = "multi_thread")]
async fn t14_quoted_cookies_are_unwrapped() {
    let world = World::start().await;
    world.amazon.behave(|habits| habits.quotes_cookies = true);
    world.sign_in().await;
    world.api.get("/v1/devices").await;
    assert!(world.amazon.violations().is_empty());
}

/// T15: the csrf token belongs to its shop, and the newest one counts.
#[tokio::test(flavor = "multi_thread")]
async fn t15_csrf_follows_what_amazon_sets() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    world.amazon.rotate_csrf();
    world.api.get("/v1/devices?refresh=true").await;
    let tokens = world.count("/auth/token");
    let path = format!("/v1/devices/{}/do-not-disturb", serial::KITCHEN);
    let (status, done) = world.put(&path, &json!({ "enabled": true })).await;
    assert_eq!((status, &done["outcome"]), (200, &json!("confirmed")), "{done}");
    assert_eq!(world.count("/auth/token"), tokens, "the new token was seen where it was set");
}

/// docs/amazon-api.md, 2.3: where one place gives no csrf token, the next one is tried.
#[tokio::test(flavor = "multi_thread")]
async fn the_csrf_token_is_looked_for_in_every_place() {
    let world = World::start().await;
    world.amazon.behave(|habits| habits.csrf_places = vec!["/templates/oobe/d-device-pick.handlebars"]);
    world.sign_in().await;
    world.api.get("/v1/devices").await;
    assert!(world.count("/api/language") > 0 && world.count("/spa/index.html") > 0);
}

/// The csrf token is of the account's own shop: another one may have none for it.
#[tokio::test(flavor = "multi_thread")]
async fn the_csrf_token_is_asked_where_the_account_is_at_home() {
    let world = World::signed_in().await;
    let asked: Vec<String> =
        world.amazon.requests("/api/language").into_iter().map(|call| call.host).collect();
    assert_eq!(asked, ["alexa.amazon.de"]);
}

/// T2 and T16: an account that moves gets the cookies of its new shop, and no other.
#[tokio::test(flavor = "multi_thread")]
async fn t16_an_account_that_moves_is_followed() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    world.amazon.move_to("co.uk");
    world.amazon.behave(|habits| habits.bare_marketplace = true);
    let listed = world.api.get("/v1/devices?refresh=true").await;
    assert_eq!(listed["problem"], json!(null));
    assert_eq!(world.api.get("/v1/amazon").await["marketplace"], "amazon.co.uk");
    assert!(world.amazon.violations().is_empty(), "{:?}", world.amazon.violations());
    let last = world.amazon.requests("/api/devices-v2/device").pop();
    assert!(last.is_some_and(|call| call.host == "eu-api-alexa.amazon.co.uk"));
}

/// A host that is none of Amazon's gets nothing, whoever names it.
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
        let world = World::start().await;
        world.amazon.move_to("de");
        world.amazon.behave(|habits| habits.website_api_url = Some(named.to_owned()));
        world.sign_in().await;
        let (_, listed) = world.api.ask(Method::GET, "/v1/devices", None).await;
        assert!(world.amazon.violations().is_empty(), "{named}: {:?}", world.amazon.violations());
        let hosts: Vec<String> =
            world.amazon.requests("/api/devices-v2/device").into_iter().map(|call| call.host).collect();
        assert!(hosts.iter().all(|host| host == "alexa.amazon.de"), "{named}: {hosts:?} {listed}");
    }
}

/// T28 and T29: places that are dead, or not for us, are never asked.
#[tokio::test(flavor = "multi_thread")]
async fn t29_dead_places_are_left_alone() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    world.api.get(&format!("/v1/devices/{}", serial::KITCHEN)).await;
    for dead in
        ["/api/bootstrap", "/api/activities", "/api/notifications", "/alexa-privacy", "/api/media/state"]
    {
        assert_eq!(world.count(dead), 0, "{dead}");
    }
}
