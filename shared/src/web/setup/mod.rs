//! From nothing to music: what is done, and each step with all that it needs.

mod amazon;
mod checklist;
#[cfg(feature = "music-assistant")]
mod connection;
mod developer;
mod door;
mod fields;
mod first_play;
mod funnel;
mod music_assistant;
mod pair;
mod proxy;
mod save;
mod settings;
mod skill;
mod state;
mod tunnel;
mod validation;
mod view;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::Deserialize;

use super::error::PageError;
use super::headers::NotCompressed;
use super::page::Page;
use crate::api::ApiState;
use view::{Shown, progress, show};

/// The routes, behind the login.
pub(super) fn routes() -> Router<ApiState> {
    let router = Router::new();
    #[cfg(feature = "music-assistant")]
    let router = router
        .route("/setup/music-assistant/connection", get(connection::show))
        .route("/setup/music-assistant/connect", post(connection::begin))
        .route("/setup/music-assistant/check", post(connection::check))
        .route("/setup/music-assistant/disconnect", post(connection::end));
    router
        .route("/setup", get(page))
        .route("/setup/progress", get(progress))
        .route("/setup/addresses", post(save::addresses))
        .route("/setup/door/funnel", post(funnel::turn_on))
        .route("/setup/door/tunnel", post(tunnel::start))
        .route("/setup/door/tunnel/stop", post(tunnel::stop))
        .route("/setup/door/keys", post(door::reveal_keys))
        .route("/setup/language", post(save::language))
        .route("/setup/check/invocation-name", post(skill::check_name))
        .route("/setup/developer/begin", post(developer::begin))
        .route("/setup/developer/return", get(developer::returned).post(developer::pasted))
        .route("/setup/developer/sign-out", post(developer::sign_out))
        .route("/setup/skill", get(skill::plan).post(skill::start))
        .route("/setup/skill/step", post(skill::advance))
        .route("/setup/amazon/begin", post(amazon::begin))
        .route("/setup/amazon/complete", post(amazon::complete))
        .route("/setup/amazon/sign-out", post(amazon::sign_out))
        .route("/setup/api-url", post(save::api_url))
        .route("/setup/music-assistant", get(music_assistant::seen))
        .route("/setup/players", get(music_assistant::players))
        .route("/setup/pair", post(pair::pair_all))
        .route("/setup/sound", get(first_play::poll))
        // The page shows the password of Music Assistant, and the keys of the grants.
        .route_layer(map_response(async |response: Response| (Extension(NotCompressed), response)))
}

#[derive(Debug, Deserialize)]
struct PageQuery {
    /// Music Assistant's machine, for the proxy.
    #[serde(default)]
    machine: Option<String>,
}

async fn page(
    State(state): State<ApiState>,
    page: Page,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Response, PageError> {
    let Query(query) = query.map_err(|_| PageError::malformed())?;
    show(&state, &page, StatusCode::OK, Shown { machine: query.machine, ..Shown::default() }).await
}
