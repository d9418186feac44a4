//! `/settings`: language and colours, passwords, API tokens, backup, the report for a question, and what this program is.

#[cfg(feature = "sqlite")]
mod home;
mod phone;
mod tokens;

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};

use self::phone::Phone;
use self::tokens::TokensView;
use super::error::PageError;
use super::page::Page;
use crate::access::MadeToken;
use crate::api::{ApiState, diagnose};
use crate::diagnostics::Redactor;
use crate::routing::get;
#[cfg(feature = "sqlite")]
use crate::routing::post;
use crate::updates::Asks;

pub(super) fn routes() -> Router<ApiState> {
    let routes = Router::new()
        .route("/settings", get(open))
        .route("/settings/diagnostics", get(download_diagnostics))
        .merge(tokens::routes());
    #[cfg(feature = "sqlite")]
    let routes = routes
        .route("/settings/backup", get(home::download_backup))
        .route("/settings/password", post(home::new_password));
    routes
}

#[derive(Template)]
#[template(path = "settings/page.html")]
struct SettingsPage<'a> {
    page: &'a Page,
    /// Whether state and secrets are files of this machine.
    is_home: bool,
    /// Passwords that a variable sets: the owner's, and Music Assistant's.
    fixed: (bool, bool),
    /// The location of the passwords; none in an add-on, whose files a person does not reach.
    place: Option<String>,
    /// The address for a phone; none where this browser shows none.
    phone: Option<Phone>,
    tokens: TokensView<'a>,
    /// The text about newer releases.
    updates: &'static str,
}

async fn open(State(state): State<ApiState>, page: Page) -> Response {
    show(&state, &page, None).await
}

/// The page, with a token that was just made.
async fn show(state: &ApiState, page: &Page, made: Option<&MadeToken>) -> Response {
    let credentials = &state.deps.config.api.credentials;
    page.render(&SettingsPage {
        page,
        is_home: is_home(state),
        fixed: (credentials.owner.is_some(), credentials.music_assistant.is_some()),
        place: (!state.is_add_on()).then(|| state.secrets.location()),
        phone: Phone::of(state, page).await,
        tokens: TokensView::of(state, page, made).await,
        updates: match (state.updates().asks(), state.updates().newer()) {
            (Asks::Daily, Some(_)) => "update-on-newer",
            (Asks::Daily, None) => "update-on",
            (Asks::Off, _) if state.is_add_on() => "update-add-on",
            (Asks::Off, _) => "update-off",
            (Asks::Nowhere, _) => "update-nowhere",
            (Asks::Never, _) => "update-aws",
        },
    })
}

#[cfg(feature = "sqlite")]
fn is_home(state: &ApiState) -> bool {
    state.places().is_some()
}

#[cfg(not(feature = "sqlite"))]
fn is_home(_: &ApiState) -> bool {
    false
}

/// The report for a question to other people, without secrets.
async fn download_diagnostics(State(state): State<ApiState>) -> Result<Response, PageError> {
    let report = diagnose(&state, Redactor::default()).await?;
    let disposition = "attachment; filename=\"ma-alexa-diagnostics.json\"";
    Ok(([(header::CONTENT_DISPOSITION, disposition)], Json(report)).into_response())
}
