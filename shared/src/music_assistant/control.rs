//! Commands for a player, in the words of Music Assistant's queue, and the choice among results.

use super::answers::{Found, MediaKind, Queue};
use super::client::Server;
use super::command::Place;
use super::error::MusicAssistantError;
use super::home::PlayerCommand;

/// Sends a command to a queue. [`PlayerCommand::Transfer`] needs a second player, which is found elsewhere.
pub(super) async fn send(
    server: &Server,
    queue: &Queue,
    command: &PlayerCommand,
) -> Result<(), MusicAssistantError> {
    let id = &queue.queue_id;
    match command {
        PlayerCommand::Next => {
            // `next` at the last item leaves a player in transition for good.
            let next = next(queue).ok_or(MusicAssistantError::NoSuchItem)?;
            server.play_index(id, &next).await
        }
        PlayerCommand::Previous => {
            // `previous` begins the same item again, once it played for some seconds.
            let present = queue.current_index.ok_or(MusicAssistantError::NoSuchItem)?;
            server.play_index(id, &Place::Index(present.saturating_sub(1))).await
        }
        PlayerCommand::Pause => server.pause(id).await,
        PlayerCommand::Resume => server.resume(id).await,
        PlayerCommand::Stop => server.stop(id).await,
        PlayerCommand::StartOver => server.seek(id, 0).await,
        PlayerCommand::Seek(position) => server.seek(id, *position).await,
        PlayerCommand::Shuffle(on) => server.shuffle(id, *on).await,
        PlayerCommand::Repeat(mode) => server.repeat(id, mode).await,
        PlayerCommand::Clear => server.clear(id).await,
        PlayerCommand::Transfer(to) => server.transfer(id, to).await,
    }
}

/// The item after the present one. A queue that changed a moment ago has not named it yet, and one that repeats its item names
/// that again: then it is the place behind.
fn next(queue: &Queue) -> Option<Place> {
    let present = queue.current_item.as_ref().map(|item| &item.queue_item_id);
    let named =
        queue.next_item.as_ref().map(|item| &item.queue_item_id).filter(|next| Some(*next) != present);
    let behind = || queue.current_index?.checked_add(1).filter(|index| *index < queue.count);
    named.map(|id| Place::Item(id.clone())).or_else(|| behind().map(Place::Index))
}

/// The result to play for a query: one of exactly that name, a person's likeliest kind first; else the first.
pub(super) fn best(found: Vec<Found>, query: &str) -> Option<Found> {
    let wanted = query.trim().to_lowercase();
    let kinds = [
        MediaKind::Artist,
        MediaKind::Playlist,
        MediaKind::Album,
        MediaKind::Track,
        MediaKind::Radio,
        MediaKind::Podcast,
        MediaKind::Audiobook,
    ];
    let exact = kinds.iter().find_map(|kind| {
        found.iter().position(|result| result.kind == *kind && result.name.trim().to_lowercase() == wanted)
    });
    found.into_iter().nth(exact.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(kind: MediaKind, name: &str) -> Found {
        let name = name.to_owned();
        Found { kind, name, artist: None, album: None, uri: String::new(), in_library: true, favorite: false }
    }

    #[test]
    fn an_exact_name_goes_before_the_first_result() {
        let found = vec![
            result(MediaKind::Track, "Queen of Hearts"),
            result(MediaKind::Track, "Queen"),
            result(MediaKind::Artist, "QUEEN"),
        ];
        let chosen = |query: &str| best(found.clone(), query).map(|found| (found.kind, found.name));
        assert_eq!(chosen(" queen "), Some((MediaKind::Artist, "QUEEN".to_owned())));
        assert_eq!(chosen("quin"), Some((MediaKind::Track, "Queen of Hearts".to_owned())));
        assert_eq!(best(Vec::new(), "queen"), None);
    }
}
