//! One Echo, started by Music Assistant's own Alexa provider and as a renderer.

use end_to_end::amazon::serial;
use ma_alexa::playback::Player;
use serde_json::json;

use super::house::{House, in_a_house};
use super::queues::{KITCHEN, PATIENCE, Queues};

const ECHO: &str = serial::KITCHEN;

/// Plays a track by the provider, whose player has the name of the Echo.
async fn play_by_provider(house: &House, tracks: &[String]) {
    let args = json!({ "queue_id": KITCHEN, "media": tracks, "option": "replace" });
    house.ma.command("player_queues/play_media", args).await;
}

/// Waits until the Echo plays the start that was stored last.
async fn plays_the_last_start(house: &House) {
    let is_it = async || {
        let household = house.harness.household().await;
        let player = household.players.iter().find(|player| player.player.as_str() == KITCHEN);
        let stored = player.and_then(Player::start).map(|start| start.stream.to_string());
        let streams = house.echos.streams(ECHO);
        let path = |address: &str| address.split('/').skip(3).collect::<Vec<_>>().join("/");
        let stem = |address: &str| path(address).rsplit_once('.').map(|(stem, _)| stem.to_owned());
        let is_played = streams.last().zip(stored).is_some_and(|(last, stored)| stem(last) == stem(&stored));
        is_played && player.is_some_and(|player| player.report().is_some())
    };
    house.until("the last start", PATIENCE, is_it).await;
}

#[test]
fn of_two_ways_the_later_start_is_heard_once() {
    in_a_house("renderers::both_ways::of_two_ways_the_later_start_is_heard_once", async |house| {
        house.load_alexa_provider(ECHO).await;
        let tracks = house.tracks().await;
        tokio::join!(house.play(KITCHEN, &tracks[..1]), play_by_provider(house, &tracks[1..2]));
        let heard = async || house.heard_at(ECHO) >= 1 && house.echos.sentences_of_provider(ECHO) >= 1;
        house.until("both sentences", PATIENCE, heard).await;
        plays_the_last_start(house).await;

        house.play(KITCHEN, &tracks[2..3]).await;
        house.is(KITCHEN, "playing", "Tone 3").await;
        plays_the_last_start(house).await;
        assert_eq!(house.heard_at(ECHO), 2, "one sentence for each play as a renderer");

        play_by_provider(house, &tracks[3..4]).await;
        let is_by_provider = async || {
            house.echos.streams(ECHO).last().is_some_and(|stream| !stream.contains(&Queues::id(KITCHEN)))
        };
        house.until("the provider's music", PATIENCE, is_by_provider).await;
        plays_the_last_start(house).await;
        let mut streams = house.echos.streams(ECHO);
        let all = streams.len();
        streams.sort();
        streams.dedup();
        assert_eq!(streams.len(), all, "no start is heard twice");
        assert_eq!(house.heard_at(ECHO), 2, "and none is asked for twice");
    });
}
