//! What `Debug` prints can be logged.

use ma_alexa::alexa::request::{Request, RequestEnvelope};
use serde_json::{Value, json};

use super::{envelope, sample_names, sample_value};

/// Every text under a key that holds a credential or names a person, a home, a device or a stream.
fn secrets<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    const KEYS: [&str; 10] = [
        "apiAccessToken",
        "accessToken",
        "consentToken",
        "userId",
        "deviceId",
        "persistentEndpointId",
        "personId",
        "unitId",
        "persistentUnitId",
        "sessionId",
    ];
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value {
                    Value::String(text) if KEYS.contains(&key.as_str()) => found.push(text),
                    _ => secrets(value, found),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| secrets(element, found)),
        _ => {}
    }
}

#[test]
fn no_sample_shows_a_token_or_an_id() {
    for name in sample_names() {
        let value = sample_value(&name);
        let mut hidden = Vec::new();
        secrets(&value, &mut hidden);
        assert!(hidden.len() >= 2, "{name} has an account and an access token");
        let envelope = RequestEnvelope::from_value(value.clone()).unwrap();
        let shown = format!("{envelope:?} {envelope:#?} {:?}", envelope.request);
        for secret in hidden {
            assert!(!shown.contains(secret), "{name} shows {secret}");
        }
    }
}

#[test]
fn an_echo_can_be_followed_by_its_hash() {
    let envelope = envelope("launch-request");
    let shown = format!("{envelope:?}");
    assert!(shown.contains(&envelope.device_id().unwrap().short_hash()));
    assert!(shown.contains(envelope.request_id()));
}

#[test]
fn another_programs_stream_url_is_not_shown() {
    let url = "https://ma.example.org/flow/session/queue/item/player.mp3";
    let mut value = sample_value("audio-player-playback-failed-unknown");
    value["context"]["AudioPlayer"]["token"] = json!(url);
    value["request"]["token"] = json!(url);
    value["request"]["currentPlaybackState"]["token"] = json!(url);
    value["request"]["error"]["message"] = json!(format!("cannot open ({url}), code 404"));
    let envelope = RequestEnvelope::from_value(value).unwrap();
    let shown = format!("{envelope:?}");
    assert!(!shown.contains("session/queue"), "{shown}");
    assert!(shown.contains("cannot open [URL] code 404"), "{shown}");
    let Request::AudioPlayer(event) = envelope.request else { panic!("not an audio player event") };
    assert_eq!(event.token, url);
}

#[test]
fn foreign_payloads_are_not_shown() {
    for name in ["messaging-message-received", "apl-user-event", "apl-runtime-error"] {
        let shown = format!("{:?}", envelope(name).request);
        assert!(shown.contains("Payload(..)"), "{shown}");
    }
}
