//! The hand-over through the real router, by pushes over HTTP.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use ma_alexa::control::{Action, Control, ControlRequest, Reply};
use reqwest::Client;
use serde_json::{Value, json};

use super::super::envelope::Envelope;
use super::super::home::Home;
use super::{STARTING, next};
use crate::api::harness::{App, MA};

/// Music Assistant behind the real router: it pushes by HTTP as a newer provider does, and speaks unless it is not to.
#[derive(Debug)]
struct PushingControl {
    base: String,
    client: Client,
    sentences: Mutex<usize>,
}

impl PushingControl {
    /// What the provider does when something starts.
    async fn starts(&self, session: &str) -> Value {
        let body = json!({
            "streamUrl": format!("http://192.168.1.5:8097/flow/{session}/Kitchen/item/Kitchen.flac"),
            "title": "Blue", "artist": "Joni Mitchell", "album": "Blue", "imageUrl": null,
            "playerId": "Kitchen", "canSkipSpeech": true,
        });
        self.asks("/ma/push-url", body).await
    }

    /// Its request, and the sentence that it says unless the answer is that the music is there.
    async fn asks(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.base)).basic_auth(MA.0, Some(MA.1));
        let answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
        if answer["pageLive"] != true {
            *self.sentences.lock().unwrap() += 1;
        }
        answer
    }

    fn sentences(&self) -> usize {
        *self.sentences.lock().unwrap()
    }
}

impl Control for PushingControl {
    fn carry_out<'a>(&'a self, request: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            match request.action {
                Action::Resume => {
                    self.asks("/ma/control", json!({ "playerId": "Kitchen", "command": "resume" })).await
                }
                _ => self.starts(&request.until.millis().to_string()).await,
            };
            STARTING
        })
    }
}

#[tokio::test]
async fn the_answer_plays_what_the_provider_pushes_and_no_sentence_is_said() {
    let app = App::start().await;
    let (base, client) = (app.base.clone(), app.client.clone());
    let control = Arc::new(PushingControl { base, client, sentences: Mutex::default() });
    let home = Home::beside(app.store.clone(), app.clock.clone()).with_control(control.clone());
    assert_eq!(control.starts("one").await, json!({ "status": "ok", "version": 1, "pageLive": false }));
    assert_eq!(control.sentences(), 1);
    home.play(&Envelope::play_audio()).await;
    home.pass(60);

    let second = home.play(&next()).await;
    assert_eq!(control.sentences(), 1, "the answer needs none");
    home.pass(1);
    home.ask(&Envelope::event("Started", &second.token, 0)).await;
    home.pass(60);
    let pause = || json!({ "playerId": "Kitchen", "command": "pause" });
    assert_eq!(control.asks("/ma/control", pause()).await, json!({ "status": "ok", "pageLive": false }));
    home.ask(&Envelope::event("Stopped", &second.token, 60_000)).await;
    assert_eq!(control.asks("/ma/control", pause()).await, json!({ "status": "ok", "pageLive": true }));
    let stop = json!({ "playerId": "Kitchen", "command": "stop" });
    assert_eq!(control.asks("/ma/control", stop).await["pageLive"], true);
    assert_eq!(control.sentences(), 2);

    let resumed = home.play(&Envelope::intent("AMAZON.ResumeIntent")).await;
    assert_eq!(resumed.url, second.url, "what there is was handed over");
    assert_eq!(control.sentences(), 2);
    let resume = json!({ "playerId": "Kitchen", "command": "resume" });
    assert_eq!(control.asks("/ma/control", resume).await["pageLive"], false, "none waits");
    let other = json!({ "playerId": "Kitchen", "command": "a command of tomorrow" });
    assert_eq!(control.asks("/ma/control", other).await, json!({ "status": "ok", "pageLive": false }));
}
