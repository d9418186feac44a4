//! Exchanges with DynamoDB: recorded from an emulator, answered again without one.

use std::time::Duration;

use anyhow::Context as _;
use ma_alexa::clock::Timestamp;
use serde_json::{Value, json};

/// A play, an event and two pushes in the household, in `tests/fixtures/dynamodb.json`; the tests hold it to the emulator.
const RECORDED: &str = include_str!("../fixtures/dynamodb.json");

/// Index of the Echo that asks in the recording, and whose player has a start that it has not asked for yet.
pub const ECHO: usize = 3;

/// The version of its player.
pub const VERSION: u64 = 10;

/// The player whose next stream is pushed.
pub const STARTED: usize = 5;

/// Number of streams that every player has had.
pub const STREAMS: usize = 9;

/// Time of the recording, by the clock of the functions.
#[must_use]
pub fn recorded_at() -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000)
}

/// One request and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Such as `UpdateItem`.
    pub operation: String,
    /// The body of the request.
    pub request: Value,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub answer: Value,
}

impl Exchange {
    /// As it is written down: without the table's name, which differs from run to run.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut request = self.request.clone();
        if let Some(table) = request.get_mut("TableName") {
            *table = json!("household");
        }
        json!({
            "operation": self.operation,
            "request": request,
            "status": self.status,
            "answer": self.answer,
        })
    }

    fn from_json(mut value: Value) -> Option<Self> {
        Some(Self {
            operation: value["operation"].as_str()?.to_owned(),
            request: value["request"].take(),
            status: value["status"].as_u64()?.try_into().ok()?,
            answer: value["answer"].take(),
        })
    }
}

/// The answers that are known.
#[derive(Debug)]
pub struct Recording(Vec<(Shape, u16, Value)>);

/// An operation and everything of its request but the values.
type Shape = (String, Value);

impl Recording {
    /// The recording, as if it had been made at `now`.
    ///
    /// # Errors
    /// When the file is not what the tests write.
    pub fn recorded(now: Timestamp) -> anyhow::Result<Self> {
        let recorded: Vec<Value> = serde_json::from_str(RECORDED)?;
        let later = now.since(recorded_at());
        let exchanges: Option<Vec<_>> = recorded.into_iter().map(Exchange::from_json).collect();
        let known = exchanges.context("tests/fixtures/dynamodb.json is no recording")?.into_iter();
        let known = known.map(|mut exchange| {
            shift(&mut exchange.answer, later);
            (shape(&exchange.operation, &exchange.request), exchange.status, exchange.answer)
        });
        Ok(Self(known.collect()))
    }

    /// Status and body of the answer to a request that differs from a recorded one in its values alone. An item that
    /// the request wrote has the values of the request.
    #[must_use]
    pub fn answer(&self, operation: &str, request: &Value) -> Option<(u16, String)> {
        let asked = shape(operation, request);
        let (_, status, answer) = self.0.iter().find(|(known, ..)| *known == asked)?;
        if answer.get("Attributes").is_none() {
            return Some((*status, answer.to_string()));
        }
        let mut answer = answer.clone();
        for (name, value) in assignments(request) {
            answer["Attributes"][name] = value.clone();
        }
        Some((*status, answer.to_string()))
    }
}

/// Values that an update sets of its own, as `#name = :value`; not those that it sets from what is there.
fn assignments(request: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let update = request["UpdateExpression"].as_str().unwrap_or_default();
    let set = update.strip_prefix("SET ").unwrap_or_default();
    let set = [" REMOVE ", " ADD "].iter().fold(set, |set, next| set.split(next).next().unwrap_or_default());
    set.split(", ").filter_map(|part| {
        let (name, value) = part.split_once(" = ")?;
        let name = request["ExpressionAttributeNames"].get(name)?.as_str()?;
        Some((name, request["ExpressionAttributeValues"].get(value)?))
    })
}

fn shape(operation: &str, request: &Value) -> Shape {
    let mut shape = request.clone();
    if let Some(fields) = shape.as_object_mut() {
        fields.remove("TableName");
    }
    for values in ["ExpressionAttributeValues", "Item"] {
        for value in
            shape.get_mut(values).and_then(Value::as_object_mut).into_iter().flat_map(|map| map.values_mut())
        {
            *value = json!(value.as_object().and_then(|typed| typed.keys().next()));
        }
    }
    (operation.to_owned(), shape)
}

/// Moves every moment in an answer: numbers of the size of a present time, in seconds or in milliseconds.
fn shift(value: &mut Value, by: Duration) {
    match value {
        Value::Object(fields) => {
            if let (1, Some(number)) = (fields.len(), fields.get_mut("N"))
                && let Some(moment) = number.as_str().and_then(|digits| digits.parse::<u64>().ok())
            {
                let added = match moment {
                    1_000_000_000..10_000_000_000 => u128::from(by.as_secs()),
                    1_000_000_000_000..10_000_000_000_000 => by.as_millis(),
                    _ => 0,
                };
                *number = json!((u128::from(moment) + added).to_string());
            } else {
                fields.values_mut().for_each(|value| shift(value, by));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|value| shift(value, by)),
        _ => {}
    }
}
