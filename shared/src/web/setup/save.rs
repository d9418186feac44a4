//! Keeps what is entered, or shows what is wrong with it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::checklist::Step;
use super::fields::Entered;
use super::settings::{AddressForm, ApiForm, Problems, SkillForm};
use super::view::{Shown, show};
use super::{Sent, fields, known};
use crate::api::ApiState;
use crate::config::Settings;
use crate::i18n::PageLanguage;
use crate::store::{Document, StoreError};
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::page::Page;

/// A form that becomes settings.
trait SettingsForm: Clone + Send + Sync + 'static {
    /// The settings with what was entered.
    fn apply(&self, settings: &Settings, language: PageLanguage) -> Result<Settings, Problems>;

    /// The form as it was sent, with what is wrong with it.
    fn entered(self, problems: Problems) -> Entered;
}

impl SettingsForm for AddressForm {
    fn apply(&self, settings: &Settings, language: PageLanguage) -> Result<Settings, Problems> {
        self.apply(settings, language)
    }

    fn entered(self, problems: Problems) -> Entered {
        Entered { addresses: Some(self), problems, ..Entered::default() }
    }
}

impl SettingsForm for SkillForm {
    fn apply(&self, settings: &Settings, language: PageLanguage) -> Result<Settings, Problems> {
        self.apply(settings, language)
    }

    fn entered(self, problems: Problems) -> Entered {
        Entered { skill: Some(self), problems, ..Entered::default() }
    }
}

impl SettingsForm for ApiForm {
    fn apply(&self, settings: &Settings, language: PageLanguage) -> Result<Settings, Problems> {
        self.apply(settings, language)
    }

    fn entered(self, problems: Problems) -> Entered {
        Entered { api: Some(self), problems, ..Entered::default() }
    }
}

/// The addresses for streams and pictures.
pub(super) async fn addresses(
    State(state): State<ApiState>,
    page: Page,
    sent: Sent<AddressForm>,
) -> Result<Response, PageError> {
    save(&state, &page, fields(sent)?, Step::Streams).await
}

/// Name, languages and endpoint of the skill.
pub(super) async fn language(
    State(state): State<ApiState>,
    page: Page,
    sent: Sent<SkillForm>,
) -> Result<Response, PageError> {
    save(&state, &page, fields(sent)?, Step::Skill).await
}

/// The address under which Music Assistant reaches this server.
pub(super) async fn api_url(
    State(state): State<ApiState>,
    page: Page,
    sent: Sent<ApiForm>,
) -> Result<Response, PageError> {
    save(&state, &page, fields(sent)?, Step::MusicAssistant).await
}

async fn save<F: SettingsForm>(
    state: &ApiState,
    page: &Page,
    form: F,
    step: Step,
) -> Result<Response, PageError> {
    let language = page.language();
    if let Err(problems) = form.apply(&known::settings(state).await?, language) {
        let shown = Shown { entered: form.entered(problems), ..Shown::default() };
        return show(state, page, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
    }
    keep(state, move |settings| form.apply(settings, language)).await?;
    Ok(page.done(&format!("/setup#{}", step.id()), &Flash::good("setup-saved", &[])))
}

/// Keeps what a form makes of the settings as they are then. What was found of them before tells nothing any more.
async fn keep(
    state: &ApiState,
    apply: impl Fn(&Settings) -> Result<Settings, Problems> + Send + Sync + 'static,
) -> Result<(), StoreError> {
    let change = move |settings: &mut Settings| {
        if let Ok(changed) = apply(settings) {
            *settings = changed;
        }
    };
    state.change_settings(Arc::new(change)).await?;
    let store = state.store.as_ref();
    if let Some(held) = store.document(Document::Examination).await? {
        store.put_document(Document::Examination, &Value::Null, Some(held.revision)).await?;
    }
    Ok(())
}
