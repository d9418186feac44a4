//! Bodies that are not as documented.

use ma_alexa::alexa::request::{EnvelopeError, Request, RequestEnvelope};
use ma_alexa::clock::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{envelope, sample, sample_names, sample_value};

/// The fields without which a request cannot be understood.
const REQUIRED: [&str; 6] =
    ["", "/request", "/request/type", "/request/requestId", "/request/intent", "/request/intent/name"];

/// The JSON pointers of `value` and of everything in it.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                pointers(value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                pointers(element, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn all_pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    pointers(value, "", &mut found);
    found
}

/// `value` without what `pointer` names.
fn without(mut value: Value, pointer: &str) -> Value {
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        return Value::Null;
    };
    match value.pointer_mut(parent).unwrap() {
        Value::Object(entries) => drop(entries.remove(&key.replace("~1", "/").replace("~0", "~"))),
        Value::Array(elements) => drop(elements.remove(key.parse().unwrap())),
        other => panic!("{other} has no members"),
    }
    value
}

fn with(mut value: Value, pointer: &str, other: Value) -> Value {
    *value.pointer_mut(pointer).unwrap() = other;
    value
}

#[test]
fn only_what_is_required_is_missed() {
    for name in sample_names() {
        let value = sample_value(&name);
        for pointer in all_pointers(&value) {
            let read = RequestEnvelope::from_value(without(value.clone(), &pointer));
            assert_eq!(read.is_err(), REQUIRED.contains(&pointer.as_str()), "{name} without {pointer}");
        }
    }
}

#[test]
fn only_what_is_required_must_have_its_type() {
    let others = [json!(null), json!(true), json!(-1.5), json!([[]]), json!({"a": {}})];
    for name in sample_names() {
        let value = sample_value(&name);
        for pointer in all_pointers(&value) {
            for other in &others {
                let read = RequestEnvelope::from_value(with(value.clone(), &pointer, other.clone()));
                let required = REQUIRED.contains(&pointer.as_str());
                assert_eq!(read.is_err(), required, "{name} with {pointer} = {other}");
            }
            let text = json!("text");
            let read = RequestEnvelope::from_value(with(value.clone(), &pointer, text));
            let is_text =
                REQUIRED.contains(&pointer.as_str()) && !value.pointer(&pointer).unwrap().is_string();
            assert_eq!(read.is_err(), is_text, "{name} with {pointer} = text");
        }
    }
}

#[test]
fn an_odd_detail_costs_only_itself() {
    let mut value = sample_value("audio-player-playback-started-resumed-offset");
    value["context"]["System"]["device"]["supportedInterfaces"] = json!("none");
    value["context"]["System"]["user"] = json!(3);
    value["context"]["Viewport"] = json!(false);
    value["request"]["offsetInMilliseconds"] = json!({});
    let envelope = RequestEnvelope::from_value(value).unwrap();
    assert!(envelope.device_id().is_some());
    assert!(envelope.application_id().is_some());
    assert_eq!(envelope.user_id(), None);
    assert!(!envelope.supports_audio_player());
    let Request::AudioPlayer(event) = envelope.request else { panic!("not an audio player event") };
    assert_eq!((event.token.as_str(), event.offset_ms), ("ma1.q7f3.0007.5c2e9a", 0));
}

#[test]
fn the_error_names_the_field_and_no_value() {
    let launch = sample_value("launch-request");
    let intent = sample_value("intent-amazon-stop");
    let secret = || json!("secret-value");
    for (value, expected) in [
        (without(launch.clone(), "/request"), "the field `request` is missing"),
        (without(launch.clone(), "/request/type"), "the field `request.type` is missing"),
        (without(launch.clone(), "/request/requestId"), "the field `request.requestId` is missing"),
        (without(intent.clone(), "/request/intent/name"), "the field `request.intent.name` is missing"),
        (secret(), "the field `request envelope` is not what it should be"),
        (with(launch.clone(), "/request", secret()), "the field `request` is not what it should be"),
        (
            with(launch.clone(), "/request/type", json!(["secret-value"])),
            "the field `request.type` is not what it should be",
        ),
        (
            with(launch, "/request/requestId", json!("  ")),
            "the field `request.requestId` is not what it should be",
        ),
        (
            with(intent.clone(), "/request/intent", secret()),
            "the field `request.intent` is not what it should be",
        ),
        (
            with(intent, "/request/intent/name", json!({"secret-value": 1})),
            "the field `request.intent.name` is not what it should be",
        ),
    ] {
        let error = RequestEnvelope::from_value(value.clone()).unwrap_err();
        assert_eq!(error.to_string(), expected);
        let error = serde_json::from_value::<RequestEnvelope>(value).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_body_that_is_not_json_is_refused_with_the_place() {
    let not_json = |body: &[u8]| match RequestEnvelope::parse(body) {
        Err(EnvelopeError::NotJson { line, column }) => (line, column),
        other => panic!("{other:?}"),
    };
    assert_eq!(not_json(b""), (1, 0));
    assert_eq!(not_json(b"{\"version\": secret}"), (1, 13));
    not_json(b"\xef\xbb\xbf{}");
    not_json(b"{} {}");
    not_json(b"{\"request\":{\"type\":\"LaunchRequest\",\"requestId\":\"\xff\xfe\"}}");
    let error = RequestEnvelope::parse(b"{\"version\": secret}").unwrap_err();
    assert_eq!(error.to_string(), "the body is not JSON from line 1, column 13 on");
}

#[test]
fn a_body_that_is_cut_off_is_refused_wherever_it_is_cut() {
    let body = sample("intent-play-artist-er-match");
    let body = body.trim_ascii_end();
    for length in 0..body.len() {
        let read = RequestEnvelope::parse(&body[..length]);
        assert!(matches!(read, Err(EnvelopeError::NotJson { .. })), "{length}");
    }
}

#[test]
fn deep_nesting_is_refused_or_read() {
    let refused = RequestEnvelope::parse("[".repeat(1_000_000).as_bytes());
    assert!(matches!(refused, Err(EnvelopeError::NotJson { .. })));
    for depth in [60, 250_000] {
        let (open, close) = ("{\"values\":[".repeat(depth), "]}".repeat(depth));
        let body = format!(
            r#"{{"request":{{"type":"IntentRequest","requestId":"r","intent":{{"name":"PairEcho",
            "slots":{{"player":{{"value":"kitchen","slotValue":{open}{close}}}}}}}}}}}"#
        );
        let read = RequestEnvelope::parse(body.as_bytes());
        assert_eq!(read.is_ok(), depth == 60, "{depth}");
    }
}

#[test]
fn two_megabytes_are_read() {
    let mut value = sample_value("launch-request");
    value["session"]["attributes"] = json!({"text": "x".repeat(1_000_000)});
    value["context"]["Alexa.Presentation.APL"] =
        json!({"componentsVisibleOnScreen": vec![json!({}); 350_000]});
    let body = serde_json::to_vec(&value).unwrap();
    assert!(body.len() > 2_000_000);
    assert_eq!(RequestEnvelope::parse(&body).unwrap(), envelope("launch-request"));
}

#[test]
fn a_stub_session_takes_nothing_from_the_context() {
    let mut value = sample_value("audio-player-playback-failed-unknown");
    value["session"] = json!({"attributes": {}});
    let envelope = RequestEnvelope::from_value(value).unwrap();
    assert!(envelope.application_id().is_some());
    assert!(envelope.user_id().is_some());
    assert!(!envelope.is_new_session());
}

#[test]
fn the_session_names_skill_and_account_where_the_context_does_not() {
    let value = without(sample_value("launch-request"), "/context");
    let envelope = RequestEnvelope::from_value(value).unwrap();
    assert_eq!(envelope.application_id(), super::envelope("launch-request").application_id());
    assert_eq!(envelope.user_id(), super::envelope("launch-request").user_id());
    assert_eq!(envelope.device_id(), None);
}

#[test]
fn the_context_comes_before_the_session() {
    let mut value = sample_value("launch-request");
    value["session"]["application"]["applicationId"] = json!("another skill");
    value["session"]["user"]["userId"] = json!("another account");
    let read = RequestEnvelope::from_value(value).unwrap();
    assert_eq!(read.application_id(), envelope("launch-request").application_id());
    assert_eq!(read.user_id(), envelope("launch-request").user_id());
}

#[test]
fn blank_ids_are_none() {
    let value = with(sample_value("launch-request"), "/context/System/device/deviceId", json!(" "));
    assert_eq!(RequestEnvelope::from_value(value).unwrap().device_id(), None);
}

#[test]
fn a_time_is_a_date_or_milliseconds() {
    let at = |time: Value| {
        let value = with(sample_value("launch-request"), "/request/timestamp", time);
        RequestEnvelope::from_value(value).unwrap().timestamp()
    };
    let expected = Some(Timestamp::from_millis(1_795_334_400_000));
    assert_eq!(at(json!("2026-11-22T08:00:00Z")), expected);
    assert_eq!(at(json!("2026-11-22T09:00:00+01:00")), expected);
    assert_eq!(at(json!(1_795_334_400_000_i64)), expected);
    assert_eq!(at(json!("yesterday")), None);
    assert_eq!(at(json!(null)), None);
}

#[test]
fn an_offset_is_never_negative_nor_fractional() {
    let at = |offset: Value| {
        let value = sample_value("audio-player-playback-stopped");
        let value = with(value, "/request/offsetInMilliseconds", offset.clone());
        let value = with(value, "/context/AudioPlayer/offsetInMilliseconds", offset);
        let envelope = RequestEnvelope::from_value(value).unwrap();
        let of_context = envelope.audio_player().unwrap().offset_ms;
        let Request::AudioPlayer(event) = envelope.request else { panic!("not an audio player event") };
        assert_eq!(event.offset_ms, of_context);
        event.offset_ms
    };
    assert_eq!(at(json!(41_250)), 41_250);
    assert_eq!(at(json!(-1)), 0);
    assert_eq!(at(json!(-0.5)), 0);
    assert_eq!(at(json!(1234.9)), 1234);
    assert_eq!(at(json!(1e300)), u64::MAX);
    assert_eq!(at(json!("41250")), 0);
    assert_eq!(at(json!(null)), 0);
}

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z.]{0,8}", inner, 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn any_replacement_is_read_or_refused(
        name in prop::sample::select(sample_names()),
        at in any::<prop::sample::Index>(),
        other in any_json(),
    ) {
        let value = sample_value(&name);
        let pointers = all_pointers(&value);
        let pointer = at.get(&pointers);
        let read = RequestEnvelope::from_value(with(value, pointer, other));
        prop_assert!(read.is_ok() || REQUIRED.contains(&pointer.as_str()), "{name} {pointer} {read:?}");
        let _ = format!("{read:?}");
    }

    #[test]
    fn a_new_field_changes_nothing(
        name in prop::sample::select(sample_names()),
        at in any::<prop::sample::Index>(),
        field in any_json(),
    ) {
        let mut value = sample_value(&name);
        // Payloads, slots and interfaces are maps whose keys are not fields.
        let objects: Vec<_> = all_pointers(&value)
            .into_iter()
            .filter(|pointer| value.pointer(pointer).is_some_and(Value::is_object))
            .filter(|pointer| {
                let is_map = ["/arguments", "/errors", "/message", "/slots", "/supportedInterfaces"];
                !is_map.iter().any(|map| pointer.contains(map) && !pointer.contains("/slots/"))
            })
            .collect();
        let pointer: &String = at.get(&objects);
        let object = value.pointer_mut(pointer).unwrap();
        object["aFieldOfTheFuture"] = field;
        prop_assert_eq!(RequestEnvelope::from_value(value).unwrap(), envelope(&name));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(RequestEnvelope::parse(&bytes).is_err());
    }

    #[test]
    fn a_flipped_byte_is_read_or_refused(
        name in prop::sample::select(sample_names()),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut body = sample(&name);
        *at.get_mut(&mut body) = byte;
        let _ = format!("{:?}", RequestEnvelope::parse(&body));
    }
}
