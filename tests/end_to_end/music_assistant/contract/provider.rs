//! The Alexa provider of a stand-in, released or newer: its pushes, and the sentences that Echos hear.
#![expect(clippy::unwrap_used, reason = "a test without its server has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use end_to_end::api::{MUSIC_ASSISTANT, http_client, send, stream_url};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// A provider that pushes to our API. Its clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    api: String,
    is_newer: bool,
    client: Client,
    sentences: UnboundedSender<&'static str>,
    starts: Arc<AtomicU64>,
}

/// What a command does at a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Starts,
    Pauses,
    Resumes,
    Stops,
}

impl Provider {
    /// One for our API at an address, and what Echos hear of it, as intents. A newer one can leave its sentence out.
    pub(super) fn new(api: &str, is_newer: bool) -> (Self, UnboundedReceiver<&'static str>) {
        let (sentences, heard) = mpsc::unbounded_channel();
        let (api, client, starts) = (api.to_owned(), http_client(), Arc::default());
        (Self { api, is_newer, client, sentences, starts }, heard)
    }

    /// Does at a player what a command did.
    pub(super) async fn acts(&self, player: &str, effect: Effect) {
        let (is_unspoken, sentence) = match effect {
            Effect::Starts => (self.pushes(player).await, "PlayAudio"),
            Effect::Pauses => (self.asks(player, "pause").await, "MaPause"),
            Effect::Resumes => (self.asks(player, "resume").await, "MaResume"),
            // It always speaks to stop.
            Effect::Stops => (false, "MaStop"),
        };
        if !is_unspoken {
            // A test that no longer listens has ended.
            self.sentences.send(sentence).ok();
        }
    }

    /// Pushes a start. Whether its sentence is left out.
    async fn pushes(&self, player: &str) -> bool {
        let number = self.starts.fetch_add(1, Ordering::SeqCst);
        let mut push = json!({ "streamUrl": stream_url(&format!("session{number}"), player) });
        if self.is_newer {
            let more =
                json!({ "title": "Tone", "artist": "Artist", "playerId": player, "canSkipSpeech": true });
            push.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        }
        let answer = self.post("/ma/push-url", &push).await;
        assert_eq!(answer["pageLive"].is_boolean(), self.is_newer, "told to those that ask: {answer}");
        answer["pageLive"] == true
    }

    /// Asks whether a command needs its sentence; the released one does not ask.
    async fn asks(&self, player: &str, command: &str) -> bool {
        let body = json!({ "playerId": player, "command": command, "canSkipSpeech": true });
        self.is_newer && self.post("/ma/control", &body).await["pageLive"] == true
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let (name, password) = MUSIC_ASSISTANT;
        let request = self.client.request(Method::POST, format!("{}{path}", self.api));
        let (status, answer) = send(request.basic_auth(name, Some(password)).json(body)).await;
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }
}
