//! Forms with settings: stores the values, or shows their problems.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::fields::{Entered, FormKind};
use super::settings::{Problems, SettingsForm};
use super::state;
use super::view::{Shown, show};
use crate::api::ApiState;
use crate::config::Settings;
use crate::store::StoreError;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::page::Page;

/// Stores the addresses of streams and pictures.
pub(super) async fn addresses(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<SettingsForm>,
) -> Result<Response, PageError> {
    save(&state, &page, FormKind::Addresses, form).await
}

/// Stores the name, the languages and the endpoint of the skill.
pub(super) async fn language(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<SettingsForm>,
) -> Result<Response, PageError> {
    save(&state, &page, FormKind::Skill, form).await
}

/// Stores the address under which Music Assistant reaches this server.
pub(super) async fn api_url(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<SettingsForm>,
) -> Result<Response, PageError> {
    save(&state, &page, FormKind::Api, form).await
}

async fn save(
    state: &ApiState,
    page: &Page,
    kind: FormKind,
    form: SettingsForm,
) -> Result<Response, PageError> {
    let language = page.language();
    if let Err(problems) = form.apply(kind, &state::settings(state).await?, language) {
        let shown = Shown { entered: Entered::new(kind, form, problems), ..Shown::default() };
        return show(state, page, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
    }
    persist(state, move |settings| form.apply(kind, settings, language)).await?;
    let place = format!("/setup#{}", kind.step().id());
    Ok(page.redirect_with_flash(&place, &Flash::good("setup-saved", &[])))
}

/// Stores the settings as the form changes them. The last report of the doctor, about the old ones, is deleted.
async fn persist(
    state: &ApiState,
    apply: impl Fn(&Settings) -> Result<Settings, Problems> + Send + Sync + 'static,
) -> Result<(), StoreError> {
    let change = move |settings: &mut Settings| {
        if let Ok(changed) = apply(settings) {
            *settings = changed;
        }
    };
    state.change_settings(Arc::new(change)).await?;
    state.forget_report().await
}
