//! The step that writes the manifest.

use std::time::Duration;

use crate::config::SkillEndpoint;
use crate::probe::ProbeRequest;
use crate::smapi::client::messages;
use crate::smapi::error::SmapiError;
use crate::smapi::manifest;
use crate::smapi::problem_code::ProblemCode;
use crate::smapi::provisioning::change::{Change, Comparison, Target};
use crate::smapi::provisioning::checkpoint::Checkpoint;
use crate::smapi::provisioning::context::StepContext;
use crate::smapi::provisioning::state::{MANIFEST, Provisioning};
use crate::smapi::provisioning::step::{Problem, StepKind, StepResult, StepState};
use crate::smapi::spec::StoredSpec;
use crate::smapi::update::{LastUpdate, PendingUpdate, UpdateOutcome};

/// Time between two readings of the status.
const STATUS_INTERVAL: Duration = Duration::from_secs(2);

/// Number of attempts, and their distance, to send a manifest again after its permission was just granted.
const MAX_REFUSALS: u32 = 3;
const REFUSAL_INTERVAL: Duration = Duration::from_secs(5);

/// Time limit of Amazon for an update.
const PATIENCE: Duration = Duration::from_mins(10);

/// Writes the manifest where it differs, and waits until Amazon has accepted it.
pub(super) async fn run(
    context: &StepContext,
    state: &mut Provisioning,
    checkpoint: &mut Checkpoint,
) -> Result<StepResult, SmapiError> {
    if state.updates.get(MANIFEST).is_some_and(|update| update.sent) {
        return await_update(context, state).await;
    }
    let id = state.require_skill()?;
    let found = compare(context, state).await?;
    if let (true, Some(update)) = (found.is_same, state.updates.get_mut(MANIFEST)) {
        // Its response was lost.
        update.sent = true;
        return Ok(StepResult::Progress);
    }
    let last = LastUpdate::of_manifest(&context.client.status(&id).await?);
    if last == Some(LastUpdate::InProgress) {
        return Ok(StepResult::RetryAfter(STATUS_INTERVAL));
    }
    if found.is_same {
        return Ok(StepResult::Unchanged);
    }
    let update = PendingUpdate::new(last.as_ref(), context.now());
    state.updates.insert(MANIFEST.to_owned(), update);
    checkpoint.save(state).await?;
    match context.client.put_manifest(&id, &found.desired, found.etag()).await {
        Ok(etag) => {
            if let Some(update) = state.updates.get_mut(MANIFEST) {
                (update.etag, update.sent) = (etag, true);
            }
            Ok(StepResult::Progress)
        }
        Err(SmapiError::Invalid(_)) if may_drop_events(state) => Ok(drop_events(state)),
        // A permission that was just granted is not visible everywhere at once.
        Err(SmapiError::Invalid(_)) if is_just_granted(state) && state.refusals < MAX_REFUSALS => {
            state.refusals += 1;
            Ok(StepResult::RetryAfter(REFUSAL_INTERVAL))
        }
        Err(error) => Err(error),
    }
}

/// The change of the manifest.
pub(super) async fn dry_run(context: &StepContext, state: &Provisioning) -> Result<Change, SmapiError> {
    Ok(compare(context, state).await?.change(Target::Manifest))
}

/// The manifest at Amazon beside the desired one.
async fn compare(context: &StepContext, state: &Provisioning) -> Result<Comparison, SmapiError> {
    let certificate = certificate(context, &state.spec).await?;
    let there = match state.skill_id() {
        Some(id) => Some(context.client.manifest(id).await?),
        None => None,
    };
    let base = there.as_ref().map_or_else(|| manifest::first(&state.spec), |there| there.content.clone());
    let desired = manifest::merged(&base, &state.spec, certificate, !state.without_events);
    Ok(Comparison::new(there, desired))
}

/// The type of the certificate that the endpoint shows; none for a function, which has none. Where this server does not
/// reach the endpoint, the type that the spec names.
async fn certificate(context: &StepContext, spec: &StoredSpec) -> Result<Option<&'static str>, SmapiError> {
    let Ok(SkillEndpoint::Https(url)) = SkillEndpoint::parse(&spec.endpoint) else {
        return Ok(None);
    };
    let problem = |text: &str| SmapiError::Certificate(text.to_owned());
    let host = url.host_str().unwrap_or_default().to_owned();
    let response = context.services.prober.probe(&ProbeRequest::head(url)).await;
    if let (Err(_), Some(named)) = (&response, spec.certificate) {
        return Ok(Some(named.as_str()));
    }
    let certificate = response.map_err(|error| problem(&error.to_string()))?.certificate;
    let certificate = certificate.ok_or_else(|| problem("the address shows no certificate"))?;
    let kind = certificate.kind_for(&host).ok_or_else(|| problem("the certificate is for another name"))?;
    Ok(Some(kind.as_str()))
}

/// Waits until Amazon has accepted the update that was sent.
async fn await_update(context: &StepContext, state: &mut Provisioning) -> Result<StepResult, SmapiError> {
    let id = state.require_skill()?;
    let last = LastUpdate::of_manifest(&context.client.status(&id).await?);
    let now = context.now();
    let Some(update) = state.updates.get_mut(MANIFEST) else {
        return Ok(StepResult::Progress);
    };
    let is_late = update.is_late(PATIENCE, now);
    match update.outcome(last, now) {
        UpdateOutcome::Serves => Ok(StepResult::Done),
        // The present manifest is compared again, and written again where it differs.
        UpdateOutcome::Unclear if state.rewrites == 0 => {
            state.updates.remove(MANIFEST);
            state.rewrites += 1;
            Ok(StepResult::Progress)
        }
        UpdateOutcome::Unclear => accept_kept(context, state).await,
        UpdateOutcome::Pending if is_late => Ok(StepResult::Failed(Problem::slow(&StepKind::Manifest))),
        UpdateOutcome::Pending => Ok(StepResult::RetryAfter(STATUS_INTERVAL)),
        UpdateOutcome::Failed(_) if may_drop_events(state) => Ok(drop_events(state)),
        UpdateOutcome::Failed(errors) => {
            state.updates.remove(MANIFEST);
            let reason = messages(&errors).join("; ");
            Ok(StepResult::Failed(Problem::new(ProblemCode::ManifestFailed, &[("reason", &reason)])))
        }
    }
}

/// Accepts a manifest that Amazon keeps otherwise than it was sent twice, if the skill serves with it.
async fn accept_kept(context: &StepContext, state: &Provisioning) -> Result<StepResult, SmapiError> {
    let there = context.client.manifest(&state.require_skill()?).await?.content;
    if manifest::serves(&there, &state.spec) {
        tracing::warn!("Amazon keeps another manifest than it was sent");
        return Ok(StepResult::Done);
    }
    Ok(StepResult::Failed(Problem::new(ProblemCode::ManifestKept, &[])))
}

fn is_just_granted(state: &Provisioning) -> bool {
    state.steps.iter().any(|step| step.kind == StepKind::Permission && step.state == StepState::Done)
}

/// Whether the manifest may go without events: they are a convenience, and Amazon may refuse them at an address.
fn may_drop_events(state: &Provisioning) -> bool {
    !state.without_events && !state.spec.is_function()
}

fn drop_events(state: &mut Provisioning) -> StepResult {
    state.without_events = true;
    state.updates.remove(MANIFEST);
    StepResult::Progress
}
