//! Log line of a request.

use serde_json::Value;

use crate::alexa::request::{Request, RequestEnvelope};
use crate::alexa::{DeviceId, Locale};

/// Longest text of a request that is logged, in characters.
const LOGGED: usize = 200;

/// A request, in a few words. The Echo is named by a short hash.
#[derive(Debug, Default)]
pub(super) struct RequestLog {
    pub(super) request_id: String,
    pub(super) request_type: String,
    pub(super) intent: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) device: Option<String>,
}

impl RequestLog {
    pub(super) fn of(envelope: &RequestEnvelope) -> Self {
        let intent = match &envelope.request {
            Request::Intent(request) | Request::CanFulfillIntent(request) => {
                Some(request.intent.name.as_str())
            }
            _ => None,
        };
        Self {
            request_id: short(envelope.request_id()),
            request_type: short(&envelope.head.request_type),
            intent: intent.map(short),
            locale: envelope.locale().map(Locale::as_str).map(short),
            device: envelope.device_id().map(DeviceId::short_hash),
        }
    }

    /// Reads the parts of a body that can be read.
    pub(super) fn of_body(body: &[u8]) -> Self {
        // As a request is read: of a member that stands there twice, the last counts.
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
        let device = text("/context/System/device/deviceId");
        Self {
            request_id: text("/request/requestId").map(short).unwrap_or_default(),
            request_type: text("/request/type").map(short).unwrap_or_default(),
            intent: text("/request/intent/name").map(short),
            locale: text("/request/locale").map(short),
            device: device.map(|device| DeviceId::from(device.to_owned()).short_hash()),
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(LOGGED).collect()
}
