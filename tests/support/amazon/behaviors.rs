//! Behaviours: sequences of operations on devices, most of which fail without a word.

use std::time::Instant;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::account::CUSTOMER;
use super::asked::Asked;
use super::household::{Device, Household};
use super::page::{self, Page};

const MODEL: &str = "com.amazon.alexa.behaviors.model.";

/// A sentence that a device got by a text command, as if a person had said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Utterance {
    /// Serial number of the device.
    pub serial: String,
    /// Text that the device heard.
    pub text: String,
    /// Time at which it heard it.
    pub at: Instant,
}

/// State that an operation acts on.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) household: &'a mut Household,
    pub(super) utterances: &'a UnboundedSender<Utterance>,
    /// Serial numbers of devices that are stopped.
    pub(super) stops: &'a UnboundedSender<String>,
    /// Reasons why operations were dropped.
    pub(super) dropped: &'a mut Vec<String>,
}

/// `POST /api/behaviors/preview`. What is not understood is refused, what does not work is dropped.
pub(super) fn preview(stage: &mut Stage<'_>, asked: &Asked) -> Page {
    match operations_of(&asked.body) {
        Err(problem) => page::json(400, &json!({"message": problem})),
        Ok(operations) => {
            for operation in &operations {
                if let Err(reason) = stage.perform(operation) {
                    stage.dropped.push(format!("{}: {reason}", operation["type"]));
                }
            }
            page::empty(200)
        }
    }
}

fn operations_of(body: &Value) -> Result<Vec<Value>, String> {
    if body["behaviorId"] != "PREVIEW" || body["status"] != "ENABLED" {
        return Err("behaviorId or status is missing or wrong".to_owned());
    }
    let text = body["sequenceJson"].as_str().ok_or("sequenceJson is no text")?;
    let sequence: Value = serde_json::from_str(text).map_err(|error| format!("sequenceJson: {error}"))?;
    if sequence["@type"] != format!("{MODEL}Sequence") {
        return Err("sequenceJson is no sequence".to_owned());
    }
    let mut operations = Vec::new();
    collect(&sequence["startNode"], &mut operations)?;
    Ok(operations)
}

fn collect(node: &Value, operations: &mut Vec<Value>) -> Result<(), String> {
    match node["@type"].as_str().and_then(|name| name.strip_prefix(MODEL)) {
        Some("SerialNode" | "ParallelNode") => {
            let nodes = node["nodesToExecute"].as_array().ok_or("nodesToExecute is no list")?;
            nodes.iter().try_for_each(|node| collect(node, operations))
        }
        Some("OpaquePayloadOperationNode") if node["operationPayload"].is_object() => {
            operations.push(node.clone());
            Ok(())
        }
        _ => Err(format!("a node of the type {}", node["@type"])),
    }
}

impl Stage<'_> {
    fn perform(&mut self, operation: &Value) -> Result<(), String> {
        let payload = &operation["operationPayload"];
        let skill = operation["skillId"].as_str().or(payload["skillId"].as_str()).unwrap_or_default();
        let needs = |id: &str| (skill == id).then_some(()).ok_or_else(|| format!("skillId is not {id}"));
        match operation["type"].as_str().unwrap_or_default() {
            "Alexa.DeviceControls.Volume" => self.volume(payload),
            "Alexa.DeviceControls.Stop" => {
                needs("amzn1.ask.1p.alexadevicecontrols")?;
                self.stop(payload)
            }
            "Alexa.DeviceControls.DoNotDisturb" => {
                needs("amzn1.ask.1p.alexadevicecontrols")?;
                self.do_not_disturb(payload)
            }
            "Alexa.Speak" => {
                needs("amzn1.ask.1p.saysomething")?;
                self.speak(payload)
            }
            "AlexaAnnouncement" => {
                needs("amzn1.ask.1p.routines.messaging")?;
                self.announce(payload)
            }
            "Alexa.TextCommand" => {
                needs("amzn1.ask.1p.tellalexa")?;
                self.text_command(payload)
            }
            _ => Err("not an operation that is known here".to_owned()),
        }
    }

    /// The device of an address, when it is there for the customer of the command.
    fn device(&mut self, address: &Value, type_key: &str, customer: &Value) -> Result<&mut Device, String> {
        let serial = address["deviceSerialNumber"].as_str().ok_or("deviceSerialNumber is missing")?;
        let device_type = address[type_key].as_str().ok_or_else(|| format!("{type_key} is missing"))?;
        let device = self.household.addressed(serial, device_type);
        let device = device.ok_or_else(|| format!("there is no {device_type} {serial}"))?;
        if *customer != *device.owner {
            return Err(format!("{serial} belongs to {}, not to {customer}", device.owner));
        }
        device.online.then_some(()).ok_or_else(|| format!("{serial} is offline"))?;
        Ok(device)
    }

    /// The device that all of the payload is for, when it can speak and hear.
    fn speaker(&mut self, payload: &Value) -> Result<&mut Device, String> {
        let device = self.device(payload, "deviceType", &payload["customerId"])?;
        if device.is_group() { Err(format!("{} is a group", device.serial)) } else { Ok(device) }
    }

    fn volume(&mut self, payload: &Value) -> Result<(), String> {
        let value = &payload["value"];
        let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
        let number =
            number.filter(|number| (0.0..=100.0).contains(number)).ok_or("value is missing or wrong")?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 100")]
        let volume = number.round() as u8;
        let device = self.speaker(payload)?;
        (device.volume, device.muted) = (volume, false);
        Ok(())
    }

    fn stop(&mut self, payload: &Value) -> Result<(), String> {
        for address in list(&payload["devices"])? {
            if address["deviceSerialNumber"] == "ALEXA_ALL_DSN" {
                self.household.0.iter_mut().for_each(|device| device.media = None);
            } else {
                let device = self.device(address, "deviceType", &payload["customerId"])?;
                device.media = None;
                let serial = device.serial.clone();
                // A test that no longer listens has ended.
                self.stops.send(serial).ok();
            }
        }
        Ok(())
    }

    fn do_not_disturb(&mut self, payload: &Value) -> Result<(), String> {
        let enabled = match payload["action"].as_str() {
            Some("Enable") => true,
            Some("Disable") => false,
            _ => return Err("action is missing or wrong".to_owned()),
        };
        for address in list(&payload["devices"])? {
            let device = self.device(address, "deviceTypeId", &payload["customerId"])?;
            if address["deviceAccountId"] != *device.account_id {
                return Err("deviceAccountId is missing or wrong".to_owned());
            }
            device.do_not_disturb = enabled;
        }
        Ok(())
    }

    fn speak(&mut self, payload: &Value) -> Result<(), String> {
        let text = payload["textToSpeak"].as_str().filter(|text| !text.is_empty());
        let text = text.ok_or("textToSpeak is missing")?.to_owned();
        let target = &payload["target"];
        if target.is_object() {
            let [address] = list(&target["devices"])?.as_slice() else {
                return Err("several targets".to_owned());
            };
            self.device(address, "deviceTypeId", &target["customerId"])?;
            if address["deviceSerialNumber"] != payload["deviceSerialNumber"] {
                return Err("two different devices".to_owned());
            }
        }
        self.speaker(payload)?.spoken.push(text);
        Ok(())
    }

    fn announce(&mut self, payload: &Value) -> Result<(), String> {
        payload["expireAfter"].as_str().ok_or("expireAfter is missing")?;
        let content = list(&payload["content"])?.first().ok_or("content is empty")?;
        let speak = &content["speak"];
        if !["text", "ssml"].contains(&speak["type"].as_str().unwrap_or_default()) {
            return Err("the type of what to speak is missing or wrong".to_owned());
        }
        let text = speak["value"].as_str().ok_or("there is nothing to speak")?.to_owned();
        let target = &payload["target"];
        if target.get("devices").is_none() {
            if target["customerId"] != CUSTOMER {
                return Err("customerId is missing or wrong".to_owned());
            }
            let everyone = self.household.0.iter_mut().filter(|device| device.is_echo() && device.online);
            everyone.for_each(|device| device.announced.push(text.clone()));
            return Ok(());
        }
        let mut problems = Vec::new();
        for address in list(&target["devices"])? {
            match self.device(address, "deviceTypeId", &target["customerId"]) {
                Ok(device) if device.is_group() => problems.push(format!("{} is a group", device.serial)),
                Ok(device) => device.announced.push(text.clone()),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems.join(", ")) }
    }

    fn text_command(&mut self, payload: &Value) -> Result<(), String> {
        let text = payload["text"].as_str().filter(|text| !text.is_empty()).ok_or("text is missing")?;
        let serial = self.speaker(payload)?.serial.clone();
        let heard = Utterance { serial, text: text.to_owned(), at: Instant::now() };
        self.utterances.send(heard).map_err(|_| "the receiver is gone".to_owned())
    }
}

fn list(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| "a list is missing".to_owned())
}
