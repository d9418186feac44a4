//! The narrow face of Music Assistant for those who control what plays.

use std::fmt;

use async_trait::async_trait;

use super::answers::{Found, Queue, RepeatMode};
use super::command::{Enqueue, Search};
use super::error::MusicAssistantError;

/// Music Assistant as the household has it. A player is named as the pushes and the Echos name it; which id it has in Music
/// Assistant, and by which way it is reached, is the matter of the one behind this face.
#[async_trait]
pub trait Home: fmt::Debug + Send + Sync {
    /// The queue of a player.
    ///
    /// # Errors
    /// See [`MusicAssistantError`].
    async fn queue(&self, player: &str) -> Result<Queue, MusicAssistantError>;

    /// Sends a command to a player. A command that took too long may be done all the same.
    ///
    /// # Errors
    /// See [`MusicAssistantError`].
    async fn command(&self, player: &str, command: &PlayerCommand) -> Result<(), MusicAssistantError>;

    /// Plays music on a player, and returns the music where it was searched for.
    ///
    /// # Errors
    /// See [`MusicAssistantError`].
    async fn play(&self, player: &str, request: &PlayRequest) -> Result<Option<Found>, MusicAssistantError>;

    /// Searches the library and the providers.
    ///
    /// # Errors
    /// See [`MusicAssistantError`].
    async fn search(&self, search: &Search) -> Result<Vec<Found>, MusicAssistantError>;
}

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
    /// What is repeated.
    Repeat(RepeatMode),
    /// The music goes on at another player, by its name.
    Transfer(String),
    /// Stops, and empties the queue.
    Clear,
}

/// The music of a [`PlayRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlayWhat {
    /// Music at an address of Music Assistant.
    Uri(String),
    /// The best result of a search.
    Query(String),
}

/// The wish to play music.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayRequest {
    /// The music.
    pub what: PlayWhat,
    /// Where it goes in the queue.
    pub enqueue: Enqueue,
    /// Whether music like it is played instead of it.
    pub radio: bool,
}
