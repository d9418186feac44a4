//! The step that lets the account's Echos use the skill while it is in development.

use crate::smapi::error::SmapiError;
use crate::smapi::provisioning::change::{Change, Target};
use crate::smapi::provisioning::context::StepContext;
use crate::smapi::provisioning::state::Provisioning;
use crate::smapi::provisioning::step::StepResult;

/// Enables the skill where it is not.
pub(super) async fn run(context: &StepContext, state: &Provisioning) -> Result<StepResult, SmapiError> {
    let id = state.require_skill()?;
    // A skill that is not enabled answers 404, as does one that is gone.
    if context.client.is_enabled(&id).await? {
        return Ok(StepResult::Unchanged);
    }
    context.client.enable(&id).await?;
    Ok(StepResult::Done)
}

/// The change of the enablement.
pub(super) async fn dry_run(context: &StepContext, state: &Provisioning) -> Result<Change, SmapiError> {
    let is_enabled = match state.skill_id() {
        Some(id) => context.client.is_enabled(id).await?,
        None => false,
    };
    Ok(Change::create_unless(is_enabled, Target::Testing))
}
