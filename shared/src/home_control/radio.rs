//! Music like a piece, which Music Assistant finds itself.

use super::transport::next;
use super::turn::Turn;
use crate::music_assistant::{Enqueue, MusicAssistantError, Queue, QueueMusic, Server};

/// Plays music like these pieces instead of what a queue holds.
///
/// Music Assistant empties a queue before it sees that no provider finds music like it. So that the music does not end then,
/// what is found takes the place of the items that follow first, and is played after that.
pub(super) async fn start(
    turn: &Turn,
    server: &Server,
    queue: &Queue,
    uris: Vec<String>,
) -> Result<(), MusicAssistantError> {
    let id = queue.queue_id.clone();
    let is_empty = queue.count == 0 || queue.current_index.is_none();
    let send = |server: Server| async move {
        if is_empty {
            return put(&server, &id, &uris, Enqueue::Replace).await;
        }
        put(&server, &id, &uris, Enqueue::ReplaceNext).await?;
        let place = next(&server.active_queue(&id).await?)?;
        server.play_index(&id, &place).await
    };
    turn.start(server, send).await.map_err(|error| match error {
        MusicAssistantError::Failed { .. } => MusicAssistantError::NotPossible,
        error => error,
    })
}

async fn put(
    server: &Server,
    id: &str,
    uris: &[String],
    enqueue: Enqueue,
) -> Result<(), MusicAssistantError> {
    match uris {
        [uri] => server.play(id, &QueueMusic { uri, enqueue, radio: true }).await,
        several => server.play_like_several(id, several, enqueue).await,
    }
}
