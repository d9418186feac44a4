//! Settings of a server at home alone: a backup as a file, and passwords that it may change.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::api::{ApiError, ApiState, ErrorCode, backup_file};
use crate::clock::SystemRandom;
use crate::secrets::{CredentialPair, Credentials};
use crate::web::error::PageError;
use crate::web::form::ValidForm;
use crate::web::headers::NotCompressed;
use crate::web::page::Page;

/// The state and all secrets in one file.
pub(super) async fn download_backup(State(state): State<ApiState>) -> Result<Response, PageError> {
    Ok(backup_file(&state).await?)
}

/// The pair whose password is changed.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Pair {
    Owner,
    MusicAssistant,
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    pair: Pair,
}

#[derive(Template)]
#[template(path = "settings/password.html")]
struct PasswordPage<'a> {
    page: &'a Page,
    is_owner: bool,
    username: &'a str,
    password: &'a str,
}

/// Makes a new password and shows it once. That of the owner ends every session, also this one.
pub(super) async fn new_password(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<PasswordForm>,
) -> Result<Response, PageError> {
    let given = &state.deps.config.api.credentials;
    let (pair, is_fixed) = match form.pair {
        Pair::Owner => (CredentialPair::Owner, given.owner.is_some()),
        Pair::MusicAssistant => (CredentialPair::MusicAssistant, given.music_assistant.is_some()),
    };
    let places = state.places().filter(|_| !is_fixed);
    let places = places.ok_or_else(|| ApiError::new(ErrorCode::NotFound, "a variable sets this password"))?;
    let changed = places.secrets().reset_password(pair, Arc::new(SystemRandom)).await;
    let changed: Option<Credentials> = changed.map_err(|error| {
        tracing::error!(%error, "no new password was made");
        PageError::credentials()
    })?;
    let changed = changed.ok_or_else(PageError::internal)?;
    state.authenticator.credentials_changed().await;
    let shown = match form.pair {
        Pair::Owner => &changed.owner,
        Pair::MusicAssistant => &changed.music_assistant,
    };
    let response = page.render(&PasswordPage {
        page: &page,
        is_owner: matches!(form.pair, Pair::Owner),
        username: shown.username(),
        password: shown.password(),
    });
    Ok((Extension(NotCompressed), response).into_response())
}
