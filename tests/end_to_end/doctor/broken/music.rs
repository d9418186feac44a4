//! What is pushed, asked and played, and the Amazon account.

use std::time::Duration;

use end_to_end::amazon::{Fault, Throttle};
use end_to_end::envelope::{Envelope, Played};
use ma_alexa::clock::Clock as _;
use ma_alexa::playback::{ManualPairing, PairingKind};
use ma_alexa::store::{Activity, ActivityKind};
use serde_json::json;

use super::super::world::World;
use super::skill::drop_section;
use super::{Stage, stages};

pub(super) fn stages() -> [Stage; 18] {
    stages! {
        [
            "push-never", "provider-never-asked", "echo-not-yet", "playback-not-yet", "stream-audio-unknown",
            "art-unknown",
        ], "Alexa provider", SetUp, |_world| {};
        ["push-not-yet", "echo-not-yet", "playback-not-yet", "stream-audio-unknown", "art-unknown"],
        "Start music", SetUp, |world| { world.ask_intents().await; };
        ["echo-not-yet", "push-not-yet", "playback-not-yet", "stream-audio-unknown", "art-unknown"],
        "Start music", SetUp, |world| { world.ask_intents().await; };
        ["playback-not-yet", "push-not-yet", "echo-not-yet", "stream-audio-unknown", "art-unknown"],
        "Start music", SetUp, |world| { world.ask_intents().await; };
        ["echo-never", "playback-not-yet", "stream-audio-unknown"], "Your Skills", SetUp, |world| {
            world.ask_intents().await;
            world.push("Kitchen", "one").await;
            world.pass(Duration::from_mins(3));
        };
        ["echo-not-paired"], "this is Bedroom", Healthy, |world| {
            world.push("Bedroom", "two").await;
            world.pass(Duration::from_mins(3));
        };
        ["pairing-asleep"], "Enable the skill", Healthy, |world| {
            let user = world.store.household(world.clock.now()).await.unwrap().echos[0].user.clone().unwrap();
            assert_eq!(world.store.suspend(&user, world.clock.now()).await.unwrap(), 1);
        };
        ["start-contested"], "devices page", Healthy, |world| {
            world.push("Bedroom", "two").await;
            for echo in ["first", "second"] {
                world.pass(Duration::from_secs(3));
                world.ask_skill(&Envelope::new("play-audio").from_echo(echo)).await;
            }
            world.pass(Duration::from_mins(3));
        };
        ["start-not-taken", "stream-audio-unknown"], "reaches this Echo", Healthy, |world| {
            world.push("Kitchen", "two").await;
            world.pass(Duration::from_mins(3));
        };
        ["starts-astray"], "one click", Healthy, |world| {
            let now = world.clock.now();
            let device = world.store.household(now).await.unwrap().echos[0].device.clone();
            let pairing = ManualPairing {
                player: "Kitchen".into(),
                device,
                endpoint: None,
                user: None,
                kind: PairingKind::Manual,
                request: "pair".to_owned(),
                at: now,
            };
            assert!(world.store.pair(&pairing).await.unwrap());
            for session in ["two", "three", "four"] {
                world.push("Bedroom", session).await;
                world.pass(Duration::from_secs(1));
                world.ask_skill(&Envelope::new("play-audio")).await;
                world.pass(Duration::from_mins(1));
            }
            world.pass(Duration::from_mins(3));
        };
        ["playback-not-reported", "stream-audio-unknown"], "stream address", Healthy, |world| {
            world.push("Kitchen", "two").await;
            world.pass(Duration::from_secs(1));
            world.ask_skill(&Envelope::new("play-audio")).await;
            world.pass(Duration::from_mins(3));
        };
        ["playback-silent"], "MP3", Healthy, |world| {
            for session in ["two", "three"] {
                let played = world.play("Kitchen", session).await;
                for report in ["PlaybackStarted", "PlaybackStopped"] {
                    world.pass(Duration::from_secs(1));
                    world.ask_skill(&Envelope::report(report, &played.token, 0)).await;
                }
            }
        };
        ["playback-failed-invalid-request"], "login", Healthy, |world| {
            fail(world, "MEDIA_ERROR_INVALID_REQUEST").await;
        };
        ["playback-failed-service-unavailable"], "without WLAN", Healthy, |world| {
            fail(world, "MEDIA_ERROR_SERVICE_UNAVAILABLE").await;
        };
        ["playback-failed-internal-server-error"], "log", Healthy, |world| {
            fail(world, "MEDIA_ERROR_INTERNAL_SERVER_ERROR").await;
        };
        ["playback-failed-internal-device-error"], "unplug", Healthy, |world| {
            fail(world, "MEDIA_ERROR_INTERNAL_DEVICE_ERROR").await;
        };
        ["playback-failed-unknown"], "start the music again", Healthy, |world| {
            fail(world, "MEDIA_ERROR_UNKNOWN").await;
        };
        ["answer-refused"], "newest release", Healthy, |world| {
            world.pass(Duration::from_secs(1));
            let kind = ActivityKind::AnswerRefused { error: "INVALID_RESPONSE".to_owned() };
            world.store.note(&Activity { at: world.clock.now(), kind }).await.unwrap();
        };
    }
}

pub(super) fn account() -> [Stage; 5] {
    stages! {
        ["amazon-not-signed-in"], "Sign in", Healthy, |world| { drop_section(world, "alexa"); };
        ["amazon-sign-in-ended"], "again", Healthy, |world| {
            world.change_secret("amazon", |secret| {
                secret["alexa"]["ended"] = json!({ "reason": "invalid_grant", "at": world.clock.now() });
            });
        };
        ["amazon-throttled"], "fewer programs", Healthy, |world| {
            world.amazon.fault("/api/devices-v2/device", Fault::Throttled(Throttle::Text), 1);
            world.api.ask(reqwest::Method::GET, "/v1/devices?refresh=true", None).await;
        };
        ["amazon-token-stale"], "token-refresh", Healthy, |world| { world.pass(Duration::from_hours(3)); };
        ["amazon-unreadable", "developer-unavailable"], "may read it", Healthy, |world| {
            world.change_secret("amazon", |secret| *secret = json!({ "alexa": 1 }));
        };
    }
}

/// The kitchen starts something, which fails as often as it is tried.
async fn fail(world: &World, error: &str) {
    let mut played = world.play("Kitchen", "two").await;
    loop {
        world.pass(Duration::from_secs(1));
        let answer = world.ask_skill(&Envelope::failed(&played.token, error)).await;
        if answer["response"]["directives"].as_array().is_none_or(Vec::is_empty) {
            break;
        }
        played = Played::of(&answer);
    }
    world.pass(Duration::from_mins(3));
}
