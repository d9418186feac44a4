//! The replies to requests.

use serde::{Deserialize, Serialize};

use super::action::MusicKind;

/// The reply to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reply", content = "with")]
pub enum Reply {
    /// It is done, and there is nothing to say of it.
    Done,
    /// Music Assistant starts music: a new stream follows by itself.
    Starting {
        /// The music that was chosen; none where the queue goes on.
        music: Option<Suggestion>,
        /// Player on which it starts, where that is another one than that of the request.
        room: Option<String>,
    },
    /// The music is at the end of the queue, and nothing starts by it.
    Queued(Suggestion),
    /// The music follows what plays, and nothing starts by it.
    QueuedNext(Suggestion),
    /// This plays.
    Playing(Suggestion),
    /// Nothing plays.
    NothingPlays,
    /// Two or three may be meant, the likeliest first: the person is asked.
    Choose(Vec<Suggestion>),
    /// No music is like what was heard.
    NotFound {
        /// The text without its room.
        heard: String,
    },
    /// No player has this name, or several may be meant.
    RoomUnknown {
        /// The name as it was heard.
        heard: String,
        /// The names that it fits, of which none is meant more than the others; at most five.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        several: Vec<String>,
    },
    /// It was not done.
    Failed(ControlError),
}

/// A piece of music for a person to hear of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Its kind; none where Music Assistant has a kind that is not known here.
    pub kind: Option<MusicKind>,
    /// Its name, at most 200 characters.
    pub title: String,
    /// Its artists in one text; none for artists, playlists and stations.
    pub artist: Option<String>,
    /// Its address in Music Assistant.
    pub uri: String,
}

/// The reason why a request was not carried out. Each has its own sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ControlError {
    /// No Music Assistant is connected.
    #[error("no Music Assistant is connected")]
    NotConnected,
    /// The program at home did not ask for requests for a while.
    #[error("the program at home is not there")]
    HomeSilent,
    /// The functions could not send the request to the home.
    #[error("the functions cannot send requests to the home")]
    Unsent,
    /// Music Assistant does not answer.
    #[error("Music Assistant does not answer")]
    Unreachable,
    /// Music Assistant, or the way to it, takes too long. It may be done all the same.
    #[error("Music Assistant takes too long")]
    Slow,
    /// Music Assistant does not take the token any more.
    #[error("Music Assistant does not take the token")]
    SignedOut,
    /// The user of the token may not do it.
    #[error("the user of the token may not do it")]
    NotAllowed,
    /// Music Assistant has no such player.
    #[error("Music Assistant has no such player")]
    PlayerUnknown,
    /// The queue is empty, or never played.
    #[error("the queue is empty")]
    QueueEmpty,
    /// The queue ends here.
    #[error("there is no such item in the queue")]
    NoSuchItem,
    /// The music of an earlier question is gone.
    #[error("Music Assistant does not have this music any more")]
    MusicGone,
    /// All rooms were meant, and no group has them.
    #[error("there is no group of all players")]
    NoGroup,
    /// Not possible: the present item has no length, such as a radio station, or the queue does not allow it.
    #[error("what plays does not allow it")]
    NotPossible,
    /// Music Assistant failed, or answered what is not understood.
    #[error("Music Assistant could not do it")]
    Failed,
}
