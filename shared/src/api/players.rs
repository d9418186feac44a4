//! Routes of players and their state.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody, ErrorCode};
use super::playback_errors::explain;
use super::state::ApiState;
use crate::clock::Timestamp;
use crate::playback::{Household, PlayerId, PlayerState, PlayerView, StartReason, StreamAddresses};

/// Most names that an error lists.
const NAMED: usize = 20;

/// Longest name that an error repeats, in characters.
const REPEATED: usize = 100;

/// All players.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlayersBody {
    /// Sorted by name.
    pub players: Vec<PlayerBody>,
}

/// A player, and what is known of what it does.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlayerBody {
    /// Its id in Music Assistant; for an Echo its display name.
    pub player: String,
    /// `idle`: no Echo asked for its stream. `requested`: an Echo was given it and has not reported since.
    #[schema(value_type = String, example = "playing")]
    pub state: PlayerState,
    /// The offset in the stream at that time, in milliseconds.
    pub offset_ms: u64,
    /// Title.
    pub title: Option<String>,
    /// Artist.
    pub artist: Option<String>,
    /// Album.
    pub album: Option<String>,
    /// The picture under an address that an Echo can fetch; null where there is none.
    pub art_url: Option<String>,
    /// The time of the last push, RFC 3339 in UTC; null where it never did.
    pub pushed_at: Option<String>,
    /// Since when it is in this state, RFC 3339 in UTC; null where that is unknown.
    pub state_at: Option<String>,
    /// The Echo that serves it, or the one that plays it where the music was moved.
    pub echo: Option<String>,
    /// The failure of the last play, as soon as the Echo reports it; in the state `requested` the skill tries again.
    pub error: Option<PlayerErrorBody>,
    /// The start reason of the play that the state is of: `start`, `resumed_at_offset`, `resumed_at_start` or `replayed`.
    #[schema(value_type = Option<String>, example = "start")]
    pub origin: Option<StartReason>,
    /// Counts its starts, from 1; 0 before the first.
    pub version: u64,
}

/// The failure of a play.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlayerErrorBody {
    /// Amazon's type.
    #[serde(rename = "type")]
    #[schema(example = "MEDIA_ERROR_INVALID_REQUEST")]
    pub kind: String,
    /// Cause and remedy, in English.
    pub message: String,
}

/// Every player that Music Assistant ever pushed a stream for, or whose Echo is known.
#[utoipa::path(
    get, path = "/players", operation_id = "players", tag = "players", security(("basic" = []), ("token" = ["control"])),
    responses(
        (status = 200, description = "All players, sorted by name", body = PlayersBody),
        super::responses::ReadErrors,
    )
)]
pub(super) async fn list(State(state): State<ApiState>) -> Result<Json<PlayersBody>, ApiError> {
    let now = state.clock().now();
    let household = state.deps.store.household(now).await?;
    let addresses = state.addresses(&household.settings);
    let mut players: Vec<PlayerBody> = household
        .players
        .iter()
        .map(|player| PlayerBody::new(&household.view(player, now), &addresses))
        .collect();
    players.sort_by(|a, b| a.player.cmp(&b.player));
    Ok(Json(PlayersBody { players }))
}

/// One player.
#[utoipa::path(
    get, path = "/players/{id}", operation_id = "player", tag = "players", security(("basic" = []), ("token" = ["control"])),
    params(("id" = String, Path, description = "The player's name")),
    responses(
        (status = 200, description = "The player", body = PlayerBody),
        (status = 400, description = "invalid_request: the name is not UTF-8", body = ErrorBody),
        (status = 404, description = "player_unknown: no player has this name", body = ErrorBody),
        super::responses::ReadErrors,
    )
)]
pub(super) async fn get(
    State(state): State<ApiState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<PlayerBody>, ApiError> {
    let id = PlayerId::from(path_text(id)?);
    let now = state.clock().now();
    let household = state.deps.store.household(now).await?;
    let addresses = state.addresses(&household.settings);
    household
        .player(&id)
        .map(|player| Json(PlayerBody::new(&household.view(player, now), &addresses)))
        .ok_or_else(|| unknown(&household, &id))
}

impl PlayerBody {
    pub(super) fn new(view: &PlayerView<'_>, addresses: &StreamAddresses) -> Self {
        let player = view.player;
        Self {
            player: player.player.to_string(),
            state: view.state,
            offset_ms: view.offset_ms,
            title: player.metadata().title.clone(),
            artist: player.metadata().artist.clone(),
            album: player.metadata().album.clone(),
            art_url: addresses.picture(player.metadata()),
            pushed_at: player.pushed_at().map(Timestamp::rfc3339),
            state_at: view.since.map(Timestamp::rfc3339),
            echo: view.echo.map(|device| device.as_str().to_owned()),
            error: view.error.map(|failure| PlayerErrorBody {
                kind: failure.kind.to_string(),
                message: explain(failure).to_owned(),
            }),
            origin: player.report().and_then(|report| report.origin),
            version: player.version(),
        }
    }
}

/// The error that names the players that there are.
pub(super) fn unknown(household: &Household, id: &PlayerId) -> ApiError {
    let id: String = id.as_str().chars().take(REPEATED).collect();
    let mut names: Vec<&str> = household.players.iter().map(|player| player.player.as_str()).collect();
    names.sort_unstable();
    let known = match names.len() {
        0 => "none is known until Music Assistant plays on one".to_owned(),
        count if count > NAMED => {
            format!("known are {} and {} more", names[..NAMED].join(", "), count - NAMED)
        }
        _ => format!("known are {}", names.join(", ")),
    };
    ApiError::new(ErrorCode::PlayerUnknown, format!("there is no player {id}: {known}"))
}

pub(super) fn path_text(text: Result<Path<String>, PathRejection>) -> Result<String, ApiError> {
    text.map(|Path(text)| text).map_err(|_| ApiError::invalid("the path does not decode to UTF-8"))
}
