//! Requests of people, in the words of Music Assistant's queue.

use super::answers::RepeatMode;
use super::command::Enqueue;
use crate::spoken::Language;

/// A command for a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlayerCommand {
    /// The next item at once. Music Assistant's own `next` waits a second for further presses.
    Next,
    /// The item before, never the beginning of this one.
    Previous,
    /// Stops for now.
    Pause,
    /// Goes on where the queue was.
    Resume,
    /// Stops.
    Stop,
    /// The beginning of this item.
    StartOver,
    /// A second of this item.
    Seek(u32),
    /// Whether the order is shuffled.
    Shuffle(bool),
    /// Repetition.
    Repeat(RepeatMode),
    /// The music goes on at another player, by its name.
    Transfer(String),
    /// The item of the queue with this id.
    PlayItem(String),
    /// Stops, and empties the queue.
    Clear,
}

/// The music of a [`PlayMedia`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlayWhat {
    /// Music at an address of Music Assistant.
    Uri(String),
    /// The best result of a search.
    Query {
        /// The text.
        text: String,
        /// Its language, by whose sounds and small words names are compared.
        language: Language,
    },
}

/// A request to play music.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayMedia {
    /// The music.
    pub what: PlayWhat,
    /// Its place in the queue.
    pub enqueue: Enqueue,
    /// Whether music like it is played instead of it.
    pub radio: bool,
}
