//! Echos as media renderers, which a real Music Assistant on another host finds by itself and plays.

mod both_ways;
mod conformance;
mod controller;
mod echos;
mod failures;
mod far;
mod from_aws;
mod home_assistant;
mod house;
mod household;
mod loopback;
mod media;
mod queue;
mod queues;
mod restarts;
mod voice;

use end_to_end::amazon::serial;
use serde_json::json;

use house::{House, in_a_house};
use queues::{KITCHEN, LIVING_ROOM, PATIENCE, STUDY};

#[test]
fn each_echo_is_found_and_obeys_and_two_play_at_once() {
    in_a_house("renderers::each_echo_is_found_and_obeys_and_two_play_at_once", async |house| {
        each_echo_is_found_and_obeys(house).await;
        two_rooms_play_at_once_and_skipping_starts_once(house).await;
    });
}

async fn each_echo_is_found_and_obeys(house: &House) {
    let mut names = house.available().await;
    names.sort();
    assert_eq!(names, [STUDY, KITCHEN, "Schlafzimmer", LIVING_ROOM], "neither halves nor groups");
    let features = house.player(KITCHEN).await["supported_features"].to_string();
    for feature in ["volume_set", "volume_mute"] {
        assert!(features.contains(feature), "{feature}: {features}");
    }

    let tracks = house.tracks().await;
    house.play(KITCHEN, &tracks[..1]).await;
    house.is(KITCHEN, "playing", "Tone 1").await;
    house.has_begun(serial::KITCHEN, 1, 1).await;
    house.has_got(serial::KITCHEN, 64 * 1024).await;

    house.press(KITCHEN, "pause").await;
    house.echos.is_silent(serial::KITCHEN).await;
    house.is(KITCHEN, "paused", "Tone 1").await;
    house.press(KITCHEN, "resume").await;
    house.is(KITCHEN, "playing", "Tone 1").await;
    house.has_begun(serial::KITCHEN, 2, 2).await;
    // A person stops it.
    house.echos.is_stopped_by_voice(serial::KITCHEN).await;
    house.is(KITCHEN, "paused", "Tone 1").await;
    house.press(KITCHEN, "resume").await;
    house.is(KITCHEN, "playing", "Tone 1").await;
    house.has_begun(serial::KITCHEN, 3, 3).await;
    house.press(KITCHEN, "stop").await;
    house.echos.is_silent(serial::KITCHEN).await;
    house.is_idle(KITCHEN).await;

    house.command_player(KITCHEN, "volume_set", json!({ "volume_level": 35 })).await;
    is_as_loud(house, 35, false).await;
    house.command_player(KITCHEN, "volume_mute", json!({ "muted": true })).await;
    is_as_loud(house, 0, true).await;
    house.command_player(KITCHEN, "volume_mute", json!({ "muted": false })).await;
    is_as_loud(house, 35, false).await;
}

/// Waits until the Echo has a volume, and Music Assistant shows the one that it has without being muted.
async fn is_as_loud(house: &House, volume: u8, muted: bool) {
    let is_so = async || {
        let (echo, player) = (house.amazon().device(serial::KITCHEN), house.player(KITCHEN).await);
        echo.volume == volume && player["volume_level"] == 35 && player["volume_muted"] == muted
    };
    house.until(&format!("volume of {volume}"), PATIENCE, is_so).await;
}

async fn two_rooms_play_at_once_and_skipping_starts_once(house: &House) {
    let (shown, heard) = (house.echos.titles(serial::KITCHEN).len(), house.heard_at(serial::KITCHEN));
    let tracks = house.tracks().await;
    tokio::join!(house.play(KITCHEN, &tracks[..3]), house.play(LIVING_ROOM, &tracks[1..2]));
    tokio::join!(house.is(KITCHEN, "playing", "Tone 1"), house.is(LIVING_ROOM, "playing", "Tone 2"));
    house.has_begun(serial::KITCHEN, heard + 1, shown + 1).await;
    house.has_begun(serial::LIVING_ROOM, 1, 1).await;
    house.press(KITCHEN, "next").await;
    house.shows(serial::KITCHEN, "Tone 2").await;
    house.is(KITCHEN, "playing", "Tone 2").await;
    assert_eq!(house.echos.titles(serial::KITCHEN)[shown..], ["Tone 1", "Tone 2"], "one start for each");
    assert_eq!(house.heard_at(serial::KITCHEN), heard + 2, "one sentence for each");
    assert_eq!(house.heard_at(serial::LIVING_ROOM), 1, "the other room plays on");
}
