//! The players and queues that Music Assistant has for the Echos.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::time::{Duration, Instant};

use end_to_end::amazon::serial;
use end_to_end::music_assistant::MusicAssistant;
use ma_alexa::renderer::udn;
use serde_json::{Value, json};
use tokio::time::sleep;

pub(super) const KITCHEN: &str = "Küche";
pub(super) const LIVING_ROOM: &str = "Wohnzimmer";
pub(super) const STUDY: &str = "Büro";

/// How long a test waits for what is to hold, and how often it looks. It ends a test that fails, and makes none slower: a
/// Music Assistant that starts beside others takes most of a minute.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);
const STEP: Duration = Duration::from_millis(100);

/// Music Assistant, as a person uses it.
pub(super) struct Queues {
    pub(super) ma: MusicAssistant,
}

impl Queues {
    /// The names of the players that can be reached.
    pub(super) async fn available(&self) -> Vec<String> {
        let players = self.ma.command("players/all", json!({})).await;
        let players = players.as_array().unwrap().iter().filter(|player| player["available"] == true);
        players.filter_map(|player| player["name"].as_str().map(str::to_owned)).collect()
    }

    /// Waits until all renderers of the account are found.
    pub(super) async fn have_all(&self) {
        self.until("the renderers", PATIENCE, async || self.available().await.len() == 4).await;
    }

    /// A player.
    pub(super) async fn player(&self, name: &str) -> Value {
        let players = self.ma.command("players/all", json!({})).await;
        let id = Self::id(name);
        players.as_array().unwrap().iter().find(|player| player["player_id"] == id).unwrap().clone()
    }

    /// What it has of the renderer behind a player.
    pub(super) async fn renderer_of_player(&self, name: &str) -> Value {
        self.ma.command("players/get", json!({ "player_id": Self::renderer(name) })).await
    }

    /// The title of the item that follows the present one in a queue.
    pub(super) async fn title_after_present(&self, name: &str) -> String {
        let items = self.ma.command("player_queues/items", json!({ "queue_id": Self::id(name) })).await;
        let present = self.queue(name).await["current_index"].as_u64().unwrap();
        title_of(&items[usize::try_from(present).unwrap() + 1])
    }

    /// The id of a player in Music Assistant, which makes a player of its own for what speaks a protocol.
    pub(super) fn id(name: &str) -> String {
        format!("up{}", udn(serial_of(name)).replace('-', ""))
    }

    /// The id of the renderer.
    fn renderer(name: &str) -> String {
        format!("uuid:{}", udn(serial_of(name)))
    }

    pub(super) async fn tracks(&self) -> Vec<String> {
        self.ma.tracks().await
    }

    /// Plays `tracks` instead of whatever plays.
    pub(super) async fn play(&self, name: &str, tracks: &[String]) {
        self.command(name, "play_media", json!({ "media": tracks, "option": "replace" })).await;
    }

    /// Presses a button of a queue.
    pub(super) async fn press(&self, name: &str, command: &str) {
        self.command(name, command, json!({})).await;
    }

    /// Sends a command to a queue.
    pub(super) async fn command(&self, name: &str, command: &str, mut args: Value) {
        args["queue_id"] = json!(Self::id(name));
        self.ma.command(&format!("player_queues/{command}"), args).await;
    }

    /// Sends a command to a player.
    pub(super) async fn command_player(&self, name: &str, command: &str, mut args: Value) {
        args["player_id"] = json!(Self::id(name));
        self.ma.command(&format!("players/cmd/{command}"), args).await;
    }

    /// Has Music Assistant hand over each track by itself.
    pub(super) async fn plays_track_by_track(&self, name: &str) {
        for id in [Self::id(name), Self::renderer(name)] {
            let args = json!({ "player_id": id, "values": { "flow_mode": false } });
            self.ma.command("config/players/save", args).await;
        }
        self.until("the player", PATIENCE, async || self.player(name).await["available"] == true).await;
    }

    /// Waits until the queue of a player has this state, and this track.
    pub(super) async fn is(&self, name: &str, state: &str, title: &str) {
        let what = format!("{state} of {title}");
        self.until(&what, PATIENCE, async || {
            let queue = self.queue(name).await;
            queue["state"] == state && title_of(&queue["current_item"]) == title
        })
        .await;
    }

    /// Waits until the queue of a player does not play.
    pub(super) async fn is_idle(&self, name: &str) {
        self.until("rest", PATIENCE, async || self.queue(name).await["state"] == "idle").await;
    }

    pub(super) async fn queue(&self, name: &str) -> Value {
        self.ma.command("player_queues/get", json!({ "queue_id": Self::id(name) })).await
    }

    /// Looks again and again until `holds`.
    pub(super) async fn until(&self, what: &str, patience: Duration, holds: impl AsyncFn() -> bool) {
        let deadline = Instant::now() + patience;
        while !holds().await {
            if Instant::now() > deadline {
                let players = self.ma.command("players/all", json!({})).await;
                let queues = self.ma.command("player_queues/all", json!({})).await;
                panic!("no {what} in time\n{players}\n{queues}\n{}", self.ma.log());
            }
            sleep(STEP).await;
        }
    }
}

/// The title of an item of a queue; empty where there is none.
pub(super) fn title_of(item: &Value) -> String {
    item["media_item"]["name"].as_str().unwrap_or_default().to_owned()
}

fn serial_of(name: &str) -> &'static str {
    match name {
        KITCHEN => serial::KITCHEN,
        LIVING_ROOM => serial::LIVING_ROOM,
        STUDY => serial::STUDY,
        _ => panic!("no test plays {name}"),
    }
}
