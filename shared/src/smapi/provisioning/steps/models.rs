//! The steps that write the interaction model of a locale, and wait for its build.

use std::time::Duration;

use serde_json::Value;

use crate::config::InvocationName;
use crate::smapi::client::messages;
use crate::smapi::compare;
use crate::smapi::error::SmapiError;
use crate::smapi::problem_code::ProblemCode;
use crate::smapi::provisioning::change::{Change, ChangeKind, Comparison, Target};
use crate::smapi::provisioning::checkpoint::Checkpoint;
use crate::smapi::provisioning::context::StepContext;
use crate::smapi::provisioning::state::Provisioning;
use crate::smapi::provisioning::step::{Problem, StepResult};
use crate::smapi::update::{LastUpdate, PendingUpdate, UpdateOutcome};
use crate::voice::{LocaleSpec, interaction_model};

/// Time between two readings of the status.
const STATUS_INTERVAL: Duration = Duration::from_secs(3);

/// Time limit of a build.
const PATIENCE: Duration = Duration::from_mins(10);

/// Writes the model where it differs, or its last build failed.
pub(super) async fn run(
    context: &StepContext,
    state: &mut Provisioning,
    checkpoint: &mut Checkpoint,
    locale: &str,
) -> Result<StepResult, SmapiError> {
    let id = state.require_skill()?;
    let found = compare(context, state, locale).await?;
    if let (true, Some(update)) = (found.is_same, state.updates.get_mut(locale)) {
        // Its response was lost.
        update.sent = true;
        return Ok(StepResult::Done);
    }
    let last = LastUpdate::of_model(&context.client.status(&id).await?, locale);
    let mut update = PendingUpdate::new(last.as_ref(), context.now());
    if last == Some(LastUpdate::InProgress) {
        if !found.is_same {
            return Ok(StepResult::RetryAfter(STATUS_INTERVAL));
        }
        (update.sent, update.seen) = (true, true);
        state.updates.insert(locale.to_owned(), update);
        return Ok(StepResult::Unchanged);
    }
    if !needs_write(&found, last.as_ref()) {
        return Ok(StepResult::Unchanged);
    }
    state.updates.insert(locale.to_owned(), update);
    checkpoint.save(state).await?;
    let etag = context.client.put_model(&id, locale, &found.desired, found.etag()).await?;
    if let Some(update) = state.updates.get_mut(locale) {
        (update.etag, update.sent) = (etag, true);
    }
    Ok(StepResult::Done)
}

/// The change of the model.
pub(super) async fn dry_run(
    context: &StepContext,
    state: &Provisioning,
    locale: &str,
    status: &Value,
) -> Result<Change, SmapiError> {
    let found = compare(context, state, locale).await?;
    let mut change = found.change(Target::Model { locale: locale.to_owned() });
    if change.kind == ChangeKind::Unchanged
        && needs_write(&found, LastUpdate::of_model(status, locale).as_ref())
    {
        change.kind = ChangeKind::Update;
    }
    Ok(change)
}

/// Waits until Amazon has built the model that was written, and not an older one or that of another locale.
pub(super) async fn await_build(
    context: &StepContext,
    state: &mut Provisioning,
    locale: &str,
) -> Result<StepResult, SmapiError> {
    let id = state.require_skill()?;
    let Some(update) = state.updates.get_mut(locale) else {
        return Ok(StepResult::Unchanged);
    };
    let last = LastUpdate::of_model(&context.client.status(&id).await?, locale);
    let now = context.now();
    let is_late = update.is_late(PATIENCE, now);
    match update.outcome(last, now) {
        UpdateOutcome::Serves => Ok(StepResult::Done),
        // A status that never changed is that of an older model, until the time is over.
        UpdateOutcome::Pending | UpdateOutcome::Unclear if is_late => {
            Ok(StepResult::Failed(Problem::new(ProblemCode::BuildSlow, &[("locale", locale)])))
        }
        UpdateOutcome::Pending | UpdateOutcome::Unclear => Ok(StepResult::RetryAfter(STATUS_INTERVAL)),
        UpdateOutcome::Failed(errors) => {
            let reason = messages(&errors).join("; ");
            let details = [("locale", locale), ("reason", reason.as_str())];
            Ok(StepResult::Failed(Problem::new(ProblemCode::BuildFailed, &details)))
        }
    }
}

/// The model at Amazon beside the desired one.
async fn compare(
    context: &StepContext,
    state: &Provisioning,
    locale: &str,
) -> Result<Comparison, SmapiError> {
    let name = state.spec.invocation_name.parse::<InvocationName>();
    let (Some(voice), Ok(name)) = (LocaleSpec::of(locale), name) else {
        return Err(SmapiError::NoLocale);
    };
    let desired = interaction_model(voice, &name, &context.names().await?);
    let mut there = match state.skill_id() {
        Some(id) => context.client.model(id, locale).await?,
        None => None,
    };
    if let Some(there) = &mut there {
        // Amazon adds members of its own to a model, and removes none of ours.
        there.content = compare::desired_part(&there.content, &desired);
    }
    Ok(Comparison::new(there, desired))
}

/// Whether a model has to be written: it differs, or its last build failed.
fn needs_write(found: &Comparison, last: Option<&LastUpdate>) -> bool {
    !found.is_same || matches!(last, Some(LastUpdate::Failed { .. }))
}
