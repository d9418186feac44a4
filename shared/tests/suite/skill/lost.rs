//! Answers that do not reach the Echo, and the sentence of Music Assistant that comes next.

use ma_alexa::clock::Clock as _;
use ma_alexa::skill::SkillIdPolicy;
use serde_json::json;

use super::envelope::{Envelope, SKILL_ID, is_silent, play, speech};
use super::home::Home;
use crate::api::store::StoreCondition;

/// A request of a session of its own.
fn asks(session: &str) -> Envelope {
    Envelope::play_audio().with("/session/sessionId", json!(format!("amzn1.echo-api.session.{session}")))
}

/// Music Assistant starts the kitchen, and speaks a moment later.
async fn start(home: &Home) {
    home.push("Kitchen", "one").await;
    home.pass(1);
}

#[tokio::test]
async fn a_second_sentence_for_a_start_that_was_given_plays_nothing_more() {
    let home = Home::start();
    start(&home).await;
    home.play(&asks("first")).await;
    home.pass(1);
    assert!(is_silent(&home.ask(&asks("second")).await));
}

#[tokio::test]
async fn a_claim_whose_answer_failed_here_is_given_to_the_next_sentence() {
    let home = Home::start();
    start(&home).await;
    home.store.set_condition(StoreCondition::LosesClaims);
    assert!(!speech(&home.ask(&asks("first")).await).is_empty());
    home.store.set_condition(StoreCondition::Serves);
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "kitchen", "it was written");
    home.pass(1);
    home.play(&asks("second")).await;
    home.pass(1);
    assert!(is_silent(&home.ask(&asks("third")).await), "the second answer went out");
}

#[tokio::test]
async fn a_claim_whose_connection_closed_is_given_to_the_next_sentence() {
    let home = Home::start();
    start(&home).await;
    home.store.set_condition(StoreCondition::KeepsClaims);
    let body = asks("first").at(home.clock.now()).body();
    let is_written = async {
        while home.served_by("Kitchen").await.is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = home.skill.answer(&body) => panic!("{answer:?}"),
        () = is_written => {}
    }
    home.store.set_condition(StoreCondition::Serves);
    home.pass(1);
    home.play(&asks("second")).await;
}

#[tokio::test]
async fn alexa_says_of_which_session_the_answer_was_lost() {
    for error in ["INVALID_RESPONSE", "ENDPOINT_TIMEOUT", "DEVICE_COMMUNICATION_ERROR"] {
        let home = Home::start();
        start(&home).await;
        let first = asks("first");
        home.play(&first).await;
        home.ask(&asks("another").broken_off(error)).await;
        home.ask(&first.clone().from("office").broken_off(error)).await;
        home.pass(1);
        let second = asks("second");
        assert!(is_silent(&home.ask(&second).await), "neither was this session of this Echo");
        home.ask(&second.broken_off(error)).await;
        home.pass(1);
        home.play(&asks("third")).await;
    }
}

#[tokio::test]
async fn alexa_says_of_which_request_the_answer_was_lost() {
    let home = Home::start();
    start(&home).await;
    home.play(&asks("first")).await;
    home.pass(1);
    let button = Envelope::button("Play");
    assert!(play(&home.ask(&button).await).is_some());
    home.ask(&Envelope::button("Play").refused()).await;
    home.pass(1);
    assert!(is_silent(&home.ask(&asks("second")).await), "that was another request");
    let button = Envelope::button("Play");
    home.ask(&button).await;
    home.ask(&button.refused()).await;
    home.pass(1);
    home.play(&asks("third")).await;
}

/// A known limit: another process, such as another instance of a function, does not know what failed in this one.
#[tokio::test]
async fn another_process_takes_a_claim_for_given() {
    let home = Home::start();
    start(&home).await;
    home.store.set_condition(StoreCondition::LosesClaims);
    home.ask(&asks("first")).await;
    home.store.set_condition(StoreCondition::Serves);
    home.pass(1);
    let another = home.another(&[("SKILL_ID", SKILL_ID)], SkillIdPolicy::KnownSkills);
    assert!(is_silent(&home.ask_of(&another, &asks("second")).await.unwrap()));
    home.pass(10);
    home.play(&asks("third")).await;
}
