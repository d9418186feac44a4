//! Music that a person may mean.

use crate::clock::Timestamp;

/// The kinds of music that a person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
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

/// A piece of music, or several, that may be meant; as Music Assistant found it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Its kind.
    pub kind: Kind,
    /// Its name, as it is written.
    pub title: String,
    /// The names of its artists, the first one most known; none for artists, playlists and stations.
    pub artists: Vec<String>,
    /// The name of its album, for a song.
    pub album: Option<String>,
    /// Whether it is in the household's library.
    pub in_library: bool,
    /// Whether it is marked as a favourite.
    pub favourite: bool,
    /// How popular it is, 0 to 100; 0 where that is not known.
    pub popularity: u8,
    /// When it was last played, if that is known.
    pub last_played: Option<Timestamp>,
    /// Music Assistant's address of it.
    pub uri: String,
}
