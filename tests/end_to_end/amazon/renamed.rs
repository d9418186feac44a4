//! Echos that are renamed in the Alexa app: their pairings follow, by the serial numbers that codes told.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use end_to_end::amazon::serial;
use end_to_end::api::Api;
use end_to_end::envelope::{Envelope, Played};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{Harness, device_id};

/// Both rooms are identified by a code.
async fn identified() -> Harness {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    for serial in [serial::KITCHEN, serial::LIVING_ROOM] {
        let path = format!("/v1/devices/{serial}/identify");
        let api = harness.api.clone();
        let told = tokio::spawn(async move { api.ask(Method::POST, &path, Some(&json!({}))).await });
        harness.next_echo_asks().await;
        let (status, done) = told.await.unwrap();
        assert_eq!((status, &done["result"]), (200, &json!("paired")), "{done}");
    }
    harness
}

fn rename(harness: &Harness, serial: &str, name: &str) {
    harness.amazon.change_device(serial, |device| name.clone_into(&mut device.name));
}

async fn served_by(api: &Api, player: &str) -> Value {
    let players = api.get("/v1/players").await;
    let players = players["players"].as_array().cloned().unwrap_or_default();
    let found = players.into_iter().find(|known| known["player"] == player);
    found.map_or(Value::Null, |player| player["echo"].clone())
}

async fn renamed(api: &Api) -> Vec<(Value, Value)> {
    let activity = api.get("/v1/activity").await;
    let entries = activity["activity"].as_array().cloned().unwrap_or_default();
    let renamed = entries.into_iter().filter(|entry| entry["kind"] == "renamed");
    renamed.map(|entry| (entry["before"].clone(), entry["player"].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pairing_follows_an_echo_to_its_new_name() {
    let harness = identified().await;
    rename(&harness, serial::KITCHEN, "Esszimmer");
    harness.api.get("/v1/devices?refresh=true").await;
    assert_eq!(served_by(&harness.api, "Esszimmer").await, device_id(serial::KITCHEN));
    assert_eq!(renamed(&harness.api).await, [(json!("Küche"), json!("Esszimmer"))]);
    harness.api.push("Esszimmer", "Aa2keUeZ", "Blue").await;
    let asked = Envelope::new("play-audio").from_echo(&device_id(serial::KITCHEN));
    assert!(Played::of(&harness.ask_skill(&asked).await).url.contains("Aa2keUeZ"));
    // Nothing happens twice, and what a person undid stays undone.
    harness.api.get("/v1/devices?refresh=true").await;
    assert_eq!(renamed(&harness.api).await.len(), 1);
    let path = format!("/v1/echos/{}/player", device_id(serial::KITCHEN));
    assert_eq!(harness.api.ask(Method::DELETE, &path, None).await.0, 200);
    rename(&harness, serial::KITCHEN, "Flur");
    harness.api.get("/v1/devices?refresh=true").await;
    assert_eq!(served_by(&harness.api, "Flur").await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_echos_that_swap_names_swap_their_players() {
    let harness = identified().await;
    rename(&harness, serial::KITCHEN, "Wohnzimmer");
    rename(&harness, serial::LIVING_ROOM, "Küche");
    harness.api.get("/v1/devices?refresh=true").await;
    assert_eq!(served_by(&harness.api, "Wohnzimmer").await, device_id(serial::KITCHEN));
    assert_eq!(served_by(&harness.api, "Küche").await, device_id(serial::LIVING_ROOM));
    assert_eq!(renamed(&harness.api).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pairing_by_hand_of_the_new_name_stays() {
    let harness = identified().await;
    let path = format!("/v1/echos/{}/player", device_id(serial::LIVING_ROOM));
    harness.api.push("Bad", "Aa2keUeZ", "Blue").await;
    assert_eq!(harness.put(&path, &json!({ "player": "Bad" })).await.0, 200);
    rename(&harness, serial::KITCHEN, "Bad");
    harness.api.get("/v1/devices?refresh=true").await;
    assert_eq!(served_by(&harness.api, "Bad").await, device_id(serial::LIVING_ROOM));
    assert_eq!(renamed(&harness.api).await, []);
}
