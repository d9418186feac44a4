//! Music as the commands of one server: plays, favourites, and the library by pages.

use serde_json::Value;

use super::answers::{MediaKind, QueuedMedia, SearchResult};
use super::client::{Server, check_uri};
use super::command::{ApiCommand, Enqueue, LibraryPage, MediaUris, QueueMusic};
use super::error::MusicAssistantError;

/// The most items of a page of the library. One takes some kilobytes.
pub const PAGE_AT_MOST: usize = 250;

/// The most pieces that are put into a queue at once.
pub const PLAYED_AT_MOST: usize = 50;

/// Items of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryItems {
    /// The items that can be read.
    pub items: Vec<SearchResult>,
    /// Whether others follow.
    pub goes_on: bool,
}

impl Server {
    /// Puts music into a queue. A queue is emptied before Music Assistant looks at the music: see [`Self::item`].
    ///
    /// # Errors
    /// When Music Assistant cannot play it, or does not answer in time.
    pub async fn play(&self, queue_id: &str, play: &QueueMusic<'_>) -> Result<(), MusicAssistantError> {
        check_uri(play.uri)?;
        let QueueMusic { uri, enqueue: option, radio: radio_mode } = *play;
        self.tell(&ApiCommand::PlayMedia { queue_id, media: MediaUris::One(uri), option, radio_mode }).await
    }

    /// Puts several pieces of music into a queue, at most 50.
    ///
    /// # Errors
    /// When there are none or more, or as of [`Self::play`].
    pub async fn play_several(
        &self,
        queue_id: &str,
        uris: &[String],
        option: Enqueue,
    ) -> Result<(), MusicAssistantError> {
        self.tell_several(queue_id, uris, option, false).await
    }

    /// Puts music like several pieces into a queue, instead of those.
    ///
    /// # Errors
    /// As of [`Self::play_several`].
    pub async fn play_like_several(
        &self,
        queue_id: &str,
        uris: &[String],
        option: Enqueue,
    ) -> Result<(), MusicAssistantError> {
        self.tell_several(queue_id, uris, option, true).await
    }

    async fn tell_several(
        &self,
        queue_id: &str,
        uris: &[String],
        option: Enqueue,
        radio_mode: bool,
    ) -> Result<(), MusicAssistantError> {
        if uris.is_empty() || uris.len() > PLAYED_AT_MOST {
            return Err(MusicAssistantError::Invalid("1 to 50 pieces are played at once"));
        }
        uris.iter().try_for_each(|uri| check_uri(uri))?;
        self.tell(&ApiCommand::PlayMedia { queue_id, media: MediaUris::Several(uris), option, radio_mode })
            .await
    }

    /// A page of the library, at most 250 items of one kind.
    ///
    /// # Errors
    /// When the kind has no list, or Music Assistant does not answer in time.
    pub async fn library(
        &self,
        kind: &MediaKind,
        page: LibraryPage,
    ) -> Result<LibraryItems, MusicAssistantError> {
        let page = LibraryPage { limit: page.limit.clamp(1, PAGE_AT_MOST), ..page };
        let command = match kind {
            MediaKind::Artist => ApiCommand::LibraryArtists(page),
            MediaKind::Album => ApiCommand::LibraryAlbums(page),
            MediaKind::Track => ApiCommand::LibraryTracks(page),
            MediaKind::Playlist => ApiCommand::LibraryPlaylists(page),
            MediaKind::Radio => ApiCommand::LibraryRadios(page),
            MediaKind::Audiobook => ApiCommand::LibraryAudiobooks(page),
            MediaKind::Podcast => ApiCommand::LibraryPodcasts(page),
            MediaKind::Genre => ApiCommand::LibraryGenres(page),
            MediaKind::Other => return Err(MusicAssistantError::Invalid("this kind has no list")),
        };
        let list: Vec<Value> = self.ask(&command).await?;
        let goes_on = list.len() >= page.limit;
        Ok(LibraryItems { items: SearchResult::list(kind, list, page.limit), goes_on })
    }

    /// Makes music a favourite, which puts it into the library, too.
    ///
    /// # Errors
    /// When it can be none, or Music Assistant does not answer.
    pub async fn add_favorite(&self, uri: &str) -> Result<(), MusicAssistantError> {
        check_uri(uri)?;
        self.tell(&ApiCommand::AddFavorite { item: uri }).await
    }

    /// Makes music no favourite any more. It stays in the library.
    ///
    /// # Errors
    /// When it is not in the library, or Music Assistant does not answer.
    pub async fn remove_favorite(&self, media: &QueuedMedia) -> Result<(), MusicAssistantError> {
        let QueuedMedia { media_type, item_id, provider, .. } = media;
        let in_library: Option<QueuedMedia> = self
            .ask(&ApiCommand::LibraryItem { media_type, item_id, provider_instance_id_or_domain: provider })
            .await?;
        let library_item_id = in_library.ok_or(MusicAssistantError::NothingFound)?.item_id;
        self.tell(&ApiCommand::RemoveFavorite { media_type, library_item_id: &library_item_id }).await
    }
}
