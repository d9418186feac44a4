//! The commands that are sent to Music Assistant. There are no others.

use serde::Serialize;

use super::answers::{MediaKind, RepeatMode};

/// A command with its arguments, in the form of `POST /api`.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "command", content = "args")]
pub(super) enum ApiCommand<'a> {
    #[serde(rename = "auth/me")]
    Me {},
    #[serde(rename = "auth/token/create")]
    CreateToken { name: &'a str },
    #[serde(rename = "players/all")]
    Players {},
    #[serde(rename = "players/cmd/volume_set")]
    SetVolume { player_id: &'a str, volume_level: u8 },
    #[serde(rename = "players/cmd/stop")]
    StopPlayer { player_id: &'a str },
    #[serde(rename = "player_queues/get_active_queue")]
    ActiveQueue { player_id: &'a str },
    #[serde(rename = "player_queues/get")]
    Queue { queue_id: &'a str },
    #[serde(rename = "player_queues/items")]
    Items { queue_id: &'a str, limit: usize, offset: usize },
    #[serde(rename = "player_queues/play_media")]
    PlayMedia { queue_id: &'a str, media: MediaUris<'a>, option: Enqueue, radio_mode: bool },
    #[serde(rename = "player_queues/play_index")]
    PlayIndex { queue_id: &'a str, index: &'a QueueIndex },
    #[serde(rename = "player_queues/seek")]
    Seek { queue_id: &'a str, position: u32 },
    #[serde(rename = "player_queues/resume")]
    Resume { queue_id: &'a str },
    #[serde(rename = "player_queues/pause")]
    Pause { queue_id: &'a str },
    #[serde(rename = "player_queues/stop")]
    Stop { queue_id: &'a str },
    #[serde(rename = "player_queues/clear")]
    Clear { queue_id: &'a str },
    #[serde(rename = "player_queues/shuffle")]
    Shuffle { queue_id: &'a str, shuffle_enabled: bool },
    #[serde(rename = "player_queues/repeat")]
    Repeat { queue_id: &'a str, repeat_mode: &'a RepeatMode },
    #[serde(rename = "player_queues/transfer")]
    Transfer { source_queue_id: &'a str, target_queue_id: &'a str },
    #[serde(rename = "music/search")]
    Search {
        search_query: &'a str,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        media_types: &'a [MediaKind],
        limit: usize,
        /// For servers before `providers`; later ones leave it unread.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        library_only: bool,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        providers: &'a [&'a str],
    },
    #[serde(rename = "music/artists/library_items")]
    LibraryArtists(LibraryPage),
    #[serde(rename = "music/albums/library_items")]
    LibraryAlbums(LibraryPage),
    #[serde(rename = "music/tracks/library_items")]
    LibraryTracks(LibraryPage),
    #[serde(rename = "music/playlists/library_items")]
    LibraryPlaylists(LibraryPage),
    #[serde(rename = "music/radios/library_items")]
    LibraryRadios(LibraryPage),
    #[serde(rename = "music/audiobooks/library_items")]
    LibraryAudiobooks(LibraryPage),
    #[serde(rename = "music/podcasts/library_items")]
    LibraryPodcasts(LibraryPage),
    #[serde(rename = "music/genres/library_items")]
    LibraryGenres(LibraryPage),
    #[serde(rename = "music/item_by_uri")]
    ItemByUri { uri: &'a str },
    #[serde(rename = "music/get_library_item")]
    LibraryItem { media_type: &'a MediaKind, item_id: &'a str, provider_instance_id_or_domain: &'a str },
    #[serde(rename = "music/favorites/add_item")]
    AddFavorite { item: &'a str },
    #[serde(rename = "music/favorites/remove_item")]
    RemoveFavorite { media_type: &'a MediaKind, library_item_id: &'a str },
}

impl ApiCommand<'_> {
    /// Whether it changes nothing, so that it may be sent a second time.
    pub(super) fn is_question(&self) -> bool {
        matches!(
            self,
            Self::Me {}
                | Self::Players {}
                | Self::ActiveQueue { .. }
                | Self::Queue { .. }
                | Self::Items { .. }
                | Self::Search { .. }
                | Self::LibraryArtists(_)
                | Self::LibraryAlbums(_)
                | Self::LibraryTracks(_)
                | Self::LibraryPlaylists(_)
                | Self::LibraryRadios(_)
                | Self::LibraryAudiobooks(_)
                | Self::LibraryPodcasts(_)
                | Self::LibraryGenres(_)
                | Self::ItemByUri { .. }
                | Self::LibraryItem { .. }
        )
    }
}

/// The music of a command: the address of one piece, or of several in their order.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum MediaUris<'a> {
    One(&'a str),
    Several(&'a [String]),
}

/// A page of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LibraryPage {
    /// Only favourites, or others; all where it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favorite: Option<bool>,
    /// The most items, 1 to 250.
    pub limit: usize,
    /// The number of items before them.
    pub offset: usize,
    /// The order of the whole list.
    pub order_by: LibraryOrder,
}

/// The order of a list of the library (`SORT_KEYS` of `controllers/media/base.py`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LibraryOrder {
    /// By name.
    SortName,
    /// By chance, another one each time.
    Random,
}

/// The place of music in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Enqueue {
    /// It replaces the queue and starts.
    #[default]
    Replace,
    /// It goes behind the present item and starts.
    Play,
    /// It goes behind the present item and starts nothing.
    Next,
    /// It replaces what follows the present item and starts nothing.
    ReplaceNext,
    /// It goes to the end and starts nothing.
    Add,
}

/// A place in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum QueueIndex {
    /// The place, from 0.
    Index(u64),
    /// The id of the item there.
    Item(String),
}

/// Music for a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueMusic<'a> {
    /// The address of the music in Music Assistant.
    pub uri: &'a str,
    /// Its place in the queue.
    pub enqueue: Enqueue,
    /// Whether music like it is played instead of it.
    pub radio: bool,
}

/// A search of Music Assistant's library and its providers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MusicSearch {
    /// The text, 1 to 200 characters.
    pub query: String,
    /// The kinds that are searched; all where it is empty.
    pub kinds: Vec<MediaKind>,
    /// Whether the library alone is searched, which is faster.
    pub library_only: bool,
    /// The most results of each kind, 1 to 25.
    pub limit: usize,
}
