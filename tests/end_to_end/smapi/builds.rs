//! Builds of models, and tests of sentences.

use ma_alexa::smapi::{StepKind, StepState};
use serde_json::json;

use super::harness::{FUNCTION, Harness, build, failure, sentences, spec, spec_for, step};

#[tokio::test]
async fn an_older_build_or_that_of_another_locale_does_not_count() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec()).await.succeeded());
    let mut other = spec();
    other.invocation_name = "my music".parse().unwrap();
    harness.amazon.behave(|quirks| {
        quirks.smapi.status_lags = 3;
        quirks.smapi.build_fails.insert("de-DE".to_owned(), "The sample is not valid".to_owned());
    });
    let state = harness.set_up(&other).await;
    assert_eq!(failure(&state, &build("de-DE")), "build-failed");
    let problem = step(&state, &build("de-DE")).problem.clone().unwrap();
    assert_eq!(problem.details["locale"], "de-DE");
    assert_eq!(problem.details["reason"], "The sample is not valid");
    assert_eq!(step(&state, &build("en-US")).state, StepState::Done);
    assert_eq!(step(&state, &sentences("en-US")).state, StepState::Done, "the others go on");
    assert_eq!(step(&state, &sentences("de-DE")).state, StepState::Waiting);
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
    let state = harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await;
    assert_eq!(failure(&state, &build("de-DE")), "build-slow");
    assert_eq!(step(&state, &StepKind::Testing).state, StepState::Waiting, "there is nothing to test");
    assert_eq!(step(&state, &StepKind::Remember).state, StepState::Done);
}

#[tokio::test]
async fn each_sentence_that_lands_elsewhere_is_named() {
    let harness = Harness::signed_in().await;
    harness.amazon.behave(|quirks| {
        let mishears = &mut quirks.smapi.mishears;
        mishears.insert("spiele audio".to_owned(), "AMAZON.FallbackIntent".to_owned());
        mishears.insert("hebe die nadel hoch".to_owned(), "PlayAudio".to_owned());
    });
    let state = harness.set_up(&spec()).await;
    assert_eq!(failure(&state, &sentences("de-DE")), "sentence-elsewhere");
    let step = step(&state, &sentences("de-DE"));
    let all: Vec<_> = step.problem.iter().chain(&step.more).map(|problem| problem.details.clone()).collect();
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
