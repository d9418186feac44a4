//! Pushes, requests and plays, and the Amazon account.

use std::time::Duration;

use end_to_end::amazon::{Fault, Throttle};
use end_to_end::envelope::{Envelope, Played};
use ma_alexa::clock::Clock as _;
use ma_alexa::playback::{ManualPairing, PairingKind};
use ma_alexa::store::{Activity, ActivityKind};
use serde_json::json;

use super::super::harness::Harness;
use super::skill::drop_section;
use super::{Stage, stages};

#[expect(clippy::too_many_lines, reason = "it is one table")]
pub(super) fn stages() -> [Stage; 18] {
    stages! {
        [
            "push-never", "provider-never-asked", "echo-not-yet", "playback-not-yet", "stream-audio-unknown",
            "art-unknown",
        ], "Alexa provider", SetUp, |_world| {};
        ["push-not-yet", "echo-not-yet", "playback-not-yet", "stream-audio-unknown", "art-unknown"],
        "Start music", SetUp, |harness| { harness.ask_intents().await; };
        ["echo-not-yet", "push-not-yet", "playback-not-yet", "stream-audio-unknown", "art-unknown"],
        "Start music", SetUp, |harness| { harness.ask_intents().await; };
        ["playback-not-yet", "push-not-yet", "echo-not-yet", "stream-audio-unknown", "art-unknown"],
        "Start music", SetUp, |harness| { harness.ask_intents().await; };
        ["echo-never", "playback-not-yet", "stream-audio-unknown"], "Your Skills", SetUp, |harness| {
            harness.ask_intents().await;
            harness.push("Kitchen", "one").await;
            harness.pass(Duration::from_mins(3));
        };
        ["echo-not-paired"], "this is Bedroom", Healthy, |harness| {
            harness.push("Bedroom", "two").await;
            harness.pass(Duration::from_mins(3));
        };
        ["pairing-asleep"], "Enable the skill", Healthy, |harness| {
            let user = harness.store.household(harness.clock.now()).await.unwrap().echos[0].user.clone().unwrap();
            assert_eq!(harness.store.suspend(&user, harness.clock.now()).await.unwrap(), 1);
        };
        ["start-contested"], "devices page", Healthy, |harness| {
            harness.push("Bedroom", "two").await;
            for echo in ["first", "second"] {
                harness.pass(Duration::from_secs(3));
                harness.ask_skill(&Envelope::new("play-audio").from_echo(echo)).await;
            }
            harness.pass(Duration::from_mins(3));
        };
        ["start-not-taken", "stream-audio-unknown"], "Amazon reaches the Echo", Healthy, |harness| {
            harness.push("Kitchen", "two").await;
            harness.pass(Duration::from_mins(3));
        };
        ["starts-astray"], "one click", Healthy, |harness| {
            let now = harness.clock.now();
            let device = harness.store.household(now).await.unwrap().echos[0].device.clone();
            let pairing = ManualPairing {
                player: "Kitchen".into(),
                device,
                endpoint: None,
                user: None,
                kind: PairingKind::Manual,
                request: "pair".to_owned(),
                at: now,
            };
            assert!(harness.store.pair(&pairing).await.unwrap());
            for session in ["two", "three", "four"] {
                harness.push("Bedroom", session).await;
                harness.pass(Duration::from_secs(1));
                harness.ask_skill(&Envelope::new("play-audio")).await;
                harness.pass(Duration::from_mins(1));
            }
            harness.pass(Duration::from_mins(3));
        };
        ["playback-not-reported", "stream-audio-unknown"], "stream address", Healthy, |harness| {
            harness.push("Kitchen", "two").await;
            harness.pass(Duration::from_secs(1));
            harness.ask_skill(&Envelope::new("play-audio")).await;
            harness.pass(Duration::from_mins(3));
        };
        ["playback-silent"], "MP3", Healthy, |harness| {
            for session in ["two", "three"] {
                let played = harness.play("Kitchen", session).await;
                for report in ["PlaybackStarted", "PlaybackStopped"] {
                    harness.pass(Duration::from_secs(1));
                    harness.ask_skill(&Envelope::report(report, &played.token, 0)).await;
                }
            }
        };
        ["playback-failed-invalid-request"], "login", Healthy, |harness| {
            fail(harness, "MEDIA_ERROR_INVALID_REQUEST").await;
        };
        ["playback-failed-service-unavailable"], "without Wi-Fi", Healthy, |harness| {
            fail(harness, "MEDIA_ERROR_SERVICE_UNAVAILABLE").await;
        };
        ["playback-failed-internal-server-error"], "log", Healthy, |harness| {
            fail(harness, "MEDIA_ERROR_INTERNAL_SERVER_ERROR").await;
        };
        ["playback-failed-internal-device-error"], "unplug", Healthy, |harness| {
            fail(harness, "MEDIA_ERROR_INTERNAL_DEVICE_ERROR").await;
        };
        ["playback-failed-unknown"], "start the music again", Healthy, |harness| {
            fail(harness, "MEDIA_ERROR_UNKNOWN").await;
        };
        ["answer-refused"], "newest release", Healthy, |harness| {
            harness.pass(Duration::from_secs(1));
            let kind = ActivityKind::AnswerRefused { error: "INVALID_RESPONSE".to_owned() };
            harness.store.note(&Activity { at: harness.clock.now(), kind }).await.unwrap();
        };
    }
}

pub(super) fn account() -> [Stage; 5] {
    stages! {
        ["amazon-not-signed-in"], "Sign in", Healthy, |harness| { drop_section(harness, "alexa"); };
        ["amazon-sign-in-ended"], "again", Healthy, |harness| {
            harness.change_secret("amazon", |secret| {
                secret["alexa"]["ended"] = json!({ "reason": "invalid_grant", "at": harness.clock.now() });
            });
        };
        ["amazon-throttled"], "fewer programs", Healthy, |harness| {
            harness.amazon.fault("/api/devices-v2/device", Fault::Throttled(Throttle::Text), 1);
            harness.api.ask(reqwest::Method::GET, "/v1/devices?refresh=true", None).await;
        };
        ["amazon-token-stale"], "token-refresh", Healthy, |harness| { harness.pass(Duration::from_hours(3)); };
        ["amazon-unreadable", "developer-unavailable"], "may read it", Healthy, |harness| {
            harness.change_secret("amazon", |secret| *secret = json!({ "alexa": 1 }));
        };
    }
}

/// The kitchen starts something, which fails as often as it is tried.
async fn fail(harness: &Harness, error: &str) {
    let mut played = harness.play("Kitchen", "two").await;
    loop {
        harness.pass(Duration::from_secs(1));
        let answer = harness.ask_skill(&Envelope::failed(&played.token, error)).await;
        if answer["response"]["directives"].as_array().is_none_or(Vec::is_empty) {
            break;
        }
        played = Played::of(&answer);
    }
    harness.pass(Duration::from_mins(3));
}
