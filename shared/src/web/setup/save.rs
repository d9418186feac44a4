//! Stores settings of forms.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{StepForm, answer};
use super::fields::{Entered, FormKind};
use super::settings::{Problems, SettingsForm};
use super::shown::PageData;
use super::state;
use super::step::SetupStep;
use super::view::show;
use crate::api::ApiState;
use crate::config::Settings;
use crate::store::StoreError;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::page::Page;

/// Stores the address under which Music Assistant reaches this server.
pub(super) async fn api_url(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<SettingsForm>,
) -> Result<Response, PageError> {
    const PLACE: StepForm = StepForm::new(SetupStep::MusicAssistant, "provider");
    let language = page.language();
    if let Err(problems) = form.apply(FormKind::Api, &state::settings(&state).await?, language) {
        let shown = PageData { entered: Entered::new(FormKind::Api, form, problems), ..PageData::default() };
        return show(&state, &page, StatusCode::UNPROCESSABLE_ENTITY, PLACE.step(), shown).await;
    }
    persist(&state, move |settings| form.apply(FormKind::Api, settings, language)).await?;
    Ok(answer(&page, PLACE, Flash::good("setup-saved", &[])))
}

/// Stores the settings as the form changes them. The last report of the doctor, about the old ones, is deleted.
pub(super) async fn persist(
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
