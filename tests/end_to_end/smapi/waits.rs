//! Waits for a slow Amazon, and a person who presses the button again.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

use std::time::Duration;

use end_to_end::amazon::Fault;
use ma_alexa::clock::Clock as _;
use ma_alexa::smapi::{Provisioning, StepKind};
use ma_alexa::store::Document;

use super::harness::{FUNCTION, Harness, failure, spec_for, step};

/// Advances for a while, or until no step is left.
async fn drive_for(harness: &Harness, span: Duration) -> Provisioning {
    let began = harness.clock.now();
    loop {
        let state = harness.manager.advance().await.unwrap().unwrap();
        if state.finished_at.is_some() || harness.clock.now().since(began) >= span {
            return state;
        }
        harness.wait_for(&state);
    }
}

/// A household with its skill.
async fn with_a_skill() -> (Harness, String) {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await.succeeded());
    let id = harness.only_skill().id;
    (harness, id)
}

#[tokio::test]
async fn a_new_skill_that_never_comes_is_given_up() {
    let harness = Harness::signed_in().await;
    harness.amazon.behave(|quirks| quirks.smapi.manifest_polls = usize::MAX);
    let state = harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await;
    assert_eq!(failure(&state, &StepKind::Skill), "skill-slow");
    let took = state.finished_at.unwrap().since(state.started_at);
    assert!((Duration::from_mins(15)..Duration::from_mins(16)).contains(&took), "{took:?}");
    // It came after all: it is taken, and no second one is made.
    harness.amazon.behave(|quirks| quirks.smapi.manifest_polls = 1);
    let id = harness.only_skill().id;
    harness.amazon.change_skill(&id, |skill| skill.change_manifest(0));
    assert!(harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await.succeeded());
    assert_eq!(harness.amazon.skills().len(), 1);
}

#[tokio::test]
async fn changes_of_others_without_end_are_not_waited_for() {
    let (harness, id) = with_a_skill().await;
    harness.amazon.change_skill(&id, |skill| skill.change_manifest(usize::MAX));
    let state = harness.set_up(&spec_for(FUNCTION, &["de-DE", "en-US"])).await;
    assert_eq!(failure(&state, &StepKind::Manifest), "manifest-slow");

    let (harness, id) = with_a_skill().await;
    harness.amazon.change_skill(&id, |skill| skill.build_model("en-US", usize::MAX, None));
    let state = harness.set_up(&spec_for(FUNCTION, &["de-DE", "en-US"])).await;
    let model = StepKind::Model { locale: "en-US".to_owned() };
    assert_eq!(failure(&state, &model), "model-slow");
    assert_eq!(step(&state, &model).problem.as_ref().unwrap().details["locale"], "en-US");
}

#[tokio::test]
async fn pressing_the_button_again_gives_more_time() {
    let (harness, id) = with_a_skill().await;
    harness.amazon.change_skill(&id, |skill| skill.change_manifest(usize::MAX));
    let spec = spec_for(FUNCTION, &["de-DE", "en-US"]);
    harness.manager.start(&spec).await.unwrap();
    for _ in 0..2 {
        let state = drive_for(&harness, Duration::from_mins(14)).await;
        assert_eq!(state.finished_at, None, "{state:#?}");
        harness.manager.start(&spec).await.unwrap();
    }
    harness.amazon.change_skill(&id, |skill| skill.change_manifest(0));
    assert!(harness.drive().await.succeeded());
}

#[tokio::test]
async fn pressing_the_button_again_gives_more_attempts() {
    let harness = Harness::signed_in().await;
    // Two more than a state has attempts.
    harness.amazon.fault("/v1/vendors", Fault::Unavailable, 10);
    let spec = spec_for(FUNCTION, &["de-DE"]);
    harness.manager.start(&spec).await.unwrap();
    for _ in 0..8 {
        let state = harness.manager.advance().await.unwrap().unwrap();
        assert_eq!(state.finished_at, None);
        harness.wait_for(&state);
    }
    harness.manager.start(&spec).await.unwrap();
    assert!(harness.drive().await.succeeded());
}

#[tokio::test]
async fn pressing_the_button_again_does_not_disturb_the_process_that_works() {
    let harness = Harness::signed_in().await;
    let spec = spec_for(FUNCTION, &["de-DE"]);
    harness.manager.start(&spec).await.unwrap();
    harness.amazon.fault("/v1/vendors", Fault::NoAnswer, 1);
    let (worker, store) = (harness.another_process(), harness.store.clone());
    let works = tokio::spawn(async move { worker.advance().await });
    harness.amazon.wait_for("/v1/vendors", 1).await;
    let before = store.document(Document::Provisioning).await.unwrap().unwrap().revision;
    harness.manager.start(&spec).await.unwrap();
    assert_eq!(store.document(Document::Provisioning).await.unwrap().unwrap().revision, before);
    works.abort();
}
