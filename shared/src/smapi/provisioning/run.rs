//! Running the steps: each request of a page advances the provisioning by a few seconds.

use std::sync::Arc;
use std::time::Duration;

use super::checkpoint::Checkpoint;
use super::context::StepContext;
use super::state::{AdvanceLease, LEASE, Provisioning};
use super::step::StepState;
use super::steps;
use crate::control::HomeNames;
use crate::smapi::client::MAX_BACKOFF;
use crate::smapi::error::SmapiError;
use crate::smapi::random::{jittered, random_id};
use crate::smapi::spec::{SkillSpec, StoredSpec};
use crate::store::NamesInModels;

/// Time for which one call goes on with a further step.
const BUDGET: Duration = Duration::from_secs(4);

/// Number of attempts of a start after another process wrote.
const MAX_ATTEMPTS: usize = 5;

/// The stored provisioning; none where none was ever started.
pub(in crate::smapi) async fn status(context: &StepContext) -> Result<Option<Provisioning>, SmapiError> {
    Ok(load(context).await?.0)
}

/// Starts a provisioning, or continues an unfinished one of the same spec.
pub(in crate::smapi) async fn start(
    context: &StepContext,
    spec: &SkillSpec,
) -> Result<Provisioning, SmapiError> {
    let spec = check(context, spec).await?;
    let names = context.names().await?;
    for _ in 0..MAX_ATTEMPTS {
        let (before, mut checkpoint) = load(context).await?;
        let state = match before {
            Some(before) if before.finished_at.is_none() && before.spec == spec && !before.is_of_models() => {
                if before.is_leased(context.now()) {
                    // The process that advances it goes on.
                    return Ok(before);
                }
                let mut state = before;
                state.retry.renew();
                state
            }
            before => {
                let state = restart(context, spec.clone(), before);
                Provisioning { names: Some(in_models(&names)), ..state }
            }
        };
        match checkpoint.save(&state).await {
            Ok(()) => return Ok(state),
            Err(_) if checkpoint.is_lost() => {}
            Err(error) => return Err(error),
        }
    }
    Err(SmapiError::Conflict)
}

/// Checks that a spec can be provisioned at all.
pub(super) async fn check(context: &StepContext, spec: &SkillSpec) -> Result<StoredSpec, SmapiError> {
    if spec.locales.is_empty() {
        return Err(SmapiError::NoLocale);
    }
    context.client.check_signed_in().await?;
    Ok(StoredSpec::from(spec))
}

/// A provisioning in the place of another; it is not stored.
pub(super) fn restart(context: &StepContext, spec: StoredSpec, before: Option<Provisioning>) -> Provisioning {
    Provisioning::restart(spec, before, context.now(), context.services.permission.is_some())
}

pub(super) async fn load(context: &StepContext) -> Result<(Option<Provisioning>, Checkpoint), SmapiError> {
    Checkpoint::load(Arc::clone(&context.services.deps.store)).await
}

/// Runs steps for about [`BUDGET`], unless it is too early or another process does.
pub(in crate::smapi) async fn advance(context: &StepContext) -> Result<Option<Provisioning>, SmapiError> {
    let (Some(mut state), mut checkpoint) = load(context).await? else {
        return Ok(None);
    };
    let now = context.now();
    let is_too_early = state.retry.not_before.is_some_and(|until| now.is_before(until, MAX_BACKOFF));
    if state.finished_at.is_some() || is_too_early || state.is_leased(now) {
        return Ok(Some(state));
    }
    let holder = random_id(context.services.deps.random.as_ref())?;
    state.lease = Some(AdvanceLease { holder, until: now.plus(LEASE) });
    state.retry.not_before = None;
    match run(context, &mut state, &mut checkpoint).await {
        Err(_) if checkpoint.is_lost() => status(context).await,
        Err(error) => Err(error),
        Ok(()) => Ok(Some(state)),
    }
}

/// Runs one step after the other, and stores the state after each.
async fn run(
    context: &StepContext,
    state: &mut Provisioning,
    checkpoint: &mut Checkpoint,
) -> Result<(), SmapiError> {
    let began = context.services.deps.clock.moment();
    checkpoint.save(state).await?;
    loop {
        let Some(index) = state.next() else {
            state.finished_at = Some(context.now());
            state.lease = None;
            checkpoint.save(state).await?;
            return note_models(context, state).await;
        };
        run_step(context, state, checkpoint, index).await?;
        let is_over = state.retry.not_before.is_some() || state.finished_at.is_some();
        if is_over || context.services.deps.clock.moment().since(began) >= BUDGET {
            state.lease = None;
            return checkpoint.save(state).await;
        }
        checkpoint.save(state).await?;
    }
}

/// Notes the names that the models have now, where each was built.
async fn note_models(context: &StepContext, state: &Provisioning) -> Result<(), SmapiError> {
    match &state.names {
        Some(names) if state.has_models() => context.note_models(names).await,
        _ => Ok(()),
    }
}

/// The content of models with these names.
pub(super) fn in_models(names: &HomeNames) -> NamesInModels {
    NamesInModels { digest: names.digest(), playlists: !names.playlists.is_empty() }
}

/// Runs one step, and records its result or its error.
async fn run_step(
    context: &StepContext,
    state: &mut Provisioning,
    checkpoint: &mut Checkpoint,
    index: usize,
) -> Result<(), SmapiError> {
    state.steps[index].state = StepState::Running;
    let kind = state.steps[index].kind.clone();
    let result = steps::run(context, state, checkpoint, &kind).await;
    if checkpoint.is_lost() {
        return Err(SmapiError::Conflict);
    }
    match result {
        Ok(result) => state.record(index, result, context.now()),
        Err(error) => {
            let random = context.services.deps.random.as_ref();
            state.record_error(index, &error, context.now(), |pause| jittered(random, pause))?;
        }
    }
    Ok(())
}
