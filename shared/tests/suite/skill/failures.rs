//! What is in the way of an answer: the store, a crash, time, or the body itself.

use std::time::Duration;

use ma_alexa::account::ChallengePurpose;
use ma_alexa::i18n::{self, Message};
use ma_alexa::playback::PlayerState;
use ma_alexa::skill::{BUDGET, Rejection, SkillIdPolicy};
use serde_json::{Value, json};

use super::envelope::{Envelope, SKILL_ID, is_empty, listens, play, speech, stops};
use super::home::Home;
use super::rules;
use crate::api::store::StoreCondition;

/// Requests that need the store, and whether Alexa takes a sentence for an answer.
fn needy(token: &str) -> Vec<(Envelope, bool)> {
    vec![
        (Envelope::launch(), true),
        (Envelope::launch().locale("fr-FR"), true),
        (Envelope::play_audio(), true),
        (Envelope::intent("AMAZON.ResumeIntent"), true),
        (Envelope::intent("MaResume"), true),
        (Envelope::intent("PairEcho").heard("kitchen"), true),
        (Envelope::intent("PairEcho").heard("kitchen").in_conversation(), true),
        (Envelope::identify("vafab"), true),
        (Envelope::button("Play"), false),
        (Envelope::event("Started", token, 0), false),
        (Envelope::event("NearlyFinished", token, 0), false),
        (Envelope::event("Stopped", token, 0), false),
        (Envelope::event("Finished", token, 0), false),
        (Envelope::failed(token, "MEDIA_ERROR_UNKNOWN"), false),
        (Envelope::skill_event("SkillDisabled"), false),
    ]
}

#[tokio::test]
async fn each_failure_is_spoken_where_alexa_takes_a_sentence() {
    let home = Home::start();
    let token = home.playing("Kitchen").await.token;
    for (condition, message) in [
        (StoreCondition::IsDown, Message::StateUnavailable),
        (StoreCondition::IsNewer, Message::StateTooNew),
        (StoreCondition::IsMalformed, Message::Trouble),
        (StoreCondition::Panics, Message::Trouble),
        (StoreCondition::NeverAnswers, Message::Trouble),
    ] {
        // A store that never answers costs no waiting here.
        let budget = if condition == StoreCondition::NeverAnswers { Duration::ZERO } else { BUDGET };
        let skill = home.another(&[("SKILL_ID", SKILL_ID)], SkillIdPolicy::KnownSkills).with_budget(budget);
        for (envelope, speaks) in needy(&token) {
            home.store.set_condition(condition);
            let answer = home.ask_of(&skill, &envelope).await.unwrap();
            if speaks {
                let locale = envelope.0["request"]["locale"].as_str().unwrap();
                assert_eq!(
                    speech(&answer),
                    i18n::say(locale, &message),
                    "{condition:?} {}",
                    envelope.0["request"]
                );
                assert!(!listens(&answer), "the asking Echo is unknown");
            } else {
                assert!(is_empty(&answer), "{condition:?}: {answer}");
            }
            // The next request is served.
            home.store.set_condition(StoreCondition::Serves);
            home.pass(10);
            assert!(play(&home.ask(&Envelope::play_audio()).await).is_some(), "{condition:?}");
        }
    }
    let failing = u64::try_from(needy(&token).len()).unwrap();
    assert_eq!(home.counted("Panics"), failing);
    assert_eq!(home.counted("StoreErrors"), 4 * failing);
}

#[test]
fn an_answer_is_given_up_before_alexa_gives_it_up() {
    assert!((Duration::from_secs(5)..Duration::from_secs(6)).contains(&BUDGET));
}

#[tokio::test]
async fn requests_without_state_are_answered_without_the_store() {
    let home = Home::start();
    home.store.set_condition(StoreCondition::IsDown);
    assert!(stops(&home.ask(&Envelope::intent("AMAZON.PauseIntent")).await));
    assert!(stops(&home.ask(&Envelope::intent("MaStop")).await));
    assert!(stops(&home.ask(&Envelope::button("Pause")).await));
    assert!(
        speech(&home.ask(&Envelope::intent("AMAZON.HelpIntent")).await).starts_with("I play what you start")
    );
    assert!(is_empty(&home.ask(&Envelope::button("Next")).await));
    assert!(is_empty(&home.ask(&Envelope::told("SessionEndedRequest")).await));
}

#[tokio::test]
async fn a_failed_record_stops_no_music() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    home.store.set_condition(StoreCondition::ForgetsActivity);
    home.play(&Envelope::play_audio()).await;
    assert!(!speech(&home.ask(&Envelope::play_audio().from("office")).await).is_empty());
    assert!(is_empty(&home.ask(&Envelope::skill_event("SkillEnabled")).await));
    assert!(is_empty(&home.ask(&Envelope::told("System.ExceptionEncountered")).await));
    home.issue(0, "Kitchen", ChallengePurpose::Identify).await;
    home.ask(&Envelope::identify("vafab").from("office")).await;
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "office");
    let pair = Envelope::intent("PairEcho").heard("kitchen").from("office");
    assert!(speech(&home.ask(&pair).await).starts_with("Done."));
}

#[tokio::test]
async fn a_crash_leaves_the_state_as_it_was() {
    let home = Home::start();
    let token = home.playing("Kitchen").await.token;
    let before = home.household().await;
    home.store.set_condition(StoreCondition::Panics);
    for (envelope, _) in needy(&token) {
        home.ask(&envelope).await;
    }
    home.store.set_condition(StoreCondition::Serves);
    assert_eq!(home.household().await, before);
    assert_eq!(home.state("Kitchen").await, PlayerState::Playing);
}

#[tokio::test]
async fn a_body_that_is_no_request_is_rejected() {
    let home = Home::start();
    let mut bodies: Vec<Vec<u8>> = ["", "null", "[]", "{}", "not json", "{\"request\":{}}", "{\"request\":"]
        .map(|body| body.as_bytes().to_vec())
        .into();
    bodies.push(b"\xff\xfe".to_vec());
    bodies.push(format!("{}1{}", "[".repeat(5000), "]".repeat(5000)).into_bytes());
    bodies.push(Envelope::intent("PlayAudio").with("/request/intent/name", Value::Null).body());
    bodies.push(Envelope::play_audio().with("/request/requestId", json!(" ")).body());
    for body in bodies {
        let rejection = home.skill.answer(&body).await.unwrap_err();
        assert!(matches!(rejection, Rejection::NotARequest(_)), "{rejection:?}");
        assert_eq!(rejection.code(), "not_a_request");
        // On Lambda even that has to be answered.
        let answer = serde_json::to_value(rejection.answer(&body)).unwrap();
        let request = serde_json::from_slice::<Value>(&body).unwrap_or_default()["request"].clone();
        assert_eq!(rules::problems(&request, &answer), [""; 0], "{answer}");
    }
    home.push("Kitchen", "one").await;
    home.play(&Envelope::play_audio()).await;
}
