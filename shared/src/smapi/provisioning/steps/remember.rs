//! The step that stores the skill's id in the settings, so that its requests are accepted.

use std::sync::Arc;

use crate::config::{Setting, Settings};
use crate::smapi::error::SmapiError;
use crate::smapi::provisioning::change::{Change, Target};
use crate::smapi::provisioning::context::StepContext;
use crate::smapi::provisioning::state::Provisioning;
use crate::smapi::provisioning::step::StepResult;

/// Adds the id to the settings as they are now.
pub(super) async fn run(context: &StepContext, state: &Provisioning) -> Result<StepResult, SmapiError> {
    let id = state.require_skill()?;
    if context.skill_ids().await?.accepts(id.as_str()) {
        return Ok(StepResult::Unchanged);
    }
    let remember = move |settings: &mut Settings| {
        if !settings.skill_ids.iter().any(|known| known.value() == Some(&id)) {
            settings.skill_ids.push(Setting::Value(id.clone()));
        }
    };
    context.services.deps.store.change_settings(Arc::new(remember)).await?;
    Ok(StepResult::Done)
}

/// The change of the settings.
pub(super) async fn dry_run(context: &StepContext, state: &Provisioning) -> Result<Change, SmapiError> {
    let ids = context.skill_ids().await?;
    let is_known = state.skill_id().is_some_and(|id| ids.accepts(id.as_str()));
    Ok(Change::create_unless(is_known, Target::SkillId))
}
