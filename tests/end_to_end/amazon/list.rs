//! The devices, as Amazon lists them and as people know them.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::time::{Duration, Instant};

use end_to_end::amazon::{Clusters, Device, Fault, Media, serial};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::Harness;

fn device<'a>(listed: &'a Value, serial: &str) -> &'a Value {
    let devices = listed["devices"].as_array().unwrap();
    devices.iter().find(|device| device["serial"] == serial).unwrap_or(&Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_what_people_have() {
    let harness = Harness::signed_in().await;
    let listed = harness.api.get("/v1/devices").await;
    let names: Vec<&str> =
        listed["devices"].as_array().unwrap().iter().map(|device| device["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"Küche") && names.contains(&"Everywhere"), "{names:?}");
    let mut sorted = names.clone();
    sorted.sort_by_key(|name| name.to_lowercase());
    assert_eq!(names, sorted);

    let kitchen = device(&listed, serial::KITCHEN);
    assert_eq!(
        (&kitchen["kind"], &kitchen["family"], &kitchen["online"]),
        (&json!("echo"), &json!("ECHO"), &json!(true))
    );
    assert_eq!(device(&listed, serial::STUDY)["online"], false);
    let pair = device(&listed, serial::BEDROOM_PAIR);
    assert_eq!(pair["kind"], "stereo_pair");
    assert_eq!(pair["members"], json!([serial::BEDROOM_LEFT, serial::BEDROOM_RIGHT]));
    let group = device(&listed, serial::EVERYWHERE);
    assert_eq!(
        (&group["kind"], &group["members"]),
        (&json!("group"), &json!([serial::KITCHEN, serial::LIVING_ROOM]))
    );

    // Neither we ourselves nor the app on a telephone.
    let own = &harness.amazon.registered()[0].serial;
    assert_eq!((device(&listed, own), device(&listed, serial::PHONE)), (&Value::Null, &Value::Null));
    // What is no speaker says so, if it is there at all.
    for other in [serial::TELEVISION, serial::TABLET] {
        let other = device(&listed, other);
        assert!(other.is_null() || other["kind"] == "other", "{other}");
    }
}

/// Members are listed in three places, and not always in all.
#[tokio::test(flavor = "multi_thread")]
async fn groups_keep_their_members_without_lists() {
    for clusters in [Clusters::Empty, Clusters::Null] {
        let harness = Harness::signed_in().await;
        harness.amazon.behave(|quirks| quirks.clusters = clusters);
        let listed = harness.api.get("/v1/devices").await;
        let group = device(&listed, serial::EVERYWHERE);
        assert_eq!(group["members"], json!([serial::KITCHEN, serial::LIVING_ROOM]), "{clusters:?}");
    }
}

/// Entries that are not as they should be.
#[tokio::test(flavor = "multi_thread")]
async fn untidy_lists_are_read() {
    let harness = Harness::signed_in().await;
    let tidy = harness.api.get("/v1/devices").await;
    harness.amazon.behave(|quirks| {
        quirks.octet_stream = true;
        quirks.untidy_devices = true;
    });
    let untidy = harness.api.get("/v1/devices?refresh=true").await;
    assert_eq!(untidy["devices"], tidy["devices"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_serves_for_a_while_and_is_asked_for_on_demand() {
    let harness = Harness::signed_in().await;
    let asked = || harness.count("/api/devices-v2/device");
    harness.api.get("/v1/devices").await;
    let first = asked();
    harness.api.get("/v1/devices").await;
    assert_eq!(asked(), first);
    harness.amazon.add_device(Device::new("Flur", "G0HALL00000000009", "A32DOYMUN6DTXA", "ECHO"));
    let listed = harness.api.get("/v1/devices?refresh=true").await;
    assert_eq!(device(&listed, "G0HALL00000000009")["name"], "Flur");
    harness.pass(Duration::from_mins(11));
    harness.api.get("/v1/devices").await;
    assert_eq!(asked(), first + 2);
    let (status, refused) = harness.api.ask(Method::GET, "/v1/devices?refresh=maybe", None).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("invalid_request")));
}

/// Where Amazon does not answer, its silence is the answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_an_old_list_does_not_have_is_not_said_to_be_none() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.add_device(Device::new("Flur", "G0HALL00000000009", "A32DOYMUN6DTXA", "ECHO"));
    harness.pass(Duration::from_mins(1));
    harness.amazon.fault("/api/devices-v2/device", Fault::Unavailable, 2);
    let (status, refused) = harness.api.ask(Method::GET, "/v1/devices/G0HALL00000000009", None).await;
    assert_eq!((status, &refused["error"]["code"]), (502, &json!("amazon_unavailable")), "{refused}");
    assert_eq!(harness.api.get("/v1/devices/G0HALL00000000009").await["name"], "Flur");
}

/// Without Amazon, those of before, and why.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_had_is_the_one_before() {
    let harness = Harness::signed_in().await;
    let before = harness.api.get("/v1/devices").await;
    for fault in [Fault::Unavailable, Fault::Closed] {
        harness.amazon.fault("/api/devices-v2/device", fault, 2);
        let listed = harness.api.get("/v1/devices?refresh=true").await;
        assert_eq!(listed["devices"], before["devices"], "{fault:?}");
        assert_eq!(listed["problem"]["code"], "amazon_unavailable", "{fault:?}");
    }
    // One answer that failed for the moment is not noticed at all.
    harness.amazon.heal();
    harness.amazon.fault("/api/devices-v2/device", Fault::Unavailable, 1);
    assert_eq!(harness.api.get("/v1/devices?refresh=true").await["problem"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_says_what_is_known_and_nothing_else() {
    let harness = Harness::signed_in().await;
    let path = format!("/v1/devices/{}", serial::KITCHEN);
    let idle = harness.api.get(&path).await;
    assert_eq!(idle["playback"], Value::Null, "{idle}");

    let mut track = Media::track("A Case of You", "Joni Mitchell");
    "Spotify".clone_into(&mut track.provider);
    harness.amazon.play(serial::KITCHEN, track);
    harness.pass(Duration::from_secs(5));
    let playing = harness.api.get(&path).await;
    let playback = &playing["playback"];
    assert_eq!((&playback["state"], &playback["source"]), (&json!("playing"), &json!("amazon")), "{playing}");
    assert_eq!((&playback["title"], &playback["provider"]), (&json!("A Case of You"), &json!("Spotify")));
    assert_eq!((&playback["position_ms"], &playback["length_ms"]), (&json!(61_000), &json!(199_000)));
    assert_eq!(playing["volume"]["volume"], 30);

    // The same in seconds.
    harness.amazon.behave(|quirks| quirks.sessions_in_seconds = true);
    harness.pass(Duration::from_secs(5));
    let playback = harness.api.get(&path).await["playback"].clone();
    assert_eq!((&playback["position_ms"], &playback["length_ms"]), (&json!(61_000), &json!(199_000)));

    // Amazon reports the volumes of some devices only; that of another one is not made up.
    harness.amazon.behave(|quirks| quirks.volumes_of = Some(vec![serial::LIVING_ROOM.to_owned()]));
    harness.amazon.fault("/api/np/list-media-sessions", Fault::Unavailable, 2);
    harness.pass(Duration::from_secs(5));
    let unknown = harness.api.get(&path).await;
    assert_eq!((&unknown["playback"], &unknown["volume"]), (&Value::Null, &Value::Null), "{unknown}");
    assert_eq!(unknown["problem"]["code"], "amazon_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_not_there_is_looked_for_once() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.pass(Duration::from_mins(1));
    let (status, refused) = harness.api.ask(Method::GET, "/v1/devices/G0NOWHERE", None).await;
    assert_eq!((status, &refused["error"]["code"]), (404, &json!("device_unknown")), "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("G0NOWHERE"));
    let asked = harness.count("/api/devices-v2/device");
    assert_eq!(harness.api.ask(Method::GET, "/v1/devices/G0NOWHERE", None).await.0, 404);
    assert_eq!(harness.count("/api/devices-v2/device"), asked, "the list is new");
    for wrong in ["%20", "a%2Fb", "%00", &"x".repeat(65)] {
        let (status, refused) = harness.api.ask(Method::GET, &format!("/v1/devices/{wrong}"), None).await;
        assert_eq!((status, &refused["error"]["code"]), (400, &json!("invalid_request")), "{wrong}");
    }
}

/// What cannot be read is asked for once more, as after a 503; then the list before serves, and the problem is beside it.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_read_stops_no_command() {
    let harness = Harness::signed_in().await;
    let before = harness.api.get("/v1/devices").await;
    harness.amazon.fault("/api/devices-v2/device", Fault::Malformed, 1);
    assert_eq!(harness.api.get("/v1/devices?refresh=true").await["problem"], Value::Null, "asked again");

    for (fault, code) in
        [(Fault::Malformed, "amazon_changed"), (Fault::Large(5_000_000), "amazon_unavailable")]
    {
        harness.amazon.fault("/api/devices-v2/device", fault, usize::MAX);
        let listed = harness.api.get("/v1/devices?refresh=true").await;
        assert_eq!(listed["devices"], before["devices"], "{fault:?}");
        assert_eq!(listed["problem"]["code"], code, "{fault:?}: {}", listed["problem"]);
        harness.pass(Duration::from_mins(11));
        let path = format!("/v1/devices/{}/speak", serial::KITCHEN);
        let (status, done) = harness.post(&path, &json!({ "text": "hello" })).await;
        assert_eq!((status, &done["outcome"]), (200, &json!("accepted")), "{fault:?}: {done}");
        harness.amazon.heal();
    }
    assert_eq!(harness.amazon.device(serial::KITCHEN).spoken, ["hello", "hello"]);
    // Once it can be read, it is read.
    assert_eq!(harness.api.get("/v1/devices?refresh=true").await["problem"], Value::Null);
}

/// Five megabytes are no list of devices, and are not kept in memory either.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_five_megabytes_is_refused() {
    let harness = Harness::signed_in().await;
    harness.amazon.fault("/api/devices-v2/device", Fault::Large(5_000_000), usize::MAX);
    let (status, refused) = harness.api.ask(Method::GET, "/v1/devices", None).await;
    assert_eq!((status, &refused["error"]["code"]), (502, &json!("amazon_unavailable")), "{refused}");
    assert!(refused["error"]["message"].as_str().is_some_and(|said| said.contains("4 MiB")), "{refused}");
    harness.amazon.heal();
    harness.amazon.fault("/api/devices-v2/device", Fault::Large(3_000_000), 1);
    assert_eq!(harness.api.get("/v1/devices?refresh=true").await["problem"], Value::Null);
}

/// Amazon hangs: one time-out is enough for a whole state, which says what is known all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_state_waits_for_one_silence() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.fault("/api/", Fault::NoAnswer, usize::MAX);
    harness.pass(Duration::from_secs(5));
    let asked = Instant::now();
    let state = harness.api.get(&format!("/v1/devices/{}", serial::KITCHEN)).await;
    assert!(asked.elapsed() < Duration::from_secs(14), "{:?}", asked.elapsed());
    assert_eq!((&state["name"], &state["volume"]), (&json!("Küche"), &Value::Null), "{state}");
    let problem = state["problem"]["message"].as_str().unwrap_or_default();
    assert!(problem.contains("did not answer in time"), "{state}");
}
