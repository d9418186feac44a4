//! Messages of the web socket.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::answers::{MaPlayer, Queue};

/// A message of the server, as far as it is read.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    /// The first message, with the number of the schema.
    Greeting(u64),
    /// The answer to the command with this id, and whether it was done.
    Answer {
        /// The id that came with the command.
        id: String,
        /// False where the server sent an error.
        done: bool,
    },
    /// A change.
    Event(Event),
    /// A message that says nothing here.
    Other,
}

/// A change of a player or a queue.
#[derive(Debug, PartialEq)]
pub(super) enum Event {
    /// The state of a queue.
    Queue(Box<Queue>),
    /// The items of the queue with this id are other ones.
    Items(String),
    /// The state of a player.
    Player(Box<MaPlayer>),
    /// The player with this id is gone, and its queue with it.
    Gone(String),
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default)]
    event: Option<String>,
    #[serde(default)]
    object_id: Option<String>,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
    #[serde(default, rename = "message_id")]
    answers: Option<String>,
    #[serde(default)]
    error_code: Option<i64>,
    #[serde(default)]
    schema_version: Option<u64>,
}

impl Incoming {
    /// Reads a message. What is no message of Music Assistant's is [`Incoming::Other`], since new kinds come with releases.
    pub(super) fn parse(text: &str) -> Self {
        let Ok(message) = serde_json::from_str::<Message<'_>>(text) else { return Self::Other };
        if let Some(name) = &message.event {
            return Event::of(name, message.object_id, message.data).map_or(Self::Other, Self::Event);
        }
        match (message.answers, message.schema_version) {
            (Some(id), _) => Self::Answer { id, done: message.error_code.is_none() },
            (None, Some(schema)) => Self::Greeting(schema),
            (None, None) => Self::Other,
        }
    }
}

impl Event {
    fn of(name: &str, object: Option<String>, data: Option<&RawValue>) -> Option<Self> {
        match name {
            "queue_added" | "queue_updated" => serde_json::from_str(data?.get()).ok().map(Self::Queue),
            "queue_items_updated" => object.map(Self::Items),
            "player_added" | "player_updated" => serde_json::from_str(data?.get()).ok().map(Self::Player),
            "player_removed" => object.map(Self::Gone),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart() {
        let of = Incoming::parse;
        assert_eq!(of(r#"{"server_id": "a", "schema_version": 29}"#), Incoming::Greeting(29));
        assert_eq!(
            of(r#"{"message_id": "1", "result": {"authenticated": true}}"#),
            Incoming::Answer { id: "1".to_owned(), done: true }
        );
        assert_eq!(
            of(r#"{"message_id": "1", "error_code": 23, "details": "no"}"#),
            Incoming::Answer { id: "1".to_owned(), done: false }
        );
        let items = r#"{"event": "queue_items_updated", "object_id": "q", "data": null}"#;
        assert_eq!(of(items), Incoming::Event(Event::Items("q".to_owned())));
        let gone = r#"{"event": "player_removed", "object_id": "p"}"#;
        assert_eq!(of(gone), Incoming::Event(Event::Gone("p".to_owned())));
        let queue = r#"{"event": "queue_updated", "object_id": "q", "data": {"queue_id": "q", "new": [1], "state": "playing"}}"#;
        assert!(matches!(of(queue), Incoming::Event(Event::Queue(queue)) if queue.queue_id == "q"));
        for other in [
            "",
            "[]",
            "{}",
            "null",
            r#"{"event": "queue_updated"}"#,
            r#"{"event": "media_item_played", "data": 1}"#,
        ] {
            assert_eq!(of(other), Incoming::Other, "{other}");
        }
    }
}
