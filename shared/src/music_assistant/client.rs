//! The commands of one server as methods.

use std::ops::RangeInclusive;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};

use super::answers::{
    MaPlayer, MaServerInfo, MaUser, Queue, QueueItem, QueuedMedia, RepeatMode, SearchResult,
};
use super::command::{ApiCommand, MusicSearch, QueueIndex};
use super::error::MusicAssistantError;
use super::lenient;
use super::wire::{ANSWER, ApiReply, ApiTarget, MusicAssistantClient};
use crate::config::MaApiUrl;

/// The schemas that this release knows. A newer server is taken, too, while it still serves one of them.
pub const SCHEMAS: RangeInclusive<u64> = 24..=34;

/// The first schema whose API needs a token.
pub const FIRST_SCHEMA_WITH_LOGINS: u64 = 28;

/// The most characters of a search, and of an address of music.
pub const SEARCHED_AT_MOST: usize = 200;

/// The most results of each kind that a search returns.
pub const RESULTS_AT_MOST: usize = 25;

/// The most items of a queue that are returned at once.
pub const ITEMS_AT_MOST: usize = 100;

/// The most players that are read.
const PLAYERS_AT_MOST: usize = 500;

/// The longest address of music in Music Assistant, in bytes.
const URI_AT_MOST: usize = 2000;

/// The most characters that are kept of a release, and of the name of a user.
const VERSION_AT_MOST: usize = 40;
const USERNAME_AT_MOST: usize = 200;

/// The longest seek, in seconds: a week.
const SEEK_AT_MOST: u32 = 7 * 24 * 3600;

/// The longest time of a search of the library.
const LIBRARY_SEARCH: Duration = Duration::from_secs(2);

/// The longest time of a search of all providers.
const SEARCH: Duration = Duration::from_secs(4);

/// A user name and password of Music Assistant's own.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user name.
    pub username: String,
    /// The password, which is kept nowhere.
    pub password: SecretString,
}

/// A server of Music Assistant; cheap to clone. Each method is one request.
#[derive(Clone, Debug)]
pub struct Server(ApiTarget);

impl Server {
    /// The server at an address, with a token; without one for servers before logins.
    ///
    /// # Errors
    /// When the address must not carry a token, or the token is none.
    pub fn new(
        client: &MusicAssistantClient,
        address: &MaApiUrl,
        token: Option<&SecretString>,
    ) -> Result<Self, MusicAssistantError> {
        ApiTarget::new(client, address, token).map(Self)
    }

    /// The address with the token.
    pub(super) fn target(&self) -> &ApiTarget {
        &self.0
    }

    /// The host, for sentences.
    #[must_use]
    pub fn host(&self) -> String {
        self.0.host()
    }

    /// Whether it is the same server, asked with the same token.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.url == other.0.url && self.shares_token(other)
    }

    /// Whether another server is asked with the same token.
    #[must_use]
    pub fn shares_token(&self, other: &Self) -> bool {
        self.0.token == other.0.token
    }

    /// The same server with another token.
    ///
    /// # Errors
    /// When the token is none.
    pub fn with_token(self, token: &SecretString) -> Result<Self, MusicAssistantError> {
        self.0.with_token(token).map(Self)
    }

    /// The same server, of which each command but a search may take so long.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self(self.0.with_patience(patience))
    }

    /// The information of the server on itself, by `GET /info`, which needs no token.
    ///
    /// # Errors
    /// When it does not answer, is no Music Assistant, or has a schema that this release does not know.
    pub async fn info(&self) -> Result<MaServerInfo, MusicAssistantError> {
        let reply = self.0.get("/info", ANSWER).await?;
        let info = if reply.status == 200 { serde_json::from_slice(&reply.body).ok() } else { None };
        let info: MaServerInfo = info.ok_or_else(|| self.0.garbage())?;
        let version = info.version.chars().take(VERSION_AT_MOST).collect();
        let info = MaServerInfo { version, ..info };
        if info.schema < *SCHEMAS.start() || info.oldest_schema > *SCHEMAS.end() {
            return Err(MusicAssistantError::OtherSchema { schema: info.schema });
        }
        Ok(info)
    }

    /// Signs in with a password, by `POST /auth/login`, and returns a token that ends after some weeks.
    ///
    /// # Errors
    /// When they are not accepted, or Music Assistant does not answer.
    pub async fn sign_in(&self, login: &Login) -> Result<SecretString, MusicAssistantError> {
        #[derive(Deserialize)]
        struct SignedIn {
            token: SecretString,
        }
        let credentials = json!({ "username": login.username, "password": login.password.expose_secret() });
        let body = json!({
            "provider_id": "builtin", "credentials": credentials, "device_name": "Alexa (sign-in)",
        });
        let reply = self.0.post("/auth/login", &body, ANSWER).await?;
        match reply.status {
            200 => serde_json::from_slice(&reply.body)
                .map(|SignedIn { token }| token)
                .map_err(|_| MusicAssistantError::LoginRefused),
            401 => Err(MusicAssistantError::LoginRefused),
            403 => Err(MusicAssistantError::NotSetUp),
            404 | 405 => Err(self.0.garbage()),
            status => Err(MusicAssistantError::Failed { status }),
        }
    }

    /// Ends the token of this server, by `POST /auth/logout`.
    ///
    /// # Errors
    /// When Music Assistant does not do it.
    pub async fn sign_out(&self) -> Result<(), MusicAssistantError> {
        let reply = self.0.post("/auth/logout", &json!({}), ANSWER).await?;
        self.accepted(reply).map(drop)
    }

    /// Makes a token that stays, by its name in Music Assistant's list.
    ///
    /// # Errors
    /// When the role does not allow it, or Music Assistant does not answer.
    pub async fn create_token(&self, name: &str) -> Result<SecretString, MusicAssistantError> {
        self.ask(&ApiCommand::CreateToken { name }).await
    }

    /// The user of the token.
    ///
    /// # Errors
    /// When the token is not accepted, or Music Assistant does not answer.
    pub async fn user(&self) -> Result<MaUser, MusicAssistantError> {
        let user: MaUser = self.ask(&ApiCommand::Me {}).await?;
        Ok(MaUser { username: user.username.chars().take(USERNAME_AT_MOST).collect(), ..user })
    }

    /// The players that the user of the token may see, at most 500.
    ///
    /// # Errors
    /// When Music Assistant does not answer, or does not accept the token.
    pub async fn players(&self) -> Result<Vec<MaPlayer>, MusicAssistantError> {
        Ok(lenient::items(self.ask(&ApiCommand::Players {}).await?, PLAYERS_AT_MOST))
    }

    /// The queue that a player plays: its own, or that of its group's leader. Its own where it plays another source, such as
    /// a television.
    ///
    /// # Errors
    /// When there is no such player, or Music Assistant does not answer.
    pub async fn active_queue(&self, player_id: &str) -> Result<Queue, MusicAssistantError> {
        if let Some(queue) = self.playing_queue(player_id).await? {
            return Ok(queue);
        }
        let own = self.ask_queue(&ApiCommand::Queue { queue_id: player_id }).await?;
        own.ok_or_else(|| MusicAssistantError::PlayerUnknown { player: player_id.to_owned() })
    }

    /// The queue that a player plays; none where it plays another source, and for a player that is none.
    ///
    /// # Errors
    /// When Music Assistant does not answer.
    pub async fn playing_queue(&self, player_id: &str) -> Result<Option<Queue>, MusicAssistantError> {
        self.ask_queue(&ApiCommand::ActiveQueue { player_id }).await
    }

    /// Items of a queue from a place on, at most 100.
    ///
    /// # Errors
    /// When Music Assistant does not answer.
    pub async fn items(
        &self,
        queue_id: &str,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<QueueItem>, MusicAssistantError> {
        let limit = limit.min(ITEMS_AT_MOST);
        let items = self.ask(&ApiCommand::Items { queue_id, limit, offset }).await?;
        Ok(lenient::items(items, limit))
    }

    /// Searches. There are at most 25 results of each kind, and of a kind the best first.
    ///
    /// # Errors
    /// When the text is empty or has more than 200 characters, or Music Assistant does not answer in time.
    pub async fn search(&self, search: &MusicSearch) -> Result<Vec<SearchResult>, MusicAssistantError> {
        let query = search.query.trim();
        if query.is_empty() || query.chars().count() > SEARCHED_AT_MOST {
            return Err(MusicAssistantError::Invalid("a search has 1 to 200 characters"));
        }
        let limit = search.limit.clamp(1, RESULTS_AT_MOST);
        let providers: &[&str] = if search.library_only { &["library"] } else { &[] };
        let command = ApiCommand::Search {
            search_query: query,
            media_types: &search.kinds,
            limit,
            library_only: search.library_only,
            providers,
        };
        let patience = if search.library_only { LIBRARY_SEARCH } else { SEARCH };
        let results: Value = self.ask_within(&command, patience).await?;
        if !results.is_object() {
            return Err(self.0.garbage());
        }
        Ok(SearchResult::all(results, &search.kinds, limit))
    }

    /// The music at an address.
    ///
    /// # Errors
    /// When there is none, or Music Assistant does not answer.
    pub async fn item(&self, uri: &str) -> Result<QueuedMedia, MusicAssistantError> {
        check_uri(uri)?;
        self.ask(&ApiCommand::ItemByUri { uri }).await.map_err(|error| match error {
            // What is not there fails as a command does.
            MusicAssistantError::Failed { .. } => MusicAssistantError::NothingFound,
            error => error,
        })
    }

    /// Plays the item at a place at once.
    ///
    /// # Errors
    /// When there is no such item, or Music Assistant does not answer in time.
    pub async fn play_index(&self, queue_id: &str, index: &QueueIndex) -> Result<(), MusicAssistantError> {
        self.tell(&ApiCommand::PlayIndex { queue_id, index }).await
    }

    /// Goes to a second of the present item. Radio has none.
    ///
    /// # Errors
    /// When the item has no such second, or Music Assistant does not answer.
    pub async fn seek(&self, queue_id: &str, position: u32) -> Result<(), MusicAssistantError> {
        if position > SEEK_AT_MOST {
            return Err(MusicAssistantError::Invalid("a position has at most 604800 seconds"));
        }
        self.tell(&ApiCommand::Seek { queue_id, position }).await
    }

    /// Goes on where the queue was.
    ///
    /// # Errors
    /// When the queue is empty, or Music Assistant does not answer.
    pub async fn resume(&self, queue_id: &str) -> Result<(), MusicAssistantError> {
        self.tell(&ApiCommand::Resume { queue_id }).await
    }

    /// Stops for now.
    ///
    /// # Errors
    /// When Music Assistant does not answer, or the player cannot.
    pub async fn pause(&self, queue_id: &str) -> Result<(), MusicAssistantError> {
        self.tell(&ApiCommand::Pause { queue_id }).await
    }

    /// Stops.
    ///
    /// # Errors
    /// When Music Assistant does not answer, or the player cannot.
    pub async fn stop(&self, queue_id: &str) -> Result<(), MusicAssistantError> {
        self.tell(&ApiCommand::Stop { queue_id }).await
    }

    /// Stops, and empties the queue.
    ///
    /// # Errors
    /// When Music Assistant does not answer.
    pub async fn clear(&self, queue_id: &str) -> Result<(), MusicAssistantError> {
        self.tell(&ApiCommand::Clear { queue_id }).await
    }

    /// Shuffles the items that follow, or puts them back in order.
    ///
    /// # Errors
    /// When the queue cannot, or Music Assistant does not answer.
    pub async fn shuffle(&self, queue_id: &str, shuffle_enabled: bool) -> Result<(), MusicAssistantError> {
        self.tell(&ApiCommand::Shuffle { queue_id, shuffle_enabled }).await
    }

    /// Says what is repeated.
    ///
    /// # Errors
    /// When the queue cannot, or Music Assistant does not answer.
    pub async fn repeat(&self, queue_id: &str, repeat_mode: &RepeatMode) -> Result<(), MusicAssistantError> {
        self.tell(&ApiCommand::Repeat { queue_id, repeat_mode }).await
    }

    /// Moves the music of a queue to another one, where it goes on.
    ///
    /// # Errors
    /// When there is nothing to move, or Music Assistant does not answer.
    pub async fn transfer(&self, from: &str, to: &str) -> Result<(), MusicAssistantError> {
        self.tell(&ApiCommand::Transfer { source_queue_id: from, target_queue_id: to }).await
    }

    /// Sets the volume of a player, 0 to 100.
    ///
    /// # Errors
    /// When it is above 100, or Music Assistant does not answer.
    pub async fn set_volume(&self, player_id: &str, volume_level: u8) -> Result<(), MusicAssistantError> {
        if volume_level > 100 {
            return Err(MusicAssistantError::Invalid("a volume is 0 to 100"));
        }
        self.tell(&ApiCommand::SetVolume { player_id, volume_level }).await
    }

    /// Stops a player, whatever its source is.
    ///
    /// # Errors
    /// When Music Assistant does not answer, or the player cannot.
    pub async fn stop_player(&self, player_id: &str) -> Result<(), MusicAssistantError> {
        self.tell(&ApiCommand::StopPlayer { player_id }).await
    }

    /// Sends a command whose result says nothing.
    pub(super) async fn tell(&self, command: &ApiCommand<'_>) -> Result<(), MusicAssistantError> {
        self.ask::<IgnoredAny>(command).await.map(drop)
    }

    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        command: &ApiCommand<'_>,
    ) -> Result<T, MusicAssistantError> {
        self.ask_within(command, self.0.patience).await
    }

    /// Asks for a queue. Its time is that of the answer.
    async fn ask_queue(&self, command: &ApiCommand<'_>) -> Result<Option<Queue>, MusicAssistantError> {
        let reply = self.send(command, self.0.patience).await?;
        let date = reply.date;
        let queue: Option<Queue> = self.read(reply)?;
        Ok(queue.map(|queue| queue.read_at(date)))
    }

    async fn ask_within<T: DeserializeOwned>(
        &self,
        command: &ApiCommand<'_>,
        patience: Duration,
    ) -> Result<T, MusicAssistantError> {
        let reply = self.send(command, patience).await?;
        self.read(reply)
    }

    async fn send(
        &self,
        command: &ApiCommand<'_>,
        patience: Duration,
    ) -> Result<ApiReply, MusicAssistantError> {
        let reply = self.0.post("/api", command, patience).await;
        // The server may close a connection that was idle at the moment when it is used again.
        match reply {
            Err(MusicAssistantError::Unreachable { reason: "the connection breaks off", .. })
                if command.is_question() =>
            {
                self.0.post("/api", command, patience).await
            }
            reply => reply,
        }
    }

    fn read<T: DeserializeOwned>(&self, reply: ApiReply) -> Result<T, MusicAssistantError> {
        let body = self.accepted(reply)?;
        serde_json::from_slice(&body).map_err(|_| self.0.garbage())
    }

    /// The body of a success; else the error of its status (`_handle_jsonrpc_api_command`).
    fn accepted(&self, ApiReply { status, body, .. }: ApiReply) -> Result<Vec<u8>, MusicAssistantError> {
        match status {
            200 => Ok(body),
            401 => Err(MusicAssistantError::SignedOut),
            403 => Err(MusicAssistantError::NotAllowed),
            503 => Err(MusicAssistantError::NotSetUp),
            300..=399 | 404 | 405 => Err(self.0.garbage()),
            status => Err(MusicAssistantError::Failed { status }),
        }
    }
}

pub(super) fn check_uri(uri: &str) -> Result<(), MusicAssistantError> {
    if uri.is_empty() || uri.len() > URI_AT_MOST || !uri.contains("://") {
        return Err(MusicAssistantError::Invalid("an address of music looks like library://track/1"));
    }
    Ok(())
}
