//! Every order in which the real Music Assistant was seen to push and to speak, and what comes of it.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use axum::Router;
use axum::routing::get;
use serde_json::json;
use tokio::join;
use tokio::net::TcpListener;

use super::house::House;
use super::{KITCHEN, OFFICE, at_home};

/// Rooms in which one order is tried each.
const BEDROOM: &str = "Bedroom";
const HALL: &str = "Hall";
const STUDIO: &str = "Studio";

/// All rooms of the home.
pub(super) const ROOMS: [&str; 5] = [KITCHEN, OFFICE, BEDROOM, HALL, STUDIO];

/// What a start is, with this number in the story of its player.
fn start(number: usize) -> [String; 3] {
    [format!("push {number}"), "PlayAudio".to_owned(), format!("play {number}")]
}

/// Waits until the story of a player goes on from `from` with one start and nothing else, and until Music Assistant
/// knows that it plays: before, it would not stop it.
async fn starts(house: &House, player: &str, from: usize, number: usize) -> usize {
    let lines = start(number);
    let from = house.follows(player, from, &lines.each_ref().map(String::as_str)).await;
    house.goes_on(player).await;
    from
}

async fn first_start(house: &House, room: &str, tracks: &[String]) -> usize {
    house.play_all(room, tracks).await;
    starts(house, room, 0, 1).await
}

/// Each in rooms of its own, of one home.
#[tokio::test(flavor = "multi_thread")]
async fn every_order_comes_to_the_right_end() {
    at_home(async |house, tracks| {
        let bedroom = first_start(house, BEDROOM, tracks).await;
        each_button_makes_one_start_and_settings_make_none(house, bedroom).await;
        let hall = first_start(house, HALL, tracks).await;
        a_stop_just_before_a_start_does_not_end_it(house, tracks, hall).await;
        let kitchen = first_start(house, KITCHEN, tracks).await;
        of_quick_choices_the_newest_plays_once_and_each_echo_has_its_own(house, tracks, kitchen).await;
        let studio = first_start(house, STUDIO, tracks).await;
        what_is_paused_goes_on_and_comes_back_after_a_failed_announcement(house, studio).await;
    })
    .await;
}

async fn each_button_makes_one_start_and_settings_make_none(house: &House, from: usize) {
    for enabled in [true, false] {
        house.command(BEDROOM, "shuffle", json!({ "shuffle_enabled": enabled })).await;
    }
    for mode in ["all", "off"] {
        house.command(BEDROOM, "repeat", json!({ "repeat_mode": mode })).await;
    }
    let volume = json!({ "player_id": BEDROOM, "volume_level": 30 });
    house.ma.command("players/cmd/volume_set", volume).await;
    house.press(BEDROOM, "next").await;
    let from = starts(house, BEDROOM, from, 2).await;
    house.plays(BEDROOM, 2, Some("Tone 2")).await;

    // Three quick presses are one start, three tracks ahead.
    for _ in 0..3 {
        house.press(BEDROOM, "next").await;
    }
    let from = starts(house, BEDROOM, from, 3).await;
    house.plays(BEDROOM, 3, Some("Tone 5")).await;

    house.press(BEDROOM, "previous").await;
    let from = starts(house, BEDROOM, from, 4).await;
    house.command(BEDROOM, "seek", json!({ "position": 30 })).await;
    let from = starts(house, BEDROOM, from, 5).await;
    house.command(BEDROOM, "skip", json!({ "seconds": 10 })).await;
    let from = starts(house, BEDROOM, from, 6).await;
    house.command(BEDROOM, "play_index", json!({ "index": 0 })).await;
    let from = starts(house, BEDROOM, from, 7).await;
    house.command(BEDROOM, "resume", json!({})).await;
    starts(house, BEDROOM, from, 8).await;
    house.plays(BEDROOM, 8, Some("Tone 1")).await;
}

async fn a_stop_just_before_a_start_does_not_end_it(house: &House, tracks: &[String], from: usize) {
    // What replaces something that plays is stopped for first.
    let silence = house.silence().await;
    house.play_all(HALL, &tracks[1..]).await;
    drop(silence);
    let from = house.follows(HALL, from, &["MaStop", "push 2", "PlayAudio", "nothing", "play 2"]).await;
    house.plays(HALL, 2, Some("Tone 2")).await;
    house.goes_on(HALL).await;

    house.is_settled(HALL).await;
    let silence = house.silence().await;
    house.press(HALL, "stop").await;
    house.play_all(HALL, &tracks[2..]).await;
    drop(silence);
    let from = house.follows(HALL, from, &["MaStop", "push 3", "PlayAudio", "nothing", "play 3"]).await;
    house.plays(HALL, 3, Some("Tone 3")).await;
    house.goes_on(HALL).await;

    house.is_settled(HALL).await;
    house.press(HALL, "stop").await;
    house.follows(HALL, from, &["MaStop", "stop"]).await;
    house.is(HALL, "stopped", 3, Some("Tone 3")).await;
}

async fn of_quick_choices_the_newest_plays_once_and_each_echo_has_its_own(
    house: &House,
    tracks: &[String],
    from: usize,
) {
    let silence = house.silence().await;
    for index in [1, 2, 3] {
        house.command(KITCHEN, "play_index", json!({ "index": index })).await;
    }
    drop(silence);
    let choices = ["push 2", "PlayAudio", "push 3", "PlayAudio", "push 4", "PlayAudio"];
    let answers = ["play 4", "nothing", "nothing"];
    let from = house.follows(KITCHEN, from, &[&choices[..], &answers].concat()).await;
    house.plays(KITCHEN, 4, Some("Tone 4")).await;

    house.is_settled(KITCHEN).await;
    let transfer = json!({ "source_queue_id": KITCHEN, "target_queue_id": OFFICE });
    house.ma.command("player_queues/transfer", transfer).await;
    let from = house.follows(KITCHEN, from, &["MaStop", "stop"]).await;
    let from_office = starts(house, OFFICE, 0, 1).await;
    house.plays(OFFICE, 1, Some("Tone 4")).await;
    house.is(KITCHEN, "stopped", 4, Some("Tone 4")).await;

    house.is_settled(OFFICE).await;
    house.press(OFFICE, "stop").await;
    let from_office = house.follows(OFFICE, from_office, &["MaStop", "stop"]).await;
    join!(house.play_all(KITCHEN, &tracks[1..]), house.play_all(OFFICE, &tracks[2..]));
    starts(house, KITCHEN, from, 5).await;
    starts(house, OFFICE, from_office, 2).await;
    house.plays(KITCHEN, 5, Some("Tone 2")).await;
    house.plays(OFFICE, 2, Some("Tone 3")).await;
}

async fn what_is_paused_goes_on_and_comes_back_after_a_failed_announcement(house: &House, from: usize) {
    house.plays(STUDIO, 1, Some("Tone 1")).await;

    house.is_settled(STUDIO).await;
    house.press(STUDIO, "pause").await;
    let from = house.follows(STUDIO, from, &["MaPause", "stop"]).await;
    house.is(STUDIO, "stopped", 1, Some("Tone 1")).await;
    house.press(STUDIO, "play").await;
    let from = house.follows(STUDIO, from, &["MaResume", "play 1"]).await;
    house.plays(STUDIO, 1, Some("Tone 1")).await;

    // A pause is followed by a stop half a minute later.
    house.press(STUDIO, "pause").await;
    let from = house.follows(STUDIO, from, &["MaPause", "stop", "MaStop", "stop"]).await;
    house.press(STUDIO, "play").await;
    let from = starts(house, STUDIO, from, 2).await;
    house.plays(STUDIO, 2, Some("Tone 1")).await;

    house.is_settled(STUDIO).await;
    house.press(STUDIO, "pause").await;
    let from = house.follows(STUDIO, from, &["MaPause", "stop"]).await;
    // This Music Assistant has no session for an announcement: it stops, and fails before any push.
    let announcement = json!({ "player_id": STUDIO, "url": sound().await });
    let (status, _) = house.ma.try_command("players/cmd/play_announcement", announcement).await;
    assert_eq!(status, 500);
    let from = house.follows(STUDIO, from, &["MaStop", "stop"]).await;
    house.press(STUDIO, "resume").await;
    starts(house, STUDIO, from, 3).await;
    house.plays(STUDIO, 3, Some("Tone 1")).await;
}

/// The address of a second of silence.
async fn sound() -> String {
    const RATE: u32 = 8000;
    let rate = RATE.to_le_bytes();
    let sound = [
        b"RIFF".as_slice(),
        &(36 + RATE).to_le_bytes(),
        b"WAVEfmt ",
        &16_u32.to_le_bytes(),
        &[1, 0, 1, 0],
        &rate,
        &rate,
        &[1, 0, 8, 0],
        b"data",
        &rate,
        &[128; RATE as usize],
    ]
    .concat();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/sound.wav", get(async move || sound.clone()));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}/sound.wav")
}
