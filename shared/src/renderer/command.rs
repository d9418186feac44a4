//! Inputs of a transport, and the commands that follow from them.

use crate::speakers::{MediaItem, Observed};

/// Names one command.
pub type CommandId = u64;

/// An input of the transport.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "an input is taken at once, and not kept")]
pub enum Input {
    /// The item that the next play starts.
    SetItem(MediaItem),
    /// The item after the present one.
    SetNext(Option<MediaItem>),
    /// Starts or resumes.
    Play,
    /// Pauses.
    Pause,
    /// Stops.
    Stop,
    /// An item was stored.
    Stored {
        /// The command.
        ticket: CommandId,
        /// The version of the player that the item is.
        version: u64,
    },
    /// A command was sent.
    Sent(CommandId),
    /// A command was refused.
    Refused(CommandId),
    /// The player as it is stored.
    Observed(Observed),
    /// Time went on.
    Tick,
}

/// A command that the transport wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Store an item as the next version of the player. The answer is [`Input::Stored`] or [`Input::Refused`].
    Store(CommandId, MediaItem),
    /// Make the Echo ask for this version, which resumes what it had before. The answer is [`Input::Sent`] or
    /// [`Input::Refused`], here and below.
    Ask(CommandId, u64),
    /// Make the Echo pause.
    Pause(CommandId),
    /// Make the Echo stop.
    Stop(CommandId),
    /// Keep the item that follows a version. It has no answer.
    KeepNext(u64, Option<MediaItem>),
}
