//! Behaviours: steps of an Echo as in a routine (docs/amazon-api.md, 6).

use serde_json::{Value, json};

use crate::account::{AccountHosts, Device};

const MODEL: &str = "com.amazon.alexa.behaviors.model.";
const DEVICE_CONTROLS: &str = "amzn1.ask.1p.alexadevicecontrols";

/// One operation of a device.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// Volume, 0 to 100; also while nothing plays.
    Volume(u8),
    /// Stop of all playback.
    Stop,
    /// Speech.
    Speak(String),
    /// A sentence, run as if a person had said it.
    Text(String),
}

/// The customer in whose name a step is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepCustomer {
    /// The account that signed in.
    Account,
    /// The device's owner, where that is another one.
    Owner,
}

/// One device and its operation, for one customer's account.
#[derive(Clone, Debug)]
pub(super) struct BehaviorStep {
    pub(super) device: Device,
    pub(super) operation: Operation,
    pub(super) customer: StepCustomer,
}

/// An announcement on several devices at once.
#[derive(Clone, Debug)]
pub(super) struct Announcement {
    pub(super) devices: Vec<Device>,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) locale: String,
}

/// The body of a behaviour for several devices.
pub(super) fn preview(steps: &[BehaviorStep], locale: &str, place: &AccountHosts) -> Value {
    envelope(&steps.iter().map(|step| step_node(step, locale, place)).collect::<Vec<_>>())
}

/// The body of an announcement.
pub(super) fn announcement(announcement: &Announcement, place: &AccountHosts) -> Value {
    let devices: Vec<Value> = announcement
        .devices
        .iter()
        // Here, and in nothing else but speech, the type has another name (docs/amazon-api.md, T8).
        .map(|device| json!({ "deviceSerialNumber": device.serial, "deviceTypeId": device.device_type }))
        .collect();
    let payload = json!({
        "expireAfter": "PT5S",
        "content": [{
            "locale": announcement.locale,
            "display": { "title": announcement.title, "body": announcement.text },
            "speak": { "type": "text", "value": announcement.text },
        }],
        "target": { "customerId": place.customer, "devices": devices },
        "customerId": place.customer,
        "skillId": "amzn1.ask.1p.routines.messaging",
    });
    envelope(&[node("AlexaAnnouncement", &payload)])
}

fn step_node(step: &BehaviorStep, locale: &str, place: &AccountHosts) -> Value {
    let BehaviorStep { device, operation, customer } = step;
    let owner = device.owner.as_deref().filter(|_| *customer == StepCustomer::Owner);
    let customer = owner.unwrap_or(&place.customer);
    let mut payload = json!({
        "deviceType": device.device_type,
        "deviceSerialNumber": device.serial,
        "locale": locale,
        "customerId": customer,
    });
    let target = json!({
        "customerId": customer,
        "devices": [{ "deviceSerialNumber": device.serial, "deviceTypeId": device.device_type }],
    });
    let kind = match operation {
        Operation::Volume(value) => {
            payload["value"] = json!(value);
            "Alexa.DeviceControls.Volume"
        }
        Operation::Stop => {
            payload["devices"] =
                json!([{ "deviceSerialNumber": device.serial, "deviceType": device.device_type }]);
            payload["skillId"] = json!(DEVICE_CONTROLS);
            "Alexa.DeviceControls.Stop"
        }
        Operation::Speak(text) => {
            payload["textToSpeak"] = json!(text);
            payload["target"] = target;
            payload["skillId"] = json!("amzn1.ask.1p.saysomething");
            "Alexa.Speak"
        }
        Operation::Text(text) => {
            payload["text"] = json!(text);
            payload["skillId"] = json!("amzn1.ask.1p.tellalexa");
            "Alexa.TextCommand"
        }
    };
    node(kind, &payload)
}

fn node(kind: &str, payload: &Value) -> Value {
    json!({
        "@type": format!("{MODEL}OpaquePayloadOperationNode"),
        "type": kind,
        "operationPayload": payload,
    })
}

/// The sequence is a text inside the JSON (docs/amazon-api.md, T7).
fn envelope(nodes: &[Value]) -> Value {
    let start = match nodes {
        [node] => node.clone(),
        nodes => json!({ "@type": format!("{MODEL}ParallelNode"), "nodesToExecute": nodes }),
    };
    let sequence = json!({ "@type": format!("{MODEL}Sequence"), "startNode": start });
    json!({ "behaviorId": "PREVIEW", "sequenceJson": sequence.to_string(), "status": "ENABLED" })
}
