//! Gathers what tells how far everything is.

use super::checklist::Known;
use crate::api::ApiState;
use crate::config::Settings;
use crate::diagnostics::Report;
use crate::store::{Document, StoreError};
use crate::web::error::PageError;

/// The settings as they are now, since people look at what they have just saved.
pub(super) async fn settings(state: &ApiState) -> Result<Settings, StoreError> {
    state.store.settings().await
}

pub(super) async fn gather(state: &ApiState, settings: &Settings) -> Result<Known, PageError> {
    let now = state.clock().now();
    let session = state.session();
    let (developer, provisioning, amazon, provider, household, report) = tokio::join!(
        state.skills.login().status(),
        state.skills.status(),
        session.status(),
        state.store.document(Document::ProviderSeen),
        state.store.household(now),
        last_report(state),
    );
    let config = &state.config;
    let setup = config.setup.merged(settings);
    Ok(Known {
        streams: config.streams.merged(settings),
        speech: config.speech.merged(settings),
        endpoint: setup.skill_endpoint,
        api_url: setup.api_url.map(|url| url.to_string()),
        // A secret that cannot be read leaves everything else to be seen; the doctor says what is the matter with it.
        developer: developer.unwrap_or_default(),
        has_skill: !config.skill_ids.merged(settings).is_empty(),
        provisioning: provisioning.unwrap_or_default(),
        amazon: amazon.unwrap_or_default(),
        provider_seen: provider?.is_some(),
        household: household?,
        report,
    })
}

async fn last_report(state: &ApiState) -> Option<Report> {
    state.doctor.last_report().await.unwrap_or_default()
}
