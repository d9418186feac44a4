//! Music Assistant's own API, as this household is connected to it.

mod bodies;
mod connect;
mod control;
mod music;

use utoipa_axum::router::OpenApiRouter;

use super::error::{ApiError, ErrorCode};
use super::state::ApiState;
use crate::music_assistant::MusicAssistantError;
use crate::routing::routes;

pub use bodies::{ConnectBody, ConnectedBody, EchoPlayersBody, MaPlayerBody, ProblemBody};
pub(crate) use connect::{MaConnection, check_connection, connect, disconnect, suggestions};
pub use control::{CommandBody, CommandedBody, PlayBody, PlayedMusicBody, QueueBody, QueueItemBody};
pub use music::{FoundBody, SearchBody};

/// The routes below `/v1`.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(connect::get, connect::delete))
        .routes(routes!(connect::post))
        .routes(routes!(control::command))
        .routes(routes!(control::play))
        .routes(routes!(control::queue))
        .routes(routes!(music::search))
}

impl From<MusicAssistantError> for ApiError {
    fn from(error: MusicAssistantError) -> Self {
        Self::new(code(&error), error.to_string())
    }
}

fn code(error: &MusicAssistantError) -> ErrorCode {
    match error {
        MusicAssistantError::NotConnected => ErrorCode::MusicAssistantNotConnected,
        MusicAssistantError::NotEncrypted | MusicAssistantError::Invalid(_) => ErrorCode::InvalidRequest,
        MusicAssistantError::Unreachable { .. } => ErrorCode::MusicAssistantUnreachable,
        MusicAssistantError::Slow => ErrorCode::MusicAssistantSlow,
        MusicAssistantError::SignedOut => ErrorCode::MusicAssistantSignedOut,
        MusicAssistantError::LoginRefused => ErrorCode::MusicAssistantLoginRefused,
        MusicAssistantError::NotAllowed => ErrorCode::MusicAssistantNotAllowed,
        MusicAssistantError::PlayerUnknown { .. } => ErrorCode::PlayerUnknown,
        MusicAssistantError::NoSuchItem
        | MusicAssistantError::QueueEmpty
        | MusicAssistantError::NothingFound => ErrorCode::MusicUnknown,
        MusicAssistantError::Failed { .. }
        | MusicAssistantError::NotPossible
        | MusicAssistantError::NotSetUp => ErrorCode::MusicAssistantFailed,
        MusicAssistantError::Garbage { .. } | MusicAssistantError::OtherSchema { .. } => {
            ErrorCode::MusicAssistantUnexpected
        }
        MusicAssistantError::StoreUnavailable => ErrorCode::StoreUnavailable,
        MusicAssistantError::SecretUnavailable => ErrorCode::CredentialsUnavailable,
    }
}
