//! Echos that obey what they hear, as Alexa would have them.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use end_to_end::api::{STREAM_BASE_URL, http_client};
use end_to_end::envelope::Envelope;
use end_to_end::music_assistant::Installation;
use end_to_end::tones::{RECOGNISED, Sound};
use serde_json::{Value, json};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

use super::household::Household;
use super::queues::PATIENCE;
use crate::amazon::harness::{device_id, identify};

/// Position of a stop, in milliseconds.
pub(super) const STOPPED_AT: u64 = 12_000;

/// Positions at which the end is near, and at the end.
const NEARLY_AT: u64 = 110_000;
const END_AT: u64 = 120_000;

/// The Echos of the account.
#[derive(Clone)]
pub(super) struct Echos {
    household: Arc<dyn Household>,
    /// The address at which Music Assistant has its streams.
    streams: String,
    state: Arc<Mutex<BTreeMap<String, Echo>>>,
    /// An Echo ends what one sentence asks of it before it hears the next. Here all of them take turns.
    turn: Arc<tokio::sync::Mutex<()>>,
    behavior: Arc<Mutex<Behavior>>,
}

/// What Echos do when they hear a sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Behavior {
    /// They ask the skill, and play.
    #[default]
    Obey,
    /// They do nothing.
    HearNothing,
    /// They ask the skill, and cannot play what it gives: an error of Alexa's.
    CannotPlay(&'static str),
}

/// What an Echo plays, and what it did.
#[derive(Default)]
pub(super) struct Echo {
    playing: Option<Playing>,
    /// The token of what was stopped before.
    stopped: Option<String>,
    /// What it was given for the time after that.
    enqueued: Option<(Value, Playing)>,
    sentences: usize,
    sentences_of_provider: usize,
    shown: Vec<Names>,
    /// The addresses of what it played.
    streams: Vec<String>,
}

/// A stream that is fetched.
struct Playing {
    token: String,
    fetch: JoinHandle<()>,
    got: Arc<AtomicUsize>,
    /// Its first bytes, in which a sound is recognised.
    begun: Arc<Mutex<Vec<u8>>>,
}

/// What an Echo shows of a play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) art: String,
    /// Position at which it begins, in milliseconds.
    pub(super) from_ms: u64,
}

impl Echos {
    pub(super) fn new(household: Arc<dyn Household>, streams: &str) -> Self {
        let (state, turn, behavior) = (Arc::default(), Arc::default(), Arc::default());
        Self { household, streams: streams.to_owned(), state, turn, behavior }
    }

    /// The same Echos, whose requests another skill of the household answers.
    pub(super) fn answered_by(&self, household: Arc<dyn Household>) -> Self {
        Self { household, ..self.clone() }
    }

    /// Obeys one sentence and one stop after the other.
    pub(super) async fn listen(self) {
        let amazon = self.household.amazon();
        loop {
            let heard = tokio::select! {
                heard = amazon.next_utterance_ever() => heard,
                serial = amazon.next_stop_ever() => {
                    let _turn = self.turn.lock().await;
                    self.stop(&serial).await;
                    continue;
                }
            };
            self.echo(&heard.serial, |echo| echo.sentences += 1);
            if self.behavior() == Behavior::HearNothing {
                continue;
            }
            let _turn = self.turn.lock().await;
            let asked = self.with_state(identify(&heard), &heard.serial);
            let answer = self.household.ask_skill(&asked).await;
            self.obey(&heard.serial, &answer).await;
        }
    }

    /// What they do from now on.
    pub(super) fn behave(&self, behavior: Behavior) {
        *self.behavior.lock().unwrap_or_else(PoisonError::into_inner) = behavior;
    }

    fn behavior(&self) -> Behavior {
        *self.behavior.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A person stops it: the skill answers, and the Echo reports.
    pub(super) async fn is_stopped_by_voice(&self, serial: &str) {
        self.asks(serial, "AMAZON.PauseIntent").await;
    }

    /// The Echo asks the skill by an intent, and does what that says. What it says.
    pub(super) async fn asks(&self, serial: &str, intent: &str) -> String {
        let _turn = self.turn.lock().await;
        let asked = Envelope::new("play-audio").with("/request/intent/name", json!(intent));
        self.answered(asked, serial).await
    }

    /// A person says an intent in English, and the Echo does what the answer says. What it says.
    pub(super) async fn says(&self, serial: &str, intent: Value) -> String {
        let _turn = self.turn.lock().await;
        let asked = Envelope::new("play-audio").with("/request/intent", intent);
        self.answered(asked.with("/request/locale", json!("en-US")), serial).await
    }

    /// A button of the Echo is pressed, such as `Next`.
    pub(super) async fn is_pressed(&self, serial: &str, button: &str) {
        let kind = format!("PlaybackController.{button}CommandIssued");
        let asked =
            Envelope::new("playback-controller-next-command-issued").with("/request/type", json!(kind));
        self.answered(asked, serial).await;
    }

    /// Asks the skill, and does what the answer says. What it says.
    async fn answered(&self, asked: Envelope, serial: &str) -> String {
        let asked = self.with_state(asked.from_echo(&device_id(serial)), serial);
        let answer = self.household.ask_skill(&asked).await;
        self.obey(serial, &answer).await;
        answer["response"]["outputSpeech"]["text"].as_str().unwrap_or_default().to_owned()
    }

    /// The request with what the Echo plays, or played last (Alexa Skills Kit, `AudioPlayer` object of the context).
    fn with_state(&self, asked: Envelope, serial: &str) -> Envelope {
        self.echo(serial, |echo| match (&echo.playing, &echo.stopped) {
            (Some(playing), _) => asked.playing("PLAYING", &playing.token, STOPPED_AT),
            (None, Some(token)) => asked.playing("STOPPED", token, STOPPED_AT),
            (None, None) => asked,
        })
    }

    /// Music Assistant's own provider speaks to it, which arrives as this intent.
    pub(super) async fn hears_of_provider(&self, serial: &str, intent: &str) {
        self.echo(serial, |echo| echo.sentences_of_provider += 1);
        self.asks(serial, intent).await;
    }

    /// How many sentences of that provider it heard.
    pub(super) fn sentences_of_provider(&self, serial: &str) -> usize {
        self.echo(serial, |echo| echo.sentences_of_provider)
    }

    /// Reports that the end is near, and fetches ahead what is enqueued then. Its title; none where nothing follows.
    pub(super) async fn nears_the_end(&self, serial: &str) -> Option<String> {
        let _turn = self.turn.lock().await;
        let before = self.token(serial);
        let answer = self.report(serial, "PlaybackNearlyFinished", &before, NEARLY_AT).await;
        let directive = &answer["response"]["directives"][0];
        if directive.is_null() {
            return None;
        }
        assert_eq!(directive["playBehavior"], "ENQUEUE", "{answer}");
        assert_eq!(directive["audioItem"]["stream"]["expectedPreviousToken"], json!(before), "{answer}");
        let ahead = self.fetch(directive);
        self.echo(serial, |echo| echo.enqueued = Some((directive.clone(), ahead)));
        Some(Names::of(directive).title)
    }

    /// Plays to the end, and begins what was enqueued.
    pub(super) async fn ends(&self, serial: &str) {
        let _turn = self.turn.lock().await;
        let before = self.token(serial);
        let enqueued = self.echo(serial, |echo| {
            echo.playing = None;
            echo.enqueued.take()
        });
        self.report(serial, "PlaybackFinished", &before, END_AT).await;
        if let Some((directive, ahead)) = enqueued {
            self.begin(serial, &directive, ahead).await;
        }
    }

    /// What it showed, oldest first.
    pub(super) fn shown(&self, serial: &str) -> Vec<Names> {
        self.echo(serial, |echo| echo.shown.clone())
    }

    /// The titles of that.
    pub(super) fn titles(&self, serial: &str) -> Vec<String> {
        self.shown(serial).into_iter().map(|names| names.title).collect()
    }

    /// The addresses of what it played, oldest first.
    pub(super) fn streams(&self, serial: &str) -> Vec<String> {
        self.echo(serial, |echo| echo.streams.clone())
    }

    /// How many sentences it heard.
    pub(super) fn sentences(&self, serial: &str) -> usize {
        self.echo(serial, |echo| echo.sentences)
    }

    /// Waits until it does not play.
    pub(super) async fn is_silent(&self, serial: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.plays(serial) {
            assert!(Instant::now() < deadline, "{serial} plays on");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether it plays.
    pub(super) fn plays(&self, serial: &str) -> bool {
        self.echo(serial, |echo| echo.playing.is_some())
    }

    /// How many bytes came of what it was given for the time after the present stream.
    pub(super) fn got_ahead(&self, serial: &str) -> usize {
        self.echo(serial, |echo| {
            echo.enqueued.as_ref().map_or(0, |(_, ahead)| ahead.got.load(Ordering::Relaxed))
        })
    }

    /// How many bytes of the present stream came.
    pub(super) fn got(&self, serial: &str) -> usize {
        self.echo(serial, |echo| {
            echo.playing.as_ref().map_or(0, |playing| playing.got.load(Ordering::Relaxed))
        })
    }

    /// The sound of the present stream, once its first bytes are there.
    pub(super) async fn sound(&self, serial: &str, installation: &Installation) -> Sound {
        let deadline = Instant::now() + PATIENCE;
        while self.got(serial) < RECOGNISED {
            assert!(Instant::now() < deadline, "{serial} got {} bytes", self.got(serial));
            sleep(Duration::from_millis(50)).await;
        }
        let begun = self.echo(serial, |echo| Arc::clone(&echo.playing.as_ref().unwrap().begun));
        let begun = begun.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let installation = installation.clone();
        spawn_blocking(move || Sound::of(&installation, &begun)).await.unwrap()
    }

    fn token(&self, serial: &str) -> String {
        self.echo(serial, |echo| echo.playing.as_ref().unwrap().token.clone())
    }

    async fn obey(&self, serial: &str, answer: &Value) {
        let directive = &answer["response"]["directives"][0];
        match directive["type"].as_str() {
            Some("AudioPlayer.Play") => self.play(serial, directive).await,
            Some("AudioPlayer.Stop") => self.stop(serial).await,
            _ => {}
        }
    }

    async fn stop(&self, serial: &str) {
        let stopped = self.echo(serial, |echo| echo.playing.take());
        if let Some(playing) = stopped {
            self.echo(serial, |echo| echo.stopped = Some(playing.token.clone()));
            self.report(serial, "PlaybackStopped", &playing.token, STOPPED_AT).await;
        }
    }

    async fn play(&self, serial: &str, directive: &Value) {
        assert_eq!(directive["playBehavior"], "REPLACE_ALL", "{directive}");
        if let Behavior::CannotPlay(error) = self.behavior() {
            return self.fails(serial, directive, error).await;
        }
        let fetched = self.fetch(directive);
        self.echo(serial, |echo| echo.enqueued = None);
        self.begin(serial, directive, fetched).await;
    }

    /// Fails, and fails once more where it gets the stream again.
    async fn fails(&self, serial: &str, directive: &Value, error: &str) {
        let mut directive = directive.clone();
        loop {
            let token = directive["audioItem"]["stream"]["token"].as_str().unwrap();
            let failed = Envelope::failed(token, error).from_echo(&device_id(serial));
            let answer = self.household.ask_skill(&failed).await;
            directive = answer["response"]["directives"][0].clone();
            if directive.is_null() {
                return;
            }
        }
    }

    async fn begin(&self, serial: &str, directive: &Value, playing: Playing) {
        let (token, names) = (playing.token.clone(), Names::of(directive));
        let (stream, offset) = (&directive["audioItem"]["stream"], names.from_ms);
        self.echo(serial, |echo| {
            echo.playing = Some(playing);
            echo.stopped = None;
            echo.shown.push(names);
            echo.streams.push(stream["url"].as_str().unwrap().to_owned());
        });
        let answer = self.report(serial, "PlaybackStarted", &token, offset).await;
        if answer["response"]["directives"][0]["type"] == "AudioPlayer.Stop" {
            self.stop(serial).await;
        }
    }

    fn fetch(&self, directive: &Value) -> Playing {
        let stream = &directive["audioItem"]["stream"];
        let path = stream["url"].as_str().unwrap().strip_prefix(STREAM_BASE_URL).unwrap();
        let (url, got) = (format!("{}{path}", self.streams), Arc::new(AtomicUsize::new(0)));
        let begun = Arc::default();
        let (count, first) = (Arc::clone(&got), Arc::clone(&begun));
        let fetch = tokio::spawn(async move {
            let Ok(mut answer) = http_client().get(url).send().await else { return };
            while let Ok(Some(bytes)) = answer.chunk().await {
                keep(&first, &bytes);
                count.fetch_add(bytes.len(), Ordering::Relaxed);
            }
        });
        Playing { token: stream["token"].as_str().unwrap().to_owned(), fetch, got, begun }
    }

    async fn report(&self, serial: &str, kind: &str, token: &str, offset_ms: u64) -> Value {
        let report = Envelope::report(kind, token, offset_ms).from_echo(&device_id(serial));
        self.household.ask_skill(&report).await
    }

    fn echo<T>(&self, serial: &str, look: impl FnOnce(&mut Echo) -> T) -> T {
        let mut state: MutexGuard<'_, BTreeMap<String, Echo>> =
            self.state.lock().unwrap_or_else(PoisonError::into_inner);
        look(state.entry(serial.to_owned()).or_default())
    }
}

/// Adds what belongs to the first bytes.
fn keep(first: &Mutex<Vec<u8>>, bytes: &[u8]) {
    let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
    let missing = RECOGNISED.saturating_sub(first.len()).min(bytes.len());
    first.extend_from_slice(&bytes[..missing]);
}

impl Names {
    fn of(directive: &Value) -> Self {
        let names = &directive["audioItem"]["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            title: text(&names["title"]),
            subtitle: text(&names["subtitle"]),
            art: text(&names["art"]["sources"][0]["url"]),
            from_ms: directive["audioItem"]["stream"]["offsetInMilliseconds"].as_u64().unwrap(),
        }
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.fetch.abort();
    }
}
