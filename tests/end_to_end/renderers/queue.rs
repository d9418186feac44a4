//! Music Assistant's queue, track by track: whatever is pressed, the right track follows, by one start at most.

use end_to_end::amazon::serial;
use serde_json::json;

use super::house::{House, in_a_house};
use super::queues::{KITCHEN, title_of};

const ECHO: &str = serial::KITCHEN;

/// What an Echo did so far.
struct Done {
    sentences: usize,
    titles: Vec<String>,
}

impl Done {
    /// Waits until the Echo plays a title, after this many more sentences.
    async fn begins(&mut self, house: &House, title: &str, sentences: usize, why: &str) {
        self.titles.push(title.to_owned());
        self.sentences += sentences;
        let plays = async || house.echos.titles(ECHO).len() >= self.titles.len();
        house.until(why, super::queues::PATIENCE, plays).await;
        house.is(KITCHEN, "playing", title).await;
        assert_eq!(house.echos.titles(ECHO), self.titles, "{why}");
        assert_eq!(house.heard_at(ECHO), self.sentences, "{why}");
    }

    /// The present track ends, and this one follows without a sentence.
    async fn goes_on(&mut self, house: &House, title: &str, why: &str) {
        house.knows_next(KITCHEN, title).await;
        assert_eq!(house.echos.nears_the_end(ECHO).await.as_deref(), Some(title), "{why}");
        // Music Assistant sees that it is fetched ahead.
        let is_ahead = async || house.echos.got_ahead(ECHO) > 0;
        house.until("stream that is fetched ahead", super::queues::PATIENCE, is_ahead).await;
        house.echos.ends(ECHO).await;
        self.begins(house, title, 0, why).await;
    }
}

#[test]
fn the_right_track_follows_by_one_start() {
    in_a_house("renderers::queue::the_right_track_follows_by_one_start", async |house| {
        let tracks = house.tracks().await;
        house.plays_track_by_track(KITCHEN).await;
        let mut done = Done { sentences: 0, titles: Vec::new() };
        house.play(KITCHEN, &tracks[..4]).await;
        done.begins(house, "Tone 1", 1, "a play").await;
        let names = house.echos.shown(ECHO).remove(0);
        assert_eq!(names.subtitle, "Artist 1", "{names:?}");
        assert!(names.art.starts_with("https://"), "{names:?}");

        house.command(KITCHEN, "seek", json!({ "position": 30 })).await;
        done.begins(house, "Tone 1", 1, "a seek").await;
        house.press(KITCHEN, "next").await;
        done.begins(house, "Tone 2", 1, "the next track").await;
        house.press(KITCHEN, "previous").await;
        let before = title_of(&house.queue(KITCHEN).await["current_item"]);
        done.begins(house, &before, 1, "the track before").await;

        house.command(KITCHEN, "play_index", json!({ "index": 0 })).await;
        done.begins(house, "Tone 1", 1, "a choice").await;
        done.goes_on(house, "Tone 2", "the end of a track").await;

        // The Echo has what follows already, and fetches it.
        house.knows_next(KITCHEN, "Tone 3").await;
        house.command(KITCHEN, "repeat", json!({ "repeat_mode": "one" })).await;
        done.goes_on(house, "Tone 2", "a repeated track").await;
        // The track that is fetched ahead is repeated, too.
        house.knows_next(KITCHEN, "Tone 2").await;
        assert_eq!(house.echos.nears_the_end(ECHO).await.as_deref(), Some("Tone 2"));
        house.is_asked_again(ECHO).await;
        house.echos.ends(ECHO).await;
        done.begins(house, "Tone 2", 0, "a track that is repeated once more").await;
        done.goes_on(house, "Tone 2", "a track that is repeated a third time").await;
        house.command(KITCHEN, "repeat", json!({ "repeat_mode": "off" })).await;
        done.goes_on(house, "Tone 3", "the end of the repetition").await;

        house.command(KITCHEN, "play_index", json!({ "index": 0 })).await;
        done.begins(house, "Tone 1", 1, "another choice").await;
        house.knows_next(KITCHEN, "Tone 2").await;
        house.command(KITCHEN, "shuffle", json!({ "shuffle_enabled": true })).await;
        let next = house.title_after_present(KITCHEN).await;
        done.goes_on(house, &next, "a shuffled track").await;
        house.command(KITCHEN, "shuffle", json!({ "shuffle_enabled": false })).await;

        house.command(KITCHEN, "play_index", json!({ "index": 3 })).await;
        let last = title_of(&house.queue(KITCHEN).await["current_item"]);
        done.begins(house, &last, 1, "the last track").await;
        house.command(KITCHEN, "repeat", json!({ "repeat_mode": "all" })).await;
        done.goes_on(house, "Tone 1", "the first track after the last one").await;
        house.knows_next(KITCHEN, &house.title_after_present(KITCHEN).await).await;
        house.command(KITCHEN, "repeat", json!({ "repeat_mode": "off" })).await;
        // It says half a second later what follows, even where something else was started meanwhile.
        house.is_asked_again(ECHO).await;

        house.command(KITCHEN, "play_index", json!({ "index": 3 })).await;
        done.begins(house, &last, 1, "the last track again").await;
        assert_eq!(house.echos.nears_the_end(ECHO).await, None, "nothing follows");
        house.echos.ends(ECHO).await;
        house.is_idle(KITCHEN).await;
        assert_eq!(house.renderer(ECHO).await["state"], "stopped");

        // A start that came late would be counted here.
        house.play(KITCHEN, &tracks[4..]).await;
        done.begins(house, "Tone 5", 1, "a play after the end").await;
    });
}

/// What the Echo was given for the time after the present track is chosen again before it begins.
#[test]
fn what_takes_the_place_of_a_given_track_is_heard() {
    in_a_house("renderers::queue::what_takes_the_place_of_a_given_track_is_heard", async |house| {
        let tracks = house.tracks().await;
        house.plays_track_by_track(KITCHEN).await;
        house.play(KITCHEN, &tracks[..3]).await;
        house.is(KITCHEN, "playing", "Tone 1").await;
        house.has_begun(ECHO, 1, 1).await;
        house.knows_next(KITCHEN, "Tone 2").await;
        assert_eq!(house.echos.nears_the_end(ECHO).await.as_deref(), Some("Tone 2"));
        let second = house.queue(KITCHEN).await["next_item"]["queue_item_id"].clone();
        house.command(KITCHEN, "delete_item", json!({ "item_id_or_index": second })).await;
        house.knows_next(KITCHEN, "Tone 3").await;
        house.echos.ends(ECHO).await;
        house.is(KITCHEN, "playing", "Tone 3").await;
        house.shows(ECHO, "Tone 3").await;
        assert_eq!(house.echos.titles(ECHO), ["Tone 1", "Tone 2", "Tone 3"], "the second one is stopped");
        assert_eq!(house.heard_at(ECHO), 2, "the third one is asked for");
    });
}
