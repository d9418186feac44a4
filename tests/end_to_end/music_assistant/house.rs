//! A home: Music Assistant, `local` beside it, and an Echo for each player.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use end_to_end::api::{Api, CREDENTIALS, MUSIC_ASSISTANT, STREAM_BASE_URL, http_client, send};
use end_to_end::envelope::{Envelope, Played};
use end_to_end::music_assistant::{AlexaProvider, Echos, Heard, Installation, MusicAssistant, Spoken};
use end_to_end::program::Program;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::local::{command, serve};

/// How long an Echo takes from the sentence to its request.
const SPEAKS: Duration = Duration::from_millis(300);

/// How long a player may take to do what is waited for, and how often it is looked at.
const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(100);

/// The home. Everything in it ends when it is dropped.
pub(super) struct House {
    pub(super) ma: MusicAssistant,
    api: Api,
    shown: Shown,
    listener: JoinHandle<()>,
    _echos: Echos,
    _server: Program,
    _folder: Arc<TempDir>,
}

/// What the skill gave the Echo of each player that asked for music: the names that it shows, oldest first.
type Shown = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

impl House {
    /// With an Echo for each of `players`.
    pub(super) async fn start(installation: &Installation, players: &[&str]) -> Self {
        let folder = Arc::new(TempDir::new().unwrap());
        let (server, base) = serve(command(folder.path(), &[]).envs(CREDENTIALS));
        let api = Api::at(&base);
        let (echos, heard) = Echos::listen().await;
        let ma = MusicAssistant::start(installation, players, &echos).await;
        let provider = AlexaProvider { api_url: &base, credentials: MUSIC_ASSISTANT, language: "en-US" };
        ma.load_alexa(provider, players).await;
        let shown = Shown::default();
        let living = Living {
            folder: Arc::clone(&folder),
            streams: ma.streams().to_owned(),
            client: http_client(),
            sentences: sentences(&api).await,
            shown: Arc::clone(&shown),
            fetching: BTreeMap::new(),
        };
        let listener = tokio::spawn(living.listen(heard));
        Self { ma, api, shown, listener, _echos: echos, _server: server, _folder: folder }
    }

    /// Plays `tracks` instead of whatever plays.
    pub(super) async fn play_all(&self, player: &str, tracks: &[String]) {
        let args = json!({ "queue_id": player, "media": tracks, "option": "replace" });
        self.ma.command("player_queues/play_media", args).await;
    }

    /// Presses a button of a queue.
    pub(super) async fn press(&self, player: &str, command: &str) {
        self.command(player, command, json!({})).await;
    }

    /// Sends a command to a queue.
    pub(super) async fn command(&self, player: &str, command: &str, mut args: Value) {
        args["queue_id"] = json!(player);
        self.ma.command(&format!("player_queues/{command}"), args).await;
    }

    /// A queue, as Music Assistant has it.
    pub(super) async fn queue(&self, player: &str) -> Value {
        self.ma.command("player_queues/get", json!({ "queue_id": player })).await
    }

    /// Waits until the player plays its start with this number; see [`Self::is`].
    pub(super) async fn plays(&self, player: &str, version: u64, title: Option<&str>) {
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
        let shown = self.shown(player);
        panic!("not {state} {title:?} ({version}): {found}, shown {shown:?}\n{}", self.ma.log());
    }

    /// What is known of a player; null before it is.
    pub(super) async fn player(&self, player: &str) -> Value {
        self.api.ask(Method::GET, &format!("/v1/players/{player}"), None).await.1
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

/// The sentences that Music Assistant says, and as which intent each arrives.
async fn sentences(api: &Api) -> BTreeMap<String, &'static str> {
    let (name, password) = MUSIC_ASSISTANT;
    let request = api.request(Method::GET, "/alexa/intents").basic_auth(name, Some(password));
    let (_, told) = send(request).await;
    let carrier = told["invocationName"].as_str().unwrap();
    let arrives_as = |intent: &str| match intent {
        "AMAZON.PauseIntent" => "MaPause",
        "AMAZON.ResumeIntent" => "MaResume",
        _ => "MaStop",
    };
    let entries = told["intents"].as_array().unwrap().iter();
    let told = entries.map(|entry| {
        let utterance = entry["utterances"][0].as_str().unwrap();
        (format!("{carrier} {utterance}"), arrives_as(entry["intent"].as_str().unwrap()))
    });
    told.chain([("ask music assistant to play audio".to_owned(), "PlayAudio")]).collect()
}

/// The Echos: each asks the skill what it hears, fetches what it is given, and reports that it plays.
struct Living {
    folder: Arc<TempDir>,
    streams: String,
    client: Client,
    sentences: BTreeMap<String, &'static str>,
    shown: Shown,
    fetching: BTreeMap<String, (String, JoinHandle<()>)>,
}

impl Living {
    async fn listen(mut self, mut heard: UnboundedReceiver<Heard>) {
        while let Some(Heard { player, what }) = heard.recv().await {
            let Spoken::Text(text) = what else { continue };
            sleep(SPEAKS).await;
            self.obey(&player, &text);
        }
    }

    fn obey(&mut self, player: &str, text: &str) {
        let Some(intent) = self.sentences.get(text) else { panic!("no Echo understands {text:?}") };
        let request = Envelope::new("play-audio").with("/request/intent/name", json!(intent));
        let answer = self.ask(&request.from_echo(&device(player)));
        let directive = &answer["response"]["directives"][0];
        match directive["type"].as_str() {
            Some("AudioPlayer.Play") => {
                let title = directive["audioItem"]["metadata"]["title"].as_str().unwrap().to_owned();
                self.start(player, &Played::of(&answer));
                let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
                shown.entry(player.to_owned()).or_default().push(title);
            }
            Some("AudioPlayer.Stop") => self.stop(player),
            _ => {}
        }
    }

    fn start(&mut self, player: &str, given: &Played) {
        self.stop(player);
        let path = given.url.strip_prefix(STREAM_BASE_URL).unwrap();
        let (client, url) = (self.client.clone(), format!("{}{path}", self.streams));
        let fetched = tokio::spawn(async move {
            let Ok(mut answer) = client.get(url).send().await else { return };
            while let Ok(Some(_)) = answer.chunk().await {}
        });
        self.fetching.insert(player.to_owned(), (given.token.clone(), fetched));
        self.ask(&Envelope::report("PlaybackStarted", &given.token, 0).from_echo(&device(player)));
    }

    fn stop(&mut self, player: &str) {
        if let Some((token, fetched)) = self.fetching.remove(player) {
            fetched.abort();
            self.ask(&Envelope::report("PlaybackStopped", &token, 1000).from_echo(&device(player)));
        }
    }

    fn ask(&self, envelope: &Envelope) -> Value {
        ask(self.folder.path(), envelope)
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        for (_, fetched) in self.fetching.values() {
            fetched.abort();
        }
    }
}

fn device(player: &str) -> String {
    format!("amzn1.ask.device.OF-{}", player.to_uppercase())
}

fn ask(folder: &Path, envelope: &Envelope) -> Value {
    let output = Program::run_with_input(&mut command(folder, &["ask", "-"]), &envelope.to_vec());
    assert!(output.status.success(), "{}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}
