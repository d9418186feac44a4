//! The whole story, over the real binary: from nothing to music, through a bad day, to the end of the session.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::path::Path;
use std::time::{Duration, Instant};

use end_to_end::amazon::{FakeAmazon, Fault, Throttle, Utterance, serial};
use end_to_end::api::{Api, stream_url};
use end_to_end::envelope::{Envelope, Played};
use end_to_end::program::Program;
use ma_alexa::clock::{Clock as _, SystemClock, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::interval;

use super::concurrency::server;
use super::harness::{self, NONE, device_id, identify, sign_in};
use super::secrecy::found_in_store;
use super::throttles::until;
use super::volumes::{most_requests, volumes_in};
use crate::local;

#[tokio::test(flavor = "multi_thread")]
async fn from_nothing_to_music_through_a_bad_day() {
    let folder = TempDir::new().unwrap();
    let amazon = FakeAmazon::start().await;
    amazon.move_to("de");
    let (program, api) = server(folder.path(), &amazon);
    let home = Home { folder: folder.path(), amazon: &amazon, api: &api };

    assert_eq!(sign_in(&amazon, &api).await["ready"], true);
    home.identifies_all().await;
    home.plays().await;
    home.moves_a_slider().await;
    home.is_throttled_and_recovers().await;
    home.outlives_its_cookies().await;
    home.ends().await;

    assert!(amazon.violations().is_empty(), "{:?}", amazon.violations());
    assert!(amazon.max_in_flight() <= 2, "{}", amazon.max_in_flight());
    // Neither the log nor the database of all this holds anything that opens the account.
    let output = program.terminate();
    assert!(output.stderr.contains("Amazon ended the session"), "{}", output.stderr);
    assert_eq!(amazon.secrets_in(&(output.stdout + &output.stderr)), NONE);
    assert_eq!(found_in_store(&amazon, &folder.path().join("data")), NONE);
}

struct Home<'a> {
    folder: &'a Path,
    amazon: &'a FakeAmazon,
    api: &'a Api,
}

impl Home<'_> {
    async fn identifies_all(&self) {
        let identified = self.spawn(Method::POST, "/v1/devices/identify", json!({}));
        for _ in 0..3 {
            self.ask(&identify(&self.amazon.next_utterance().await));
        }
        let (status, done) = identified.await.unwrap();
        let devices = done["devices"].as_array().unwrap();
        let paired = devices.iter().filter(|device| device["result"] == "paired").count();
        assert_eq!((status, paired), (200, 3), "{done}");
    }

    async fn plays(&self) {
        let body = json!({ "streamUrl": stream_url("Aa2keUeZ", "Küche"), "title": "A Case of You" });
        let path = format!("/v1/devices/{}/play-media", serial::KITCHEN);
        let asked = self.spawn(Method::POST, &path, body);
        let heard: Utterance = self.amazon.next_utterance().await;
        let played = Played::of(&self.ask(&identify(&heard)));
        let report = Envelope::report("PlaybackStarted", &played.token, 0);
        self.ask(&report.from_echo(&device_id(serial::KITCHEN)));
        let (status, done) = asked.await.unwrap();
        assert_eq!((status, &done["result"]), (200, &json!("playing")), "{done}");
        assert_eq!(self.api.player("Küche").await["state"], "playing");
    }

    async fn moves_a_slider(&self) {
        let before = self.amazon.requests("/api/behaviors/preview").len();
        let path = format!("/v1/devices/{}/volume", serial::KITCHEN);
        let (began, mut moves) = (Instant::now(), Vec::new());
        let mut pace = interval(Duration::from_millis(66));
        for value in 1..=30 {
            pace.tick().await;
            moves.push(self.spawn(Method::PUT, &path, json!({ "volume": value })));
        }
        let most = most_requests(began.elapsed());
        for done in moves {
            let (status, done) = done.await.unwrap();
            assert_eq!(status, 200, "{done}");
        }
        let sent = self.amazon.requests("/api/behaviors/preview").split_off(before);
        assert!((2..=most).contains(&sent.len()), "{} requests for thirty moves", sent.len());
        assert_eq!(volumes_in(sent.last().unwrap()), [(serial::KITCHEN.to_owned(), 30)]);
        assert_eq!(self.amazon.device(serial::KITCHEN).volume, 30);
    }

    async fn is_throttled_and_recovers(&self) {
        self.amazon.fault("/api/behaviors/preview", Fault::Throttled(Throttle::RetryAfter(3)), 1);
        let path = format!("/v1/devices/{}/volume", serial::KITCHEN);
        let louder = json!({ "volume": 40 });
        let mut closed_until = Timestamp::from_millis(0);
        for _ in 0..2 {
            let (status, refused) = self.api.ask(Method::PUT, &path, Some(&louder)).await;
            assert_eq!((status, &refused["error"]["code"]), (429, &json!("throttled")), "{refused}");
            closed_until = until(&refused["error"]);
        }
        let throttled = async || self.api.get("/v1/amazon").await["lanes"][0]["throttled_until"].is_string();
        assert!(throttled().await);
        let before = self.amazon.requests("/api/behaviors/preview").len();
        harness::until(async || !throttled().await).await;
        // As long as Amazon asked for, by the clock that the program has, too.
        assert!(SystemClock.now() >= closed_until);
        let (status, done) = self.api.ask(Method::PUT, &path, Some(&louder)).await;
        assert_eq!((status, &done["devices"][0]["outcome"]), (200, &json!("confirmed")), "{done}");
        assert_eq!(self.amazon.requests("/api/behaviors/preview").len(), before + 1);
    }

    async fn outlives_its_cookies(&self) {
        self.amazon.expire_cookies();
        self.amazon.expire_access_tokens();
        let path = format!("/v1/devices/{}/do-not-disturb", serial::KITCHEN);
        let (status, done) = self.api.ask(Method::PUT, &path, Some(&json!({ "enabled": true }))).await;
        assert_eq!((status, &done["outcome"]), (200, &json!("confirmed")), "{done}");
        let (status, report) = self.api.ask(Method::POST, "/v1/amazon/refresh", Some(&json!({}))).await;
        assert_eq!((status, &report["refreshed"]), (200, &json!([])), "it was renewed just now: {report}");
        assert_eq!(self.amazon.requests("/auth/register").len(), 1);
    }

    async fn ends(&self) {
        self.amazon.revoke();
        let (status, refused) = self.api.ask(Method::GET, "/v1/devices?refresh=true", None).await;
        assert_eq!((status, &refused["error"]["code"]), (409, &json!("sign_in_again")), "{refused}");
        let account = self.api.get("/v1/amazon").await;
        assert_eq!(account["sign_in_again"]["reason"], "invalid_grant", "{account}");
        // The music does not need Amazon's permission: MA still pushes, and the Echo still asks.
        self.api.push("Küche", "Bb3keUeZ", "Blue").await;
        let asks = Envelope::new("play-audio").from_echo(&device_id(serial::KITCHEN));
        assert!(Played::of(&self.ask(&asks)).url.contains("Bb3keUeZ"));
        assert_eq!(sign_in(self.amazon, self.api).await["ready"], true);
        assert_eq!(self.api.get("/v1/amazon").await["sign_in_again"], Value::Null);
    }

    fn spawn(&self, method: Method, path: &str, body: Value) -> JoinHandle<(u16, Value)> {
        let (api, path) = (self.api.clone(), path.to_owned());
        tokio::spawn(async move { api.ask(method, &path, Some(&body)).await })
    }

    /// What the skill answers an Echo, in a process of its own.
    fn ask(&self, envelope: &Envelope) -> Value {
        let mut ask = local::command(self.folder, &["ask", "-"]);
        let output = Program::run_with_input(&mut ask, &envelope.to_vec());
        assert!(output.status.success(), "{}", output.stderr);
        assert_eq!(self.amazon.secrets_in(&output.stderr), NONE);
        serde_json::from_str(&output.stdout).unwrap()
    }
}
