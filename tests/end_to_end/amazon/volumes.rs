//! Volumes: the last one asked for is the last one sent, in few requests.

use std::time::{Duration, Instant};

use end_to_end::amazon::{Call, Fault, OTHER_OWNER, serial};
use ma_alexa::store::AccountStore as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::harness::{Harness, until};

pub(super) async fn set(harness: &Harness, serial: &str, body: Value) -> (u16, Value) {
    harness.put(&format!("/v1/devices/{serial}/volume"), &body).await
}

pub(super) fn volume(harness: &Harness, serial: &str) -> u8 {
    harness.amazon.device(serial).volume
}

/// Where Amazon reports the volumes.
const VOLUMES: &str = "/api/devices/deviceType/dsn/audio/v1/allDeviceVolumes";

/// Waits until a volume of a device is wanted.
async fn is_wanted(harness: &Harness, serial: &str, volume: u8) {
    until(async || {
        let volumes = harness.store.volumes().await;
        volumes.is_ok_and(|all| all.devices.get(serial).is_some_and(|device| device.wanted == volume))
    })
    .await;
}

/// The volumes that a request sets, by serial number.
pub(super) fn volumes_in(call: &Call) -> Vec<(String, u64)> {
    let start = call.sequence()["startNode"].clone();
    let nodes = start["nodesToExecute"].as_array().cloned().unwrap_or_else(|| vec![start]);
    let of = |node: &Value| {
        let payload = &node["operationPayload"];
        Some((payload["deviceSerialNumber"].as_str()?.to_owned(), payload["value"].as_u64()?))
    };
    nodes.iter().filter_map(of).collect()
}

/// While nothing plays.
#[tokio::test(flavor = "multi_thread")]
async fn a_volume_is_set_and_confirmed_while_nothing_plays() {
    let harness = Harness::signed_in().await;
    let (status, done) = set(&harness, serial::KITCHEN, json!({ "volume": 45 })).await;
    let expected = json!({ "devices": [{
        "serial": serial::KITCHEN, "name": "Küche", "outcome": "confirmed", "error": null, "volume": 45,
    }] });
    assert_eq!((status, done), (200, expected));
    assert_eq!(volume(&harness, serial::KITCHEN), 45);
    let (_, done) = set(&harness, serial::KITCHEN, json!({ "step": -10 })).await;
    assert_eq!(
        (&done["devices"][0]["volume"], volume(&harness, serial::KITCHEN)),
        (&json!(35), 35),
        "{done}"
    );
    let (_, done) = set(&harness, serial::KITCHEN, json!({ "step": 100 })).await;
    assert_eq!(done["devices"][0]["volume"], 100);
    assert_eq!(harness.count("/api/np/command"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_is_none_is_refused() {
    let harness = Harness::signed_in().await;
    for wrong in [
        json!({}),
        json!({ "volume": 101 }),
        json!({ "volume": -1 }),
        json!({ "volume": "loud" }),
        json!({ "volume": 2.5 }),
        json!({ "step": 101 }),
        json!({ "volume": 5, "step": 5 }),
        json!({ "muted": true, "volume": 5 }),
    ] {
        let (status, refused) = set(&harness, serial::KITCHEN, wrong).await;
        assert_eq!((status, &refused["error"]["code"]), (400, &json!("invalid_request")), "{refused}");
    }
    assert_eq!(harness.count("/api/behaviors/preview"), 0);
}

/// A group is its members, in one request.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_set_by_its_members_at_once() {
    let harness = Harness::signed_in().await;
    let (status, done) = set(&harness, serial::EVERYWHERE, json!({ "volume": 22 })).await;
    assert_eq!((status, done["devices"].as_array().map(Vec::len)), (200, Some(2)), "{done}");
    assert_eq!((volume(&harness, serial::KITCHEN), volume(&harness, serial::LIVING_ROOM)), (22, 22));
    let body = json!({ "devices": [serial::BEDROOM_PAIR, serial::KITCHEN, serial::STUDY], "volume": 12 });
    let (status, done) = harness.put("/v1/devices/volume", &body).await;
    assert_eq!(status, 200, "{done}");
    let failed =
        done["devices"].as_array().unwrap().iter().find(|one| one["serial"] == serial::STUDY).unwrap();
    assert_eq!((&failed["outcome"], &failed["error"]["code"]), (&json!("failed"), &json!("device_offline")));
    for member in [serial::BEDROOM_LEFT, serial::BEDROOM_RIGHT, serial::KITCHEN] {
        assert_eq!(volume(&harness, member), 12, "{member}");
    }
    assert_eq!(harness.count("/api/behaviors/preview"), 2);
    assert!(harness.amazon.dropped().is_empty(), "{:?}", harness.amazon.dropped());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_from_nowhere_is_not_guessed() {
    let harness = Harness::signed_in().await;
    harness.amazon.behave(|quirks| quirks.volumes_of = Some(Vec::new()));
    let (status, refused) = set(&harness, serial::KITCHEN, json!({ "step": 5 })).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("not_controllable")), "{refused}");
    let (status, done) = set(&harness, serial::KITCHEN, json!({ "volume": 40 })).await;
    assert_eq!(
        (status, &done["devices"][0]["outcome"]),
        (200, &json!("accepted")),
        "it was not seen: {done}"
    );
    let (status, done) = set(&harness, serial::KITCHEN, json!({ "step": 5 })).await;
    assert_eq!((status, &done["devices"][0]["volume"]), (200, &json!(45)), "{done}");
}

/// A device of another person of the household obeys in that person's name.
#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_named_where_the_account_is_ignored() {
    let harness = Harness::signed_in().await;
    harness.amazon.change_device(serial::KITCHEN, |device| OTHER_OWNER.clone_into(&mut device.owner));
    let (status, done) = set(&harness, serial::KITCHEN, json!({ "volume": 17 })).await;
    assert_eq!((status, &done["devices"][0]["outcome"]), (200, &json!("confirmed")), "{done}");
    assert_eq!(volume(&harness, serial::KITCHEN), 17);
}

/// One answer that failed for the moment does no harm: the same volume is sent once more, two seconds later.
#[tokio::test(flavor = "multi_thread")]
async fn a_volume_survives_one_bad_answer() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.fault("/api/behaviors/preview", Fault::Unavailable, 1);
    let (status, done) = set(&harness, serial::KITCHEN, json!({ "volume": 27 })).await;
    assert_eq!((status, &done["devices"][0]["outcome"]), (200, &json!("confirmed")), "{done}");
    let calls = harness.amazon.requests("/api/behaviors/preview");
    assert!(calls.len() == 2 && calls[1].arrived - calls[0].arrived >= Duration::from_secs(2));
    harness.amazon.fault("/api/behaviors/preview", Fault::Unavailable, 2);
    let (status, refused) = set(&harness, serial::KITCHEN, json!({ "volume": 28 })).await;
    assert_eq!((status, &refused["error"]["code"]), (502, &json!("amazon_unavailable")), "{refused}");
    // What failed is not sent later, behind the person's back.
    set(&harness, serial::LIVING_ROOM, json!({ "volume": 33 })).await;
    assert_eq!((volume(&harness, serial::KITCHEN), volume(&harness, serial::LIVING_ROOM)), (27, 33));
}

/// The most requests for moves of a slider that took so long: one a second, one at each end, and one that was sent
/// again. A machine with other work to do makes the moves take longer.
pub(super) fn most_requests(moves: Duration) -> usize {
    usize::try_from(moves.as_secs()).map_or(usize::MAX, |seconds| 3 + seconds)
}

/// A slider: every move is answered, few are sent, and the last one is the last.
#[tokio::test(flavor = "multi_thread")]
async fn a_slider_of_thirty_moves_in_two_seconds_is_a_few_requests() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let (began, mut moves) = (Instant::now(), Vec::new());
    let mut pace = tokio::time::interval(Duration::from_millis(66));
    for value in 31..=60 {
        pace.tick().await;
        let api = harness.api.clone();
        let path = format!("/v1/devices/{}/volume", serial::KITCHEN);
        let body = json!({ "volume": value });
        moves.push(tokio::spawn(async move { api.ask(Method::PUT, &path, Some(&body)).await }));
    }
    let most = most_requests(began.elapsed());
    for done in moves {
        let (status, done) = done.await.unwrap();
        assert_eq!(status, 200, "{done}");
    }
    let calls = harness.amazon.requests("/api/behaviors/preview");
    assert!((2..=most).contains(&calls.len()), "{} requests", calls.len());
    for two in calls.windows(2) {
        assert!(two[1].arrived - two[0].arrived >= Duration::from_secs(1));
    }
    assert_eq!(volumes_in(calls.last().unwrap()), [(serial::KITCHEN.to_owned(), 60)]);
    assert_eq!(volume(&harness, serial::KITCHEN), 60);
}

/// A request that runs beside others.
fn begin(harness: &Harness, serial: &str, body: Value) -> JoinHandle<(u16, Value)> {
    let (api, path) = (harness.api.clone(), format!("/v1/devices/{serial}/volume"));
    tokio::spawn(async move { api.ask(Method::PUT, &path, Some(&body)).await })
}

/// The requests that set volumes in the name of another person.
fn sent_as_other(harness: &Harness) -> Vec<Vec<(String, u64)>> {
    let calls = harness.amazon.requests("/api/behaviors/preview");
    let of_other = |call: &&Call| call.sequence().to_string().contains(OTHER_OWNER);
    calls.iter().filter(of_other).map(volumes_in).collect()
}

/// A waiting change for a device that is gone fails, and waits no longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_vanishes_while_its_volume_waits_is_unknown() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.hold("/api/behaviors/preview");
    let first = begin(&harness, serial::KITCHEN, json!({ "volume": 41 }));
    harness.amazon.wait_for("/api/behaviors/preview", 1).await;
    let second = begin(&harness, serial::LIVING_ROOM, json!({ "volume": 42 }));
    is_wanted(&harness, serial::LIVING_ROOM, 42).await;
    harness.amazon.remove_device(serial::LIVING_ROOM);
    harness.api.get("/v1/devices?refresh=true").await;
    harness.amazon.release();
    assert_eq!(first.await.unwrap().0, 200);
    let (status, refused) = tokio::time::timeout(Duration::from_secs(10), second).await.unwrap().unwrap();
    assert_eq!((status, &refused["error"]["code"]), (404, &json!("device_unknown")), "{refused}");
    assert_eq!(harness.count("/api/behaviors/preview"), 1);
    assert_eq!(set(&harness, serial::KITCHEN, json!({ "volume": 43 })).await.0, 200, "the lane is free");
}

/// Nothing newer is undone in an owner's name, and an own device gets no second request.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_volume_is_not_sent_after_a_newer_one() {
    let harness = Harness::signed_in().await;
    harness.amazon.change_device(serial::KITCHEN, |device| OTHER_OWNER.clone_into(&mut device.owner));
    harness.api.get("/v1/devices").await;
    // The old one is looked for at Amazon when the new one comes.
    harness.amazon.hold(VOLUMES);
    let looks = harness.count(VOLUMES);
    let old = begin(&harness, serial::KITCHEN, json!({ "volume": 17 }));
    let sent = harness.amazon.wait_for("/api/behaviors/preview", 1).await;
    assert_eq!(volumes_in(&sent[0]), [(serial::KITCHEN.to_owned(), 17)]);
    harness.amazon.wait_for(VOLUMES, looks + 1).await;
    let new = begin(&harness, serial::KITCHEN, json!({ "volume": 60 }));
    is_wanted(&harness, serial::KITCHEN, 60).await;
    harness.amazon.release();
    let (old, new) = (old.await.unwrap(), new.await.unwrap());
    assert_eq!((old.0, &old.1["devices"][0]["outcome"]), (200, &json!("accepted")), "{}", old.1);
    assert_eq!((new.0, &new.1["devices"][0]["outcome"]), (200, &json!("confirmed")), "{}", new.1);
    assert_eq!(volume(&harness, serial::KITCHEN), 60);
    assert_eq!(sent_as_other(&harness), [[(serial::KITCHEN.to_owned(), 60)]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_owners_are_named_in_one_request() {
    let harness = Harness::signed_in().await;
    for serial in [serial::KITCHEN, serial::LIVING_ROOM] {
        harness.amazon.change_device(serial, |device| OTHER_OWNER.clone_into(&mut device.owner));
    }
    let (status, done) = set(&harness, serial::EVERYWHERE, json!({ "volume": 18 })).await;
    assert_eq!(status, 200, "{done}");
    assert!(done["devices"].as_array().unwrap().iter().all(|one| one["outcome"] == "confirmed"), "{done}");
    assert_eq!((volume(&harness, serial::KITCHEN), volume(&harness, serial::LIVING_ROOM)), (18, 18));
    assert_eq!(harness.count("/api/behaviors/preview"), 2);
    assert_eq!(sent_as_other(&harness).iter().map(Vec::len).collect::<Vec<_>>(), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_device_that_is_turned_by_voice_is_left_alone() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.hold(VOLUMES);
    let ours = begin(&harness, serial::KITCHEN, json!({ "volume": 20 }));
    until(async || volume(&harness, serial::KITCHEN) == 20).await;
    harness.amazon.change_device(serial::KITCHEN, |device| device.volume = 70);
    harness.amazon.release();
    let (status, done) = ours.await.unwrap();
    assert_eq!((status, &done["devices"][0]["outcome"]), (200, &json!("accepted")), "{done}");
    assert_eq!((volume(&harness, serial::KITCHEN), harness.count("/api/behaviors/preview")), (70, 1));
}

/// Each step counts, and none starts from a volume that was never reached.
#[tokio::test(flavor = "multi_thread")]
async fn steps_at_once_add_up_and_start_from_what_is_true() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let steps: Vec<_> = (0..6).map(|_| begin(&harness, serial::KITCHEN, json!({ "step": 5 }))).collect();
    for step in steps {
        let (status, done) = step.await.unwrap();
        assert_eq!(status, 200, "{done}");
    }
    assert_eq!(volume(&harness, serial::KITCHEN), 60);
    harness.amazon.fault("/api/behaviors/preview", Fault::Unavailable, 2);
    assert_eq!(set(&harness, serial::KITCHEN, json!({ "volume": 90 })).await.0, 502);
    let (_, done) = set(&harness, serial::KITCHEN, json!({ "step": -7 })).await;
    assert_eq!(
        (&done["devices"][0]["volume"], volume(&harness, serial::KITCHEN)),
        (&json!(53), 53),
        "{done}"
    );
}

/// Where Amazon does not tell volumes, it is asked once for a request, and once more as for every question.
#[tokio::test(flavor = "multi_thread")]
async fn volumes_that_are_not_told_are_asked_for_once() {
    let harness = Harness::signed_in().await;
    let volumes = "/api/devices/deviceType/dsn/audio/v1/allDeviceVolumes";
    harness.amazon.fault(volumes, Fault::Unavailable, usize::MAX);
    let (status, refused) = set(&harness, serial::EVERYWHERE, json!({ "step": 5 })).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("not_controllable")), "{refused}");
    assert_eq!(harness.count(volumes), 2);
    let (status, done) = set(&harness, serial::EVERYWHERE, json!({ "muted": true })).await;
    assert_eq!((status, &done["devices"][1]["outcome"]), (200, &json!("accepted")), "{done}");
    assert_eq!((volume(&harness, serial::KITCHEN), volume(&harness, serial::LIVING_ROOM)), (0, 0));
    assert_eq!(harness.count(volumes), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_offline_is_distinguished() {
    let harness = Harness::signed_in().await;
    harness.amazon.change_device(serial::LIVING_ROOM, |device| device.online = false);
    let (status, done) = set(&harness, serial::EVERYWHERE, json!({ "volume": 21 })).await;
    let of = |serial: &str| {
        let devices = done["devices"].as_array().unwrap();
        devices.iter().find(|one| one["serial"] == serial).unwrap_or_else(|| panic!("{done}"))
    };
    assert_eq!((status, &of(serial::KITCHEN)["outcome"]), (200, &json!("confirmed")), "{done}");
    let offline = of(serial::LIVING_ROOM);
    assert_eq!((&offline["outcome"], &offline["volume"]), (&json!("failed"), &json!(null)), "{done}");
    assert_eq!(offline["error"]["code"], "device_offline", "{done}");
    harness.amazon.change_device(serial::KITCHEN, |device| device.online = false);
    harness.api.get("/v1/devices?refresh=true").await;
    let (status, refused) = set(&harness, serial::EVERYWHERE, json!({ "volume": 22 })).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("device_offline")), "{refused}");
    assert_eq!(harness.count("/api/behaviors/preview"), 1);
}

/// Echos round volumes to steps of their own: the reported volume is near enough.
#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_an_echo_rounds_is_confirmed() {
    let harness = Harness::signed_in().await;
    for (rounded, outcome) in [(1, "confirmed"), (3, "confirmed"), (4, "accepted")] {
        harness.amazon.behave(|quirks| quirks.rounds_volumes_by = rounded);
        harness.pass(Duration::from_secs(30));
        let (status, done) = set(&harness, serial::KITCHEN, json!({ "volume": 38 + rounded })).await;
        let told = &done["devices"][0];
        assert_eq!((status, &told["outcome"]), (200, &json!(outcome)), "{rounded}: {done}");
        assert_eq!(told["volume"], 38 + rounded);
    }
}
