//! A Music Assistant that is down, slow or of another mind: each has its error in time, and an entry for the owner.

use std::time::{Duration, Instant};

use ma_alexa::control::{Action, Control as _, ControlError, ControlRequest, Reply};
use ma_alexa::playback::PlayerId;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::harness::{Home, heard};
use crate::api::store::StoreCondition;
use crate::music_assistant::stand_in::{Household, Mood, StandIn, media};

/// Whether an action failed so, within a time.
async fn fails(home: &Home, action: Action, error: ControlError, within: Duration) {
    let began = Instant::now();
    assert_eq!(home.ask(action.clone()).await, Reply::Failed(error), "{action:?}");
    assert!(began.elapsed() < within, "{action:?}: {:?}", began.elapsed());
}

#[tokio::test]
async fn each_failure_has_its_error_in_time_and_an_entry() {
    for (mood, error, word) in [
        (Mood::Garbage, ControlError::Failed, "failed"),
        (Mood::Huge, ControlError::Failed, "failed"),
        (Mood::Redirects, ControlError::Failed, "failed"),
        (Mood::Status(401), ControlError::SignedOut, "signed_out"),
        (Mood::Status(403), ControlError::NotAllowed, "not_allowed"),
        (Mood::Status(500), ControlError::Failed, "failed"),
        (Mood::Status(503), ControlError::Failed, "failed"),
    ] {
        let home = Home::start(Household { mood, ..Household::default() }).await;
        for action in [Action::Next, heard("two"), Action::StopIn("kitchen".to_owned())] {
            fails(&home, action, error, Duration::from_secs(4)).await;
        }
        assert_eq!(home.noted().await, [word], "{mood:?}: one entry a minute");
    }
}

#[tokio::test]
async fn a_server_that_is_silent_is_given_up_after_five_seconds() {
    let home = Home::start(Household { mood: Mood::Silent, ..Household::default() }).await;
    let (one, other) = (home.request(Action::Next), home.request(heard("two")));
    let began = Instant::now();
    let replies = tokio::join!(home.control.carry_out(&one), home.control.carry_out(&other));
    let slow = Reply::Failed(ControlError::Slow);
    assert_eq!(replies, (slow.clone(), slow));
    assert!(began.elapsed() < Duration::from_millis(5800), "{:?}", began.elapsed());
    assert_eq!(home.noted().await, ["slow"]);
}

#[tokio::test]
async fn a_search_that_takes_too_long_is_given_up_before() {
    let home = Home::start(Household { holds: Some("music/search"), ..Household::default() }).await;
    fails(&home, heard("two"), ControlError::Slow, Duration::from_secs(4)).await;
}

#[tokio::test]
async fn a_server_that_is_down_is_seen_within_two_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let down = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let stand_in = StandIn::start(Household::default()).await;
    let home = Home::at(&down, stand_in);
    fails(&home, heard("two"), ControlError::Unreachable, Duration::from_secs(2)).await;
    assert_eq!(home.noted().await, ["unreachable"]);
}

#[tokio::test]
async fn another_schema_is_said() {
    for (schema, oldest) in [(23, 20), (60, 50)] {
        let home = Home::start(Household { schema, oldest_schema: oldest, ..Household::default() }).await;
        fails(&home, Action::Next, ControlError::Failed, Duration::from_secs(2)).await;
        assert_eq!(home.changes().len(), 0);
    }
}

#[tokio::test]
async fn a_player_that_is_gone_is_said() {
    let home = Home::start(Household::default()).await;
    let attic = ControlRequest { player: PlayerId::from("Attic"), ..home.request(Action::Next) };
    assert_eq!(home.control.carry_out(&attic).await, Reply::Failed(ControlError::PlayerUnknown));
    assert_eq!(home.noted().await, ["player_unknown"]);
    let timer = ControlRequest { player: PlayerId::from("Attic"), ..home.request(Action::StopAfter(60)) };
    assert_eq!(home.control.carry_out(&timer).await, Reply::Failed(ControlError::PlayerUnknown));
}

#[tokio::test]
async fn five_thousand_results_are_no_trouble() {
    let many: Vec<Value> = (0..5000).map(|number| media(&format!("Track {number}"), "spotify--1")).collect();
    let home = Home::start(Household { results: json!({ "tracks": many }), ..Household::default() }).await;
    let began = Instant::now();
    assert!(matches!(home.ask(heard("track 7")).await, Reply::Starting { .. }));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_store_that_is_down_is_a_failure() {
    let home = Home::start(Household::default()).await;
    home.store.set_condition(StoreCondition::IsDown);
    fails(&home, Action::Next, ControlError::Failed, Duration::from_secs(2)).await;
    assert_eq!(home.stand_in.asked().len(), 0);
}

#[tokio::test]
async fn a_home_without_music_assistant_says_so() {
    let home = Home::at("", StandIn::start(Household::default()).await);
    fails(&home, Action::Next, ControlError::NotConnected, Duration::from_secs(2)).await;
    assert_eq!(home.noted().await, [] as [String; 0], "the setup page says it");
}
