//! The face of the same code for our own API: commands, plays, searches and queues.

use tokio::time::timeout_at;

use super::find::{MusicChoice, MusicQuery, find};
use super::home::HomeControl;
use super::radio;
use super::transport;
use super::turn::Turn;
use crate::music_assistant::{
    Enqueue, MusicAssistantError, MusicSearch, PlayMedia, PlayWhat, PlayerCommand, Queue, QueueItem,
    QueueMusic, SEARCHED_AT_MOST, SearchResult,
};

impl HomeControl {
    /// The queue of a player with its items from the present one on, at most `limit` of them and 100.
    ///
    /// # Errors
    /// See [`MusicAssistantError`].
    pub async fn queue(
        &self,
        player: &str,
        limit: usize,
    ) -> Result<(Queue, Vec<QueueItem>), MusicAssistantError> {
        self.in_time(&self.turn(player), async {
            let house = self.0.connection.house().await?;
            let queue = house.queue_of(player).await?;
            let first = queue.current_index.and_then(|index| usize::try_from(index).ok()).unwrap_or_default();
            let items = house.server.items(&queue.queue_id, first, limit).await?;
            Ok((queue, items))
        })
        .await
    }

    /// Sends a command to a player. One that took too long may be done all the same.
    ///
    /// # Errors
    /// See [`MusicAssistantError`].
    pub async fn command(&self, player: &str, command: &PlayerCommand) -> Result<(), MusicAssistantError> {
        let turn = self.turn(player);
        self.noted(&turn, player, async {
            let house = self.0.connection.house().await?;
            let queue = house.queue_of(player).await?;
            let command = match command {
                PlayerCommand::Transfer(to) => PlayerCommand::Transfer(house.player(to)?.player_id.clone()),
                command => command.clone(),
            };
            transport::send(&turn, &house.server, &queue, &command).await
        })
        .await
    }

    /// Plays music on a player, and returns the music where it was searched for: of several that may be meant the likeliest.
    ///
    /// # Errors
    /// See [`MusicAssistantError`].
    pub async fn play(
        &self,
        player: &str,
        request: &PlayMedia,
    ) -> Result<Option<SearchResult>, MusicAssistantError> {
        let turn = self.turn(player);
        self.noted(&turn, player, async {
            let house = self.0.connection.house().await?;
            let queue = house.queue_of(player).await?;
            let (uri, found) = match &request.what {
                // A queue is emptied before the music is looked at.
                PlayWhat::Uri(uri) => (house.server.item(uri).await.map(|_| uri.clone())?, None),
                PlayWhat::Query { text, language } => {
                    let text = text.trim().to_owned();
                    if text.is_empty() || text.chars().count() > SEARCHED_AT_MOST {
                        return Err(MusicAssistantError::Invalid("a search has 1 to 200 characters"));
                    }
                    let wanted = MusicQuery { text, kind: None, language: *language };
                    let found = match find(&house.server, &self.0.names, &wanted, turn.end()).await? {
                        MusicChoice::Clear(found) => Some(found),
                        MusicChoice::Close(found) => found.into_iter().next(),
                        MusicChoice::Nothing => None,
                    };
                    let found = found.ok_or(MusicAssistantError::NothingFound)?;
                    (found.uri.clone(), Some(found))
                }
            };
            let (enqueue, radio) = (request.enqueue, request.radio);
            if radio && enqueue == Enqueue::Replace {
                radio::start(&turn, &house.server, &queue, vec![uri]).await?;
                return Ok(found);
            }
            let send = |server: crate::music_assistant::Server| async move {
                server.play(&queue.queue_id, &QueueMusic { uri: &uri, enqueue, radio }).await
            };
            turn.start(&house.server, send).await?;
            Ok(found)
        })
        .await
    }

    /// Searches the library and the providers.
    ///
    /// # Errors
    /// See [`MusicAssistantError`].
    pub async fn search(&self, search: &MusicSearch) -> Result<Vec<SearchResult>, MusicAssistantError> {
        self.in_time(&self.turn(""), async { self.0.connection.reach().await?.search(search).await }).await
    }

    /// The turn of a request that is carried out now.
    fn turn(&self, player: &str) -> Turn {
        Turn::new(&self.0.clock, None, player, &self.0.starts, &self.0.notes)
    }

    /// As [`Self::in_time`], and a failure has an entry for the owner.
    async fn noted<T>(
        &self,
        turn: &Turn,
        player: &str,
        work: impl Future<Output = Result<T, MusicAssistantError>>,
    ) -> Result<T, MusicAssistantError> {
        let done = self.in_time(turn, work).await;
        if let Err(error) = &done {
            self.0.notes.failed(player, error).await;
        }
        done
    }

    async fn in_time<T>(
        &self,
        turn: &Turn,
        work: impl Future<Output = Result<T, MusicAssistantError>>,
    ) -> Result<T, MusicAssistantError> {
        timeout_at(turn.end(), work).await.unwrap_or(Err(MusicAssistantError::Slow))
    }
}
