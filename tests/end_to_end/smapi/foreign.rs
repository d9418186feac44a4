//! Skills of the account that are not ours.

use ma_alexa::config::SkillId;
use ma_alexa::smapi::StepKind;
use serde_json::{Value, json};

use super::harness::{FUNCTION, Harness, failure, spec, spec_for};

fn manifest(name: &str, endpoint: &str) -> Value {
    let mut endpoint_of = json!({ "uri": endpoint });
    if endpoint.starts_with("https:") {
        endpoint_of["sslCertificateType"] = json!("Trusted");
    }
    json!({
        "manifestVersion": "1.0",
        "publishingInformation": { "locales": { "de-DE": { "name": name } } },
        "apis": { "custom": { "endpoint": endpoint_of } },
    })
}

#[tokio::test]
async fn no_other_skill_of_the_account_is_deleted_or_taken() {
    let harness = Harness::signed_in().await;
    let near = format!("{FUNCTION}-2");
    harness.amazon.behave(|quirks| quirks.smapi.page_size = 2);
    for endpoint in ["https://other.example.org/alexa", &near, "https://third.example.org/"] {
        harness.amazon.add_skill(manifest("Music Assistant", endpoint));
    }
    let mut without = manifest("Music Assistant", "");
    without["apis"]["custom"] = json!({});
    harness.amazon.add_skill(without);
    let before = harness.amazon.skills();
    let state = harness.set_up(&spec()).await;
    assert!(state.succeeded(), "{state:#?}");
    let after = harness.amazon.skills();
    assert_eq!((before.len(), after.len()), (4, 5));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(
            (&before.id, &before.manifest, before.enabled),
            (&after.id, &after.manifest, after.enabled)
        );
        assert!(after.models.is_empty());
    }
    assert!(!harness.writes().iter().any(|write| write.starts_with("DELETE")));
    let own = state.skill_id().unwrap().as_str();
    assert!(harness.writes().iter().all(|write| write == "POST /v1/skills" || write.contains(own)));
}

#[tokio::test]
async fn the_skill_with_exactly_our_endpoint_is_taken_at_any_place_in_the_list() {
    let harness = Harness::signed_in().await;
    harness.amazon.behave(|quirks| quirks.smapi.page_size = 3);
    for number in 0..11 {
        harness.amazon.add_skill(manifest("Music Assistant", &format!("https://{number}.example.org/")));
    }
    let ours = harness.amazon.add_skill(manifest("Something else", FUNCTION));
    harness.amazon.add_skill(manifest("Music Assistant", "https://last.example.org/"));
    assert_eq!(harness.manager.plan(&spec()).await.unwrap().skill_id.unwrap().as_str(), ours);
    let state = harness.set_up(&spec()).await;
    assert!(state.succeeded(), "{state:#?}");
    assert_eq!(state.skill_id().map(SkillId::as_str), Some(ours.as_str()));
    assert_eq!(harness.amazon.skills().len(), 13);
}

#[tokio::test]
async fn the_skill_of_another_program_at_our_address_is_taken_and_updated() {
    let harness = Harness::signed_in().await;
    harness.amazon.add_skill(manifest("Music Assistant", "https://skill.example.org.evil.example"));
    // The Python prototype leaves out the slash.
    let old = harness.amazon.add_skill(manifest("Music Assistant", "https://skill.example.org"));
    let state = harness.set_up(&spec_for("https://skill.example.org/", &["en-US"])).await;
    assert!(state.succeeded(), "{state:#?}");
    assert_eq!(state.skill_id().map(SkillId::as_str), Some(old.as_str()));
    let skills = harness.amazon.skills();
    let taken = skills.iter().find(|skill| skill.id == old).unwrap();
    assert_eq!(taken.manifest["apis"]["custom"]["endpoint"]["uri"], "https://skill.example.org/");
    assert_eq!(skills.len(), 2);
}

#[tokio::test]
async fn a_known_skill_that_is_gone_is_created_again_and_one_of_another_account_is_not() {
    let gone = "amzn1.ask.skill.11111111-2222-4333-8444-555555555555";
    let harness = Harness::with_skill_id(Some(gone)).await;
    harness.sign_in().await;
    let state = harness.set_up(&spec()).await;
    assert!(state.succeeded(), "{state:#?}");
    assert_ne!(state.skill_id().map(SkillId::as_str), Some(gone));

    let harness = Harness::with_skill_id(Some(gone)).await;
    harness.sign_in().await;
    harness.amazon.behave(|quirks| {
        quirks.smapi.foreign.insert(gone.to_owned());
    });
    let state = harness.set_up(&spec()).await;
    assert_eq!(failure(&state, &StepKind::Skill), "forbidden");
    assert!(harness.amazon.skills().is_empty());
}

#[tokio::test]
async fn a_skill_that_is_deleted_meanwhile_is_created_again() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec()).await.succeeded());
    let first = harness.only_skill().id;
    harness.manager.start(&spec_for(FUNCTION, &["de-DE"])).await.unwrap();
    harness.manager.advance().await.unwrap();
    harness.amazon.delete_skill(&first);
    let state = harness.drive().await;
    let next = harness.only_skill().id;
    assert_ne!(first, next);
    if state.skill_id().map(SkillId::as_str) == Some(first.as_str()) {
        assert!(!state.succeeded(), "it was gone after the last step: {state:#?}");
    }
}

#[tokio::test]
async fn of_several_vendors_the_one_that_the_person_owns_is_chosen() {
    let harness = Harness::signed_in().await;
    harness.amazon.behave(|quirks| {
        quirks.smapi.vendors = vec![
            json!({ "id": "M1FRIEND", "name": "A friend", "roles": ["ROLE_MARKETER"] }),
            json!({ "id": "M1OWN", "name": "Kim", "roles": ["ROLE_OWNER"] }),
        ];
    });
    assert!(harness.set_up(&spec()).await.succeeded());
    let created =
        harness.amazon.requests("/v1/skills").into_iter().find(|call| call.method == "POST").unwrap();
    assert_eq!(created.body["vendorId"], "M1OWN");
    harness.amazon.behave(|quirks| quirks.smapi.vendors.clear());
    let state = harness.set_up(&spec()).await;
    assert_eq!(failure(&state, &StepKind::Vendor), "no-vendor");
    assert!(harness.manager.plan(&spec()).await.is_ok(), "a known skill needs no vendor to be looked at");
}
