//! Inspection of the skill, and its access token.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

use std::time::{Duration, Instant};

use end_to_end::amazon::{Call, FakeAmazon, Fault};
use ma_alexa::config::Settings;
use ma_alexa::smapi::{BuildStatus, SmapiError, Target};
use serde_json::{Value, json};

use super::harness::{FUNCTION, Harness, spec_for};

fn manifest() -> Value {
    json!({
        "manifestVersion": "1.0",
        "publishingInformation": { "locales": { "de-DE": { "name": "Musik" }, "en-US": { "name": "Music" } } },
        "apis": { "custom": { "endpoint": { "uri": FUNCTION } } },
    })
}

fn model(name: &str) -> Value {
    json!({ "languageModel": { "invocationName": name, "intents": [{ "name": "PlayAudio", "samples": [] }] } })
}

fn skill(amazon: &FakeAmazon) -> String {
    let id = amazon.add_skill(manifest());
    amazon.change_skill(&id, |skill| {
        skill.enabled = true;
        skill.put_model("de-DE", model("meine musik"));
    });
    id
}

async fn remember(harness: &Harness, ids: &[&str]) {
    let skill_ids = ids.iter().map(|id| (*id).into()).collect();
    harness.store.put_settings(&Settings { skill_ids, ..Settings::default() }).await.unwrap();
}

#[tokio::test]
async fn a_known_skill_is_shown_as_it_is() {
    let harness = Harness::signed_in().await;
    assert_eq!(harness.manager.inspect().await.unwrap(), None);
    skill(&harness.amazon);
    assert_eq!(harness.manager.inspect().await.unwrap(), None, "no skill of the list is taken for ours");
    let id = skill(&harness.amazon);
    remember(&harness, &["amzn1.ask.skill.00000000-0000-0000-0000-000000000000", &id]).await;
    let facts = harness.manager.inspect().await.unwrap().unwrap();
    assert_eq!(facts.id.as_str(), id);
    assert_eq!((facts.endpoint.as_deref(), facts.certificate.as_deref()), (Some(FUNCTION), None));
    assert!(facts.testing);
    let locale = |name: &str| facts.locales[name].clone();
    assert_eq!(
        (locale("de-DE").build, locale("de-DE").invocation_name.unwrap().as_str()),
        (BuildStatus::Succeeded, "meine musik")
    );
    assert_eq!((locale("en-US").build, locale("en-US").invocation_name), (BuildStatus::Missing, None));
    assert!(harness.writes().is_empty());
    assert!(harness.amazon.violations().is_empty());
}

#[tokio::test]
async fn the_environment_goes_before_the_settings() {
    let amazon_id = "amzn1.ask.skill.11111111-2222-4333-8444-555555555555";
    let harness = Harness::with_skill_id(Some(amazon_id)).await;
    harness.sign_in().await;
    let other = skill(&harness.amazon);
    remember(&harness, &[&other]).await;
    assert_eq!(harness.manager.inspect().await.unwrap().unwrap().id.as_str(), other);
    let named = harness.amazon.add_skill(manifest());
    harness.amazon.change_skill(&named, |skill| amazon_id.clone_into(&mut skill.id));
    assert_eq!(harness.manager.inspect().await.unwrap().unwrap().id.as_str(), amazon_id);
}

/// The most of these requests at the same time.
fn at_once(calls: &[Call]) -> usize {
    let during =
        |at: Instant| calls.iter().filter(|call| call.arrived <= at && call.ended.unwrap() > at).count();
    calls.iter().map(|call| during(call.arrived)).max().unwrap_or(0)
}

#[tokio::test]
async fn models_are_asked_for_a_few_at_a_time_and_the_status_once() {
    let harness = Harness::signed_in().await;
    let all: Vec<&str> = ma_alexa::voice::locales().collect();
    let id = skill(&harness.amazon);
    remember(&harness, &[&id]).await;
    harness
        .amazon
        .change_skill(&id, |skill| all.iter().for_each(|locale| skill.put_model(locale, model("x"))));
    let models = format!("/v1/skills/{id}/stages/development/interactionModel");
    harness.amazon.fault(&models, Fault::Slow(Duration::from_millis(50)), usize::MAX);
    for number in 1..=2 {
        if number == 1 {
            assert_eq!(harness.manager.inspect().await.unwrap().unwrap().locales.len(), all.len());
        } else {
            let plan = harness.manager.plan(&spec_for(FUNCTION, &all)).await.unwrap();
            let models = plan.changes.iter().filter_map(|change| match &change.target {
                Target::Model { locale } => Some(locale.as_str()),
                _ => None,
            });
            assert_eq!(models.collect::<Vec<_>>(), all, "in the order of the spec");
        }
        let calls = harness.amazon.requests(&models);
        assert_eq!(calls.len(), number * all.len());
        assert_eq!(at_once(&calls[(number - 1) * all.len()..]), 4);
        assert_eq!(harness.amazon.requests(&format!("/v1/skills/{id}/status")).len(), number);
    }
}

#[tokio::test]
async fn a_skill_of_another_account_does_not_hide_the_one_that_serves() {
    let foreign = "amzn1.ask.skill.11111111-2222-4333-8444-555555555555";
    let harness = Harness::with_skill_id(Some(foreign)).await;
    harness.sign_in().await;
    harness.amazon.behave(|quirks| {
        quirks.smapi.foreign.insert(foreign.to_owned());
    });
    assert_eq!(harness.manager.inspect().await.unwrap_err().code(), "forbidden", "there is no other");
    let own = skill(&harness.amazon);
    remember(&harness, &[&own]).await;
    assert_eq!(harness.manager.inspect().await.unwrap().unwrap().id.as_str(), own);
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end_and_when_it_is_refused() {
    let harness = Harness::signed_in().await;
    let renewals = |harness: &Harness| {
        let calls = harness.amazon.requests("/auth/o2/token");
        calls.iter().filter(|call| call.body["grant_type"] == "refresh_token").count()
    };
    remember(&harness, &[&skill(&harness.amazon)]).await;
    harness.amazon.behave(|quirks| quirks.rotates_lwa = true);
    harness.manager.inspect().await.unwrap();
    assert_eq!(renewals(&harness), 0);
    let before = harness.secret()["developer"]["refresh_token"].clone();
    harness.clock.advance(Duration::from_mins(56));
    harness.manager.inspect().await.unwrap();
    assert_eq!(renewals(&harness), 1, "four minutes are left");
    assert_ne!(harness.secret()["developer"]["refresh_token"], before, "the new one is kept");
    harness.amazon.expire_lwa();
    harness.manager.inspect().await.unwrap();
    assert_eq!(renewals(&harness), 2, "a 401 renews once");
    harness.amazon.fault("/v1/skills", Fault::Unauthorized, usize::MAX);
    assert_eq!(harness.manager.inspect().await.unwrap_err().code(), "token-refused");
    assert_eq!(renewals(&harness), 3, "and not again and again");
}

#[tokio::test]
async fn a_refresh_token_is_kept_after_its_caller_went_away() {
    let harness = Harness::signed_in().await;
    remember(&harness, &[&skill(&harness.amazon)]).await;
    harness.amazon.behave(|quirks| quirks.rotates_lwa = true);
    let before = harness.secret()["developer"]["refresh_token"].clone();
    harness.clock.advance(Duration::from_mins(56));
    harness.amazon.fault("/auth/o2/token", Fault::Slow(Duration::from_millis(100)), 1);
    let manager = harness.manager.clone();
    let looking = tokio::spawn(async move { manager.inspect().await });
    harness.amazon.wait_for("/auth/o2/token", 2).await;
    looking.abort();
    assert!(looking.await.unwrap_err().is_cancelled(), "Amazon had not answered yet");
    harness.wait_until(|secret| secret["developer"]["refresh_token"] != before).await;
    assert!(harness.manager.inspect().await.unwrap().is_some());
    assert_eq!(harness.amazon.requests("/auth/o2/token").len(), 2, "it is renewed once");
}

#[tokio::test]
async fn a_session_that_amazon_ended_says_so_until_the_next_sign_in() {
    let harness = Harness::signed_in().await;
    remember(&harness, &[&skill(&harness.amazon)]).await;
    harness.amazon.revoke_lwa();
    harness.amazon.expire_lwa();
    for _ in 0..2 {
        let error = harness.manager.inspect().await.unwrap_err();
        assert!(
            matches!(&error, SmapiError::SignInAgain(ended) if ended.reason == "invalid_grant"),
            "{error}"
        );
    }
    assert_eq!(harness.manager.login().status().await.unwrap().ended.unwrap().reason, "invalid_grant");
    let asked = harness.amazon.requests("/auth/o2/token").len();
    assert!(harness.manager.inspect().await.is_err());
    assert_eq!(harness.amazon.requests("/auth/o2/token").len(), asked, "no request is sent in vain");
    harness.sign_in().await;
    assert!(harness.manager.inspect().await.unwrap().is_some());
}

#[tokio::test]
async fn a_missing_sign_in_comes_before_a_missing_skill() {
    let harness = Harness::start().await;
    assert_eq!(harness.manager.inspect().await.unwrap_err().code(), "not-signed-in");
}
