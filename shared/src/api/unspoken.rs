//! Commands of Music Assistant's provider that may need no sentence at the Echo.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::JsonBody;
use super::error::ApiError;
use super::state::ApiState;
use crate::playback::{Player, PlayerId, StreamState, Transition};

/// A command of Music Assistant's provider, before it makes the Echo hear a sentence.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnspokenCommandBody {
    /// Id of the player in Music Assistant.
    #[schema(example = "Kitchen", max_length = 500)]
    pub player_id: String,
    /// `pause`, `stop` or `resume`; any other one needs its sentence.
    #[schema(example = "pause")]
    pub command: String,
}

/// A command that may need no sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UnspokenCommand {
    /// `pause` or `stop`: an Echo that is silent needs no sentence for either.
    Silence,
    Resume,
    /// One of a newer provider, which needs its sentence. An error would end these questions.
    Other,
}

impl UnspokenCommand {
    fn read(word: &str) -> Self {
        match word {
            "pause" | "stop" => Self::Silence,
            "resume" => Self::Resume,
            _ => Self::Other,
        }
    }
}

/// Whether a command needs its sentence.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnspokenBody {
    /// `ok`.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// Whether the command is done without a sentence: the Echo is silent already, or a person who waits gets the music.
    pub page_live: bool,
}

/// Whether the Echo of a player needs a sentence to pause or to resume.
#[utoipa::path(
    post, path = "/control", operation_id = "unspoken_command", tag = "ma",
    request_body = UnspokenCommandBody, security(("basic" = [])),
    responses(
        (status = 200, description = "Whether the sentence can be left out", body = UnspokenBody),
        super::responses::PlainWriteErrors,
    )
)]
pub(super) async fn control(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<UnspokenCommandBody>,
) -> Result<Json<UnspokenBody>, ApiError> {
    let command = UnspokenCommand::read(&body.command);
    let now = state.clock().now();
    let household = state.deps.store.household(now).await?;
    let player = household.player(&PlayerId::from(body.player_id.as_str()));
    let page_live = match player {
        Some(player) if command == UnspokenCommand::Resume && player.awaits_resume(now) => {
            let (key, version) = (player.player.key(), player.version());
            state.deps.store.hand_over(key, version, now).await? == Transition::Applied
        }
        Some(player) => command == UnspokenCommand::Silence && is_silent(player),
        None => false,
    };
    Ok(Json(UnspokenBody { status: "ok", page_live }))
}

/// Whether the Echo reported that it stopped what it had of this player.
fn is_silent(player: &Player) -> bool {
    player.effective_report().is_some_and(|last| last.state() != StreamState::Playing)
}
