//! The steps of a provisioning. Each can be interrupted anywhere and run again.
//!
//! A step with a change has two functions: `run` makes the change, and `dry_run` returns it. Both share how they find
//! it.

mod manifest;
mod models;
mod permission;
mod remember;
mod sentences;
pub(super) mod skill;
mod testing;

use serde_json::Value;

use super::change::Change;
use super::checkpoint::Checkpoint;
use super::context::StepContext;
use super::state::Provisioning;
use super::step::{StepKind, StepResult};
use crate::smapi::error::SmapiError;
use crate::smapi::search;

/// Runs a step.
pub(super) async fn run(
    context: &StepContext,
    state: &mut Provisioning,
    checkpoint: &mut Checkpoint,
    kind: &StepKind,
) -> Result<StepResult, SmapiError> {
    match kind {
        StepKind::Vendor => {
            state.vendor = Some(search::vendor(&context.client).await?);
            Ok(StepResult::Unchanged)
        }
        StepKind::Skill => skill::run(context, state, checkpoint).await,
        StepKind::Permission => permission::run(context, state).await,
        StepKind::Manifest => manifest::run(context, state, checkpoint).await,
        StepKind::Model { locale } => models::run(context, state, checkpoint, locale).await,
        StepKind::Build { locale } => models::await_build(context, state, locale).await,
        StepKind::Testing => testing::run(context, state).await,
        StepKind::Remember => remember::run(context, state).await,
        StepKind::Sentences { locale } => sentences::run(context, state, locale).await,
    }
}

/// The change that a step would make once [`skill::dry_run`] has found the skill; none for a step that changes nothing.
/// `status` is that of the skill.
pub(super) async fn dry_run(
    context: &StepContext,
    state: &Provisioning,
    kind: &StepKind,
    status: &Value,
) -> Result<Option<Change>, SmapiError> {
    Ok(match kind {
        StepKind::Permission => Some(permission::dry_run(context, state).await?),
        StepKind::Manifest => Some(manifest::dry_run(context, state).await?),
        StepKind::Model { locale } => Some(models::dry_run(context, state, locale, status).await?),
        StepKind::Testing => Some(testing::dry_run(context, state).await?),
        StepKind::Remember => Some(remember::dry_run(context, state).await?),
        StepKind::Vendor | StepKind::Skill | StepKind::Build { .. } | StepKind::Sentences { .. } => None,
    })
}
