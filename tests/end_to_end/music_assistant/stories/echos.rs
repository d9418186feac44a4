//! The Echo of each room: it asks, fetches what it is given, and hears what that is.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use end_to_end::api::{STREAM_BASE_URL, http_client};
use end_to_end::envelope::{Envelope, Played};
use end_to_end::music_assistant::Installation;
use end_to_end::tones::{RECOGNISED, Sound};
use ma_alexa::clock::Clock;
use ma_alexa::skill::Skill;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use super::sentences::intent;

/// The longest that the first sound of a stream may take.
const FIRST_SOUND: Duration = Duration::from_secs(30);

/// The Echos. Its clones are the same.
#[derive(Clone)]
pub(super) struct Echos(Arc<Parts>);

struct Parts {
    skill: Skill,
    clock: Arc<dyn Clock>,
    installation: Installation,
    /// Where the public address of streams leads.
    streams: String,
    client: Client,
    rooms: Mutex<BTreeMap<String, Echo>>,
    /// The requests of a room take turns, as those of an Echo do.
    turns: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// What an Echo plays, and what it heard so far.
#[derive(Default)]
struct Echo {
    playing: Option<(String, JoinHandle<()>)>,
    stopped: Option<String>,
    sounds: Vec<Sound>,
    /// What becomes the next sound.
    recognising: Option<JoinHandle<()>>,
    sentences: Vec<(Instant, String)>,
}

/// What a person got for a sentence.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// What Alexa says; empty for nothing.
    pub(super) speech: String,
    /// Whether the answer itself plays or stops, by the type of its directive; empty for neither.
    pub(super) does: String,
    /// From the request to the answer.
    pub(super) took: Duration,
    session: Value,
}

/// What becomes of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Arrives,
    IsLost,
}

impl Echos {
    pub(super) fn new(
        skill: Skill,
        clock: Arc<dyn Clock>,
        installation: &Installation,
        streams: &str,
    ) -> Self {
        let (rooms, turns) = (Mutex::default(), Mutex::default());
        let (installation, streams) = (installation.clone(), streams.to_owned());
        Self(Arc::new(Parts { skill, clock, installation, streams, client: http_client(), rooms, turns }))
    }

    /// A person says a sentence to the Echo of a room, which obeys the answer.
    pub(super) async fn says(&self, room: &str, sentence: &str) -> Said {
        self.asks(room, intent(sentence), &json!({}), Way::Arrives).await
    }

    /// The same, where the answer does not reach the Echo.
    pub(super) async fn says_in_vain(&self, room: &str, sentence: &str) -> Said {
        self.asks(room, intent(sentence), &json!({}), Way::IsLost).await
    }

    /// A button is pressed, such as `Next`. It waits for no other request of its Echo.
    pub(super) async fn is_pressed(&self, room: &str, button: &str) -> Said {
        let kind = format!("PlaybackController.{button}CommandIssued");
        let asked =
            Envelope::new("playback-controller-next-command-issued").with("/request/type", json!(kind));
        self.obeys(room, self.with_state(asked, room), Way::Arrives).await
    }

    /// A person answers a question.
    pub(super) async fn answers(&self, room: &str, question: &Said, sentence: &str) -> Said {
        self.asks(room, intent(sentence), &question.session, Way::Arrives).await
    }

    /// The Echo hears a sentence of Music Assistant's, which was said at a moment and arrives as this intent.
    pub(super) async fn hears(&self, room: &str, name: &str, at: Instant) {
        self.echo(room, |echo| echo.sentences.push((at, name.to_owned())));
        self.asks(room, json!({ "name": name, "confirmationStatus": "NONE" }), &json!({}), Way::Arrives)
            .await;
    }

    /// Its volume is set.
    pub(super) fn is_as_loud(&self, room: &str, percent: u64) {
        self.echo(room, |echo| echo.sentences.push((Instant::now(), format!("volume {percent}"))));
    }

    /// What was heard in a room, oldest first.
    pub(super) fn sounds(&self, room: &str) -> Vec<Sound> {
        self.echo(room, |echo| echo.sounds.clone())
    }

    /// The sentences of Music Assistant's that were heard in a room, as intents.
    pub(super) fn sentences(&self, room: &str) -> Vec<String> {
        self.echo(room, |echo| echo.sentences.iter().map(|(_, name)| name.clone()).collect())
    }

    /// The same with the moment at which each was said.
    pub(super) fn said(&self, room: &str) -> Vec<(Instant, String)> {
        self.echo(room, |echo| echo.sentences.clone())
    }

    /// Waits until all that came is recognised.
    pub(super) async fn have_recognised(&self, room: &str) {
        let recognising = self.echo(room, |echo| echo.recognising.take());
        if let Some(recognising) = recognising {
            recognising.await.unwrap();
        }
    }

    /// Whether a room plays.
    pub(super) fn plays(&self, room: &str) -> bool {
        self.echo(room, |echo| echo.playing.is_some())
    }

    async fn asks(&self, room: &str, intent: Value, session: &Value, way: Way) -> Said {
        let turn = Arc::clone(
            self.0.turns.lock().unwrap_or_else(PoisonError::into_inner).entry(room.to_owned()).or_default(),
        );
        let _turn = turn.lock().await;
        let asked = Envelope::new("intent-play-search-query").with("/request/intent", intent);
        let asked = self.with_state(asked.with("/session/attributes", session.clone()), room);
        self.obeys(room, asked, way).await
    }

    /// Asks the skill, and does what the answer says where that arrives.
    async fn obeys(&self, room: &str, asked: Envelope, way: Way) -> Said {
        let began = Instant::now();
        let answer = self.ask(room, asked).await;
        let took = began.elapsed();
        let response = &answer["response"];
        let does = response["directives"][0]["type"].as_str().unwrap_or_default().to_owned();
        match does.as_str() {
            "AudioPlayer.Play" if way == Way::Arrives => self.play(room, &Played::of(&answer)).await,
            "AudioPlayer.Stop" if way == Way::Arrives => self.stop(room).await,
            _ => {}
        }
        let speech = &response["outputSpeech"];
        let speech =
            speech["text"].as_str().or_else(|| speech["ssml"].as_str()).unwrap_or_default().to_owned();
        Said { speech, does, took, session: answer["sessionAttributes"].clone() }
    }

    /// The request with what the Echo plays, or played last (Alexa Skills Kit, `AudioPlayer` object of the context).
    fn with_state(&self, asked: Envelope, room: &str) -> Envelope {
        self.echo(room, |echo| match (&echo.playing, &echo.stopped) {
            (Some((token, _)), _) => asked.playing("PLAYING", token, 1000),
            (None, Some(token)) => asked.playing("STOPPED", token, 1000),
            (None, None) => asked,
        })
    }

    async fn ask(&self, room: &str, envelope: Envelope) -> Value {
        let envelope = envelope.from_echo(&format!("amzn1.ask.device.OF-{}", room.to_uppercase()));
        let envelope = envelope.at(self.0.clock.now());
        serde_json::to_value(self.0.skill.answer(&envelope.to_vec()).await.unwrap()).unwrap()
    }

    async fn play(&self, room: &str, given: &Played) {
        let before = self.echo(room, |echo| echo.playing.take());
        if let Some((token, fetch)) = before {
            fetch.abort();
            self.ask(room, Envelope::report("PlaybackStopped", &token, 1000)).await;
        }
        let path = given.url.strip_prefix(STREAM_BASE_URL).unwrap();
        let mut stream = self.0.client.get(format!("{}{path}", self.0.streams)).send().await.unwrap();
        let begun = timeout(FIRST_SOUND, first_bytes(&mut stream)).await.unwrap();
        let fetch = tokio::spawn(async move { while let Ok(Some(_)) = stream.chunk().await {} });
        // An Echo reports at once. What takes the test long is to recognise the sound.
        self.echo(room, |echo| {
            echo.stopped = None;
            echo.playing = Some((given.token.clone(), fetch));
            let recognised = self.clone().recognise(room.to_owned(), begun, echo.recognising.take());
            echo.recognising = Some(tokio::spawn(recognised));
        });
        self.ask(room, Envelope::report("PlaybackStarted", &given.token, given.offset_ms)).await;
    }

    /// Notes the sound of these bytes behind the one `before`.
    async fn recognise(self, room: String, begun: Vec<u8>, before: Option<JoinHandle<()>>) {
        let installation = self.0.installation.clone();
        let sound = spawn_blocking(move || Sound::of(&installation, &begun)).await.unwrap();
        if let Some(before) = before {
            before.await.unwrap();
        }
        self.echo(&room, |echo| echo.sounds.push(sound));
    }

    async fn stop(&self, room: &str) {
        let playing = self.echo(room, |echo| echo.playing.take());
        if let Some((token, fetch)) = playing {
            fetch.abort();
            self.echo(room, |echo| echo.stopped = Some(token.clone()));
            self.ask(room, Envelope::report("PlaybackStopped", &token, 1000)).await;
        }
    }

    fn echo<T>(&self, room: &str, look: impl FnOnce(&mut Echo) -> T) -> T {
        let mut rooms: MutexGuard<'_, BTreeMap<String, Echo>> =
            self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        look(rooms.entry(room.to_owned()).or_default())
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        for echo in self.rooms.get_mut().unwrap_or_else(PoisonError::into_inner).values() {
            if let Some((_, fetch)) = &echo.playing {
                fetch.abort();
            }
        }
    }
}

/// The bytes in which a sound is recognised.
async fn first_bytes(stream: &mut Response) -> Vec<u8> {
    assert_eq!(stream.status(), 200, "{}", stream.url());
    let mut bytes = Vec::new();
    while bytes.len() < RECOGNISED {
        let chunk = stream
            .chunk()
            .await
            .unwrap()
            .unwrap_or_else(|| panic!("{} bytes of {}", bytes.len(), stream.url()));
        bytes.extend_from_slice(&chunk);
    }
    bytes
}
