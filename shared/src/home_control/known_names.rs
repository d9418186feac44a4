//! The names that Alexa learns: those of Music Assistant's players and playlists.

use std::time::Duration;

use tokio::time::timeout;

use super::home::HomeControl;
use super::rooms;
use crate::control::HomeNames;
use crate::music_assistant::{
    LibraryOrder, LibraryPage, MediaKind, MusicAssistantError, PAGE_AT_MOST, Server,
};

/// The longest time of a read.
const READ: Duration = Duration::from_secs(30);

impl HomeControl {
    /// The names of Music Assistant's players and playlists. Favourites are first, then they go by their names: so the same
    /// ones stay where there are too many.
    ///
    /// # Errors
    /// When Music Assistant is not connected, or does not answer.
    pub async fn spoken_names(&self) -> Result<HomeNames, MusicAssistantError> {
        let read = async {
            let house = self.0.connection.house().await?;
            let mut playlists = playlists(&house.server, Some(true)).await?;
            playlists.extend(self::playlists(&house.server, None).await?);
            let rooms = rooms::spoken_names(&house).into_iter().map(|(name, _)| name.to_owned());
            Ok(HomeNames::new(rooms.collect::<Vec<_>>(), playlists))
        };
        timeout(READ, read).await.unwrap_or(Err(MusicAssistantError::Slow))
    }
}

/// The names of the first playlists, of which a page is more than Alexa learns.
async fn playlists(server: &Server, favorite: Option<bool>) -> Result<Vec<String>, MusicAssistantError> {
    let order_by = LibraryOrder::SortName;
    let page = LibraryPage { favorite, limit: PAGE_AT_MOST, offset: 0, order_by };
    let found = server.library(&MediaKind::Playlist, page).await?.items;
    Ok(found.into_iter().map(|playlist| playlist.name).collect())
}
