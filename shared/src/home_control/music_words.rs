//! The kinds and names of music in the words of Music Assistant, of `spoken` and of a reply.

use crate::control::{MusicKind, Suggestion};
use crate::music_assistant::{MediaKind, QueuedMedia, SearchResult};
use crate::spoken::{Candidate, Kind};

/// The most characters of a name that is spoken.
const NAME_AT_MOST: usize = 200;

/// The kind in Music Assistant's words.
pub(super) const fn media_kind(kind: MusicKind) -> MediaKind {
    match kind {
        MusicKind::Artist => MediaKind::Artist,
        MusicKind::Album => MediaKind::Album,
        MusicKind::Song => MediaKind::Track,
        MusicKind::Playlist => MediaKind::Playlist,
        MusicKind::Station => MediaKind::Radio,
        MusicKind::Genre => MediaKind::Genre,
        MusicKind::Audiobook => MediaKind::Audiobook,
        MusicKind::Podcast => MediaKind::Podcast,
    }
}

/// The kind for a choice; none for one that is not known.
pub(super) const fn spoken_kind(kind: &MediaKind) -> Option<Kind> {
    Some(match kind {
        MediaKind::Artist => Kind::Artist,
        MediaKind::Album => Kind::Album,
        MediaKind::Track => Kind::Song,
        MediaKind::Playlist => Kind::Playlist,
        MediaKind::Radio => Kind::Station,
        MediaKind::Genre => Kind::Genre,
        MediaKind::Audiobook => Kind::Audiobook,
        MediaKind::Podcast => Kind::Podcast,
        MediaKind::Other => return None,
    })
}

/// A result as a candidate; none of a kind that is not known.
pub(super) fn candidate(found: &SearchResult) -> Option<Candidate> {
    let artists = found.artist.iter().flat_map(|artists| artists.split(", ")).map(str::to_owned);
    Some(Candidate {
        kind: spoken_kind(&found.kind)?,
        title: found.name.clone(),
        artists: artists.collect(),
        album: found.album.clone(),
        in_library: found.in_library,
        favourite: found.favorite,
        popularity: found.popularity,
        last_played: found.last_played,
        uri: found.uri.clone(),
    })
}

/// A result for a person to hear of.
pub(super) fn suggestion(found: &SearchResult) -> Suggestion {
    let shortened = |text: &str| text.chars().take(NAME_AT_MOST).collect::<String>();
    Suggestion {
        kind: music_kind(&found.kind),
        title: shortened(&found.name),
        artist: found.artist.as_deref().map(shortened),
        uri: found.uri.clone(),
    }
}

/// Music of a queue, or of an address, as a result.
pub(super) fn of_media(media: &QueuedMedia) -> SearchResult {
    SearchResult::of(media.media_type.clone(), media)
}

const fn music_kind(kind: &MediaKind) -> Option<MusicKind> {
    Some(match kind {
        MediaKind::Artist => MusicKind::Artist,
        MediaKind::Album => MusicKind::Album,
        MediaKind::Track => MusicKind::Song,
        MediaKind::Playlist => MusicKind::Playlist,
        MediaKind::Radio => MusicKind::Station,
        MediaKind::Genre => MusicKind::Genre,
        MediaKind::Audiobook => MusicKind::Audiobook,
        MediaKind::Podcast => MusicKind::Podcast,
        MediaKind::Other => return None,
    })
}
