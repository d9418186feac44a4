//! Errors of Amazon: their codes, their retries, and another start after them.

use end_to_end::amazon::{Fault, Throttle};
use ma_alexa::clock::Clock as _;
use ma_alexa::smapi::{PermissionError, StepKind, StepState};

use super::harness::{FUNCTION, Harness, failure, spec, spec_for, step};

/// A transient error is retried, at any request.
#[tokio::test(flavor = "multi_thread")]
async fn a_transient_error_is_retried() {
    let faults = [
        Fault::Throttled(Throttle::Status),
        Fault::Throttled(Throttle::RetryAfter(30)),
        Fault::Unavailable,
        Fault::ServerError,
        Fault::Conflict,
        Fault::Closed,
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        for after in (number..24).step_by(5) {
            let harness = Harness::signed_in().await;
            harness.amazon.fault_after(after, "/v1/", fault, 2);
            let state = harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await;
            assert!(state.succeeded(), "{fault:?} after {after}: {state:#?}");
            assert_eq!(harness.amazon.skills().len(), 1, "{fault:?} after {after}");
        }
    }
}

#[tokio::test]
async fn a_throttle_is_kept_to() {
    let harness = Harness::signed_in().await;
    harness.amazon.fault("/v1/vendors", Fault::Throttled(Throttle::RetryAfter(77)), 1);
    harness.manager.start(&spec()).await.unwrap();
    let state = harness.manager.advance().await.unwrap().unwrap();
    let wait = state.retry.not_before.unwrap().since(harness.clock.now()).as_secs();
    assert!((70..=77).contains(&wait), "{wait}");
    let vendor = step(&state, &StepKind::Vendor);
    assert_eq!(
        (vendor.state, vendor.problem.as_ref().unwrap().code.as_str()),
        (StepState::Running, "throttled")
    );
    let asked = harness.amazon.requests("/v1/").len();
    harness.manager.advance().await.unwrap();
    assert_eq!(harness.amazon.requests("/v1/").len(), asked, "nothing is sent before");
    assert!(harness.drive().await.succeeded());
}

#[tokio::test]
async fn an_error_that_lasts_ends_with_its_own_code() {
    let cases = [
        (Fault::Unavailable, "amazon-unavailable"),
        (Fault::Conflict, "busy"),
        (Fault::Closed, "no-answer"),
        (Fault::Throttled(Throttle::Status), "throttled"),
        (Fault::PreconditionFailed, "changed-meanwhile"),
        (Fault::Violations, "not-accepted"),
        (Fault::Forbidden, "forbidden"),
        (Fault::Unauthorized, "token-refused"),
        (Fault::Html, "amazon-changed"),
        (Fault::Malformed, "amazon-changed"),
    ];
    for (fault, code) in cases {
        let harness = Harness::signed_in().await;
        harness.amazon.fault("/v1/vendors", fault, usize::MAX);
        let state = harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await;
        assert_eq!(failure(&state, &StepKind::Vendor), code, "{fault:?}");
        harness.amazon.heal();
        assert!(harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await.succeeded(), "it can be started again");
    }
}

#[tokio::test]
async fn a_manifest_that_is_changed_elsewhere_is_read_again() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec()).await.succeeded());
    let id = harness.only_skill().id;
    harness
        .amazon
        .change_skill(&id, |skill| skill.manifest["apis"]["custom"]["interfaces"] = serde_json::json!([]));
    let path = format!("/v1/skills/{id}/stages/development/manifest");
    // Two reads come first: to find the skill, and to see its manifest.
    harness.amazon.fault_after(2, &path, Fault::PreconditionFailed, 1);
    assert!(harness.set_up(&spec()).await.succeeded());
    let puts = harness.amazon.requests(&path).into_iter().filter(|call| call.method == "PUT");
    let puts: Vec<_> = puts.collect();
    assert_eq!(puts.last().unwrap().status, Some(202));
    assert!(puts.iter().all(|put| put.headers.contains_key("if-match")));
    assert!(puts.iter().any(|put| put.status == Some(412)));
}

#[tokio::test]
async fn a_scope_that_is_missing_and_an_end_of_the_session_are_named() {
    let harness = Harness::signed_in().await;
    harness.amazon.behave(|quirks| quirks.smapi.withheld_scope = Some("alexa::ask:models:readwrite"));
    let state = harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await;
    assert_eq!(failure(&state, &StepKind::Model { locale: "de-DE".to_owned() }), "forbidden");
    harness.amazon.behave(|quirks| quirks.smapi.withheld_scope = None);
    harness.manager.start(&spec_for(FUNCTION, &["de-DE"])).await.unwrap();
    harness.amazon.revoke_lwa();
    harness.amazon.expire_lwa();
    let state = harness.drive().await;
    assert_eq!(failure(&state, &StepKind::Vendor), "sign-in-again");
    assert_eq!(harness.manager.start(&spec()).await.unwrap_err().code(), "sign-in-again");
}

#[tokio::test]
async fn a_deployment_that_may_not_let_alexa_in_says_which_skill_it_is_about() {
    let harness = Harness::signed_in().await;
    let denied = PermissionError::Denied("not authorized to perform: lambda:AddPermission".to_owned());
    harness.permission.refuse(Some(denied));
    let state = harness.set_up(&spec()).await;
    assert_eq!(failure(&state, &StepKind::Permission), "permission-denied");
    let problem = step(&state, &StepKind::Permission).problem.clone().unwrap();
    assert_eq!(problem.details["skill"], harness.only_skill().id);
    assert_eq!(step(&state, &StepKind::Manifest).state, StepState::Waiting);
    // After a deployment with the right, the same skill goes on.
    harness.permission.refuse(None);
    assert!(harness.set_up(&spec()).await.succeeded());
    assert_eq!(harness.amazon.skills().len(), 1);
}

#[tokio::test]
async fn a_skill_that_was_made_for_another_address_is_taken_and_no_second_one_made() {
    let harness = Harness::signed_in().await;
    harness.permission.refuse(Some(PermissionError::Denied("lambda:AddPermission".to_owned())));
    for _ in 0..2 {
        let state = harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await;
        assert_eq!(failure(&state, &StepKind::Permission), "permission-denied");
    }
    let made = harness.only_skill().id;
    let elsewhere = spec_for("https://skill.example.org/alexa", &["de-DE"]);
    assert_eq!(harness.manager.plan(&elsewhere).await.unwrap().skill_id.unwrap().as_str(), made);
    assert!(harness.set_up(&elsewhere).await.succeeded());
    let skill = harness.only_skill();
    assert_eq!(skill.id, made);
    assert_eq!(skill.manifest["apis"]["custom"]["endpoint"]["uri"], "https://skill.example.org/alexa");
}

#[tokio::test]
async fn a_skill_whose_making_was_never_answered_is_found_under_another_address() {
    let harness = Harness::signed_in().await;
    harness.amazon.behave(|quirks| quirks.smapi.list_lags = 1);
    harness.manager.start(&spec_for(FUNCTION, &["de-DE"])).await.unwrap();
    // The vendors and the list of skills come before the skill is made.
    harness.amazon.fault_after(2, "/v1/", Fault::AnswerLost, 1);
    harness.manager.advance().await.unwrap();
    let made = harness.only_skill().id;
    let state = harness.set_up(&spec_for("https://skill.example.org/alexa", &["de-DE"])).await;
    assert!(state.succeeded(), "{state:#?}");
    assert_eq!(harness.only_skill().id, made);
}

#[tokio::test]
async fn a_manifest_that_amazon_refuses_later_fails_with_its_reason() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await.succeeded());
    harness.amazon.behave(|quirks| quirks.smapi.manifest_fails = Some("The name is taken".to_owned()));
    let state = harness.set_up(&spec()).await;
    assert_eq!(failure(&state, &StepKind::Manifest), "manifest-failed");
    let problem = step(&state, &StepKind::Manifest).problem.clone().unwrap();
    assert_eq!(problem.details["reason"], "The name is taken");
}

#[tokio::test]
async fn without_a_language_or_a_person_nothing_begins() {
    let harness = Harness::start().await;
    assert_eq!(harness.manager.start(&spec()).await.unwrap_err().code(), "not-signed-in");
    assert_eq!(harness.manager.plan(&spec()).await.unwrap_err().code(), "not-signed-in");
    harness.sign_in().await;
    assert_eq!(harness.manager.start(&spec_for(FUNCTION, &[])).await.unwrap_err().code(), "no-locale");
    assert_eq!(harness.manager.advance().await.unwrap(), None);
    assert_eq!(harness.manager.status().await.unwrap(), None);
}
