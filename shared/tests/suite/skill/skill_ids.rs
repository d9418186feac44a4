//! Whose requests are answered.

use ma_alexa::config::Settings;
use ma_alexa::i18n::{self, Message};
use ma_alexa::skill::{Rejection, SkillIdPolicy};
use ma_alexa::store::SetupStore as _;
use serde_json::{Value, json};

use super::envelope::{Envelope, SKILL_ID, is_empty, speech, stops};
use super::home::Home;
use crate::api::store::StoreCondition;

const OTHER: &str = "amzn1.ask.skill.00000000-0a4f-4c8d-9e21-7f6a5b4c3d2e";
const THIRD: &str = "amzn1.ask.skill.11111111-0a4f-4c8d-9e21-7f6a5b4c3d2e";

fn pause() -> Envelope {
    Envelope::intent("AMAZON.PauseIntent")
}

async fn rejected(home: &Home, envelope: &Envelope) -> Rejection {
    home.ask_of(&home.skill, envelope).await.unwrap_err()
}

async fn put(home: &Home, ids: &[&str]) {
    let skill_ids = ids.iter().map(|id| (*id).into()).collect();
    home.store.put_settings(&Settings { skill_ids, ..Settings::default() }).await.unwrap();
}

#[tokio::test]
async fn with_no_skill_known_no_request_is_answered() {
    let home = Home::start_with(&[]);
    for envelope in [pause(), pause().skill(""), Envelope::launch(), Envelope::skill_event("SkillEnabled")] {
        let rejection = rejected(&home, &envelope).await;
        assert_eq!(rejection, Rejection::NoSkillKnown);
        assert!(rejection.to_string().contains("set SKILL_ID"), "{rejection}");
    }
    let said =
        |envelope: &Envelope| serde_json::to_value(Rejection::NoSkillKnown.answer(&envelope.body())).unwrap();
    assert_eq!(speech(&said(&pause())), i18n::say("en-US", &Message::SkillNotSetUp));
    assert_eq!(speech(&said(&pause().locale("de-DE"))), i18n::say("de-DE", &Message::SkillNotSetUp));
    assert!(is_empty(&said(&Envelope::button("Play"))));
}

#[tokio::test]
async fn the_environment_names_one_or_several_and_no_store_is_asked() {
    let both = format!("{SKILL_ID}, {OTHER}");
    for (ids, accepted) in [(SKILL_ID, &[SKILL_ID][..]), (&both, &[SKILL_ID, OTHER])] {
        let home = Home::start_with(&[("SKILL_ID", ids)]);
        for id in accepted {
            assert!(stops(&home.ask(&pause().skill(id)).await));
        }
        assert_eq!(home.store.calls(), [""; 0]);
        assert_eq!(rejected(&home, &pause().skill(THIRD)).await, Rejection::UnknownSkill);
    }
}

#[tokio::test]
async fn a_further_skill_is_set_up_beside_that_of_the_environment() {
    let home = Home::start_with(&[("SKILL_ID", SKILL_ID)]);
    assert_eq!(rejected(&home, &pause().skill(OTHER)).await, Rejection::UnknownSkill);
    put(&home, &[OTHER]).await;
    home.pass(10);
    for id in [SKILL_ID, OTHER] {
        assert!(stops(&home.ask(&pause().skill(id)).await));
    }
    assert_eq!(rejected(&home, &pause().skill(THIRD)).await, Rejection::UnknownSkill);
}

#[tokio::test]
async fn the_settings_name_them_where_the_environment_does_not() {
    let home = Home::start_with(&[]);
    put(&home, &["no id at all", SKILL_ID, OTHER]).await;
    home.store.calls();
    for id in [SKILL_ID, OTHER] {
        assert!(stops(&home.ask(&pause().skill(id)).await));
    }
    assert_eq!(home.store.calls(), ["settings"], "they are read once");
    home.pass(299);
    home.ask(&pause()).await;
    assert_eq!(home.store.calls(), [""; 0]);
    home.pass(1);
    home.ask(&pause()).await;
    assert_eq!(home.store.calls(), ["settings"]);
}

#[tokio::test]
async fn an_unknown_skill_makes_them_be_read_again_once_in_ten_seconds() {
    let home = Home::start_with(&[]);
    put(&home, &[SKILL_ID]).await;
    home.ask(&pause()).await;
    home.store.calls();
    for _ in 0..20 {
        assert_eq!(rejected(&home, &pause().skill(OTHER)).await, Rejection::UnknownSkill);
    }
    assert_eq!(home.store.calls(), [""; 0], "they have just been read");

    put(&home, &[SKILL_ID, OTHER]).await;
    home.store.calls();
    home.pass(9);
    rejected(&home, &pause().skill(OTHER)).await;
    assert_eq!(home.store.calls(), [""; 0]);
    home.pass(1);
    assert!(stops(&home.ask(&pause().skill(OTHER)).await));
    assert_eq!(home.store.calls(), ["settings"]);

    let burst = Home::start_with(&[]);
    let unknown = pause().skill(OTHER);
    let many = (0..20).map(|_| burst.ask_of(&burst.skill, &unknown));
    for answer in futures_util::future::join_all(many).await {
        assert_eq!(answer.unwrap_err(), Rejection::NoSkillKnown);
    }
    assert_eq!(burst.store.calls(), ["settings"]);
}

#[tokio::test]
async fn the_id_may_stand_in_the_context_or_in_the_session() {
    let home = Home::start();
    let in_session = pause().with("/context/System/application", Value::Null);
    assert!(stops(&home.ask(&in_session).await));
    let in_context = pause().with("/session", Value::Null);
    assert!(stops(&home.ask(&in_context).await));
    let nowhere = in_session.with("/session/application", json!({}));
    assert_eq!(rejected(&home, &nowhere).await, Rejection::UnknownSkill);
    // The context goes before the session.
    assert_eq!(rejected(&home, &pause().skill(OTHER)).await, Rejection::UnknownSkill);
    for id in ["", " ", "amzn1.ask.skill.", &SKILL_ID.to_uppercase(), &format!("{SKILL_ID} ")] {
        assert_eq!(rejected(&home, &nowhere.clone().skill(id)).await, Rejection::UnknownSkill, "{id:?}");
    }
}

#[tokio::test]
async fn a_store_that_is_down_does_not_open_the_skill() {
    let home = Home::start_with(&[]);
    home.store.set_condition(StoreCondition::IsDown);
    let answer = home.ask(&pause()).await;
    assert_eq!(speech(&answer), i18n::say("en-US", &Message::StateUnavailable));
    assert!(is_empty(&home.ask(&Envelope::button("Pause")).await));
    home.store.set_condition(StoreCondition::Serves);
    assert_eq!(rejected(&home, &pause()).await, Rejection::NoSkillKnown);
}

#[tokio::test]
async fn a_command_on_this_machine_needs_no_skill_id() {
    let home = Home::start_with(&[]);
    let skill = home.another(&[], SkillIdPolicy::Anything);
    assert!(stops(&home.ask_of(&skill, &pause().skill("made-up")).await.unwrap()));
}
