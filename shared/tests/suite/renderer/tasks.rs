//! The tasks of renderers over Echos that a test plays.

use std::time::Duration;

use ma_alexa::clock::Clock as _;
use ma_alexa::renderer::{ObservedState, Speaker, SpeakerLevel, SpeakerObservation, udn};
use ma_alexa::upnp::{ActionError, MediaItem, TransportState};

use super::household::{House, serial, speaker};
use super::samples::item;

#[tokio::test]
async fn a_play_a_pause_a_resume_and_a_stop() {
    let house = House::new(&["Kitchen"]);
    let kitchen = house.renderer("Kitchen").await;
    assert_eq!(kitchen.play().await, Err(ActionError::NotNow));
    house.play(kitchen.as_ref(), "Kitchen", "one").await;
    house.timer.pass(Duration::from_secs(5)).await;
    assert!(kitchen.position() >= Duration::from_secs(5));

    kitchen.pause().await.unwrap();
    house.wait_for("Kitchen stops").await;
    house.report("Kitchen", ObservedState::Stopped);
    house.shows(kitchen.as_ref(), TransportState::Paused).await;
    let paused_at = kitchen.position();
    house.timer.pass(Duration::from_secs(5)).await;
    assert_eq!(kitchen.position(), paused_at);

    kitchen.play().await.unwrap();
    house.wait_for("Kitchen asks for 1").await;
    house.report("Kitchen", ObservedState::Playing);
    house.shows(kitchen.as_ref(), TransportState::Playing).await;

    kitchen.stop().await.unwrap();
    house.wait_for("Kitchen stops").await;
    // The Echo says nothing.
    let stopped = house.shows(kitchen.as_ref(), TransportState::Stopped).await;
    assert!(!stopped.failed);
    assert_eq!(house.done(), ["Kitchen stops", "Kitchen asks for 1", "Kitchen stops"]);
}

#[tokio::test]
async fn an_echo_that_never_asks_and_one_that_is_offline_fail() {
    let house = House::new(&["Kitchen"]);
    let kitchen = house.renderer("Kitchen").await;
    kitchen.set_item(item("one")).await.unwrap();
    kitchen.play().await.unwrap();
    let began = house.timer.monotonic();
    assert!(house.shows(kitchen.as_ref(), TransportState::Stopped).await.failed);
    let waited = house.timer.monotonic().saturating_sub(began);
    assert!((12..14).contains(&waited.as_secs()), "{waited:?}");

    house.refuse();
    kitchen.play().await.unwrap();
    assert!(house.shows(kitchen.as_ref(), TransportState::Stopped).await.failed);
    // It is back.
    house.play(kitchen.as_ref(), "Kitchen", "two").await;
    house.report("Kitchen", ObservedState::Failed);
    assert!(house.shows(kitchen.as_ref(), TransportState::Stopped).await.failed);
}

#[tokio::test]
async fn of_plays_in_a_row_only_the_last_one_is_heard() {
    let house = House::new(&["Kitchen"]);
    let kitchen = house.renderer("Kitchen").await;
    house.slow(Duration::from_millis(300));
    for title in ["one", "two", "three", "four"] {
        kitchen.stop().await.unwrap();
        kitchen.set_item(item(title)).await.unwrap();
        kitchen.play().await.unwrap();
    }
    house.wait_for("Kitchen asks for 2").await;
    assert_eq!(house.done(), ["store one for Kitchen", "store four for Kitchen", "Kitchen asks for 2"]);
    house.report("Kitchen", ObservedState::Playing);
    let shown = house.shows(kitchen.as_ref(), TransportState::Playing).await;
    assert_eq!(shown.item, Some(item("four")), "as it came");
}

#[tokio::test]
async fn two_rooms_play_at_once() {
    let house = House::new(&["Kitchen", "Bath"]);
    let (kitchen, bath) = (house.renderer("Kitchen").await, house.renderer("Bath").await);
    assert_ne!(kitchen.identity().udn, bath.identity().udn);
    for (renderer, title) in [(&kitchen, "one"), (&bath, "two")] {
        renderer.set_item(item(title)).await.unwrap();
        renderer.play().await.unwrap();
    }
    for name in ["Bath", "Kitchen"] {
        house.wait_for(&format!("{name} asks for 1")).await;
        house.report(name, ObservedState::Playing);
    }
    for renderer in [&kitchen, &bath] {
        house.shows(renderer.as_ref(), TransportState::Playing).await;
    }
    kitchen.stop().await.unwrap();
    house.wait_for("Kitchen stops").await;
    house.report("Kitchen", ObservedState::Stopped);
    house.shows(kitchen.as_ref(), TransportState::Stopped).await;
    assert_eq!(bath.snapshots().borrow().state, TransportState::Playing);
}

#[tokio::test]
async fn after_a_restart_what_plays_is_known() {
    let house = House::new(&["Kitchen"]);
    let kitchen = house.renderer("Kitchen").await;
    let udn = kitchen.identity().udn;
    house.play(kitchen.as_ref(), "Kitchen", "one").await;
    drop(kitchen);
    // The first state that a controller sees is the true one, however long it is read.
    house.slow(Duration::from_secs(1));
    let house = house.restarted();
    let kitchen = house.renderer("Kitchen").await;
    assert_eq!(kitchen.identity().udn, udn);
    let shown = kitchen.snapshots().borrow().clone();
    assert_eq!(shown.state, TransportState::Playing);
    house.slow(Duration::ZERO);
    assert_eq!(shown.item.map(|item| item.uri), Some(item("one").uri));
    kitchen.stop().await.unwrap();
    house.wait_for("Kitchen stops").await;
}

#[tokio::test]
async fn the_list_follows_the_devices() {
    let house = House::new(&["Kitchen", "Bath"]);
    let kitchen = house.renderer("Kitchen").await;
    house.play(kitchen.as_ref(), "Kitchen", "one").await;
    house.change_speakers(|speakers| {
        speakers[0] = Speaker { serial: serial("Kitchen"), ..speaker("Cuisine") };
        speakers[0].members[0].serial = serial("Kitchen");
        speakers.remove(1);
        speakers.push(speaker("Garage"));
    });
    let renamed = house.renderer("Cuisine").await;
    assert_eq!(house.names(), ["Cuisine", "Garage"]);
    assert_eq!(renamed.identity().udn, kitchen.identity().udn, "it is the same renderer");
    assert_eq!(renamed.snapshots().borrow().state, TransportState::Playing, "it plays on");
    // What is reported of its former player counts still, and a new play is that of the new name.
    house.report("Kitchen", ObservedState::Stopped);
    house.play(renamed.as_ref(), "Cuisine", "two").await;
    assert_eq!(renamed.snapshots().borrow().item, Some(item("two")));
}

#[tokio::test]
async fn volumes_are_shown_as_amazon_took_them() {
    let house = House::new(&["Kitchen"]);
    house.set_level("Kitchen", SpeakerLevel { volume: Some(30), muted: Some(false) });
    let kitchen = house.renderer("Kitchen").await;
    house.sees(kitchen.as_ref(), |shown| shown.volume == Some(30) && shown.muted == Some(false)).await;

    house.slow(Duration::from_secs(1));
    for percent in 31..=50 {
        kitchen.set_volume(percent).await.unwrap();
    }
    assert_eq!(kitchen.snapshots().borrow().volume, Some(30), "not yet");
    house.sees(kitchen.as_ref(), |shown| shown.volume == Some(50)).await;
    assert!(house.done().len() <= 3, "those between are left out");
    kitchen.set_muted(true).await.unwrap();
    house.sees(kitchen.as_ref(), |shown| shown.muted == Some(true) && shown.volume == Some(50)).await;

    house.refuse();
    kitchen.set_volume(90).await.unwrap();
    house.timer.pass(Duration::from_secs(5)).await;
    assert_eq!(kitchen.snapshots().borrow().volume, Some(50));

    // A person turns the knob: it is shown without a wait.
    let now = house.timer.monotonic();
    house.feed.observe(SpeakerObservation {
        serial: serial("Kitchen"),
        level: SpeakerLevel { volume: Some(12), muted: Some(false) },
    });
    house.sees(kitchen.as_ref(), |shown| shown.volume == Some(12) && shown.muted == Some(false)).await;
    assert_eq!(house.timer.monotonic(), now);
}

#[tokio::test]
async fn a_next_item_is_kept_and_started_where_the_echo_does_not() {
    let house = House::new(&["Kitchen"]);
    let kitchen = house.renderer("Kitchen").await;
    house.play(kitchen.as_ref(), "Kitchen", "one").await;
    kitchen.set_next_item(Some(item("two"))).await.unwrap();
    house.wait_for("keep two after 1 of Kitchen").await;
    let no_item = MediaItem { uri: "file:///etc/passwd".to_owned(), ..MediaItem::default() };
    assert_eq!(kitchen.set_next_item(Some(no_item.clone())).await, Err(ActionError::NotPlayable));
    assert_eq!(kitchen.set_item(no_item).await, Err(ActionError::NotPlayable));
    assert_eq!(kitchen.snapshots().borrow().next, Some(item("two")));
    house.report("Kitchen", ObservedState::Finished);
    house.wait_for("Kitchen asks for 2").await;
    house.report("Kitchen", ObservedState::Playing);
    let shown = house.shows(kitchen.as_ref(), TransportState::Playing).await;
    assert_eq!((shown.item, shown.next), (Some(item("two")), None));
}

/// Where the skill runs elsewhere, reports are read from the store: the next item is seen to begin.
#[tokio::test]
async fn the_end_of_an_item_is_looked_for() {
    let house = House::new(&["Kitchen"]);
    let kitchen = house.renderer("Kitchen").await;
    let one = MediaItem { duration: Some(Duration::from_mins(3)), ..item("one") };
    kitchen.set_item(one).await.unwrap();
    kitchen.play().await.unwrap();
    house.wait_for("Kitchen asks for 1").await;
    house.report("Kitchen", ObservedState::Playing);
    house.shows(kitchen.as_ref(), TransportState::Playing).await;
    house.timer.pass(Duration::from_secs(175)).await;
    house.report("Kitchen", ObservedState::Finished);
    let ended = house.timer.monotonic();
    house.shows(kitchen.as_ref(), TransportState::Stopped).await;
    let seen_after = house.timer.monotonic().saturating_sub(ended);
    assert!(seen_after <= Duration::from_secs(2), "{seen_after:?}");
}

/// A controller that asks for more than can wait is refused, and takes nothing down.
#[tokio::test]
async fn a_flood_of_actions_is_bounded() {
    let house = House::new(&["Kitchen"]);
    let kitchen = house.renderer("Kitchen").await;
    house.slow(Duration::from_secs(2));
    let flood = (0..500_u16).map(|number| {
        let kitchen = kitchen.clone();
        tokio::spawn(async move {
            let _ = kitchen.set_item(item(&number.to_string())).await;
            let _ = kitchen.play().await;
            let _ = kitchen.set_volume(u8::try_from(number % 100).unwrap()).await;
        })
    });
    for one in flood.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    house.timer.pass(Duration::from_secs(200)).await;
    let done = house.done();
    assert!(done.iter().filter(|what| what.contains("asks")).count() <= 2, "{done:?}");
    house.play(kitchen.as_ref(), "Kitchen", "last").await;
}

#[test]
fn a_name_never_changes_and_is_a_uuid() {
    assert_eq!(udn("G0KITCHEN00000001"), udn("G0KITCHEN00000001"));
    for serial in ["", "G0KITCHEN00000001", "rincon", "Küche"] {
        let udn = udn(serial);
        let parts: Vec<usize> = udn.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert!(udn.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'), "{udn}");
        assert_eq!(&udn[14..15], "8");
    }
    // Players of Music Assistant are called by it: another release must make the same.
    assert_eq!(udn("G0KITCHEN00000001"), "4c76a4df-3ac3-89cb-b4fc-50da5822e4d6");
}

#[tokio::test(start_paused = true)]
async fn a_look_that_took_too_long_loses_no_change() {
    let house = House::new(&["Kitchen"]);
    let looks_in_vain = async || {
        house.slow(Duration::from_hours(1));
        house.timer.pass(Duration::from_secs(31)).await;
        tokio::time::advance(Duration::from_secs(26)).await;
        house.timer.pass(Duration::from_secs(1)).await;
        house.slow(Duration::ZERO);
    };
    looks_in_vain().await;
    assert_eq!(house.names(), Vec::<String>::new());
    let kitchen = house.renderer("Kitchen").await;
    house.play(kitchen.as_ref(), "Kitchen", "one").await;

    house.change_speakers(|speakers| {
        speakers[0] = Speaker { serial: serial("Kitchen"), ..speaker("Cuisine") };
        speakers[0].members[0].serial = serial("Kitchen");
    });
    looks_in_vain().await;
    assert_eq!(house.names(), ["Kitchen"]);
    let renamed = house.renderer("Cuisine").await;
    house.play(renamed.as_ref(), "Cuisine", "two").await;
}
