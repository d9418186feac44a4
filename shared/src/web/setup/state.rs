//! State of the set-up, gathered for one page.

use super::address_check::AddressCheck;
use super::checklist::SetupState;
use super::step::{SetupStep, StepStatus};
use crate::api::ApiState;
use crate::config::Settings;
use crate::diagnostics::DoctorReport;
use crate::store::{Document, StoreError};
use crate::web::error::PageError;

/// The settings as they are now, since people look at what they have just saved.
pub(super) async fn settings(state: &ApiState) -> Result<Settings, StoreError> {
    state.deps.store.settings().await
}

pub(super) async fn gather(state: &ApiState, settings: &Settings) -> Result<SetupState, PageError> {
    let now = state.clock().now();
    let session = state.session();
    let config = state.deps.config.with(settings);
    let (developer, provisioning, amazon, household, devices) = tokio::join!(
        state.skills.login().status(),
        state.skills.status(),
        session.status(),
        state.deps.store.household(now),
        state.deps.store.devices(),
    );
    let (provider, address_check, report) = tokio::join!(
        state.deps.store.document(Document::StartPhrases),
        AddressCheck::read(state),
        last_report(state),
    );
    // A secret that cannot be read leaves everything else to be seen; the doctor says what is the matter with it.
    let (developer, amazon) = (developer.unwrap_or_default(), amazon.unwrap_or_default());
    let consent = match developer.login_began_at {
        Some(_) => state.skills.login().pending().await.unwrap_or_default(),
        None => None,
    };
    let login = match amazon.login_began_at {
        Some(_) => session.pending_login(config.speech.locale.as_str()).await.unwrap_or_default(),
        None => None,
    };
    Ok(SetupState {
        now,
        config,
        address_check: address_check?,
        developer,
        consent,
        provisioning: provisioning.unwrap_or_default(),
        amazon,
        login,
        devices: devices?,
        provider_seen: provider?.is_some(),
        household: household?,
        renderers: state.renderers().report(),
        renderers_off: settings.renderers.all_off,
        report,
    })
}

/// The step that is next after one that has just been done; none where that is not done, or nothing is left.
pub(super) async fn next_after(state: &ApiState, done: SetupStep) -> Result<Option<SetupStep>, PageError> {
    let setup = gather(state, &settings(state).await?).await?;
    let next = setup.first_open();
    let is_left =
        next != done && setup.status(done) == StepStatus::Done && setup.status(next) != StepStatus::Done;
    Ok(is_left.then_some(next))
}

async fn last_report(state: &ApiState) -> Option<DoctorReport> {
    state.doctor.last_report().await.unwrap_or_default()
}
