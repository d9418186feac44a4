//! Entries about the last days, for people to read. No tokens, no addresses, no ids that open anything.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::control::ControlError;
use crate::playback::{PairingKind, PastPlay, PlayerId};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Time of the activity, by our clock.
    pub at: Timestamp,
    /// Kind of the activity, with its details.
    #[serde(flatten)]
    pub kind: ActivityKind,
}

/// Kinds of activity. An Echo is named by a short hash of its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ActivityKind {
    /// Music Assistant started something new on a player.
    Started {
        /// The player.
        player: PlayerId,
        /// Its version from now on.
        version: u64,
        /// Title, where it was pushed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// The play that it replaced, with the end of what is known of that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Box<PastPlay>>,
    },
    /// An Echo and a player were paired.
    Paired {
        /// The player.
        player: PlayerId,
        /// The Echo.
        echo: String,
        /// Way in which the pairing was made.
        how: PairingKind,
    },
    /// Another Echo plays the music of a player than the one that was given it.
    Moved {
        /// The player.
        player: PlayerId,
        /// The Echo that plays.
        echo: String,
    },
    /// Pairings of an Echo were ended by hand.
    Unpaired {
        /// The Echo.
        echo: String,
        /// Number of pairings that were ended.
        pairings: usize,
    },
    /// A learned pairing was withdrawn, since two Echos asked for one start.
    Withdrawn {
        /// The player.
        player: PlayerId,
        /// The Echo that had claimed it.
        echo: String,
    },
    /// An Echo that serves no player asked for music.
    NotPaired {
        /// The Echo.
        echo: String,
    },
    /// An Echo asked, and its player had nothing that can be played.
    NothingToPlay {
        /// The Echo.
        echo: String,
        /// The player.
        player: PlayerId,
    },
    /// An Echo asked in Music Assistant's words, which had started a player that it does not serve.
    Elsewhere {
        /// The Echo.
        echo: String,
        /// The player that it serves, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        player: Option<PlayerId>,
        /// The player that was started.
        started: PlayerId,
    },
    /// An Echo has another name at Amazon, and its pairing went over to the player of that name.
    Renamed {
        /// The Echo.
        echo: String,
        /// Its name before.
        before: String,
        /// Its name since.
        player: PlayerId,
    },
    /// Alexa refused one of our answers.
    AnswerRefused {
        /// Amazon's type of the error.
        error: String,
    },
    /// The user enabled the skill.
    SkillEnabled,
    /// The user disabled the skill.
    SkillDisabled {
        /// Number of pairings that were suspended.
        pairings: usize,
    },
    /// A person signed in to the Amazon account of the Echos.
    SignedIn,
    /// A person signed out of it.
    SignedOut,
    /// Amazon ended the session, and a person has to sign in again.
    SessionEnded {
        /// Amazon's word for it.
        reason: String,
    },
    /// Music Assistant's API was connected.
    MusicAssistantConnected,
    /// It was disconnected.
    MusicAssistantDisconnected,
    /// A control request was not carried out.
    NotCarriedOut {
        /// The player at which it was asked.
        player: PlayerId,
        /// The reason.
        reason: ControlError,
    },
    /// Music Assistant has no music like what a person asked for.
    MusicNotFound {
        /// The player at which it was asked.
        player: PlayerId,
        /// The text that was heard, at most 200 characters.
        heard: String,
    },
    /// Music Assistant has no player of the name that a person said.
    RoomUnknown {
        /// The player at which it was asked.
        player: PlayerId,
        /// The text that was heard, at most 200 characters.
        heard: String,
    },
    /// An Echo reported the outcome of a play. Not kept, but read from the player.
    Reported {
        /// The player.
        player: PlayerId,
        /// State of the Echo since then.
        state: crate::playback::StreamState,
        /// Amazon's type of the error, where it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// An Echo asked for music. Not kept, but read from the Echo.
    Asked {
        /// The Echo.
        echo: String,
    },
    /// Something that a newer release writes.
    #[serde(other)]
    Other,
}
