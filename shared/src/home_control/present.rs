//! The present item: its names, its place among the favourites, and music like it.

use super::music_words::{of_media, suggestion};
use super::presses::empty;
use super::radio;
use super::turn::Turn;
use crate::control::{Reply, Suggestion};
use crate::music_assistant::{House, MediaKind, MusicAssistantError, PlaybackState, Queue, QueuedMedia};

/// The most characters of a name.
const NAME_AT_MOST: usize = 200;

/// The reply with the present item of a queue.
pub(super) fn what_plays(queue: &Queue) -> Reply {
    let Some(item) = queue.current_item.as_ref().filter(|_| queue.state != PlaybackState::Idle) else {
        return Reply::NothingPlays;
    };
    let named = |media| suggestion(&of_media(media));
    // What another source plays has a name alone.
    let plain = || {
        let title = item.name.chars().take(NAME_AT_MOST).collect();
        Suggestion { kind: None, title, artist: None, uri: String::new() }
    };
    Reply::Playing(item.media_item.as_ref().map_or_else(plain, named))
}

/// Makes the present item a favourite, or none any more.
pub(super) async fn like(
    turn: &Turn,
    house: &House,
    queue: &Queue,
    likes: bool,
) -> Result<Reply, MusicAssistantError> {
    let media = media(queue)?;
    // Music Assistant keeps no sound of a plugin or an input among its favourites.
    if media.media_type == MediaKind::Other {
        return Err(MusicAssistantError::NotPossible);
    }
    turn.may_send()?;
    let done = if likes {
        house.server.add_favorite(&media.uri).await
    } else {
        house.server.remove_favorite(media).await
    };
    match done {
        // What is not in the library is no favourite.
        Err(MusicAssistantError::NothingFound) if !likes => Ok(Reply::Done),
        done => done.map(|()| Reply::Done),
    }
}

/// Plays music like the present item, in a room where one was named.
pub(super) async fn more_like_it(
    turn: &Turn,
    house: &House,
    queue: &Queue,
    room: Option<&String>,
) -> Result<Reply, MusicAssistantError> {
    let media = media(queue)?;
    // Nothing is like a station or a chapter.
    if media.media_type != MediaKind::Track {
        return Err(MusicAssistantError::NotPossible);
    }
    radio::start(turn, &house.server, queue, vec![media.uri.clone()]).await?;
    Ok(Reply::Starting { music: Some(suggestion(&of_media(media))), room: room.cloned() })
}

/// The music of the present item.
fn media(queue: &Queue) -> Result<&QueuedMedia, MusicAssistantError> {
    let item = queue.current_item.as_ref().ok_or_else(|| empty(queue))?;
    item.media_item.as_ref().ok_or(MusicAssistantError::NotPossible)
}
