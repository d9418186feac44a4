//! What a log line says of a request.

use serde::Deserialize;
use serde_json::Value;

use crate::alexa::request::{Request, RequestEnvelope};
use crate::alexa::{DeviceId, Locale};

/// Longest text of a request that is logged, in characters.
const LOGGED: usize = 200;

/// A request, in a few words. The Echo is named by a short hash.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) request_id: String,
    pub(super) request_type: String,
    pub(super) intent: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) device: Option<String>,
}

impl Summary {
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

    /// Reads what it can of a body, whatever is wrong with it.
    pub(super) fn of_body(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Body {
            request: Option<Value>,
            context: Option<Value>,
        }
        let Ok(Body { request: Some(request), context }) = serde_json::from_slice(body) else {
            return Self::default();
        };
        let text = |pointer: &str| request.pointer(pointer).and_then(Value::as_str).map(short);
        let device =
            context.as_ref().and_then(|context| context.pointer("/System/device/deviceId")?.as_str());
        Self {
            request_id: text("/requestId").unwrap_or_default(),
            request_type: text("/type").unwrap_or_default(),
            intent: text("/intent/name"),
            locale: text("/locale"),
            device: device.map(|device| DeviceId::from(device.to_owned()).short_hash()),
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(LOGGED).collect()
}
