//! Routes for what plays on a player of Music Assistant.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::music::FoundBody;
use crate::api::body::JsonBody;
use crate::api::error::ApiError;
use crate::api::players::path_text;
use crate::api::responses::{MusicAssistantErrors, MusicAssistantReadErrors};
use crate::api::state::ApiState;
use crate::config::LocaleCode;
use crate::music_assistant::{
    Enqueue, ITEMS_AT_MOST, PlayMedia, PlayWhat, PlayerCommand, Queue, QueueItem, RepeatMode,
};
use crate::spoken::Language;

/// Items of a queue that are returned where nothing else is asked for.
const ITEMS: usize = 20;

/// A command for a player.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct CommandBody {
    /// The command.
    pub command: CommandWord,
    /// For `seek`: the second of the item, at most 604800.
    #[serde(default)]
    #[schema(maximum = 604_800)]
    pub position: Option<u32>,
    /// For `shuffle`: whether the order is shuffled.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// For `repeat`: what is repeated.
    #[serde(default)]
    pub mode: Option<RepeatWord>,
    /// For `play_item`: the id of the item, as the queue has it.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub item: Option<String>,
    /// For `transfer`: the name of the player at which the music goes on.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub to: Option<String>,
}

/// The word of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandWord {
    /// The next item.
    Next,
    /// The item before.
    Previous,
    /// Stops for now.
    Pause,
    /// Goes on where the queue was.
    Resume,
    /// Stops.
    Stop,
    /// The beginning of this item.
    StartOver,
    /// A second of this item.
    Seek,
    /// Whether the order is shuffled.
    Shuffle,
    /// Repetition.
    Repeat,
    /// The music goes on at another player.
    Transfer,
    /// An item of the queue.
    PlayItem,
    /// Stops, and empties the queue.
    Clear,
}

/// The repeated part of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RepeatWord {
    /// Nothing.
    Off,
    /// The present item.
    One,
    /// The whole queue.
    All,
}

/// The player that took a command.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommandedBody {
    /// The player, as it was named.
    pub player: String,
}

/// Music for a player: an address, or a text that is searched for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct PlayBody {
    /// The text, 1 to 200 characters. The result that is likest to it by letters and sound is played.
    #[serde(default)]
    #[schema(max_length = 200, example = "Blue")]
    pub query: Option<String>,
    /// For a query: its language, as one of Alexa's locales. Where it is left out, the first language of the skill.
    #[serde(default)]
    #[schema(example = "de-DE")]
    pub locale: Option<String>,
    /// The address in Music Assistant.
    #[serde(default)]
    #[schema(example = "library://track/1")]
    pub uri: Option<String>,
    /// Whether music like it is played instead of it.
    #[serde(default)]
    pub radio: bool,
    /// Its place in the queue.
    #[serde(default)]
    pub enqueue: EnqueueWord,
}

/// The place of music in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnqueueWord {
    /// It replaces the queue and starts.
    #[default]
    Replace,
    /// It goes behind the present item and starts.
    Play,
    /// It goes behind the present item and starts nothing.
    Next,
    /// It goes to the end and starts nothing.
    Add,
}

/// The music that was chosen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlayedMusicBody {
    /// The player, as it was named.
    pub player: String,
    /// The result that was chosen; null where an address was given.
    pub music: Option<FoundBody>,
}

/// The queue of a player.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QueueBody {
    /// Its id: that of the player in Music Assistant, or of the leader of its group.
    pub queue: String,
    /// `playing`, `paused`, `idle` or `other`. For a player of the Alexa provider it is a guess of Music Assistant's.
    #[schema(example = "playing")]
    pub state: String,
    /// The number of all its items.
    pub count: u64,
    /// Whether the order is shuffled.
    pub shuffle: bool,
    /// The repeated part: `off`, `one`, `all` or `other`.
    #[schema(example = "off")]
    pub repeat: String,
    /// The place of the present item, from 0; null where nothing ever played.
    pub index: Option<u64>,
    /// The offset in the present item, in milliseconds.
    pub offset_ms: u64,
    /// The items from the present one on.
    pub items: Vec<QueueItemBody>,
}

/// An item of a queue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QueueItemBody {
    /// Its id in the queue.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its artists; null where it has none.
    pub artist: Option<String>,
    /// Its album; null where it has none.
    pub album: Option<String>,
    /// Its address in Music Assistant.
    pub uri: Option<String>,
    /// Its length in milliseconds; null for radio.
    pub duration_ms: Option<u64>,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct QueueQuery {
    /// Most items, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<usize>,
}

/// Sends a command to a player of Music Assistant. One that took too long may be done all the same.
#[utoipa::path(
    post, path = "/players/{id}/command", operation_id = "player_command", tag = "music assistant",
    params(("id" = String, Path, description = "The player's name", max_length = 200)),
    request_body = CommandBody, security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "Music Assistant took it", body = CommandedBody), MusicAssistantErrors)
)]
pub(super) async fn command(
    State(state): State<ApiState>,
    id: Result<Path<String>, PathRejection>,
    JsonBody(body): JsonBody<CommandBody>,
) -> Result<Json<CommandedBody>, ApiError> {
    let (player, command) = (player(id)?, body.command()?);
    state.home_control.command(&player, &command).await?;
    Ok(Json(CommandedBody { player }))
}

/// Plays music on a player of Music Assistant: an address, or the best result of a search.
#[utoipa::path(
    post, path = "/players/{id}/play", operation_id = "player_play", tag = "music assistant",
    params(("id" = String, Path, description = "The player's name", max_length = 200)),
    request_body = PlayBody, security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "Music Assistant took it", body = PlayedMusicBody), MusicAssistantErrors)
)]
pub(super) async fn play(
    State(state): State<ApiState>,
    id: Result<Path<String>, PathRejection>,
    JsonBody(body): JsonBody<PlayBody>,
) -> Result<Json<PlayedMusicBody>, ApiError> {
    let player = player(id)?;
    let what = match (body.uri, body.query) {
        (Some(uri), None) => PlayWhat::Uri(uri),
        (None, Some(text)) => {
            let language = language(&state, body.locale.as_deref()).await?;
            PlayWhat::Query { text, language }
        }
        _ => return Err(ApiError::invalid("send a query or a uri, and not both")),
    };
    let request = PlayMedia { what, enqueue: body.enqueue.into(), radio: body.radio };
    let music = state.home_control.play(&player, &request).await?;
    Ok(Json(PlayedMusicBody { player, music: music.map(FoundBody::from) }))
}

/// The queue of a player of Music Assistant, from the present item on.
#[utoipa::path(
    get, path = "/players/{id}/queue", operation_id = "player_queue", tag = "music assistant",
    params(("id" = String, Path, description = "The player's name", max_length = 200), QueueQuery),
    security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The queue", body = QueueBody), MusicAssistantReadErrors)
)]
pub(super) async fn queue(
    State(state): State<ApiState>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<QueueQuery>, QueryRejection>,
) -> Result<Json<QueueBody>, ApiError> {
    let limit = query
        .map(|Query(query)| query.limit.unwrap_or(ITEMS))
        .ok()
        .filter(|limit| (1..=ITEMS_AT_MOST).contains(limit))
        .ok_or_else(|| ApiError::invalid("limit: it has to be a number from 1 to 100"))?;
    let (queue, items) = state.home_control.queue(&player(id)?, limit).await?;
    Ok(Json(QueueBody::of(&queue, items)))
}

/// The language of a locale, or the first one of the skill.
async fn language(state: &ApiState, locale: Option<&str>) -> Result<Language, ApiError> {
    let locale = if let Some(locale) = locale {
        LocaleCode::parse(locale).map_err(|error| ApiError::invalid(format!("locale: {error}")))?
    } else {
        let effective = state.effective().await?;
        effective.skill_locales.first().copied().unwrap_or(LocaleCode::EN_US)
    };
    Ok(Language::of_locale(locale.as_str()))
}

fn player(id: Result<Path<String>, PathRejection>) -> Result<String, ApiError> {
    let id = path_text(id)?;
    if id.chars().count() > 200 {
        return Err(ApiError::invalid("the name of a player has at most 200 characters"));
    }
    Ok(id)
}

impl CommandBody {
    fn command(self) -> Result<PlayerCommand, ApiError> {
        let needs = |member: &str| ApiError::invalid(format!("{member}: this command needs it"));
        Ok(match self.command {
            CommandWord::Next => PlayerCommand::Next,
            CommandWord::Previous => PlayerCommand::Previous,
            CommandWord::Pause => PlayerCommand::Pause,
            CommandWord::Resume => PlayerCommand::Resume,
            CommandWord::Stop => PlayerCommand::Stop,
            CommandWord::StartOver => PlayerCommand::StartOver,
            CommandWord::Clear => PlayerCommand::Clear,
            CommandWord::Seek => PlayerCommand::Seek(self.position.ok_or_else(|| needs("position"))?),
            CommandWord::Shuffle => PlayerCommand::Shuffle(self.enabled.ok_or_else(|| needs("enabled"))?),
            CommandWord::Repeat => PlayerCommand::Repeat(self.mode.ok_or_else(|| needs("mode"))?.into()),
            CommandWord::PlayItem => PlayerCommand::PlayItem(self.item.ok_or_else(|| needs("item"))?),
            CommandWord::Transfer => PlayerCommand::Transfer(self.to.ok_or_else(|| needs("to"))?),
        })
    }
}

impl From<RepeatWord> for RepeatMode {
    fn from(word: RepeatWord) -> Self {
        match word {
            RepeatWord::Off => Self::Off,
            RepeatWord::One => Self::One,
            RepeatWord::All => Self::All,
        }
    }
}

impl From<EnqueueWord> for Enqueue {
    fn from(word: EnqueueWord) -> Self {
        match word {
            EnqueueWord::Replace => Self::Replace,
            EnqueueWord::Play => Self::Play,
            EnqueueWord::Next => Self::Next,
            EnqueueWord::Add => Self::Add,
        }
    }
}

impl QueueBody {
    fn of(queue: &Queue, items: Vec<QueueItem>) -> Self {
        Self {
            queue: queue.queue_id.clone(),
            state: queue.state.as_str().to_owned(),
            count: queue.count,
            shuffle: queue.shuffle_enabled,
            repeat: queue.repeat_mode.as_str().to_owned(),
            index: queue.current_index,
            offset_ms: millis(queue.elapsed_time),
            items: items.into_iter().map(QueueItemBody::from).collect(),
        }
    }
}

impl From<QueueItem> for QueueItemBody {
    fn from(item: QueueItem) -> Self {
        let duration_ms = item.duration.map(millis);
        let Some(media) = item.media_item else {
            let (id, title) = (item.queue_item_id, item.name);
            return Self { id, title, artist: None, album: None, uri: None, duration_ms };
        };
        Self {
            id: item.queue_item_id,
            artist: media.artist(),
            album: media.album().map(str::to_owned),
            title: media.name,
            uri: Some(media.uri),
            duration_ms,
        }
    }
}

/// Seconds as whole milliseconds; 0 for what is no time.
fn millis(seconds: f64) -> u64 {
    std::time::Duration::try_from_secs_f64(seconds)
        .map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}
