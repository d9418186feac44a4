//! The actions that people ask for.

use serde::{Deserialize, Serialize};

/// An action on a player or on music.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "action", content = "with")]
pub enum Action {
    /// The item after the present one.
    Next,
    /// So many items from the one that is wanted now, forward or back: quick presses of a button become one of these.
    Jump(i32),
    /// The item before the present one, never its own beginning.
    Previous,
    /// The beginning of the present item.
    StartOver,
    /// So many seconds forward, or back where negative, in the present item.
    Skip(i32),
    /// Stops for now. Sent where a person stopped the Echo, which is silent already.
    Pause,
    /// Goes on where the queue was.
    Resume,
    /// Whether the order is shuffled.
    Shuffle(bool),
    /// Repetition.
    Repeat(Repeating),
    /// Music that was asked for.
    Play(MusicRequest),
    /// The present item: title, artist, album.
    WhatIsPlaying,
    /// Whether the present item is a favourite.
    Like(bool),
    /// Music like the present item.
    MoreLikeThis,
    /// The music goes on at another player, by its name as it was heard.
    MoveTo(String),
    /// Another player stops, by its name as it was heard.
    StopIn(String),
    /// The volume of another player.
    VolumeIn {
        /// Name of the player as it was heard.
        room: String,
        /// Volume, 0 to 100.
        percent: u8,
    },
    /// The player stops after so many seconds.
    StopAfter(u32),
    /// The player does not stop by itself any more.
    KeepPlaying,
    /// An action at another player.
    In {
        /// Name of the player as it was heard.
        room: String,
        /// The action, which is none of this kind.
        action: Box<Action>,
    },
}

/// The repeated part of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeating {
    /// Nothing.
    Off,
    /// The present item.
    One,
    /// The whole queue.
    All,
}

/// Music that a person asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MusicRequest {
    /// Which music.
    pub selection: MusicSource,
    /// The use of it.
    pub used: MusicUse,
    /// Name of the room as it was heard, where the model has a slot for it. A room inside a [`MusicSource::Heard`] is taken
    /// apart by the one that knows the rooms.
    pub room: Option<String>,
}

/// Which music is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MusicSource {
    /// Music by what was heard, at most 200 characters, with "by …" and "in the …" where they were said.
    Heard {
        /// The text.
        text: String,
        /// The kind that was said, if any.
        kind: Option<MusicKind>,
    },
    /// One that was suggested, by its address in Music Assistant.
    Suggested(String),
    /// The favourites of the household.
    Favourites,
    /// Something of the library, by chance.
    Random,
}

/// The kinds of music that people name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MusicKind {
    /// A musician, band or composer.
    Artist,
    /// An album.
    Album,
    /// A song or another piece.
    Song,
    /// A playlist.
    Playlist,
    /// A radio station.
    Station,
    /// A genre.
    Genre,
    /// An audiobook.
    Audiobook,
    /// A podcast.
    Podcast,
}

/// The use of music.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MusicUse {
    /// It replaces the queue and starts.
    #[default]
    Play,
    /// It replaces the queue and starts in shuffled order.
    Shuffle,
    /// It comes after the present item; nothing starts.
    Next,
    /// It comes at the end of the queue; nothing starts.
    Add,
    /// Music like it replaces the queue and starts.
    Radio,
}

impl Action {
    /// The action at a player that was named, or at that of the request.
    #[must_use]
    pub fn at(self, room: Option<String>) -> Self {
        match room {
            Some(room) => Self::In { room, action: Box::new(self) },
            None => self,
        }
    }

    /// Whether music starts by it, so that a new stream for a player follows.
    #[must_use]
    pub fn starts(&self) -> bool {
        match self {
            Self::Next
            | Self::Jump(_)
            | Self::Previous
            | Self::StartOver
            | Self::Skip(_)
            | Self::Resume
            | Self::MoreLikeThis
            | Self::MoveTo(_) => true,
            Self::Play(music) => !matches!(music.used, MusicUse::Next | MusicUse::Add),
            Self::Pause
            | Self::Shuffle(_)
            | Self::Repeat(_)
            | Self::WhatIsPlaying
            | Self::Like(_)
            | Self::StopIn(_)
            | Self::VolumeIn { .. }
            | Self::StopAfter(_)
            | Self::KeepPlaying => false,
            Self::In { action, .. } => action.starts(),
        }
    }
}
