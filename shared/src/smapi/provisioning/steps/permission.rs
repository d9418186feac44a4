//! The step that lets Alexa invoke the function for this skill. It comes before the manifest: Amazon checks it there.

use crate::config::SkillId;
use crate::smapi::error::SmapiError;
use crate::smapi::permission::PermissionError;
use crate::smapi::provisioning::change::{Change, Target};
use crate::smapi::provisioning::context::StepContext;
use crate::smapi::provisioning::state::Provisioning;
use crate::smapi::provisioning::step::StepResult;

/// Grants the permission where the function does not have it.
pub(super) async fn run(context: &StepContext, state: &Provisioning) -> Result<StepResult, SmapiError> {
    let id = state.require_skill()?;
    let Some(permission) = &context.services.permission else {
        return Ok(StepResult::Unchanged);
    };
    // A deployment that may not read the permission may still be allowed to grant it.
    if is_granted(context, state, &id).await? == Some(true) {
        return Ok(StepResult::Unchanged);
    }
    match permission.grant(&state.spec.endpoint, &id).await {
        Ok(()) => Ok(StepResult::Done),
        Err(PermissionError::Denied(_)) if is_deployed_for(context, &id) => Ok(StepResult::Unchanged),
        Err(error) => Err(error.into()),
    }
}

/// The change of the permission.
pub(super) async fn dry_run(context: &StepContext, state: &Provisioning) -> Result<Change, SmapiError> {
    let granted = match state.skill_id() {
        Some(id) => is_granted(context, state, id).await?.unwrap_or_else(|| is_deployed_for(context, id)),
        None => false,
    };
    Ok(Change::create_unless(granted, Target::Permission))
}

/// Whether the permission is granted; none where this deployment may not read it.
async fn is_granted(
    context: &StepContext,
    state: &Provisioning,
    id: &SkillId,
) -> Result<Option<bool>, SmapiError> {
    let Some(permission) = &context.services.permission else {
        return Ok(Some(false));
    };
    match permission.is_granted(&state.spec.endpoint, id).await {
        Ok(granted) => Ok(Some(granted)),
        Err(PermissionError::Denied(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether the function was deployed for this skill, and has the permission from there.
fn is_deployed_for(context: &StepContext, id: &SkillId) -> bool {
    context.services.deps.config.skill_ids.accepts(id.as_str())
}
