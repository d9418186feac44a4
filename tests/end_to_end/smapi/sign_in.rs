//! Sign-in to the developer account.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

use std::time::Duration;

use end_to_end::amazon::Fault;
use ma_alexa::smapi::SecurityProfile;
use serde_json::Value;
use url::Url;

use super::harness::{Harness, RETURN};

async fn code_of(harness: &Harness, address: &str) -> &'static str {
    harness.manager.login().complete(address).await.unwrap_err().code()
}

#[tokio::test]
async fn a_person_signs_in_and_out() {
    let harness = Harness::start().await;
    let url = harness.manager.login().begin(&harness.profile(), RETURN).await.unwrap();
    let parsed = Url::parse(&url).unwrap();
    assert_eq!((parsed.host_str(), parsed.path()), (Some("www.amazon.com"), "/ap/oa"));
    let of = |name: &str| parsed.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
    assert_eq!((of("response_type").as_str(), of("redirect_uri").as_str()), ("code", RETURN));
    assert_eq!(of("scope"), "alexa::ask:skills:readwrite alexa::ask:models:readwrite alexa::ask:skills:test");
    assert!(of("state").len() >= 43, "256 bits in base64");
    assert!(harness.manager.login().status().await.unwrap().login_began_at.is_some());

    let address = harness.amazon.sign_in(&url).await;
    harness.manager.login().complete(&address).await.unwrap();
    let status = harness.manager.login().status().await.unwrap();
    assert!(status.signed_in && status.ended.is_none() && status.login_began_at.is_none());
    assert_eq!(status.client_id, Some(harness.amazon.lwa().client_id));
    assert_eq!(harness.secret()["developer_login"], Value::Null);

    harness.manager.login().sign_out().await.unwrap();
    assert!(!harness.manager.login().status().await.unwrap().signed_in);
    assert_eq!(harness.manager.login().sign_out().await.unwrap_err().code(), "not-signed-in");
    assert!(harness.amazon.violations().is_empty(), "{:?}", harness.amazon.violations());
}

#[tokio::test]
async fn the_query_of_the_return_page_is_enough() {
    let harness = Harness::start().await;
    let address = harness.agree().await;
    let (_, query) = address.split_once('?').unwrap();
    harness.manager.login().complete(query).await.unwrap();
    let again = format!("?{}", harness.agree().await.split_once('?').unwrap().1);
    harness.manager.login().complete(&again).await.unwrap();
    assert!(harness.manager.login().status().await.unwrap().signed_in);
}

#[tokio::test]
async fn a_browser_that_goes_away_does_not_lose_the_sign_in() {
    let harness = Harness::start().await;
    let address = harness.agree().await;
    harness.amazon.fault("/auth/o2/token", Fault::Slow(Duration::from_millis(100)), 1);
    let manager = harness.manager.clone();
    let browser = tokio::spawn(async move { manager.login().complete(&address).await });
    harness.amazon.wait_for("/auth/o2/token", 1).await;
    browser.abort();
    assert!(browser.await.unwrap_err().is_cancelled(), "Amazon had not answered yet");
    harness.wait_until(|secret| secret["developer"]["refresh_token"].is_string()).await;
    assert!(harness.manager.login().status().await.unwrap().signed_in);
}

#[tokio::test]
async fn an_address_works_once() {
    let harness = Harness::start().await;
    let address = harness.agree().await;
    harness.manager.login().complete(&address).await.unwrap();
    assert_eq!(code_of(&harness, &address).await, "login-used");
    // Also while another sign-in waits, which goes on.
    let next = harness.agree().await;
    assert_eq!(code_of(&harness, &address).await, "login-used");
    harness.manager.login().complete(&next).await.unwrap();
}

#[tokio::test]
async fn a_state_of_another_sign_in_is_refused_and_the_sign_in_goes_on() {
    let harness = Harness::start().await;
    assert_eq!(code_of(&harness, &format!("{RETURN}?code=ANabc&state=x")).await, "login-not-begun");
    let stolen = harness.agree().await;
    let address = harness.agree().await;
    let before = harness.amazon.requests("/auth/o2/token").len();
    assert_eq!(code_of(&harness, &stolen).await, "login-wrong-state");
    assert_eq!(harness.amazon.requests("/auth/o2/token").len(), before, "no code was sent");
    harness.manager.login().complete(&address).await.unwrap();
}

#[tokio::test]
async fn an_address_of_another_page_is_refused_with_its_reason() {
    let harness = Harness::start().await;
    let address = harness.agree().await;
    let (_, query) = address.split_once('?').unwrap();
    let elsewhere = format!("https://www.amazon.com/ap/oa?{query}");
    let twice = format!("{address}&state=other");
    let without_code = format!("{RETURN}?state=abc");
    let cases = [
        (elsewhere.as_str(), "login-address-elsewhere"),
        (RETURN, "login-address-no-state"),
        ("", "login-address-no-state"),
        ("nonsense", "login-address-no-state"),
        (&twice, "login-address-no-state"),
        (&without_code, "login-address-no-code"),
    ];
    for (wrong, code) in cases {
        assert_eq!(code_of(&harness, wrong).await, code, "{wrong}");
    }
    for to in ["home.example.org", "https://home.example.org/?a=b", "https://home.example.org/#a"] {
        let error = harness.manager.login().begin(&harness.profile(), to).await.unwrap_err();
        assert_eq!(error.code(), "login-return-unusable", "{to}");
    }
    harness.manager.login().complete(&format!("  {address}\n")).await.unwrap();
}

#[tokio::test]
async fn a_sign_in_waits_for_half_an_hour() {
    let harness = Harness::start().await;
    let address = harness.agree().await;
    harness.clock.advance(Duration::from_mins(31));
    assert_eq!(code_of(&harness, &address).await, "login-expired");
    assert_eq!(code_of(&harness, &address).await, "login-not-begun");
    assert!(harness.amazon.requests("/auth/o2/token").is_empty());
}

#[tokio::test]
async fn a_refusal_at_amazon_ends_the_sign_in() {
    let harness = Harness::start().await;
    for (word, code) in [("access_denied", "login-denied"), ("invalid_scope", "login-refused")] {
        harness.amazon.behave(|quirks| quirks.lwa_refuses = Some(word));
        let address = harness.agree().await;
        assert_eq!(code_of(&harness, &address).await, code);
        assert_eq!(code_of(&harness, &address).await, "login-not-begun");
    }
}

#[tokio::test]
async fn a_wrong_secret_and_a_code_that_expired_are_told_apart() {
    let harness = Harness::start().await;
    let wrong = SecurityProfile::parse(&harness.amazon.lwa().client_id, "amzn1.oa2-cs.v1.wrong").unwrap();
    let url = harness.manager.login().begin(&wrong, RETURN).await.unwrap();
    let address = harness.amazon.sign_in(&url).await;
    assert_eq!(code_of(&harness, &address).await, "invalid-client");

    let address = harness.agree().await;
    let with_other_code = address.replacen("code=AN", "code=ANx", 1);
    assert_eq!(code_of(&harness, &with_other_code).await, "login-code-refused");

    let address = harness.agree().await;
    harness.amazon.fault("/auth/o2/token", Fault::Unavailable, 1);
    assert_eq!(code_of(&harness, &address).await, "amazon-unavailable");
    harness.sign_in().await;
}

#[test]
fn a_profile_that_cannot_be_one_says_why() {
    let id = "amzn1.application-oa2-client.0123456789abcdef0123456789abcdef";
    let code = |id: &str, secret: &str| {
        let error = SecurityProfile::parse(id, secret).unwrap_err();
        assert!(error.details().is_empty(), "its text says it all, in the language of the page");
        error.code()
    };
    assert_eq!(code("amzn1.ask.skill.1", "s"), "profile-id");
    assert_eq!(code(id, " "), "profile-no-secret");
    assert_eq!(code("amzn1.oa2-cs.v1.x", id), "profile-id-as-secret");
    assert_eq!(code(id, "two words"), "profile-secret");
    assert!(SecurityProfile::parse(&format!(" {id} "), " amzn1.oa2-cs.v1.abc\n").is_ok());
}
