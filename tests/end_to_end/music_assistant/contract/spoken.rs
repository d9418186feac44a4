//! The hand-over with providers that cannot be had: a newer one leaves its sentences out, the released one never does.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::sync::Arc;
use std::time::Duration;

use end_to_end::envelope::{Envelope, Played};
use ma_alexa::clock::Clock as _;
use ma_alexa::control::Repeating;
use ma_alexa::skill::Skill;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::PATIENCE;
use super::provider::Provider;
use super::stand_in::{Kind, StandIn};
use crate::amazon::harness::Harness;
use crate::music_assistant::{KITCHEN, OFFICE};

/// How long after a start a stop is taken for one of what played before, and a little more.
const JUST_STARTED: Duration = Duration::from_millis(3200);

/// A home with a stand-in, and the Echo of the kitchen.
struct Spoken {
    stand_in: StandIn,
    skill: Skill,
    heard: UnboundedReceiver<&'static str>,
    token: Option<String>,
    /// What it does, as requests tell it.
    activity: &'static str,
    harness: Harness,
}

impl Spoken {
    async fn start(kind: Kind, is_newer: bool) -> Self {
        let harness = Harness::start_with(&[("RENDERER_BIND", "off".to_owned())]).await;
        let (provider, heard) = Provider::new(&format!("http://{}", harness.api.address()), is_newer);
        let stand_in = StandIn::start_with_provider(kind, &[KITCHEN, OFFICE], Some(provider)).await;
        let sign_in = json!({ "address": stand_in.address, "token": kind.token });
        let (status, said) = harness.post("/v1/music-assistant/connect", &sign_in).await;
        assert_eq!(status, 200, "{said}");
        let skill = harness.skill_with_control(Arc::new(harness.state.home_control().clone()));
        Self { stand_in, skill, heard, token: None, activity: "IDLE", harness }
    }

    /// The Echo asks by an intent, and obeys. The type of the directive of the answer; empty for none.
    async fn asks(&mut self, intent: &str) -> String {
        let mut asked = Envelope::new("play-audio").with("/request/intent/name", json!(intent));
        if let Some(token) = &self.token {
            asked = asked.playing(self.activity, token, 9000);
        }
        let answer = self.ask(&asked).await;
        let does = answer["response"]["directives"][0]["type"].as_str().unwrap_or_default().to_owned();
        match does.as_str() {
            "AudioPlayer.Play" => {
                let Played { token, offset_ms, .. } = Played::of(&answer);
                self.ask(&Envelope::report("PlaybackStarted", &token, offset_ms)).await;
                (self.token, self.activity) = (Some(token), "PLAYING");
            }
            "AudioPlayer.Stop" => {
                self.activity = "STOPPED";
                let token = self.token.clone().unwrap();
                self.ask(&Envelope::report("PlaybackStopped", &token, 9000)).await;
            }
            _ => {}
        }
        does
    }

    async fn ask(&self, envelope: &Envelope) -> Value {
        let envelope = envelope.clone().at(self.harness.clock.now());
        serde_json::to_value(self.skill.answer(&envelope.to_vec()).await.unwrap()).unwrap()
    }

    /// Music Assistant's own page does something to the queue of the kitchen.
    async fn presses(&self, command: &str, args: Value) {
        self.stand_in.carries_out(KITCHEN, command, args).await;
    }

    /// The next sentence of Music Assistant's, which the Echo obeys; what that does.
    async fn hears(&mut self, sentence: &str) -> String {
        let heard = timeout(PATIENCE, self.heard.recv()).await.unwrap().unwrap();
        assert_eq!(heard, sentence);
        self.asks(heard).await
    }

    /// Music Assistant's stop right behind a start is taken for one of what played before.
    fn goes_on_for_a_while(&self) {
        self.harness.pass(JUST_STARTED);
    }

    /// No sentence is heard that was not waited for.
    fn heard_nothing(&mut self) {
        assert!(self.heard.try_recv().is_err());
    }
}

async fn music_assistant_plays(home: &mut Spoken) {
    let tones: Vec<String> = (1..=4).map(|number| format!("library://track/{number}")).collect();
    home.presses("play_media", json!({ "media": tones, "option": "replace" })).await;
    assert_eq!(home.hears("PlayAudio").await, "AudioPlayer.Play");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_provider_leaves_out_what_the_answer_does() {
    let kind = Kind { version: "2.11.0", schema: 34, oldest_schema: 28, token: Some("a-long-lived-token") };
    let mut home = Spoken::start(kind, true).await;
    music_assistant_plays(&mut home).await;
    for intent in ["AMAZON.NextIntent", "AMAZON.PreviousIntent", "AMAZON.StartOverIntent"] {
        assert_eq!(home.asks(intent).await, "AudioPlayer.Play", "{intent}");
    }
    home.heard_nothing();
    // The Echo is silent already.
    assert_eq!(home.asks("AMAZON.PauseIntent").await, "AudioPlayer.Stop");
    home.presses("pause", json!({})).await;
    home.heard_nothing();
    // No person waits for what Music Assistant's page does.
    home.presses("play", json!({})).await;
    assert_eq!(home.hears("MaResume").await, "AudioPlayer.Play");
    home.goes_on_for_a_while();
    home.presses("pause", json!({})).await;
    assert_eq!(home.hears("MaPause").await, "AudioPlayer.Stop");
    home.presses("play_index", json!({ "index": 2 })).await;
    assert_eq!(home.hears("PlayAudio").await, "AudioPlayer.Play");
    home.heard_nothing();
    assert_eq!(home.stand_in.repeated(KITCHEN), Repeating::Off);
    home.asks("AMAZON.LoopOnIntent").await;
    assert_eq!(home.stand_in.repeated(KITCHEN), Repeating::All);
    home.heard_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_released_provider_speaks_each_time() {
    let older = Kind { version: "2.3.6", schema: 26, oldest_schema: 24, token: None };
    let mut home = Spoken::start(older, false).await;
    music_assistant_plays(&mut home).await;
    for intent in ["AMAZON.NextIntent", "AMAZON.PreviousIntent", "AMAZON.StartOverIntent"] {
        assert_eq!(home.asks(intent).await, "", "{intent}");
        assert_eq!(home.hears("PlayAudio").await, "AudioPlayer.Play", "{intent}");
    }
    home.goes_on_for_a_while();
    home.presses("pause", json!({})).await;
    assert_eq!(home.hears("MaPause").await, "AudioPlayer.Stop");
    // It does not ask, although the Echo is silent.
    home.presses("pause", json!({})).await;
    assert_eq!(home.hears("MaPause").await, "AudioPlayer.Stop");
    home.heard_nothing();
}
