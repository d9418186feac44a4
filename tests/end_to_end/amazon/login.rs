//! Signing in and out, as a person does it.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use end_to_end::amazon::{FakeAmazon, Fault, Throttle, serial};
use end_to_end::internet::{Internet, Site};
use reqwest::Method;
use serde_json::json;

use super::concurrency::server;
use super::harness::{Harness, NONE, sign_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_and_sees_the_echos() {
    let harness = Harness::start().await;
    let (status, refused) = harness.api.ask(Method::GET, "/v1/devices", None).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("not_signed_in")), "{refused}");
    assert_eq!(harness.api.get("/v1/amazon").await["signed_in"], false);

    // The account is at home in Germany, and the person signs in at amazon.com all the same.
    harness.amazon.move_to("de");
    let done = sign_in(&harness.amazon, &harness.api).await;
    assert_eq!(done["ready"], true, "{done}");
    let account = harness.api.get("/v1/amazon").await;
    assert_eq!((&account["signed_in"], &account["marketplace"]), (&json!(true), &json!("amazon.de")));
    assert_eq!(account["sign_in_again"], json!(null));
    assert!(
        account["cookies_renewed_at"].is_string() && account["token_renewed_at"].is_string(),
        "{account}"
    );

    let devices = harness.api.get("/v1/devices").await;
    let kitchen =
        devices["devices"].as_array().unwrap().iter().find(|device| device["serial"] == serial::KITCHEN);
    assert!(kitchen.is_some_and(|device| device["online"] == true), "{devices}");
    // The API itself was found by asking, not by a table.
    let listed = harness.amazon.requests("/api/devices-v2/device");
    assert_eq!(listed.last().unwrap().host, "eu-api-alexa.amazon.de");
    // Registered once, and the page that is not found was never opened.
    assert_eq!((harness.count("/auth/register"), harness.count("/ap/maplanding")), (1, 0));
    assert_eq!(harness.amazon.violations(), NONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_does_not_serve_says_why() {
    let harness = Harness::start().await;
    let complete =
        async |address: &str| harness.post("/v1/amazon/login/complete", &json!({ "address": address })).await;
    let good = "https://www.amazon.com/ap/maplanding?openid.oa2.authorization_code=ANabc";
    let (status, refused) = complete(good).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("login_not_begun")), "{refused}");

    let (_, begun) = harness.post("/v1/amazon/login", &json!({ "language": "de-DE" })).await;
    let url = begun["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("https://www.amazon.com/ap/signin?") && url.contains("language=de_DE"), "{url}");
    for wrong in [
        "not an address",
        url.as_str(),
        "https://www.amazon.com/ap/maplanding",
        "https://www.amazon.com/ap/maplanding?openid.oa2.authorization_code=",
        "https://www.amazon.de/ap/maplanding?openid.oa2.authorization_code=ANabc",
        "https://evilamazon.com/ap/maplanding?openid.oa2.authorization_code=ANabc",
        "https://www.evilamazon.com/ap/maplanding?openid.oa2.authorization_code=ANabc",
        "https://evil-amazon.com/ap/maplanding?openid.oa2.authorization_code=ANabc",
        "https://evil.amazon.com/ap/maplanding?openid.oa2.authorization_code=ANabc",
        "https://evil.www.amazon.com/ap/maplanding?openid.oa2.authorization_code=ANabc",
        "https://amazon.com/ap/maplanding?openid.oa2.authorization_code=ANabc",
        "evil.example/https://www.amazon.com/ap/maplanding?openid.oa2.authorization_code=ANabc",
        "https://www.amazon.com.evil.example/ap/maplanding?openid.oa2.authorization_code=ANabc",
        "https://www.amazon.com@evil.example/ap/maplanding?openid.oa2.authorization_code=ANabc",
        "http://www.amazon.com/ap/maplanding?openid.oa2.authorization_code=ANabc",
        "https://www.amazon.com/gp/homepage?openid.oa2.authorization_code=ANabc",
        "https://www.amazon.com/ap/maplanding?openid.oa2.authorization_code=A&openid.oa2.authorization_code=B",
    ] {
        let (status, refused) = complete(wrong).await;
        assert_eq!((status, &refused["error"]["code"]), (400, &json!("login_wrong_address")), "{wrong}");
    }
    assert_eq!(harness.count("/auth/register"), 0, "a wrong address costs no try at Amazon");

    let (status, refused) = complete(good).await;
    assert_eq!((status, &refused["error"]["code"]), (410, &json!("login_address_expired")), "{refused}");
    let address = harness.amazon.sign_in(&url).await;
    harness.amazon.expire_codes();
    assert_eq!(complete(&address).await.0, 410);

    // The same sign-in is still under way: the person signs in once more at the same address.
    let address = harness.amazon.sign_in(&url).await;
    assert_eq!(complete(&address).await.0, 200);
    let (status, refused) = complete(&address).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("login_address_used")), "{refused}");
    let (status, refused) = complete(good).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("login_not_begun")), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_login_replaces_the_first_and_leaves_no_device_behind() {
    let harness = Harness::signed_in().await;
    let first = harness.amazon.registered();
    sign_in(&harness.amazon, &harness.api).await;
    let second = harness.amazon.registered();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first[0].refresh_token, second[0].refresh_token);
    assert_eq!(harness.secret()["alexa"]["serial"], second[0].serial.as_str());
    assert!(harness.secret().get("leaving").is_none());
    harness.api.get("/v1/devices?refresh=true").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_cannot_be_deregistered_goes_later() {
    let harness = Harness::signed_in().await;
    harness.amazon.fault("/auth/deregister", Fault::Unavailable, 1);
    sign_in(&harness.amazon, &harness.api).await;
    assert_eq!(harness.amazon.registered().len(), 2);
    let (status, report) = harness.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!(status, 200, "{report}");
    assert!(report["refreshed"].as_array().unwrap().contains(&json!("deregistered")), "{report}");
    assert_eq!(harness.amazon.registered().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_ends_the_registration() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let (status, done) = harness.api.ask(Method::DELETE, "/v1/amazon/login", None).await;
    assert_eq!((status, &done["deregistered"]), (200, &json!(true)), "{done}");
    assert!(harness.amazon.registered().is_empty());
    assert_eq!(harness.api.get("/v1/amazon").await["signed_in"], false);
    let (_, refused) = harness.api.ask(Method::GET, "/v1/devices", None).await;
    assert_eq!(refused["error"]["code"], "not_signed_in", "not even a list of before is shown: {refused}");
    let (status, refused) = harness.api.ask(Method::DELETE, "/v1/amazon/login", None).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("not_signed_in")), "{refused}");
}

/// Another process, or another function, uses the session of the account before.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_sign_in_reaches_every_process() {
    let folder = tempfile::TempDir::new().unwrap();
    let amazon = end_to_end::amazon::FakeAmazon::start().await;
    let ((_first, one), (_second, two)) = (server(folder.path(), &amazon), server(folder.path(), &amazon));
    sign_in(&amazon, &one).await;
    two.get("/v1/devices").await;
    sign_in(&amazon, &one).await;
    let tokens = amazon.requests("/auth/token").len();
    two.get("/v1/devices").await;
    // With the new cookies at once: the old ones were not tried and refused.
    assert_eq!(amazon.requests("/auth/token").len(), tokens);
    let refused =
        amazon.requests("/api/devices-v2/device").iter().filter(|call| call.status == Some(401)).count();
    assert_eq!(refused, 0);
    let (status, _) = one.ask(Method::DELETE, "/v1/amazon/login", None).await;
    assert_eq!(status, 200);
    let (_, refused) = two.ask(Method::GET, "/v1/devices", None).await;
    assert_eq!(refused["error"]["code"], "not_signed_in", "{refused}");
}

/// A registration that is kept and not yet usable is completed by the first request that needs it.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_after_the_registration_is_repaired() {
    let harness = Harness::start().await;
    harness.amazon.fault("/ap/exchangetoken/cookies", Fault::Unavailable, 1);
    let done = sign_in(&harness.amazon, &harness.api).await;
    assert_eq!((&done["ready"], &done["problem"]["code"]), (&json!(false), &json!("amazon_unavailable")));
    assert_eq!(harness.amazon.registered().len(), 1);
    harness.api.get("/v1/devices").await;
    assert_eq!(harness.count("/auth/register"), 1);
}

/// The registration itself: what is lost may be tried again, with the same device.
#[tokio::test(flavor = "multi_thread")]
async fn a_registration_whose_answer_is_lost_leaves_one_device() {
    let harness = Harness::start().await;
    harness.amazon.fault("/auth/register", Fault::AnswerLost, 1);
    let (_, begun) = harness.post("/v1/amazon/login", &json!({})).await;
    let address = harness.amazon.sign_in(begun["url"].as_str().unwrap()).await;
    let body = json!({ "address": address });
    let (status, refused) = harness.post("/v1/amazon/login/complete", &body).await;
    assert_eq!((status, &refused["error"]["code"]), (502, &json!("amazon_unavailable")), "{refused}");
    sign_in(&harness.amazon, &harness.api).await;
    assert_eq!(harness.amazon.registered().len(), 1, "the device of the lost answer was replaced");
}

/// A code works once: what Amazon refuses for another reason is not told as the end of the code, nor as that of
/// a session that there is not yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_fails_for_now_may_be_tried_again() {
    let throttles = Throttle::ALL.map(Fault::Throttled).map(|fault| (fault, 429, "throttled"));
    let others = [
        (Fault::Unavailable, 502, "amazon_unavailable"),
        (Fault::Unauthorized, 502, "amazon_unavailable"),
        (Fault::Forbidden, 502, "amazon_unavailable"),
        (Fault::Html, 502, "amazon_changed"),
        (Fault::SignInRedirect, 502, "amazon_unavailable"),
    ];
    for (fault, status, code) in throttles.into_iter().chain(others) {
        let harness = Harness::start().await;
        harness.amazon.fault("/auth/register", fault, 1);
        let (_, begun) = harness.post("/v1/amazon/login", &json!({})).await;
        let body = json!({ "address": harness.amazon.sign_in(begun["url"].as_str().unwrap()).await });
        let (refused_as, refused) = harness.post("/v1/amazon/login/complete", &body).await;
        assert_eq!((refused_as, &refused["error"]["code"]), (status, &json!(code)), "{fault:?}: {refused}");
        let lanes = harness.api.get("/v1/amazon").await["lanes"].clone();
        assert_eq!(lanes[1]["throttled_until"].is_string(), status == 429, "{fault:?}: {lanes}");
        // The code does not last until a throttled lane is open again.
        let (status, done) = harness.post("/v1/amazon/login/complete", &body).await;
        assert_eq!((status, &done["ready"]), (200, &json!(true)), "{fault:?}: {done}");
        assert_eq!(harness.amazon.registered().len(), 1);
    }
}

/// Two codes of one sign-in, at once.
#[tokio::test(flavor = "multi_thread")]
async fn one_sign_in_registers_one_device() {
    let harness = Harness::start().await;
    harness.amazon.fault("/auth/register", Fault::Slow(Duration::from_millis(300)), usize::MAX);
    let (_, begun) = harness.post("/v1/amazon/login", &json!({})).await;
    let mut completions = Vec::new();
    for _ in 0..2 {
        let body = json!({ "address": harness.amazon.sign_in(begun["url"].as_str().unwrap()).await });
        let api = harness.api.clone();
        completions.push(tokio::spawn(async move {
            api.ask(Method::POST, "/v1/amazon/login/complete", Some(&body)).await
        }));
    }
    let mut codes = Vec::new();
    for completion in completions {
        let (status, answer) = completion.await.unwrap();
        codes.push((status, answer["error"]["code"].clone()));
    }
    codes.sort_by_key(|(status, _)| *status);
    assert_eq!(codes, [(200, json!(null)), (409, json!("login_not_begun"))]);
    assert_eq!((harness.count("/auth/register"), harness.count("/auth/deregister")), (1, 0));
    assert_eq!(harness.secret()["alexa"]["serial"], harness.amazon.registered()[0].serial.as_str());
    harness.api.get("/v1/devices").await;
}

/// What Amazon gave for the code is not lost because the disk, or the cloud, does not take it at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_registration_outlives_a_place_that_cannot_be_written_for_a_moment() {
    let harness = Harness::start().await;
    harness.amazon.fault("/auth/register", Fault::Slow(Duration::from_millis(300)), 1);
    let (_, begun) = harness.post("/v1/amazon/login", &json!({})).await;
    let body = json!({ "address": harness.amazon.sign_in(begun["url"].as_str().unwrap()).await });
    let api = harness.api.clone();
    let mut completion =
        tokio::spawn(async move { api.ask(Method::POST, "/v1/amazon/login/complete", Some(&body)).await });
    harness.amazon.wait_for("/auth/register", 1).await;
    let (file, away) = (harness.secret_file(), harness.folder().join("away"));
    std::fs::rename(&file, &away).unwrap();
    std::fs::create_dir(&file).unwrap();
    // Long enough for a write that fails.
    let early = tokio::time::timeout(Duration::from_secs(1), &mut completion).await;
    assert!(early.is_err(), "answered before the session was written: {early:?}");
    std::fs::remove_dir(&file).unwrap();
    std::fs::rename(&away, &file).unwrap();
    let (status, done) = completion.await.unwrap();
    assert_eq!((status, &done["ready"]), (200, &json!(true)), "{done}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_of_the_file_reads_the_session() {
    let harness = Harness::signed_in().await;
    let mode = std::fs::metadata(harness.secret_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let secret = harness.secret().to_string();
    assert!(!harness.amazon.secrets_in(&secret).is_empty(), "the file holds no session at all");
}

/// What people copy: without the scheme, which browsers hide, in quotes, and in brackets.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_taken_as_people_paste_it() {
    let harness = Harness::start().await;
    for (before, after) in [
        ("", ""),
        ("\"", "\""),
        ("<", ">"),
        ("(", ")"),
        ("„", "“"),
        ("'", "'\n"),
        ("«https://", "»"),
        (" [https://", "] "),
    ] {
        let (_, begun) = harness.post("/v1/amazon/login", &json!({})).await;
        let address = harness.amazon.sign_in(begun["url"].as_str().unwrap()).await;
        let bare = address.strip_prefix("https://").unwrap();
        let body = json!({ "address": format!("{before}{bare}{after}") });
        let (status, done) = harness.post("/v1/amazon/login/complete", &body).await;
        assert_eq!(status, 200, "{before}…{after}: {done}");
    }
}

/// A sign-in that was begun and left is under way no longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_was_begun_expires() {
    let harness = Harness::start().await;
    let (_, begun) = harness.post("/v1/amazon/login", &json!({})).await;
    let address = harness.amazon.sign_in(begun["url"].as_str().unwrap()).await;
    assert!(harness.api.get("/v1/amazon").await["login_began_at"].is_string());
    harness.pass(Duration::from_mins(31));
    assert_eq!(harness.api.get("/v1/amazon").await["login_began_at"], json!(null));
    let (status, refused) = harness.post("/v1/amazon/login/complete", &json!({ "address": address })).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("login_not_begun")), "{refused}");
    assert_eq!(harness.count("/auth/register"), 0);
    harness.sign_in().await;
}

/// A filter that opens encrypted connections shows a certificate of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_shows_its_own_certificate_is_named_as_such() {
    let internet = Internet::start();
    internet.put("localhost", Site::streams());
    let filter = format!("https://localhost:{}", internet.port());
    let harness = Harness::behind(FakeAmazon::start().await, filter).await;
    let (_, begun) = harness.post("/v1/amazon/login", &json!({})).await;
    let address = harness.amazon.sign_in(begun["url"].as_str().unwrap()).await;
    let (status, refused) = harness.post("/v1/amazon/login/complete", &json!({ "address": address })).await;
    let said = refused["error"]["message"].as_str().unwrap();
    assert!((500..=504).contains(&status), "{status} {refused}");
    assert!(said.contains("certificate") && said.contains("is not accepted"), "{refused}");
    assert!(!said.contains("cannot be reached"), "{refused}");
    assert_eq!(internet.all_requests(), [], "nothing was sent");
}
