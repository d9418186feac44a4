//! The fifth step: the connection to Music Assistant, the players that it found, and the values of its provider.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::checklist::SetupState;
use super::fields::{FieldName, Fields};
use super::pair::PairingView;
use super::shown::{Fold, PageData, part};
use super::state;
use crate::api::ApiState;
use crate::config::Settings;
use crate::renderer_report::Serving;
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
#[template(path = "setup/music-assistant.html")]
struct MusicAssistantBody<'a> {
    page: &'a Page,
    setup: &'a SetupState,
    fields: Fields,
    /// Whether Music Assistant has found the Echos; none where this process offers it none.
    seen: Option<PlayersSeen>,
    /// Whether a variable alone keeps this process from offering them.
    can_offer: bool,
    /// Whether the values for the provider are unfolded.
    opens_provider: bool,
    /// Whether the address of the API is unfolded among them.
    opens_api_url: bool,
    ma: MaPair,
    /// The connection to Music Assistant's API, as it is rendered; none in functions in AWS.
    connection: Option<String>,
    pairing: PairingView,
}

/// The open card.
pub(super) async fn body(
    state: &ApiState,
    page: &Page,
    setup: &SetupState,
    settings: &Settings,
    shown: &PageData,
) -> Result<String, PageError> {
    let fields = Fields::new(&state.deps.config, settings, &shown.entered);
    let is_served = setup.renderers.address().is_some();
    let is_named = page.flash_at("provider").is_some() || fields.get(FieldName::ApiUrl).problem.is_some();
    part(&MusicAssistantBody {
        page,
        seen: setup.players_seen(page, state),
        can_offer: setup.renderers.serving == Serving::Off && !state.is_add_on(),
        opens_provider: !is_served || is_named || shown.open == Some(Fold::Provider),
        opens_api_url: setup.api_url().is_none() || is_named || shown.open == Some(Fold::Provider),
        fields,
        ma: MaPair::of(state).await,
        connection: connection(state, page, shown).await?,
        pairing: PairingView::of(page, setup),
        setup,
    })
}

#[cfg(feature = "music-assistant")]
async fn connection(state: &ApiState, page: &Page, shown: &PageData) -> Result<Option<String>, PageError> {
    let opens = shown.open == Some(Fold::Connection);
    super::connection::render(state, page, opens).await.map(Some)
}

#[cfg(not(feature = "music-assistant"))]
async fn connection(_: &ApiState, _: &Page, _: &PageData) -> Result<Option<String>, PageError> {
    Ok(None)
}

#[derive(Template)]
#[template(path = "setup/seen.html")]
struct FirstContact<'a> {
    page: &'a Page,
    setup: &'a SetupState,
}

/// Whether Music Assistant has called.
pub(super) async fn seen(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let settings = state::settings(&state).await?;
    let setup = state::gather(&state, &settings).await?;
    Ok(page.fragment(&FirstContact { page: &page, setup: &setup }))
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
