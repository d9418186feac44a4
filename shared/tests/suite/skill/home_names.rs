//! Names of the home that a conversation is heard with.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use ma_alexa::control::{Control, ControlError, ControlRequest, HomeNames, Reply};
use ma_alexa::store::{KnownNames, NamesInModels};
use ma_alexa::voice::{PLAYER_TYPE, PLAYLIST_TYPE, locales};
use serde_json::Value;

use super::envelope::{Envelope, listens, play};
use super::home::Home;
use crate::api::store::StoreCondition;

/// A home whose requests all fail.
#[derive(Debug)]
struct Deaf;

impl Control for Deaf {
    fn carry_out<'a>(&'a self, _: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move { Reply::Failed(ControlError::Unreachable) })
    }
}

async fn home(rooms: &[&str], playlists: &[&str], in_models: bool) -> Home {
    let home = Home::start().with_control(Arc::new(Deaf));
    keep(&home, HomeNames::new(rooms.to_vec(), playlists.to_vec()), in_models).await;
    home
}

async fn keep(home: &Home, names: HomeNames, in_models: bool) {
    let models = in_models.then(|| NamesInModels { digest: names.digest(), playlists: true });
    let change = |known: &mut KnownNames| {
        known.names.clone_from(&names);
        known.in_models.clone_from(&models);
    };
    KnownNames::change(home.store.as_ref(), change).await.unwrap();
}

/// The names of a type that an answer brings, in their order.
fn names(answer: &Value, of: &str) -> Vec<String> {
    let directives = answer["response"]["directives"].as_array().into_iter().flatten();
    let types = directives.filter(|directive| directive["type"] == "Dialog.UpdateDynamicEntities");
    let types = types.flat_map(|directive| directive["types"].as_array().unwrap());
    let values =
        types.filter(|of_type| of_type["name"] == of).flat_map(|of| of["values"].as_array().unwrap());
    values.map(|value| value["name"]["value"].as_str().unwrap().to_owned()).collect()
}

fn has_names(answer: &Value) -> bool {
    answer.to_string().contains("UpdateDynamicEntities")
}

#[tokio::test]
async fn a_conversation_is_heard_with_rooms_and_playlists() {
    let home = home(&["Kitchen", "Sonos Bath"], &["Dinner", "Road Trip"], true).await;
    for envelope in [Envelope::launch(), Envelope::intent("AMAZON.HelpIntent")] {
        let answer = home.ask(&envelope).await;
        assert!(listens(&answer), "{answer}");
        assert_eq!(names(&answer, PLAYER_TYPE), ["Kitchen", "Sonos Bath"]);
        assert_eq!(names(&answer, PLAYLIST_TYPE), ["Dinner", "Road Trip"]);
    }
}

/// A value for a type that the model has not makes the answer invalid.
#[tokio::test]
async fn playlists_wait_for_models_that_have_their_type() {
    let home = home(&["Kitchen"], &["Dinner"], false).await;
    let answer = home.ask(&Envelope::launch()).await;
    assert_eq!(names(&answer, PLAYER_TYPE), ["Kitchen"]);
    assert!(names(&answer, PLAYLIST_TYPE).is_empty(), "{answer}");
}

#[tokio::test]
async fn what_opens_no_microphone_has_no_names_and_reads_none() {
    let home = home(&["Kitchen"], &["Dinner"], true).await;
    home.push("Kitchen", "one").await;
    let answer = home.ask(&Envelope::play_audio()).await;
    let played = play(&answer).unwrap();
    for envelope in [
        Envelope::launch(),
        Envelope::intent("AMAZON.StopIntent"),
        Envelope::intent("AMAZON.NextIntent"),
        Envelope::event("Started", &played.token, 0),
        Envelope::event("Failed", &played.token, 0),
        Envelope::button("Next"),
    ] {
        home.pass(1);
        home.store.calls();
        let answer = home.ask(&envelope).await;
        assert!(!has_names(&answer) && !home.store.calls().contains(&"document"), "{answer}");
    }
    // Where Music Assistant may have opened it, no microphone opens.
    for locale in ["fr-FR", "nl-NL"] {
        assert!(!has_names(&home.ask(&Envelope::launch().locale(locale).from("other")).await), "{locale}");
    }
}

#[tokio::test]
async fn without_a_connection_or_a_name_there_are_none() {
    let alone = Home::start();
    keep(&alone, HomeNames::new(["Kitchen"], []), true).await;
    assert!(!has_names(&alone.ask(&Envelope::launch()).await));
    let empty = home(&[], &[], true).await;
    let answer = empty.ask(&Envelope::launch()).await;
    assert!(listens(&answer) && !has_names(&answer), "{answer}");
}

#[tokio::test]
async fn many_long_and_hostile_names_stay_within_alexas_limits() {
    let rooms = ["stop", "play audio", "\u{1f3a7}", "\"Bath\"", "<audio src='x'/>", "Stopp"];
    let long: Vec<String> = (0..300).map(|number| format!("{number} {}", "ü".repeat(200))).collect();
    let many: Vec<String> = (0..300).map(|number| format!("List {number}")).collect();
    for lists in [long, many] {
        let home = Home::start().with_control(Arc::new(Deaf));
        let all = rooms.iter().map(|name| (*name).to_owned());
        keep(&home, HomeNames::new(all, lists.clone()), true).await;
        for locale in locales() {
            let help = Envelope::intent("AMAZON.HelpIntent").locale(locale);
            let answer = home.ask(&help).await;
            let rooms = names(&answer, PLAYER_TYPE);
            assert!(rooms.contains(&"Bath".to_owned()) && rooms.len() < 6, "{locale}: {rooms:?}");
            assert!(!locale.starts_with("en") || !rooms.contains(&"stop".to_owned()), "{rooms:?}");
            assert!(names(&answer, PLAYLIST_TYPE).len() > 20, "{locale}");
        }
    }
}

#[tokio::test]
async fn a_question_about_the_player_is_heard_with_the_players() {
    let home = Home::start();
    for player in ["Attic", "Küche"] {
        home.push(player, "one").await;
    }
    let answer = home.ask(&Envelope::intent("PairEcho").from("new")).await;
    assert_eq!(names(&answer, PLAYER_TYPE), ["Attic", "Küche"], "{answer}");
    let paired = home.ask(&Envelope::intent("PairEcho").heard("küche").from("new")).await;
    assert!(!has_names(&paired));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_takes_no_question_away() {
    for condition in [StoreCondition::IsDown, StoreCondition::NeverAnswers] {
        let home = home(&["Kitchen"], &[], true).await;
        home.store.set_condition(condition);
        let answer = home.ask(&Envelope::intent("AMAZON.HelpIntent")).await;
        assert!(listens(&answer) && !has_names(&answer), "{answer}");
    }
}
