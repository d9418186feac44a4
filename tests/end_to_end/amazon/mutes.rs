//! Mutes, which remember what was heard.

use std::time::Duration;

use end_to_end::amazon::serial;
use serde_json::json;

use super::harness::Harness;
use super::volumes::{set, volume};

/// A mute is remembered through other changes, and is never 0.
#[tokio::test(flavor = "multi_thread")]
async fn a_mute_goes_back_to_what_was_heard() {
    let harness = Harness::signed_in().await;
    set(&harness, serial::KITCHEN, json!({ "volume": 44 })).await;
    for _ in 0..2 {
        let (status, done) = set(&harness, serial::KITCHEN, json!({ "muted": true })).await;
        assert_eq!((status, &done["devices"][0]["volume"]), (200, &json!(0)), "{done}");
        assert_eq!(volume(&harness, serial::KITCHEN), 0);
    }
    let state = harness.api.get(&format!("/v1/devices/{}", serial::KITCHEN)).await;
    assert_eq!(state["volume"]["muted"], true, "{state}");
    set(&harness, serial::KITCHEN, json!({ "muted": false })).await;
    assert_eq!(volume(&harness, serial::KITCHEN), 44);

    // A person turned it by hand since.
    harness.pass(Duration::from_mins(1));
    harness.amazon.change_device(serial::KITCHEN, |device| device.volume = 61);
    set(&harness, serial::KITCHEN, json!({ "muted": true })).await;
    set(&harness, serial::KITCHEN, json!({ "muted": false })).await;
    assert_eq!(volume(&harness, serial::KITCHEN), 61);

    // What was silent before is not muted into silence for ever.
    harness.pass(Duration::from_mins(1));
    harness.amazon.change_device(serial::LIVING_ROOM, |device| device.volume = 0);
    set(&harness, serial::LIVING_ROOM, json!({ "muted": true })).await;
    set(&harness, serial::LIVING_ROOM, json!({ "muted": false })).await;
    assert!(volume(&harness, serial::LIVING_ROOM) > 0);
}

/// What can be heard is not unmuted.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_never_muted_stays_as_it_is() {
    let harness = Harness::signed_in().await;
    harness.amazon.change_device(serial::KITCHEN, |device| device.volume = 55);
    let (status, done) = set(&harness, serial::KITCHEN, json!({ "muted": false })).await;
    let kept = &done["devices"][0];
    assert_eq!((status, &kept["outcome"], &kept["volume"]), (200, &json!("confirmed"), &json!(55)), "{done}");
    harness.pass(Duration::from_mins(1));
    harness.amazon.behave(|quirks| quirks.volumes_of = Some(Vec::new()));
    let (status, done) = set(&harness, serial::KITCHEN, json!({ "muted": false })).await;
    let kept = &done["devices"][0];
    assert_eq!(
        (status, &kept["outcome"], &kept["volume"]),
        (200, &json!("confirmed"), &json!(null)),
        "{done}"
    );
    assert_eq!((volume(&harness, serial::KITCHEN), harness.count("/api/behaviors/preview")), (55, 0));
    harness.amazon.behave(|quirks| quirks.volumes_of = None);
    harness.amazon.change_device(serial::KITCHEN, |device| device.volume = 0);
    harness.pass(Duration::from_mins(1));
    set(&harness, serial::KITCHEN, json!({ "muted": false })).await;
    assert_eq!(volume(&harness, serial::KITCHEN), 30);
}

/// A person turned it up between two mutes.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_mute_remembers_what_was_heard_since_the_first() {
    let harness = Harness::signed_in().await;
    set(&harness, serial::KITCHEN, json!({ "volume": 44 })).await;
    set(&harness, serial::KITCHEN, json!({ "muted": true })).await;
    harness.pass(Duration::from_mins(1));
    harness.amazon.change_device(serial::KITCHEN, |device| device.volume = 61);
    set(&harness, serial::KITCHEN, json!({ "muted": true })).await;
    assert_eq!(volume(&harness, serial::KITCHEN), 0);
    set(&harness, serial::KITCHEN, json!({ "muted": false })).await;
    assert_eq!(volume(&harness, serial::KITCHEN), 61);
}
