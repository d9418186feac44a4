//! What counts as built, and what sentences come to.

use ma_alexa::smapi::{TaskKind, TaskState};
use serde_json::json;

use super::harness::{FUNCTION, Harness, build, failure, sentences, task, wish, wish_for};

#[tokio::test]
async fn an_older_build_or_that_of_another_locale_does_not_count() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&wish()).await.succeeded());
    let mut other = wish();
    other.invocation_name = "my music".parse().unwrap();
    harness.amazon.behave(|quirks| {
        quirks.smapi.status_lags = 3;
        quirks.smapi.build_fails.insert("de-DE".to_owned(), "The sample is not valid".to_owned());
    });
    let job = harness.set_up(&other).await;
    assert_eq!(failure(&job, &build("de-DE")), "build-failed");
    let problem = task(&job, &build("de-DE")).problem.clone().unwrap();
    assert_eq!(problem.details["locale"], "de-DE");
    assert_eq!(problem.details["reason"], "The sample is not valid");
    assert_eq!(task(&job, &build("en-US")).state, TaskState::Done);
    assert_eq!(task(&job, &sentences("en-US")).state, TaskState::Done, "the others go on");
    assert_eq!(task(&job, &sentences("de-DE")).state, TaskState::Waiting);
    // What failed is written again, though the model is the same.
    harness.amazon.behave(|quirks| quirks.smapi.build_fails.clear());
    let writes = harness.writes().len();
    assert!(harness.set_up(&other).await.succeeded());
    assert_eq!(harness.writes().len(), writes + 1);
}

#[tokio::test]
async fn a_build_without_end_is_given_up() {
    let harness = Harness::signed_in().await;
    harness.amazon.behave(|quirks| quirks.smapi.build_polls = usize::MAX);
    let job = harness.set_up(&wish_for(FUNCTION, &["de-DE"])).await;
    assert_eq!(failure(&job, &build("de-DE")), "build-slow");
    assert_eq!(task(&job, &TaskKind::Testing).state, TaskState::Waiting, "there is nothing to test");
    assert_eq!(task(&job, &TaskKind::Remember).state, TaskState::Done);
}

#[tokio::test]
async fn each_sentence_that_lands_elsewhere_is_named() {
    let harness = Harness::signed_in().await;
    harness.amazon.behave(|quirks| {
        let mishears = &mut quirks.smapi.mishears;
        mishears.insert("spiele audio".to_owned(), "AMAZON.FallbackIntent".to_owned());
        mishears.insert("hebe die nadel hoch".to_owned(), "PlayAudio".to_owned());
    });
    let job = harness.set_up(&wish()).await;
    assert_eq!(failure(&job, &sentences("de-DE")), "sentence-elsewhere");
    let task = task(&job, &sentences("de-DE"));
    let all: Vec<_> = task.problem.iter().chain(&task.more).map(|problem| problem.details.clone()).collect();
    let told: Vec<_> =
        all.iter().map(|details| json!([details["sentence"], details["expected"], details["got"]])).collect();
    assert_eq!(
        told,
        [
            json!(["spiele audio", "PlayAudio", "AMAZON.FallbackIntent"]),
            json!(["hebe die nadel hoch", "MaPause", "PlayAudio"]),
        ]
    );
    let asked = harness.amazon.requests("/v1/skills");
    let asked: Vec<_> = asked.iter().filter(|call| call.path.ends_with("/profileNlu")).collect();
    let of = |locale: &str| {
        let calls = asked.iter().filter(|call| call.path.contains(locale));
        calls.map(|call| call.body["utterance"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let english = [
        "play audio",
        "lift the needle",
        "gather the orchestra",
        "shelve the vinyl",
        "decipher the rune vafab",
        "pair this echo",
    ];
    assert_eq!(of("en-US"), english);
    assert_eq!(of("de-DE").len(), 6);
}
