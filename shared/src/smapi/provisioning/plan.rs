//! The plan: a dry run of the steps.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::change::Plan;
use super::context::StepContext;
use super::{run, steps};
use crate::smapi::client::CONCURRENCY;
use crate::smapi::error::SmapiError;
use crate::smapi::spec::SkillSpec;

/// The changes of a dry run of all steps. Writes nothing.
pub(in crate::smapi) async fn plan(context: &StepContext, spec: &SkillSpec) -> Result<Plan, SmapiError> {
    let spec = run::check(context, spec).await?;
    let (before, _) = run::load(context).await?;
    let mut state = run::restart(context, spec, before);
    let skill = steps::skill::dry_run(context, &mut state).await?;
    let status = match state.skill_id() {
        Some(id) => context.client.status(id).await?,
        None => Value::Null,
    };
    let rest: Vec<_> =
        state.steps.iter().map(|step| steps::dry_run(context, &state, &step.kind, &status)).collect();
    let rest: Vec<_> = stream::iter(rest).buffered(CONCURRENCY).try_collect().await?;
    let changes = std::iter::once(skill).chain(rest.into_iter().flatten()).collect();
    Ok(Plan { skill_id: state.skill_id().cloned(), changes })
}
