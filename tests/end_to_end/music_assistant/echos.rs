//! Echos that obey: each asks the skill what it hears, fetches the stream of the answer, and reports it.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use end_to_end::api::{Api, MUSIC_ASSISTANT, http_client, send};
use end_to_end::envelope::{Envelope, Played};
use end_to_end::music_assistant::{Heard, Spoken};
use end_to_end::program::Program;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Mutex as AsyncMutex;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinHandle, block_in_place};
use tokio::time::sleep_until;

use super::wire::Story;
use crate::local::command;

/// How long an Echo takes from the sentence to its request.
const SPEAKS: Duration = Duration::from_millis(300);

/// What the skill gave the Echo of each player that asked for music: the names that it shows, oldest first.
pub(super) type Shown = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

/// What the Echo of each player fetches, or fetched last: the address, and how many bytes came.
pub(super) type Fetched = Arc<Mutex<BTreeMap<String, (String, usize)>>>;

/// How streams get out of the home in a test: the public address, and where that leads.
#[derive(Clone, Debug)]
pub(super) struct Route {
    /// The variable that has the public address.
    pub(super) variable: &'static str,
    pub(super) public: &'static str,
    pub(super) leads_to: String,
}

/// The Echos.
pub(super) struct Living {
    pub(super) folder: Arc<TempDir>,
    pub(super) route: Route,
    pub(super) fetched: Fetched,
    pub(super) sentences: BTreeMap<String, &'static str>,
    pub(super) story: Story,
    pub(super) shown: Shown,
    /// While a test holds this, no Echo asks.
    pub(super) silence: Arc<AsyncMutex<()>>,
    pub(super) client: Client,
    pub(super) fetching: BTreeMap<String, (String, JoinHandle<()>)>,
}

impl Living {
    /// Echos that play nothing yet.
    pub(super) async fn new(folder: &Arc<TempDir>, route: Route, api: &Api, story: &Story) -> Self {
        Self {
            folder: Arc::clone(folder),
            route,
            fetched: Fetched::default(),
            sentences: sentences(api).await,
            story: story.clone(),
            shown: Shown::default(),
            silence: Arc::default(),
            client: http_client(),
            fetching: BTreeMap::new(),
        }
    }

    /// Obeys one sentence after the other.
    pub(super) async fn listen(mut self, mut heard: UnboundedReceiver<Heard>) {
        let silence = Arc::clone(&self.silence);
        while let Some(Heard { player, what, at }) = heard.recv().await {
            let Spoken::Text(text) = what else { continue };
            sleep_until((at + SPEAKS).into()).await;
            let _silence = silence.lock().await;
            self.obey(&player, &text, at);
        }
    }

    fn obey(&mut self, player: &str, text: &str, at: Instant) {
        let Some(intent) = self.sentences.get(text) else { panic!("no Echo understands {text:?}") };
        self.story.add(player, at, intent);
        let request = Envelope::new("play-audio").with("/request/intent/name", json!(intent));
        let answer = self.ask(&request.from_echo(&device(player)));
        let directive = &answer["response"]["directives"][0];
        match directive["type"].as_str() {
            Some("AudioPlayer.Play") => {
                let title = directive["audioItem"]["metadata"]["title"].as_str().unwrap().to_owned();
                self.show(player, title);
                self.start(player, &Played::of(&answer));
            }
            Some("AudioPlayer.Stop") => {
                self.story.add(player, Instant::now(), "stop");
                self.stop(player);
            }
            _ => self.story.add(player, Instant::now(), "nothing"),
        }
    }

    fn show(&self, player: &str, title: String) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.entry(player.to_owned()).or_default().push(title);
    }

    fn start(&mut self, player: &str, given: &Played) {
        self.stop(player);
        self.story.add_stream(player, "play", &given.url, None);
        let path = given.url.strip_prefix(self.route.public).unwrap();
        let (client, url) = (self.client.clone(), format!("{}{path}", self.route.leads_to));
        let (fetched, of) = (Arc::clone(&self.fetched), player.to_owned());
        let fetched = tokio::spawn(async move {
            let note = |bytes| {
                let mut fetched = fetched.lock().unwrap_or_else(PoisonError::into_inner);
                fetched.insert(of.clone(), (url.clone(), bytes));
            };
            let mut came = 0;
            note(came);
            let Ok(mut answer) = client.get(&url).send().await else { return };
            while let Ok(Some(bytes)) = answer.chunk().await {
                came += bytes.len();
                note(came);
            }
        });
        self.fetching.insert(player.to_owned(), (given.token.clone(), fetched));
        let report = Envelope::report("PlaybackStarted", &given.token, given.offset_ms);
        self.ask(&report.from_echo(&device(player)));
    }

    fn stop(&mut self, player: &str) {
        if let Some((token, fetched)) = self.fetching.remove(player) {
            fetched.abort();
            self.ask(&Envelope::report("PlaybackStopped", &token, 1000).from_echo(&device(player)));
        }
    }

    fn ask(&self, envelope: &Envelope) -> Value {
        block_in_place(|| ask(self.folder.path(), &self.route, envelope))
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        for (_, fetched) in self.fetching.values() {
            fetched.abort();
        }
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

fn device(player: &str) -> String {
    format!("amzn1.ask.device.OF-{}", player.to_uppercase())
}

fn ask(folder: &Path, route: &Route, envelope: &Envelope) -> Value {
    let mut ask = command(folder, &["ask", "-"]);
    ask.env_remove("STREAM_BASE_URL").env(route.variable, route.public);
    let output = Program::run_with_input(&mut ask, &envelope.to_vec());
    assert!(output.status.success(), "{}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}
