//! State of the set-up, gathered for one page.

use super::checklist::SetupState;
use crate::api::ApiState;
use crate::config::Settings;
use crate::diagnostics::Report;
use crate::store::{Document, StoreError};
use crate::web::error::PageError;

/// The settings as they are now, since people look at what they have just saved.
pub(super) async fn settings(state: &ApiState) -> Result<Settings, StoreError> {
    state.deps.store.settings().await
}

pub(super) async fn gather(state: &ApiState, settings: &Settings) -> Result<SetupState, PageError> {
    let now = state.clock().now();
    let session = state.session();
    let (developer, provisioning, amazon, provider, household, report) = tokio::join!(
        state.skills.login().status(),
        state.skills.status(),
        session.status(),
        state.deps.store.document(Document::ProviderSeen),
        state.deps.store.household(now),
        last_report(state),
    );
    Ok(SetupState {
        config: state.deps.config.with(settings),
        // A secret that cannot be read leaves everything else to be seen; the doctor says what is the matter with it.
        developer: developer.unwrap_or_default(),
        provisioning: provisioning.unwrap_or_default(),
        amazon: amazon.unwrap_or_default(),
        provider_seen: provider?.is_some(),
        household: household?,
        renderers: state.renderers().report(),
        renderers_off: settings.renderers.all_off,
        report,
    })
}

async fn last_report(state: &ApiState) -> Option<Report> {
    state.doctor.last_report().await.unwrap_or_default()
}
