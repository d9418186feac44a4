//! A home: Music Assistant, `ma-alexa` beside it, and an Echo for each player.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use end_to_end::api::{Api, CREDENTIALS, MUSIC_ASSISTANT, STREAM_BASE_URL};
use end_to_end::music_assistant::{AlexaProvider, Echos, Installation, MusicAssistant};
use end_to_end::program::Program;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::JoinHandle;
use tokio::time::{sleep, sleep_until};

use super::echos::{Fetched, Living, Route, Shown};
use super::wire::{Story, Wire};
use crate::local::{command, serve};

/// The public address of the door.
pub(crate) const DOOR_URL: &str = "https://door.example.com";

/// How long a player may take to do what is waited for, and how often it is looked at. It ends a test that fails, and makes
/// none slower.
const PATIENCE: Duration = Duration::from_mins(2);
const STEP: Duration = Duration::from_millis(100);

/// How long after a start Music Assistant's stop is taken for one of what played before, and a little more.
const JUST_STARTED: Duration = Duration::from_millis(3200);

/// How long before a start names of music are taken for its own, and a little more.
const JUST_NAMED: Duration = Duration::from_millis(300);

/// The home. Everything in it ends when it is dropped.
pub(crate) struct House {
    pub(crate) ma: MusicAssistant,
    api: Api,
    story: Story,
    shown: Shown,
    fetched: Fetched,
    silence: Arc<Mutex<()>>,
    listener: JoinHandle<()>,
    _wire: Wire,
    _echos: Echos,
    _server: Program,
    _folder: Arc<TempDir>,
}

impl House {
    /// With an Echo for each of `players`, which fetches streams under a name that leads to Music Assistant.
    pub(super) async fn start(installation: &Installation, players: &[&str]) -> Self {
        Self::start_by(("STREAM_BASE_URL", STREAM_BASE_URL), installation, players).await
    }

    /// With an Echo for each of `players`, which fetches streams through the door.
    pub(super) async fn start_with_door(installation: &Installation, players: &[&str]) -> Self {
        Self::start_by(("DOOR_URL", DOOR_URL), installation, players).await
    }

    async fn start_by(
        (variable, public): (&'static str, &'static str),
        installation: &Installation,
        players: &[&str],
    ) -> Self {
        let folder = Arc::new(TempDir::new().unwrap());
        let mut local = command(folder.path(), &[]);
        local.env_remove("STREAM_BASE_URL").env(variable, public).envs(CREDENTIALS);
        let (server, base) = serve(&mut local);
        let api = Api::at(&base);
        let story = Story::default();
        let wire = Wire::start(&base, &story).await;
        let (echos, heard) = Echos::listen().await;
        let ma = MusicAssistant::start(installation, players, &echos).await;
        let provider = AlexaProvider { api_url: &wire.base, credentials: MUSIC_ASSISTANT, language: "en-US" };
        ma.load_alexa(provider, players).await;
        let leads_to = match variable {
            "DOOR_URL" => door_of(&server),
            _ => ma.streams().to_owned(),
        };
        let living = Living::new(&folder, Route { variable, public, leads_to }, &api, &story).await;
        let (shown, silence) = (Arc::clone(&living.shown), Arc::clone(&living.silence));
        let fetched = Arc::clone(&living.fetched);
        let listener = tokio::spawn(living.listen(heard));
        Self {
            ma,
            api,
            story,
            shown,
            fetched,
            silence,
            listener,
            _wire: wire,
            _echos: echos,
            _server: server,
            _folder: folder,
        }
    }

    /// Plays `tracks` instead of whatever plays.
    pub(crate) async fn play_all(&self, player: &str, tracks: &[String]) {
        let args = json!({ "queue_id": player, "media": tracks, "option": "replace" });
        self.ma.command("player_queues/play_media", args).await;
    }

    /// What our API answers its owner.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        self.api.ask(method, path, body.as_ref()).await
    }

    /// Sends a player something by our API, which takes it.
    pub(super) async fn send(&self, player: &str, what: &str, body: Value) {
        let path = format!("/v1/players/{player}/{what}");
        let (status, said) = self.ask(Method::POST, &path, Some(body.clone())).await;
        assert_eq!(status, 200, "{path} {body}: {said}\n{}", self.ma.log());
    }

    /// Presses a button of a queue.
    pub(crate) async fn press(&self, player: &str, command: &str) {
        self.command(player, command, json!({})).await;
    }

    /// Sends a command to a queue.
    pub(super) async fn command(&self, player: &str, command: &str, mut args: Value) {
        args["queue_id"] = json!(player);
        self.ma.command(&format!("player_queues/{command}"), args).await;
    }

    /// A queue, as Music Assistant has it.
    pub(crate) async fn queue(&self, player: &str) -> Value {
        self.ma.command("player_queues/get", json!({ "queue_id": player })).await
    }

    /// Waits until the player plays its start with this number; see [`Self::is`].
    pub(crate) async fn plays(&self, player: &str, version: u64, title: Option<&str>) {
        self.is(player, "playing", version, title).await;
    }

    /// Waits until the player has this state, in its start with this number, and the title; where that is not given, the
    /// one that Music Assistant has for it.
    pub(super) async fn is(&self, player: &str, state: &str, version: u64, title: Option<&str>) {
        let mut found = Value::Null;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let named = match title {
                Some(title) => json!(title),
                None => self.queue(player).await["current_item"]["media_item"]["name"].clone(),
            };
            found = self.player(player).await;
            let is_there = found["title"] == named && found["version"] == version && found["state"] == state;
            if is_there {
                return;
            }
            sleep(STEP).await;
        }
        let told = self.told(player);
        panic!("not {state} {title:?} ({version}): {found}\n{told}\n{}", self.ma.log());
    }

    /// Waits until what has passed for a player, after its first `from` lines, is this, and returns how many lines there
    /// are then. The lines are `push 1`, the intents as which sentences arrive, and what the Echo is given, as `play 1`,
    /// `stop` or `nothing`. Pushes of names are left out.
    pub(super) async fn follows(&self, player: &str, from: usize, lines: &[&str]) -> usize {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let story = self.story.of(player);
            if without_names(&story[from..]) == lines {
                return story.len();
            }
            assert!(Instant::now() < deadline, "not {lines:?}\n{}\n{}", self.told(player), self.ma.log());
            sleep(STEP).await;
        }
    }

    fn told(&self, player: &str) -> String {
        format!("{:?}, shown {:?}", self.story.of(player), self.shown(player))
    }

    /// Waits until the queue of a player plays, as far as Music Assistant knows.
    pub(super) async fn goes_on(&self, player: &str) {
        let args = json!({ "queue_id": player });
        let plays = async |ma: &MusicAssistant| {
            ma.command("player_queues/get", args.clone()).await["state"] == "playing"
        };
        self.ma.wait_for("music", plays).await;
    }

    /// Waits until a stop is no more taken for one of what played before the present start.
    pub(super) async fn is_settled(&self, player: &str) {
        let (_, started) = self.story.newest(player).unwrap();
        sleep_until((started + JUST_STARTED).into()).await;
    }

    /// Waits until the last names of what plays are no more taken for those of the next start. No person skips as fast.
    pub(super) async fn is_named(&self) {
        sleep(JUST_NAMED).await;
    }

    /// The path of the newest stream of a player, in the format that Echos fetch.
    pub(crate) fn stream(&self, player: &str) -> String {
        format!("/{}.mp3", self.story.newest(player).unwrap().0)
    }

    /// Keeps the Echos from asking until the guard is dropped. They hear what is said to them all the same.
    pub(super) async fn silence(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.silence).lock_owned().await
    }

    /// What is known of a player; null before it is.
    pub(super) async fn player(&self, player: &str) -> Value {
        self.api.ask(Method::GET, &format!("/v1/players/{player}"), None).await.1
    }

    /// The address that the Echo of a player fetches, or fetched last.
    pub(crate) fn given(&self, player: &str) -> String {
        self.fetched(player).0
    }

    /// Waits until the Echo of a player has got so many bytes.
    pub(crate) async fn has_got(&self, player: &str, bytes: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.fetched(player).1 < bytes {
            assert!(Instant::now() < deadline, "{:?}\n{}", self.fetched(player), self.ma.log());
            sleep(STEP).await;
        }
    }

    fn fetched(&self, player: &str) -> (String, usize) {
        let fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        fetched.get(player).cloned().unwrap_or_default()
    }

    /// The title of each play that its Echo was given, oldest first.
    pub(super) fn shown(&self, player: &str) -> Vec<String> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.get(player).cloned().unwrap_or_default()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// Where the door of a server listens.
pub(crate) fn door_of(server: &Program) -> String {
    let line: Value = serde_json::from_str(&server.wait_for("\"serving the door\"")).unwrap();
    format!("http://{}", line["bind"].as_str().unwrap())
}

fn without_names(story: &[String]) -> Vec<String> {
    story.iter().filter(|line| !line.contains(": ")).cloned().collect()
}
