//! Whichever peer is silent, every route and every page has an answer in time.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

mod harness;
mod routes;

use std::time::Duration;

use self::harness::{Answered, Harness, Silent};
use self::routes::Route;

/// A shorter one than that of real requests, so that the tests take no longer. Half of it may be spent on asking.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long an answer may take, on a machine that has much to do.
const LONGEST: Duration = Duration::from_secs(12);

/// Asks every route in a household of its own, all at once.
async fn ask_all(silent: Silent) -> Vec<(Route, Answered)> {
    let mut asked = tokio::task::JoinSet::new();
    for route in routes::all() {
        asked.spawn(async move {
            let answered = Harness::start(silent).await.ask(&route).await;
            (route, answered)
        });
    }
    asked.join_all().await
}

/// What took too long, or has no answer that says anything.
fn late(silent: Silent, answers: &[(Route, Answered)]) -> Vec<String> {
    let is_bad = |answered: &Answered| answered.took > LONGEST || answered.status == 0;
    let bad = answers.iter().filter(|(_, answered)| is_bad(answered));
    bad.map(|(route, answered)| format!("{silent:?}: {route:?}: {answered:?}")).collect()
}

async fn every_route_answers_while(silent: Silent) -> Vec<(Route, Answered)> {
    let answers = ask_all(silent).await;
    assert!(answers.len() > 60, "{} routes", answers.len());
    assert_eq!(late(silent, &answers), Vec::<String>::new());
    answers
}

/// That requests get as far as what they are for. A password is asked for where no other one is of use.
fn assert_are_served(answers: &[(Route, Answered)]) {
    for (route, answered) in answers {
        let is_refused = matches!(answered.status, 401 | 403 | 405 | 413 | 415 | 421)
            || answered.status == 400 && (!route.is_page || answered.text.contains("That cannot be read"));
        let needs_form = ["/login", "/link"].contains(&route.path.as_str());
        assert!(!is_refused || needs_form, "{route:?} is refused too early: {answered:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_while_all_are_there() {
    assert_are_served(&every_route_answers_while(Silent::None).await);
}

/// What is known is in the answer: none is given up as a whole.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_while_amazon_is_silent() {
    let answers = every_route_answers_while(Silent::Amazon).await;
    assert_are_served(&answers);
    for (route, answered) in &answers {
        let is_given_up = ["took_too_long", "took too long"].iter().any(|said| answered.text.contains(said));
        assert!(answered.status != 504 || !is_given_up, "{route:?}: {answered:?}");
    }
    let state = answers.iter().find(|(route, _)| route.path == "/v1/devices/G0KITCHEN" && route.is_get());
    let (_, state) = state.unwrap();
    assert_eq!(state.status, 200, "{state:?}");
    assert!(state.text.contains("amazon_unavailable") && state.text.contains("Küche"), "{state:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_while_music_assistant_is_silent() {
    assert_are_served(&every_route_answers_while(Silent::MusicAssistant).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_while_the_store_is_silent() {
    every_route_answers_while(Silent::Store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_while_the_secrets_are_silent() {
    every_route_answers_while(Silent::Secrets).await;
}

/// A function is cut off after 29 seconds, without an answer.
#[test]
fn a_real_request_has_an_answer_before_a_function_is_cut_off() {
    assert_eq!(ma_alexa::deadline::REQUEST, Duration::from_secs(25));
}
