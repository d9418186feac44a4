//! Values to enter in Music Assistant.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::checklist::SetupState;
use super::state;
use crate::api::ApiState;
use crate::web::error::PageError;
use crate::web::page::Page;
use crate::web::players::PlayersSeen;

/// The user name and password of Music Assistant.
#[derive(Clone, Debug, Default)]
pub(super) struct MaPair {
    pub(super) username: String,
    /// None where a variable fixes it, which people keep themselves.
    pub(super) password: Option<String>,
}

impl MaPair {
    pub(super) async fn of(state: &ApiState) -> Self {
        if let Some(fixed) = &state.deps.config.api.credentials.music_assistant {
            return Self { username: fixed.username().to_owned(), password: None };
        }
        match state.secrets.credentials().await {
            Ok(Some(credentials)) => {
                let pair = credentials.music_assistant;
                Self { username: pair.username().to_owned(), password: Some(pair.password().to_owned()) }
            }
            Ok(None) | Err(_) => Self::default(),
        }
    }
}

#[derive(Template)]
#[template(path = "setup/seen.html")]
struct Seen<'a> {
    page: &'a Page,
    setup: &'a SetupState,
}

/// Whether Music Assistant has called.
pub(super) async fn seen(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let settings = state::settings(&state).await?;
    let setup = state::gather(&state, &settings).await?;
    Ok(page.fragment(&Seen { page: &page, setup: &setup }))
}

#[derive(Template)]
#[template(path = "setup/players.html")]
struct Players<'a> {
    page: &'a Page,
    seen: Option<PlayersSeen>,
}

/// Whether Music Assistant has found the Echos.
pub(super) async fn players(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let settings = state::settings(&state).await?;
    let setup = state::gather(&state, &settings).await?;
    Ok(page.fragment(&Players { page: &page, seen: setup.players_seen(&page, &state) }))
}
