//! Events out of messages, which hold JSON in texts of JSON.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use ma_alexa::amazon::NowPlaying;
use ma_alexa::amazon::live::{EventKind, LiveEvent, events};
use ma_alexa::clock::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::wire::{message, of_device, update};

const AT: i64 = 1_795_334_400_000;
const SERIAL: &str = "G0KITCHEN00000001";

fn one(message: &[u8]) -> LiveEvent {
    let [event] = events(message).try_into().unwrap();
    event
}

#[test]
fn each_event_that_is_wanted_is_read() {
    let cases = [
        (
            "PUSH_VOLUME_CHANGE",
            json!({ "volumeSetting": 42, "isMuted": true }),
            EventKind::Volume { volume: 42, muted: Some(true) },
        ),
        ("PUSH_VOLUME_CHANGE", json!({ "volumeSetting": 7.4 }), EventKind::Volume { volume: 7, muted: None }),
        ("PUSH_VOLUME_CHANGE", json!({ "volumeSetting": 101 }), EventKind::Other),
        (
            "PUSH_DOPPLER_CONNECTION_CHANGE",
            json!({ "dopplerConnectionState": "OFFLINE" }),
            EventKind::Online(false),
        ),
        (
            "PUSH_DOPPLER_CONNECTION_CHANGE",
            json!({ "dopplerConnectionState": "ONLINE" }),
            EventKind::Online(true),
        ),
        ("PUSH_DND_STATE_CHANGE", json!({ "enabled": true }), EventKind::DoNotDisturb(true)),
        (
            "PUSH_AUDIO_PLAYER_STATE",
            json!({ "audioPlayerState": "PLAYING", "mediaReferenceId": "queue-1 :7" }),
            EventKind::Player { queue: Some("queue-1".to_owned()) },
        ),
        ("PUSH_EQUALIZER_STATE_CHANGE", json!({ "bass": 1 }), EventKind::Other),
    ];
    for (name, payload, kind) in cases {
        let event = one(&of_device(name, SERIAL, AT, payload));
        let expected = LiveEvent {
            name: name.to_owned(),
            serial: Some(SERIAL.to_owned()),
            at: Some(Timestamp::from_millis(AT)),
            kind,
        };
        assert_eq!(event, expected);
    }
    let sessions = one(&message(&[update("NotifyMediaSessionsUpdated", &json!({ "customerId": "A2" }), AT)]));
    assert_eq!((sessions.serial, sessions.kind), (None, EventKind::Sessions));
}

#[test]
fn what_plays_has_its_queue_and_a_position_while_it_plays() {
    let data = |state: &str| {
        json!({
            "playerState": state, "mediaId": "m",
            "progress": { "mediaProgress": 61_000, "mediaLength": 199_000 },
            "infoText": { "title": "Blue", "subText1": "Joni Mitchell", "subText2": "Blue" },
            "mainArt": { "tinyUrl": "https://a.example/t", "fullUrl": "https://a.example/f" },
            "provider": { "providerName": "Spotify" },
            "mediaReference": { "namespace": "x", "name": "y", "value": json!({ "queueId": "q7" }).to_string() },
        })
    };
    let told = |state: &str| {
        let payload = json!({ "update": { "taskSessionId": "t", "update": {
            "cause": "PLAYBACK_STARTED", "nowPlayingData": data(state) } } });
        match one(&message(&[update("NotifyNowPlayingUpdated", &payload, AT)])).kind {
            EventKind::NowPlaying { queue, playing } => (queue, *playing),
            other => panic!("{other:?}"),
        }
    };
    let expected = NowPlaying {
        state: Some("PLAYING".to_owned()),
        title: Some("Blue".to_owned()),
        artist: Some("Joni Mitchell".to_owned()),
        album: Some("Blue".to_owned()),
        art_url: Some("https://a.example/f".to_owned()),
        provider: Some("Spotify".to_owned()),
        position_ms: Some(61_000),
        length_ms: Some(199_000),
    };
    assert_eq!(told("PLAYING"), (Some("q7".to_owned()), expected));
    assert_eq!(told("PAUSED").1.position_ms, None, "a late position of another track");
}

#[test]
fn several_updates_of_a_message_come_in_their_order() {
    let volume = |volume: u8| {
        update(
            "PUSH_VOLUME_CHANGE",
            &json!({ "dopplerId": { "deviceSerialNumber": SERIAL }, "volumeSetting": volume }),
            AT,
        )
    };
    let kinds: Vec<_> =
        events(&message(&[volume(1), json!(7), volume(2)])).into_iter().map(|one| one.kind).collect();
    assert_eq!(
        kinds,
        [1, 2].map(|volume| EventKind::Volume { volume, muted: None }),
        "one that cannot be read is left out"
    );
    let many: Vec<Value> = (0..200).map(|_| volume(3)).collect();
    assert_eq!(events(&message(&many)).len(), 64);
}

#[test]
fn the_name_is_amazons_also_where_the_id_is_another() {
    let mut other = update("PUSH_DND_STATE_CHANGE", &json!({ "enabled": false }), AT);
    other["resourceId"] = json!("5f7c");
    assert_eq!(one(&message(&[other])).name, "PUSH_DND_STATE_CHANGE");
}

/// A value as text of JSON, so many levels deep.
fn nested(value: &Value, levels: usize) -> Value {
    (0..levels).fold(value.clone(), |value, _| Value::from(value.to_string()))
}

#[test]
fn json_is_opened_up_to_four_levels_of_text() {
    for levels in 0..=5 {
        let payload = json!({ "dopplerId": nested(&json!({ "deviceSerialNumber": SERIAL }), levels),
            "enabled": true });
        let metadata = json!({ "command": "PUSH_DND_STATE_CHANGE", "payload": nested(&payload, levels) });
        let message = message(&[json!({ "resourceMetadata": nested(&metadata, levels) })]);
        let found = events(&message);
        if levels <= 4 {
            assert_eq!(found[0].kind, EventKind::DoNotDisturb(true), "{levels}");
            assert_eq!(found[0].serial.as_deref(), Some(SERIAL), "{levels}");
        } else {
            assert!(found.is_empty(), "{levels}");
        }
    }
}

#[test]
fn a_payload_that_is_no_json_still_has_its_name() {
    let mut broken = update("PUSH_VOLUME_CHANGE", &json!({}), AT);
    broken["resourceMetadata"] =
        json!(json!({ "command": "PUSH_VOLUME_CHANGE", "payload": "{\"volumeSetting\":" }).to_string());
    let event = one(&message(&[broken]));
    assert_eq!((event.name.as_str(), event.kind), ("PUSH_VOLUME_CHANGE", EventKind::Other));
}

#[test]
fn serial_numbers_of_foreign_forms_are_none() {
    for serial in ["", "a b", "../x", &"x".repeat(65)] {
        let event = one(&of_device("PUSH_DND_STATE_CHANGE", serial, AT, json!({ "enabled": true })));
        assert_eq!(event.serial, None, "{serial}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_no_failure(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(events(&bytes).len() <= 64);
    }

    #[test]
    fn any_values_in_place_of_others_are_no_failure(
        name in prop::sample::select(vec![
            "PUSH_VOLUME_CHANGE", "PUSH_AUDIO_PLAYER_STATE", "NotifyNowPlayingUpdated", "PUSH_DND_STATE_CHANGE",
        ]),
        key in prop::sample::select(vec![
            "dopplerId", "volumeSetting", "mediaReferenceId", "update", "enabled", "isMuted",
        ]),
        junk in prop_oneof![any::<String>().prop_map(Value::from), any::<f64>().prop_map(Value::from), Just(json!([[], {}]))],
        levels in 0..5_usize,
    ) {
        let payload = json!({ key: nested(&junk, levels) });
        let found = events(&message(&[update(name, &payload, AT)]));
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(&found[0].name, name);
    }
}
