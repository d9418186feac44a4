//! One-time words: which Echo is which device, and a play that says the truth.

use std::collections::BTreeMap;
use std::time::Duration;

use end_to_end::amazon::{Fault, OTHER_OWNER, Throttle, serial};
use end_to_end::api::{Api, stream_url};
use end_to_end::envelope::{Envelope, Played, nothing};
use ma_alexa::account::OneTimeWord;
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{Harness, device_id, identify, with_code};

fn spawn(api: &Api, path: &str, body: Value) -> tokio::task::JoinHandle<(u16, Value)> {
    let (api, path) = (api.clone(), path.to_owned());
    tokio::spawn(async move { api.ask(Method::POST, &path, Some(&body)).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_pairs_the_whole_house_without_a_sound() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let identified = spawn(&harness.api, "/v1/devices/identify", json!({}));
    let mut codes = BTreeMap::new();
    for _ in 0..3 {
        let (heard, answer) = harness.next_echo_asks().await;
        assert_eq!(answer["response"].get("outputSpeech"), None, "{answer}");
        assert_eq!(answer["response"].get("directives"), None, "{answer}");
        assert_ne!(answer["response"]["shouldEndSession"], false, "{answer}");
        codes.insert(heard.serial, heard.text);
    }
    let (status, done) = identified.await.unwrap();
    assert_eq!(status, 200, "{done}");
    assert_eq!(harness.count("/api/behaviors/preview"), 1, "one request for the whole house");
    // A pair is one player, for which one of its halves asks.
    let asked: Vec<&String> = codes.keys().collect();
    assert_eq!(asked, [serial::BEDROOM_LEFT, serial::KITCHEN, serial::LIVING_ROOM]);
    for device in done["devices"].as_array().unwrap() {
        let offline = device["serial"] == serial::STUDY;
        let (result, code) = (&device["result"], &device["error"]["code"]);
        let expected = if offline { ("failed", json!("device_offline")) } else { ("paired", Value::Null) };
        assert_eq!((result.as_str().unwrap(), code.clone()), expected, "{device}");
    }

    // Each Echo serves the player of its name from now on, before any was ever pushed.
    let listed = harness.api.get("/v1/devices").await;
    for (serial, name) in [(serial::KITCHEN, "Küche"), (serial::LIVING_ROOM, "Wohnzimmer")] {
        let device =
            listed["devices"].as_array().unwrap().iter().find(|device| device["serial"] == serial).unwrap();
        assert_eq!(
            (&device["player"], &device["echo"]),
            (&json!(name), &json!(device_id(serial))),
            "{device}"
        );
    }
    harness.api.push("Wohnzimmer", "Aa2keUeZ", "Blue").await;
    harness.api.push("Küche", "Bb3keUeZ", "Blue").await;
    let asked = Envelope::new("play-audio").from_echo(&device_id(serial::LIVING_ROOM));
    assert!(Played::of(&harness.ask_skill(&asked).await).url.contains("/Wohnzimmer.mp3"));
    let echos = harness.api.get("/v1/echos").await;
    let how: Vec<&Value> =
        echos["echos"].as_array().unwrap().iter().map(|echo| &echo["players"][0]["how"]).collect();
    assert!(how.iter().all(|how| **how == "code"), "{echos}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_that_never_asks_is_distinguished() {
    let harness = Harness::signed_in().await;
    let path = format!("/v1/devices/{}/identify", serial::KITCHEN);
    let (status, done) = harness.post(&path, &json!({ "wait_ms": 600 })).await;
    assert_eq!(
        (status, &done["result"], &done["error"]["code"]),
        (200, &json!("never_asked"), &json!("never_asked"))
    );
    assert!(done["error"]["message"].as_str().unwrap().contains("enabled"), "{done}");

    // The code is good for a while still, once, and only for the Echo that got it.
    let heard = harness.amazon.next_utterance().await;
    harness.ask_skill(&identify(&heard)).await;
    let stolen = identify(&heard).from_echo("a stranger");
    harness.ask_skill(&stolen).await;
    let echos = harness.api.get("/v1/echos").await;
    assert!(!echos.to_string().contains("a stranger"), "{echos}");
    for wrong in [json!({ "wait_ms": 12_001 }), json!({ "wait_ms": -1 }), json!([])] {
        assert_eq!(harness.post(&path, &wrong).await.0, 400);
    }
    let group = format!("/v1/devices/{}/identify", serial::EVERYWHERE);
    let (status, refused) = harness.post(&group, &json!({})).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("not_controllable")), "{refused}");
}

/// A person says a word that was never given, or one whose time is over.
#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_word_changes_nothing_and_makes_no_sound() {
    let harness = Harness::signed_in().await;
    let answer = harness.ask_skill(&with_code(&OneTimeWord::from_index(7))).await;
    assert_eq!(answer["response"].get("outputSpeech"), None, "{answer}");
    let path = format!("/v1/devices/{}/identify", serial::KITCHEN);
    harness.post(&path, &json!({ "wait_ms": 0 })).await;
    let heard = harness.amazon.next_utterance().await;
    harness.pass(Duration::from_mins(3));
    harness.ask_skill(&identify(&heard)).await;
    assert_eq!(harness.api.get("/v1/echos").await, json!({ "echos": [] }));
}

/// An Echo of another person of the household hears its sentence in that person's name.
#[tokio::test(flavor = "multi_thread")]
async fn an_echo_of_another_owner_is_identified_too() {
    let harness = Harness::signed_in().await;
    harness.amazon.change_device(serial::KITCHEN, |device| OTHER_OWNER.clone_into(&mut device.owner));
    let path = format!("/v1/devices/{}/identify", serial::KITCHEN);
    let identified = spawn(&harness.api, &path, json!({ "wait_ms": 4000 }));
    harness.next_echo_asks().await;
    let (status, done) = identified.await.unwrap();
    assert_eq!((status, &done["result"]), (200, &json!("paired")), "{done}");
}

fn media(session: &str, player: &str) -> Value {
    json!({ "streamUrl": stream_url(session, player), "title": "A Case of You", "artist": "Joni Mitchell" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_play_waits_for_the_echos_own_word() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let path = format!("/v1/devices/{}/play-media", serial::KITCHEN);
    let asked = spawn(&harness.api, &path, media("Aa2keUeZ", "Küche"));
    let (heard, answer) = harness.next_echo_asks().await;
    assert_eq!(heard.serial, serial::KITCHEN);
    let played = Played::of(&answer);
    assert!(played.url.ends_with("/K%C3%BCche.mp3"), "{}", played.url);
    let echo = device_id(serial::KITCHEN);
    let report = Envelope::report("PlaybackStarted", &played.token, 0).from_echo(&echo);
    assert_eq!(harness.ask_skill(&report).await, nothing());
    let (status, done) = asked.await.unwrap();
    assert_eq!(
        (status, &done["result"], &done["player"]),
        (200, &json!("playing"), &json!("Küche")),
        "{done}"
    );
    assert_eq!(done["error"], Value::Null);

    // The state is the Echo's word, and stays it when the music is stopped.
    let state = harness.api.get(&format!("/v1/devices/{}", serial::KITCHEN)).await;
    assert_eq!(
        (&state["playback"]["state"], &state["playback"]["source"]),
        (&json!("playing"), &json!("echo"))
    );
    assert_eq!(state["playback"]["title"], "A Case of You");
    let stopping = spawn(
        &harness.api,
        &format!("/v1/devices/{}/playback", serial::KITCHEN),
        json!({ "command": "stop" }),
    );
    harness.amazon.wait_for("/api/behaviors/preview", 2).await;
    let report = Envelope::report("PlaybackStopped", &played.token, 7000).from_echo(&echo);
    harness.ask_skill(&report).await;
    let (status, done) = stopping.await.unwrap();
    assert_eq!((status, &done["outcome"]), (200, &json!("confirmed")), "{done}");
    let state = harness.api.get(&format!("/v1/devices/{}", serial::KITCHEN)).await;
    assert_eq!(state["playback"]["state"], "stopped", "{state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_play_that_did_not_come_about_says_why() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let path = format!("/v1/devices/{}/play-media", serial::KITCHEN);
    let with_wait = |session: &str, wait: u64| {
        let mut body = media(session, "Küche");
        body["wait_ms"] = json!(wait);
        body
    };

    let (status, done) = harness.post(&path, &with_wait("s1", 400)).await;
    assert_eq!(
        (status, &done["result"], &done["error"]["code"]),
        (504, &json!("never_asked"), &json!("never_asked")),
        "{done}"
    );
    harness.amazon.next_utterance().await;

    let asked = spawn(&harness.api, &path, with_wait("s2", 2500));
    harness.next_echo_asks().await;
    let (status, done) = asked.await.unwrap();
    assert_eq!((status, &done["result"]), (202, &json!("starting")), "{done}");
    assert!(done["at"].is_string() && done["error"].is_null(), "{done}");

    let asked = spawn(&harness.api, &path, with_wait("s3", 6000));
    let (_, answer) = harness.next_echo_asks().await;
    let failed = Envelope::failed(&Played::of(&answer).token, "MEDIA_ERROR_INVALID_REQUEST");
    harness.ask_skill(&failed.from_echo(&device_id(serial::KITCHEN))).await;
    let (status, done) = asked.await.unwrap();
    assert_eq!(
        (status, &done["result"], &done["error"]["code"]),
        (502, &json!("failed"), &json!("playback_failed"))
    );
    let message = done["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("MEDIA_ERROR_INVALID_REQUEST") && message.contains("step Public address"),
        "{message}"
    );

    harness.amazon.fault("/api/behaviors/preview", Fault::Throttled(Throttle::Status), 1);
    let (status, done) = harness.post(&path, &with_wait("s4", 400)).await;
    assert_eq!(
        (status, &done["result"], &done["error"]["code"]),
        (429, &json!("refused"), &json!("throttled"))
    );
    assert!(done["error"]["until"].is_string(), "{done}");

    for (serial, code) in [
        (serial::STUDY, "device_offline"),
        (serial::EVERYWHERE, "not_controllable"),
        ("G0NONE", "device_unknown"),
    ] {
        let path = format!("/v1/devices/{serial}/play-media");
        let before = harness.api.get("/v1/players").await;
        let (_, refused) = harness.post(&path, &media("s5", "Küche")).await;
        assert_eq!(refused["error"]["code"], code, "{refused}");
        assert_eq!(harness.api.get("/v1/players").await, before, "nothing was stored");
    }
    let (status, refused) = harness.post(&path, &json!({ "streamUrl": "http://192.168.1.5/song.mp3" })).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("invalid_request")), "{refused}");
}

/// A pair plays as one: a half of it asks, for the pair's own player.
#[tokio::test(flavor = "multi_thread")]
async fn a_pair_plays_through_one_of_its_halves() {
    let harness = Harness::signed_in().await;
    let path = format!("/v1/devices/{}/play-media", serial::BEDROOM_PAIR);
    let asked = spawn(&harness.api, &path, media("Aa2keUeZ", "Schlafzimmer"));
    let (heard, answer) = harness.next_echo_asks().await;
    assert_eq!(heard.serial, serial::BEDROOM_LEFT);
    let played = Played::of(&answer);
    let report = Envelope::report("PlaybackStarted", &played.token, 0);
    harness.ask_skill(&report.from_echo(&device_id(serial::BEDROOM_LEFT))).await;
    let (status, done) = asked.await.unwrap();
    assert_eq!((status, &done["player"]), (200, &json!("Schlafzimmer")), "{done}");
    // What the half reports is what the pair does.
    let state = harness.api.get(&format!("/v1/devices/{}", serial::BEDROOM_PAIR)).await;
    assert_eq!(
        (&state["playback"]["state"], &state["playback"]["source"]),
        (&json!("playing"), &json!("echo"))
    );
    assert_eq!(
        (&state["player"], &state["echo"]),
        (&json!("Schlafzimmer"), &json!(device_id(serial::BEDROOM_LEFT)))
    );
}

/// The same stream again is a play again, and so is one that was played before the present one.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_played_before_is_played_again() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let path = format!("/v1/devices/{}/play-media", serial::KITCHEN);
    let echo = device_id(serial::KITCHEN);
    for (version, session) in [(1, "a"), (2, "a"), (3, "b"), (4, "a")] {
        let asked = spawn(&harness.api, &path, media(session, "Küche"));
        let (_, answer) = harness.next_echo_asks().await;
        let played = Played::of(&answer);
        assert!(played.url.contains(&format!("/flow/{session}/")), "{}", played.url);
        assert_eq!(played.offset_ms, 0);
        for report in ["PlaybackStarted", "PlaybackFinished"] {
            harness.ask_skill(&Envelope::report(report, &played.token, 0).from_echo(&echo)).await;
        }
        let (status, done) = asked.await.unwrap();
        assert_eq!((status, &done["result"], &done["version"]), (200, &json!("playing"), &json!(version)));
    }
    // A report of an older play says nothing about a new one.
    let mut body = media("a", "Küche");
    body["wait_ms"] = json!(500);
    let (status, done) = harness.post(&path, &body).await;
    assert_eq!((status, &done["result"]), (504, &json!("never_asked")), "{done}");
}

/// Amazon obeys, and its response is lost: the answer follows the Echo.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_does_not_hide_what_the_echo_does() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.fault("/api/behaviors/preview", Fault::AnswerLost, 1);
    let path = format!("/v1/devices/{}/play-media", serial::KITCHEN);
    let asked = spawn(&harness.api, &path, media("a", "Küche"));
    let played = Played::of(&harness.next_echo_asks().await.1);
    let report = Envelope::report("PlaybackStarted", &played.token, 0);
    harness.ask_skill(&report.from_echo(&device_id(serial::KITCHEN))).await;
    let (status, done) = asked.await.unwrap();
    assert_eq!((status, &done["result"]), (200, &json!("playing")), "{done}");
    assert_eq!(harness.count("/api/behaviors/preview"), 1);
}

/// Amazon obeys and answers that it failed: the Echo's own word counts, and without one nothing is said to be undone.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_after_the_sentence_does_not_end_the_wait() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let path = format!("/v1/devices/{}/play-media", serial::KITCHEN);
    harness.amazon.fault("/api/behaviors/preview", Fault::DoneButUnavailable, 1);
    let asked = spawn(&harness.api, &path, media("a", "Küche"));
    let played = Played::of(&harness.next_echo_asks().await.1);
    let report = Envelope::report("PlaybackStarted", &played.token, 0);
    harness.ask_skill(&report.from_echo(&device_id(serial::KITCHEN))).await;
    let (status, done) = asked.await.unwrap();
    assert_eq!((status, &done["result"]), (200, &json!("playing")), "{done}");

    let identify = format!("/v1/devices/{}/identify", serial::KITCHEN);
    harness.amazon.fault("/api/behaviors/preview", Fault::DoneButUnavailable, 1);
    let asked = spawn(&harness.api, &identify, json!({}));
    harness.next_echo_asks().await;
    let (status, done) = asked.await.unwrap();
    assert_eq!((status, &done["result"]), (200, &json!("paired")), "{done}");

    for (path, mut body) in [(path, media("b", "Küche")), (identify, json!({}))] {
        harness.amazon.fault("/api/behaviors/preview", Fault::Unavailable, 1);
        body["wait_ms"] = json!(300);
        let (_, done) = harness.post(&path, &body).await;
        let said = done["error"]["message"].as_str().unwrap_or_default();
        assert!(said.contains("may have been done all the same") && !said.contains("again"), "{done}");
    }
    assert_eq!(harness.count("/api/behaviors/preview"), 4, "a sentence is sent once");
}

/// Two plays at the same moment on two Echos: each asks for its own.
#[tokio::test(flavor = "multi_thread")]
async fn two_plays_at_once_reach_their_own_rooms() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let rooms = [(serial::KITCHEN, "Küche"), (serial::LIVING_ROOM, "Wohnzimmer")];
    let plays = rooms.map(|(serial, player)| {
        let mut body = media(&format!("session{serial}"), player);
        body["wait_ms"] = json!(6000);
        spawn(&harness.api, &format!("/v1/devices/{serial}/play-media"), body)
    });
    for _ in rooms {
        let (heard, answer) = harness.next_echo_asks().await;
        let played = Played::of(&answer);
        assert!(played.url.contains(&format!("session{}", heard.serial)), "{}: {}", heard.serial, played.url);
    }
    for play in plays {
        let (status, done) = play.await.unwrap();
        assert_eq!((status, &done["result"]), (202, &json!("starting")), "{done}");
    }
}
