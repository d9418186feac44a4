//! The devices, as Amazon lists them and as people know them.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::time::{Duration, Instant};

use end_to_end::amazon::{Clusters, Device, Fault, Media, serial};
use reqwest::Method;
use serde_json::{Value, json};

use super::world::World;

fn device<'a>(listed: &'a Value, serial: &str) -> &'a Value {
    let devices = listed["devices"].as_array().unwrap();
    devices.iter().find(|device| device["serial"] == serial).unwrap_or(&Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_what_people_have() {
    let world = World::signed_in().await;
    let listed = world.api.get("/v1/devices").await;
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

    // T21: neither we ourselves nor the app on a telephone.
    let own = &world.amazon.registered()[0].serial;
    assert_eq!((device(&listed, own), device(&listed, serial::PHONE)), (&Value::Null, &Value::Null));
    // T22: what is no speaker says so, if it is there at all.
    for other in [serial::TELEVISION, serial::TABLET] {
        let other = device(&listed, other);
        assert!(other.is_null() || other["kind"] == "other", "{other}");
    }
}

/// T23: members are told in three places, and not always in all.
#[tokio::test(flavor = "multi_thread")]
async fn t23_groups_keep_their_members_without_lists() {
    for clusters in [Clusters::Empty, Clusters::Null] {
        let world = World::signed_in().await;
        world.amazon.behave(|habits| habits.clusters = clusters);
        let listed = world.api.get("/v1/devices").await;
        let group = device(&listed, serial::EVERYWHERE);
        assert_eq!(group["members"], json!([serial::KITCHEN, serial::LIVING_ROOM]), "{clusters:?}");
    }
}

/// T18, and entries that are not as they should be.
#[tokio::test(flavor = "multi_thread")]
async fn t18_untidy_lists_are_read() {
    let world = World::signed_in().await;
    let tidy = world.api.get("/v1/devices").await;
    world.amazon.behave(|habits| {
        habits.octet_stream = true;
        habits.untidy_devices = true;
    });
    let untidy = world.api.get("/v1/devices?refresh=true").await;
    assert_eq!(untidy["devices"], tidy["devices"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_serves_for_a_while_and_is_asked_for_on_demand() {
    let world = World::signed_in().await;
    let asked = || world.count("/api/devices-v2/device");
    world.api.get("/v1/devices").await;
    let first = asked();
    world.api.get("/v1/devices").await;
    assert_eq!(asked(), first);
    world.amazon.add_device(Device::new("Flur", "G0HALL00000000009", "A32DOYMUN6DTXA", "ECHO"));
    let listed = world.api.get("/v1/devices?refresh=true").await;
    assert_eq!(device(&listed, "G0HALL00000000009")["name"], "Flur");
    world.pass(Duration::from_mins(11));
    world.api.get("/v1/devices").await;
    assert_eq!(asked(), first + 2);
    let (status, refused) = world.api.ask(Method::GET, "/v1/devices?refresh=maybe", None).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("invalid_request")));
}

/// Where Amazon does not answer, its silence is the answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_an_old_list_does_not_have_is_not_said_to_be_none() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    world.amazon.add_device(Device::new("Flur", "G0HALL00000000009", "A32DOYMUN6DTXA", "ECHO"));
    world.pass(Duration::from_mins(1));
    world.amazon.fault("/api/devices-v2/device", Fault::Unavailable, 2);
    let (status, refused) = world.api.ask(Method::GET, "/v1/devices/G0HALL00000000009", None).await;
    assert_eq!((status, &refused["error"]["code"]), (502, &json!("amazon_unavailable")), "{refused}");
    assert_eq!(world.api.get("/v1/devices/G0HALL00000000009").await["name"], "Flur");
}

/// Without Amazon, those of before, and why.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_had_is_the_one_before() {
    let world = World::signed_in().await;
    let before = world.api.get("/v1/devices").await;
    for fault in [Fault::Unavailable, Fault::Closed] {
        world.amazon.fault("/api/devices-v2/device", fault, 2);
        let listed = world.api.get("/v1/devices?refresh=true").await;
        assert_eq!(listed["devices"], before["devices"], "{fault:?}");
        assert_eq!(listed["problem"]["code"], "amazon_unavailable", "{fault:?}");
    }
    // One answer that failed for the moment is not noticed at all.
    world.amazon.heal();
    world.amazon.fault("/api/devices-v2/device", Fault::Unavailable, 1);
    assert_eq!(world.api.get("/v1/devices?refresh=true").await["problem"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_says_what_is_known_and_nothing_else() {
    let world = World::signed_in().await;
    let path = format!("/v1/devices/{}", serial::KITCHEN);
    let idle = world.api.get(&path).await;
    assert_eq!(idle["playback"], Value::Null, "{idle}");

    let mut track = Media::track("A Case of You", "Joni Mitchell");
    "Spotify".clone_into(&mut track.provider);
    world.amazon.play(serial::KITCHEN, track);
    world.pass(Duration::from_secs(5));
    let playing = world.api.get(&path).await;
    let playback = &playing["playback"];
    assert_eq!((&playback["state"], &playback["source"]), (&json!("playing"), &json!("amazon")), "{playing}");
    assert_eq!((&playback["title"], &playback["provider"]), (&json!("A Case of You"), &json!("Spotify")));
    assert_eq!((&playback["position_ms"], &playback["length_ms"]), (&json!(61_000), &json!(199_000)));
    assert_eq!(playing["volume"]["volume"], 30);

    // T12: the same in seconds.
    world.amazon.behave(|habits| habits.sessions_in_seconds = true);
    world.pass(Duration::from_secs(5));
    let playback = world.api.get(&path).await["playback"].clone();
    assert_eq!((&playback["position_ms"], &playback["length_ms"]), (&json!(61_000), &json!(199_000)));

    // Amazon tells the volumes of some devices only; that of another one is not made up.
    world.amazon.behave(|habits| habits.volumes_of = Some(vec![serial::LIVING_ROOM.to_owned()]));
    world.amazon.fault("/api/np/list-media-sessions", Fault::Unavailable, 2);
    world.pass(Duration::from_secs(5));
    let unknown = world.api.get(&path).await;
    assert_eq!((&unknown["playback"], &unknown["volume"]), (&Value::Null, &Value::Null), "{unknown}");
    assert_eq!(unknown["problem"]["code"], "amazon_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_not_there_is_looked_for_once() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    world.pass(Duration::from_mins(1));
    let (status, refused) = world.api.ask(Method::GET, "/v1/devices/G0NOWHERE", None).await;
    assert_eq!((status, &refused["error"]["code"]), (404, &json!("device_unknown")), "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("G0NOWHERE"));
    let asked = world.count("/api/devices-v2/device");
    assert_eq!(world.api.ask(Method::GET, "/v1/devices/G0NOWHERE", None).await.0, 404);
    assert_eq!(world.count("/api/devices-v2/device"), asked, "the list is new");
    for wrong in ["%20", "a%2Fb", "%00", &"x".repeat(65)] {
        let (status, refused) = world.api.ask(Method::GET, &format!("/v1/devices/{wrong}"), None).await;
        assert_eq!((status, &refused["error"]["code"]), (400, &json!("invalid_request")), "{wrong}");
    }
}

/// What cannot be read is asked for once more, as after a 503; then the list before serves, and the problem is beside it.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_read_stops_no_command() {
    let world = World::signed_in().await;
    let before = world.api.get("/v1/devices").await;
    world.amazon.fault("/api/devices-v2/device", Fault::Malformed, 1);
    assert_eq!(world.api.get("/v1/devices?refresh=true").await["problem"], Value::Null, "asked again");

    for (fault, code) in
        [(Fault::Malformed, "amazon_changed"), (Fault::Large(5_000_000), "amazon_unavailable")]
    {
        world.amazon.fault("/api/devices-v2/device", fault, usize::MAX);
        let listed = world.api.get("/v1/devices?refresh=true").await;
        assert_eq!(listed["devices"], before["devices"], "{fault:?}");
        assert_eq!(listed["problem"]["code"], code, "{fault:?}: {}", listed["problem"]);
        world.pass(Duration::from_mins(11));
        let path = format!("/v1/devices/{}/speak", serial::KITCHEN);
        let (status, done) = world.post(&path, &json!({ "text": "hello" })).await;
        assert_eq!((status, &done["outcome"]), (200, &json!("accepted")), "{fault:?}: {done}");
        world.amazon.heal();
    }
    assert_eq!(world.amazon.device(serial::KITCHEN).spoken, ["hello", "hello"]);
    // Once it can be read, it is read.
    assert_eq!(world.api.get("/v1/devices?refresh=true").await["problem"], Value::Null);
}

/// Five megabytes are no list of devices, and are not kept in memory either.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_five_megabytes_is_refused() {
    let world = World::signed_in().await;
    world.amazon.fault("/api/devices-v2/device", Fault::Large(5_000_000), usize::MAX);
    let (status, refused) = world.api.ask(Method::GET, "/v1/devices", None).await;
    assert_eq!((status, &refused["error"]["code"]), (502, &json!("amazon_unavailable")), "{refused}");
    assert!(refused["error"]["message"].as_str().is_some_and(|said| said.contains("4 MiB")), "{refused}");
    world.amazon.heal();
    world.amazon.fault("/api/devices-v2/device", Fault::Large(3_000_000), 1);
    assert_eq!(world.api.get("/v1/devices?refresh=true").await["problem"], Value::Null);
}

/// Amazon hangs: one time-out is enough for a whole state, which says what is known all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_state_waits_for_one_silence() {
    let world = World::signed_in().await;
    world.api.get("/v1/devices").await;
    world.amazon.fault("/api/", Fault::NoAnswer, usize::MAX);
    world.pass(Duration::from_secs(5));
    let asked = Instant::now();
    let state = world.api.get(&format!("/v1/devices/{}", serial::KITCHEN)).await;
    assert!(asked.elapsed() < Duration::from_secs(14), "{:?}", asked.elapsed());
    assert_eq!((&state["name"], &state["volume"]), (&json!("Küche"), &Value::Null), "{state}");
    let problem = state["problem"]["message"].as_str().unwrap_or_default();
    assert!(problem.contains("did not answer in time"), "{state}");
}
