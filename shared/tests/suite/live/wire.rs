//! Messages as Amazon writes them: JSON in texts of JSON, in parts of a multipart answer.

use serde_json::{Value, json};

/// One update of a message. `at` is in milliseconds.
pub(super) fn update(name: &str, payload: &Value, at: i64) -> Value {
    json!({
        "route": "EventBus:tcomm::message",
        "resourceId": name,
        "resourceMetadata": json!({
            "command": name, "payload": payload.to_string(), "timeStamp": at,
        }).to_string(),
    })
}

/// A message with these updates.
pub(super) fn message(updates: &[Value]) -> Vec<u8> {
    json!({
        "directive": {
            "header": { "namespace": "Alexa.Mobile.Push", "name": "RenderUpdate", "messageId": "m" },
            "payload": { "renderingUpdates": updates },
        },
    })
    .to_string()
    .into_bytes()
}

/// A part with this content.
pub(super) fn part(boundary: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--{boundary}\r\nContent-Type: application/json\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

/// An event of a device.
pub(super) fn of_device(name: &str, serial: &str, at: i64, mut payload: Value) -> Vec<u8> {
    payload["dopplerId"] = json!({ "deviceSerialNumber": serial, "deviceType": "A32DOYMUN6DTXA" });
    payload["destinationUserId"] = json!("A2KIMCUSTOMER0001");
    message(&[update(name, &payload, at)])
}

/// A volume of a device.
pub(super) fn volume(serial: &str, volume: u8, at: i64) -> Vec<u8> {
    of_device("PUSH_VOLUME_CHANGE", serial, at, json!({ "volumeSetting": volume, "isMuted": false }))
}
