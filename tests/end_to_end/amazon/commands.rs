//! Commands to a device, and its state afterwards.

use end_to_end::amazon::{Fault, Media, OTHER_OWNER, serial};
use serde_json::json;

use super::harness::Harness;

async fn playback(harness: &Harness, serial: &str, command: &str) -> (u16, serde_json::Value) {
    harness.post(&format!("/v1/devices/{serial}/playback"), &json!({ "command": command })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_obeys_and_amazon_confirms_it() {
    let harness = Harness::signed_in().await;
    harness.amazon.play(serial::KITCHEN, Media::track("Blue", "Joni Mitchell"));
    let media = || harness.amazon.device(serial::KITCHEN).media;
    for (command, playing) in [("pause", false), ("resume", true), ("pause", false), ("play", true)] {
        let (status, done) = playback(&harness, serial::KITCHEN, command).await;
        assert_eq!((status, &done["outcome"]), (200, &json!("confirmed")), "{command}: {done}");
        assert_eq!(media().map(|media| media.playing), Some(playing));
    }
    // A skip cannot be told from none.
    for (command, skipped) in [("next", 1), ("next", 2), ("previous", 1)] {
        let (status, done) = playback(&harness, serial::KITCHEN, command).await;
        assert_eq!((status, &done["outcome"]), (200, &json!("accepted")), "{command}: {done}");
        assert_eq!(media().map(|media| media.skipped), Some(skipped));
    }
    let (status, _) = playback(&harness, serial::KITCHEN, "stop").await;
    assert_eq!(status, 200);
    assert!(media().is_none_or(|media| !media.playing));
    let (status, refused) = playback(&harness, serial::KITCHEN, "rewind").await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("invalid_request")), "{refused}");
}

/// Amazon's own player knows nothing of Spotify, and of nothing that is idle.
#[tokio::test(flavor = "multi_thread")]
async fn what_amazons_player_does_not_know_is_stopped_another_way() {
    let harness = Harness::signed_in().await;
    let mut track = Media::track("Blue", "Joni Mitchell");
    "Spotify".clone_into(&mut track.provider);
    harness.amazon.play(serial::KITCHEN, track);
    let (status, done) = playback(&harness, serial::KITCHEN, "pause").await;
    assert_eq!(status, 200, "{done}");
    assert!(harness.amazon.device(serial::KITCHEN).media.is_none_or(|media| !media.playing));
    for command in ["next", "play"] {
        let (status, refused) = playback(&harness, serial::LIVING_ROOM, command).await;
        assert_eq!((status, &refused["error"]["code"]), (409, &json!("not_controllable")), "{refused}");
    }
    harness.amazon.behave(|quirks| quirks.queues_expired = true);
    let (status, refused) = playback(&harness, serial::KITCHEN, "next").await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("not_controllable")), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_say_which_kind_they_are() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let (status, refused) = playback(&harness, serial::STUDY, "pause").await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("device_offline")), "{refused}");
    for (fault, code) in [
        (Fault::Unavailable, "amazon_unavailable"),
        (Fault::Closed, "amazon_unavailable"),
        (Fault::Html, "session_refused"),
        (Fault::Forbidden, "session_refused"),
    ] {
        harness.amazon.fault("/api/np/command", fault, 2);
        let (_, refused) = playback(&harness, serial::KITCHEN, "next").await;
        assert_eq!(refused["error"]["code"], code, "{fault:?}: {refused}");
        harness.amazon.heal();
    }
}

/// Speech and announcements have names of their own, and a group is named by its members.
#[tokio::test(flavor = "multi_thread")]
async fn speech_and_announcements_reach_every_member() {
    let harness = Harness::signed_in().await;
    let path = format!("/v1/devices/{}/speak", serial::EVERYWHERE);
    let (status, done) = harness.post(&path, &json!({ "text": "Dinner" })).await;
    assert_eq!((status, &done["outcome"]), (200, &json!("accepted")), "{done}");
    for member in [serial::KITCHEN, serial::LIVING_ROOM] {
        assert_eq!(harness.amazon.device(member).spoken, ["Dinner"]);
    }
    assert_eq!(harness.count("/api/behaviors/preview"), 1);

    let body =
        json!({ "text": "Tea", "title": "Kitchen", "devices": [serial::EVERYWHERE, serial::BEDROOM_LEFT] });
    let (status, done) = harness.post("/v1/devices/announce", &body).await;
    assert_eq!((status, done["devices"].as_array().map(Vec::len)), (200, Some(2)), "{done}");
    for member in [serial::KITCHEN, serial::LIVING_ROOM, serial::BEDROOM_LEFT] {
        assert_eq!(harness.amazon.device(member).announced, ["Tea"], "{member}");
    }

    let (status, done) = harness.post("/v1/devices/announce", &json!({ "text": "Bed" })).await;
    assert_eq!(status, 200, "{done}");
    let study =
        done["devices"].as_array().and_then(|all| all.iter().find(|one| one["serial"] == serial::STUDY));
    assert_eq!(study.map(|study| &study["error"]["code"]), Some(&json!("device_offline")), "{done}");
    assert_eq!(harness.amazon.device(serial::BEDROOM_RIGHT).announced, ["Bed"]);
    assert!(harness.amazon.device(serial::STUDY).announced.is_empty());
    assert!(harness.amazon.dropped().is_empty(), "{:?}", harness.amazon.dropped());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_is_heard_once_by_one_echo() {
    let harness = Harness::signed_in().await;
    let path = format!("/v1/devices/{}/text", serial::BEDROOM_PAIR);
    let (status, done) = harness.post(&path, &json!({ "text": "what  time is it\n" })).await;
    assert_eq!((status, &done["outcome"]), (200, &json!("accepted")), "{done}");
    let heard = harness.amazon.next_utterance().await;
    assert_eq!((heard.serial.as_str(), heard.text.as_str()), (serial::BEDROOM_LEFT, "what  time is it"));
    assert!(harness.amazon.heard().await.is_none());
    let group = format!("/v1/devices/{}/text", serial::EVERYWHERE);
    let (status, refused) = harness.post(&group, &json!({ "text": "stop" })).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("not_controllable")), "{refused}");
    for wrong in
        [json!({ "text": "" }), json!({ "text": " \n" }), json!({ "text": "x".repeat(251) }), json!({})]
    {
        let (status, refused) = harness.post(&path, &wrong).await;
        assert_eq!((status, &refused["error"]["code"]), (400, &json!("invalid_request")), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn do_not_disturb_is_what_amazon_repeats() {
    let harness = Harness::signed_in().await;
    let path = format!("/v1/devices/{}/do-not-disturb", serial::KITCHEN);
    for enabled in [true, false] {
        let (status, done) = harness.put(&path, &json!({ "enabled": enabled })).await;
        assert_eq!((status, &done["outcome"]), (200, &json!("confirmed")), "{done}");
        assert_eq!(harness.amazon.device(serial::KITCHEN).do_not_disturb, enabled);
        let state = harness.api.get(&format!("/v1/devices/{}", serial::KITCHEN)).await;
        assert_eq!(state["do_not_disturb"]["enabled"], enabled, "{state}");
    }
    let group = format!("/v1/devices/{}/do-not-disturb", serial::EVERYWHERE);
    let (status, refused) = harness.put(&group, &json!({ "enabled": true })).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("not_controllable")), "{refused}");
}

/// Amazon says 200 to what it drops, and nothing more is claimed than that.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_amazon_dropped_is_only_accepted() {
    let harness = Harness::signed_in().await;
    harness.amazon.change_device(serial::KITCHEN, |device| OTHER_OWNER.clone_into(&mut device.owner));
    let path = format!("/v1/devices/{}/speak", serial::KITCHEN);
    let (status, done) = harness.post(&path, &json!({ "text": "hello" })).await;
    assert_eq!((status, &done["outcome"]), (200, &json!("accepted")), "{done}");
}

/// Amazon fails after it had a command: whether it was done is not known, and nothing says that it was not.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_command_may_have_been_run() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.play(serial::KITCHEN, Media::track("Blue", "Joni Mitchell"));
    let device = |route: &str| format!("/v1/devices/{}/{route}", serial::KITCHEN);
    let text = json!({ "text": "hello" });
    for fault in [Fault::DoneButUnavailable, Fault::ServerError] {
        for (path, body, at) in [
            (device("text"), &text, "/api/behaviors/preview"),
            (device("speak"), &text, "/api/behaviors/preview"),
            ("/v1/devices/announce".to_owned(), &text, "/api/behaviors/preview"),
            (device("playback"), &json!({ "command": "next" }), "/api/np/command"),
        ] {
            let before = harness.count(at);
            harness.amazon.fault(at, fault, 1);
            let (status, unclear) = harness.post(&path, body).await;
            assert_eq!((status, &unclear["error"]["code"]), (502, &json!("amazon_unavailable")), "{unclear}");
            let said = unclear["error"]["message"].as_str().unwrap_or_default();
            assert!(said.contains("may have been done all the same"), "{path}: {said}");
            assert!(!said.contains("again"), "{path}: {said}");
            assert_eq!(harness.count(at), before + 1, "{path} is sent once");
        }
    }
    assert_eq!(harness.amazon.device(serial::KITCHEN).spoken, ["hello"]);
}

/// An unknown device keeps the announcement from no other.
#[tokio::test(flavor = "multi_thread")]
async fn one_unknown_device_does_not_fail_the_others() {
    let harness = Harness::signed_in().await;
    let outcome = |done: &serde_json::Value, serial: &str| {
        let devices = done["devices"].as_array().cloned().unwrap_or_default();
        devices.into_iter().find(|one| one["serial"] == serial).unwrap_or_default()
    };
    let body = json!({ "text": "Tea", "devices": ["G0NOWHERE", serial::KITCHEN] });
    let (status, done) = harness.post("/v1/devices/announce", &body).await;
    assert_eq!(
        (status, &outcome(&done, "G0NOWHERE")["error"]["code"]),
        (200, &json!("device_unknown")),
        "{done}"
    );
    assert_eq!(outcome(&done, serial::KITCHEN)["outcome"], "accepted", "{done}");
    assert_eq!(harness.amazon.device(serial::KITCHEN).announced, ["Tea"]);

    let body = json!({ "volume": 22, "devices": ["G0NOWHERE", serial::KITCHEN] });
    let (status, done) = harness.put("/v1/devices/volume", &body).await;
    assert_eq!(
        (status, &outcome(&done, "G0NOWHERE")["error"]["code"]),
        (200, &json!("device_unknown")),
        "{done}"
    );
    assert_eq!(harness.amazon.device(serial::KITCHEN).volume, 22);

    let body = json!({ "wait_ms": 0, "devices": ["G0NOWHERE", serial::KITCHEN] });
    let (status, done) = harness.post("/v1/devices/identify", &body).await;
    assert_eq!(
        (status, &outcome(&done, "G0NOWHERE")["error"]["code"]),
        (200, &json!("device_unknown")),
        "{done}"
    );
    assert_eq!(outcome(&done, serial::KITCHEN)["result"], "never_asked", "{done}");

    let body = json!({ "text": "Tea", "devices": ["G0NOWHERE"] });
    let (status, refused) = harness.post("/v1/devices/announce", &body).await;
    assert_eq!((status, &refused["error"]["code"]), (404, &json!("device_unknown")), "{refused}");
}

/// A device that Amazon does not reach has the remedy for that, for each command and each of its names.
#[tokio::test(flavor = "multi_thread")]
async fn an_offline_echo_has_its_own_cure_everywhere() {
    let harness = Harness::signed_in().await;
    for member in [serial::KITCHEN, serial::LIVING_ROOM, serial::BEDROOM_LEFT, serial::BEDROOM_RIGHT] {
        harness.amazon.change_device(member, |device| device.online = false);
    }
    for serial in [serial::STUDY, serial::KITCHEN, serial::EVERYWHERE, serial::BEDROOM_PAIR] {
        for (route, body) in [
            ("speak", json!({ "text": "hello" })),
            ("playback", json!({ "command": "stop" })),
            ("identify", json!({ "wait_ms": 0 })),
        ] {
            let (status, refused) = harness.post(&format!("/v1/devices/{serial}/{route}"), &body).await;
            let code = &refused["error"]["code"];
            assert_eq!((status, code), (409, &json!("device_offline")), "{serial}: {route}: {refused}");
        }
        let path = format!("/v1/devices/{serial}/volume");
        let (status, refused) = harness.put(&path, &json!({ "volume": 20 })).await;
        assert_eq!(
            (status, &refused["error"]["code"]),
            (409, &json!("device_offline")),
            "{serial}: {refused}"
        );
    }
}
