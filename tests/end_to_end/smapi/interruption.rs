//! Interruptions at any request: a set-up that is run again makes one skill.

use std::time::Duration;

use end_to_end::amazon::Fault;
use ma_alexa::config::SkillId;
use ma_alexa::smapi::Provisioning;

use super::harness::{FUNCTION, Harness, spec_for};

/// The least requests of a whole set-up.
const AT_LEAST: usize = 15;

async fn requests_of_a_set_up() -> usize {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await.succeeded());
    harness.amazon.requests("/v1/").len()
}

fn assert_one(harness: &Harness, state: &Provisioning, after: usize) {
    assert!(state.succeeded(), "cut after {after} requests: {state:#?}");
    let skill = harness.only_skill();
    assert_eq!(state.skill_id().map(SkillId::as_str), Some(skill.id.as_str()), "cut after {after}");
    assert!(skill.enabled, "cut after {after}");
    let granted = harness.permission.granted().len();
    assert_eq!(granted, 1, "cut after {after}");
    let creations = harness.writes().iter().filter(|write| *write == "POST /v1/skills").count();
    assert_eq!(creations, 1, "cut after {after}");
}

/// A function that is frozen or killed never sees the response to its request.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_at_any_request_leaves_one_skill() {
    let total = requests_of_a_set_up().await;
    assert!(total >= AT_LEAST, "{total}");
    for after in 0..total {
        let harness = Harness::signed_in().await;
        // Lists lag behind, as they do where skills are just made.
        harness.amazon.behave(|quirks| quirks.smapi.list_lags = 1);
        harness.amazon.fault_after(after, "/v1/", Fault::DoneWithoutAnswer, 1);
        harness.manager.start(&spec_for(FUNCTION, &["de-DE"])).await.unwrap();
        let doomed = harness.another_process();
        let clock = harness.clock.clone();
        let killed = tokio::spawn(async move {
            loop {
                let state = doomed.advance().await.unwrap().unwrap();
                if state.finished_at.is_some() {
                    break;
                }
                clock.advance(Duration::from_secs(11));
            }
        });
        harness.amazon.wait_for("/v1/", after + 1).await;
        // The request is done a moment after it came.
        tokio::time::sleep(Duration::from_millis(20)).await;
        killed.abort();
        assert!(killed.await.is_err(), "it was at work");
        harness.amazon.heal();
        harness.clock.advance(Duration::from_mins(1));
        let state = harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await;
        assert_one(&harness, &state, after);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_at_any_request_leaves_one_skill() {
    let total = requests_of_a_set_up().await;
    for after in 0..total {
        let harness = Harness::signed_in().await;
        harness.amazon.behave(|quirks| quirks.smapi.list_lags = 2);
        harness.amazon.fault_after(after, "/v1/", Fault::AnswerLost, 1);
        let state = harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await;
        assert_one(&harness, &state, after);
    }
}
