//! The real Music Assistant with its own Alexa provider, our binary, and Echos that obey.

mod connection;
mod contract;
mod echos;
pub(crate) mod house;
mod orders;
mod stories;
mod wire;

use std::time::Duration;

use end_to_end::music_assistant::Installation;
use serde_json::json;
use tokio::time::timeout;

use house::House;

pub(crate) const KITCHEN: &str = "Kitchen";
const OFFICE: &str = "Office";

/// What an Echo without a screen is given where no names are known yet: it does not wait for them.
const UNNAMED: &str = "Music on Kitchen";

/// The longest that a test may take, its server's start included.
const LONGEST: Duration = Duration::from_mins(4);

/// Runs a test in a home with an Echo in each room, where this machine has a Music Assistant.
pub(crate) async fn at_home(test: impl AsyncFnOnce(&House, &[String])) {
    let Some(installation) = Installation::find() else { return };
    run(House::start(&installation, &orders::ROOMS), test).await;
}

/// The same, with Echos that fetch streams through the door.
pub(crate) async fn behind_the_door(test: impl AsyncFnOnce(&House, &[String])) {
    let Some(installation) = Installation::find() else { return };
    run(House::start_with_door(&installation, &[KITCHEN, OFFICE]), test).await;
}

async fn run(house: impl Future<Output = House>, test: impl AsyncFnOnce(&House, &[String])) {
    let in_time = timeout(LONGEST, async {
        let house = house.await;
        let tracks = house.ma.tracks().await;
        test(&house, &tracks).await;
    });
    assert!(in_time.await.is_ok(), "not done within {LONGEST:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_plays_has_its_names_after_whatever_is_pressed() {
    at_home(async |house, tracks| {
        house.play_all(KITCHEN, tracks).await;
        house.plays(KITCHEN, 1, Some("Tone 1")).await;

        house.press(KITCHEN, "next").await;
        house.plays(KITCHEN, 2, Some("Tone 2")).await;
        shows(house, 1, "Tone 2");

        // The track before, or the same from its beginning, by how long it played.
        house.is_named().await;
        house.press(KITCHEN, "previous").await;
        house.plays(KITCHEN, 3, None).await;
        let title = house.player(KITCHEN).await["title"].as_str().unwrap_or_default().to_owned();
        assert!(title.starts_with("Tone "), "{title}");
        shows(house, 2, &title);

        house.command(KITCHEN, "seek", json!({ "position": 30 })).await;
        // The same track, further on.
        house.plays(KITCHEN, 4, Some(&title)).await;
        shows(house, 3, &title);

        let queue = house.queue(KITCHEN).await;
        let next = &queue["next_item"];
        house.is_named().await;
        house.command(KITCHEN, "play_index", json!({ "index": next["queue_item_id"] })).await;
        let title = next["media_item"]["name"].as_str().unwrap();
        house.plays(KITCHEN, 5, Some(title)).await;
        shows(house, 4, title);

        house.play_all(KITCHEN, &tracks[3..]).await;
        house.plays(KITCHEN, 6, Some("Tone 4")).await;

        house.play_all(OFFICE, &tracks[4..]).await;
        house.plays(OFFICE, 1, Some("Tone 5")).await;
        house.plays(KITCHEN, 6, Some("Tone 4")).await;

        house.is_settled(KITCHEN).await;
        house.press(KITCHEN, "stop").await;
        house.is(KITCHEN, "stopped", 6, Some("Tone 4")).await;
        house.plays(OFFICE, 1, Some("Tone 5")).await;
    })
    .await;
}

/// The Echo showed this title at a play, or none where Music Assistant's names came after its request: how fast they come is
/// not ours.
fn shows(house: &House, play: usize, title: &str) {
    let shown = house.shown(KITCHEN);
    assert!([title, UNNAMED].contains(&&*shown[play]), "{title}: {shown:?}");
}
