//! Commands for the queue, what plays, likes and sleep timers.

use std::time::Duration;

use ma_alexa::clock::Clock as _;
use ma_alexa::control::{Action, Control as _, ControlError, ControlRequest, MusicUse, Repeating, Reply};
use ma_alexa::store::{Document, SetupStore as _};
use serde_json::{Value, json};

use super::harness::{Home, heard, starting, suggestion, used};
use crate::music_assistant::stand_in::{Household, item};

const GOES_ON: Reply = Reply::Starting { music: None, room: None };

async fn home() -> Home {
    Home::start(Household::default()).await
}

/// A queue in which an item without a length plays, such as radio.
fn radio() -> Value {
    json!({ "queue_item_id": "i2", "name": "Radio", "duration": null })
}

#[tokio::test]
async fn each_command_reaches_the_queue() {
    let home = home().await;
    let kitchen = |name: &str, value: Value| json!({ "queue_id": "Kitchen", name: value });
    for (action, reply, command, args) in [
        (Action::Next, GOES_ON, "player_queues/play_index", kitchen("index", json!(2))),
        (Action::Previous, GOES_ON, "player_queues/play_index", kitchen("index", json!(0))),
        (Action::StartOver, GOES_ON, "player_queues/seek", kitchen("position", json!(0))),
        (Action::Skip(30), GOES_ON, "player_queues/seek", kitchen("position", json!(42))),
        (Action::Skip(-30), GOES_ON, "player_queues/seek", kitchen("position", json!(0))),
        (Action::Skip(i32::MAX), GOES_ON, "player_queues/seek", kitchen("position", json!(119))),
        (Action::Resume, GOES_ON, "player_queues/resume", json!({ "queue_id": "Kitchen" })),
        (
            Action::Shuffle(true),
            Reply::Done,
            "player_queues/shuffle",
            kitchen("shuffle_enabled", json!(true)),
        ),
        (
            Action::Repeat(Repeating::All),
            Reply::Done,
            "player_queues/repeat",
            kitchen("repeat_mode", json!("all")),
        ),
        (
            Action::Like(true),
            Reply::Done,
            "music/favorites/add_item",
            json!({ "item": "library://track/Two" }),
        ),
        (
            Action::Like(false),
            Reply::Done,
            "music/favorites/remove_item",
            json!({ "media_type": "track", "library_item_id": "7" }),
        ),
    ] {
        assert_eq!(home.ask(action.clone()).await, reply, "{action:?}");
        assert_eq!(home.change(), (command.to_owned(), args), "{action:?}");
    }
}

#[tokio::test]
async fn music_like_it_takes_the_place_of_what_follows() {
    let home = home().await;
    let put = |option: &str| {
        let args = json!({
            "queue_id": "Kitchen", "media": "library://track/Two", "option": option, "radio_mode": true,
        });
        ("player_queues/play_media".to_owned(), args)
    };
    let next = ("player_queues/play_index".to_owned(), json!({ "queue_id": "Kitchen", "index": 2 }));
    let like_two = used("two", None, MusicUse::Radio);
    for action in [Action::MoreLikeThis, like_two.clone()] {
        assert_eq!(home.ask(action.clone()).await, starting("Two"), "{action:?}");
        assert_eq!(home.changes(), [put("replace_next"), next.clone()], "{action:?}");
    }
    home.stand_in.change(|household| household.fails = Some("player_queues/play_media"));
    assert_eq!(home.ask(Action::MoreLikeThis).await, Reply::Failed(ControlError::NotPossible));
    assert_eq!(home.changes(), [put("replace_next")], "what plays goes on");
    home.stand_in.change(|household| {
        household.fails = None;
        household.queue["items"] = json!(0);
    });
    assert_eq!(home.ask(like_two).await, starting("Two"));
    assert_eq!(home.changes(), [put("replace")]);
}

#[tokio::test]
async fn quick_presses_become_one_command() {
    let home = home().await;
    home.stand_in.change(|household| {
        household.queue["items"] = json!(9);
        household.queue["current_index"] = json!(1);
    });
    assert_eq!(home.ask(Action::Jump(1)).await, GOES_ON);
    let presses = [1, 1, -1, 1].map(|by| home.ask(Action::Jump(by)));
    let [one, two, three, four] = presses;
    let replies = tokio::join!(biased; one, two, three, four);
    assert_eq!(replies, (GOES_ON, GOES_ON, GOES_ON, GOES_ON));
    let places: Vec<Value> = home.changes().into_iter().map(|(_, args)| args["index"].clone()).collect();
    assert_eq!(places, [json!(2), json!(4)]);
    home.clock.advance(Duration::from_secs(10));
    assert_eq!(home.ask(Action::Jump(8)).await, Reply::Failed(ControlError::NoSuchItem));
    assert_eq!(home.ask(Action::Jump(-2)).await, GOES_ON);
    assert_eq!(home.change().1["index"], json!(0), "not before the first item");
}

#[tokio::test]
async fn what_cannot_be_done_is_said_and_nothing_is_sent() {
    let home = home().await;
    home.stand_in.change(|household| {
        household.queue["next_item"] = Value::Null;
        household.queue["current_index"] = json!(2);
        household.queue["current_item"] = radio();
    });
    for (action, error) in [
        (Action::Next, ControlError::NoSuchItem),
        (Action::StartOver, ControlError::NotPossible),
        (Action::Skip(10), ControlError::NotPossible),
        (Action::Like(true), ControlError::NotPossible),
        (Action::MoreLikeThis, ControlError::NotPossible),
        (Action::StopAfter(100_000), ControlError::NotPossible),
    ] {
        assert_eq!(home.ask(action.clone()).await, Reply::Failed(error), "{action:?}");
    }
    home.stand_in.change(|household| {
        household.queue = json!({ "queue_id": "Kitchen", "items": 0, "state": "idle" });
    });
    for action in [
        Action::Next,
        Action::Previous,
        Action::Jump(1),
        Action::StartOver,
        Action::Like(true),
        Action::MoreLikeThis,
    ] {
        assert_eq!(home.ask(action.clone()).await, Reply::Failed(ControlError::QueueEmpty), "{action:?}");
    }
    assert_eq!(home.ask(Action::WhatIsPlaying).await, Reply::NothingPlays);
    assert_eq!(home.changes(), []);
    home.stand_in.change(|household| household.fails = Some("player_queues/resume"));
    assert_eq!(home.ask(Action::Resume).await, Reply::Failed(ControlError::QueueEmpty));
    assert_eq!(home.noted().await, [] as [String; 0], "the owner can do nothing about these");
}

#[tokio::test]
async fn a_queue_of_music_assistants_own_is_not_shuffled() {
    let home = home().await;
    home.stand_in.change(|household| {
        household.queue["is_dynamic"] = json!(true);
        household.fails = Some("player_queues/shuffle");
    });
    assert_eq!(home.ask(Action::Shuffle(true)).await, Reply::Failed(ControlError::NotPossible));
    home.stand_in.change(|household| household.queue["is_dynamic"] = json!(false));
    assert_eq!(home.ask(Action::Shuffle(true)).await, Reply::Failed(ControlError::Failed));
}

#[tokio::test]
async fn what_replaces_a_queue_of_music_assistants_own_is_shuffled_after_it() {
    let home = home().await;
    home.stand_in.change(|household| household.queue["is_dynamic"] = json!(true));
    let reply = home.ask(used("two", None, MusicUse::Shuffle)).await;
    assert!(matches!(reply, Reply::Starting { .. }), "{reply:?}");
    let commands: Vec<String> = home.changes().into_iter().map(|(command, _)| command).collect();
    assert_eq!(commands, ["player_queues/play_media", "player_queues/shuffle"]);
}

#[tokio::test]
async fn what_plays_is_named() {
    let home = home().await;
    assert_eq!(home.ask(Action::WhatIsPlaying).await, Reply::Playing(suggestion("Two")));
    home.stand_in.change(|household| household.queue["current_item"] = item("i9", &"x".repeat(3000)));
    let Reply::Playing(long) = home.ask(Action::WhatIsPlaying).await else { panic!("something plays") };
    assert_eq!(long.title.chars().count(), 200);
    home.stand_in.change(|household| household.queue["state"] = json!("idle"));
    assert_eq!(home.ask(Action::WhatIsPlaying).await, Reply::NothingPlays);
}

#[tokio::test]
async fn a_start_does_not_wait_for_the_sound() {
    let home = home().await;
    for (action, held) in
        [(Action::Next, "player_queues/play_index"), (heard("two"), "player_queues/play_media")]
    {
        home.stand_in.change(|household| household.holds = Some(held));
        assert!(matches!(home.ask(action.clone()).await, Reply::Starting { .. }), "{action:?}");
        home.stand_in.has_arrived().await;
        home.stand_in.go_on();
    }
    home.stand_in.change(|household| household.fails = Some("player_queues/play_index"));
    assert_eq!(
        home.ask(Action::Next).await,
        Reply::Failed(ControlError::Failed),
        "a failure at once is seen"
    );
}

#[tokio::test]
async fn a_request_is_carried_out_once() {
    let home = home().await;
    let request = home.request(Action::Next);
    let again = ControlRequest { action: Action::Previous, ..request.clone() };
    let (first, second) = tokio::join!(home.control.carry_out(&request), home.control.carry_out(&request));
    assert_eq!((first, second), (GOES_ON, GOES_ON));
    assert_eq!(home.control.carry_out(&again).await, GOES_ON, "the reply to the first one");
    assert_eq!(home.change().1["index"], json!(2));
    home.clock.advance(Duration::from_secs(61));
    let late = ControlRequest { until: home.clock.now().plus(Duration::from_secs(5)), ..request };
    assert_eq!(home.control.carry_out(&late).await, GOES_ON);
    assert_eq!(home.changes().len(), 1, "after a minute it is forgotten");
}

#[tokio::test]
async fn a_request_goes_on_when_its_caller_goes() {
    let home = home().await;
    home.stand_in.change(|household| household.holds = Some("players/all"));
    let request = home.request(Action::Next);
    tokio::select! {
        _ = home.control.carry_out(&request) => panic!("it is held"),
        () = home.stand_in.has_arrived() => {}
    }
    home.stand_in.go_on();
    assert_eq!(home.control.carry_out(&request).await, GOES_ON);
    assert_eq!(home.changes().len(), 1);
}

#[tokio::test]
async fn nothing_is_carried_out_after_its_time() {
    let home = home().await;
    let request = home.request(Action::Next);
    home.clock.advance(Duration::from_secs(6));
    assert_eq!(home.control.carry_out(&request).await, Reply::Failed(ControlError::Slow));
    assert_eq!(home.stand_in.asked(), [], "not even a look");

    home.stand_in.change(|household| household.holds = Some("player_queues/get_active_queue"));
    let request = home.request(Action::Next);
    let (reply, ()) = tokio::join!(home.control.carry_out(&request), async {
        home.stand_in.has_arrived().await;
        home.clock.advance(Duration::from_secs(6));
        home.stand_in.go_on();
    });
    assert_eq!(reply, Reply::Failed(ControlError::Slow));
    assert_eq!(home.changes(), []);
}

#[tokio::test]
async fn a_sleep_timer_stops_its_player_once() {
    let home = home().await;
    assert_eq!(home.ask(Action::StopAfter(3600)).await, Reply::Done);
    assert_eq!(home.ask(Action::KeepPlaying).await, Reply::Done);
    assert_eq!(home.ask(Action::StopAfter(3600)).await, Reply::Done);
    home.stand_in.change(|household| household.holds = Some("player_queues/stop"));
    assert_eq!(home.ask(Action::StopAfter(0)).await, Reply::Done);
    home.stand_in.has_arrived().await;
    home.stand_in.go_on();
    assert_eq!(home.change(), ("player_queues/stop".to_owned(), json!({ "queue_id": "Kitchen" })));
}

#[tokio::test]
async fn a_sleep_timer_survives_its_process() {
    let home = Home::start(Household::default()).await;
    assert_eq!(home.ask(Action::StopAfter(3600)).await, Reply::Done);
    until(async || kept(&home).await == 1).await;
    home.clock.advance(Duration::from_secs(3599));
    home.clock.advance(Duration::from_secs(1));
    let later = home.later().await;
    until(async || home.stand_in.asked().iter().any(|(command, _)| command == "player_queues/stop")).await;
    until(async || kept(&home).await == 0).await;
    drop(later);
}

#[tokio::test]
async fn a_sleep_timer_that_is_cancelled_is_not_set_again() {
    let home = Home::start(Household::default()).await;
    assert_eq!(home.ask(Action::StopAfter(3600)).await, Reply::Done);
    until(async || kept(&home).await == 1).await;
    assert_eq!(home.ask(Action::KeepPlaying).await, Reply::Done);
    until(async || kept(&home).await == 0).await;
}

/// Looks again and again until something holds that is done by a task of its own.
async fn until(holds: impl AsyncFn() -> bool) {
    let looks = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looks).await.unwrap();
}

/// The number of timers that the store keeps.
async fn kept(home: &Home) -> usize {
    let document = home.store.document(Document::SleepTimers).await.unwrap();
    document.map_or(0, |document| document.content["stops"].as_object().unwrap().len())
}
