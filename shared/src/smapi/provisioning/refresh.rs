//! Names of the home that changed: the models learn them, without a person.

use std::time::Duration;

use super::checkpoint::Checkpoint;
use super::context::StepContext;
use super::run::{self, in_models};
use super::state::Provisioning;
use crate::smapi::error::SmapiError;
use crate::store::KnownNames;

/// Time between two refreshes of the models. Amazon needs minutes for each, and a name that is missing is heard all the same.
const APART: Duration = Duration::from_hours(6);

/// Brings the models to the names of the home, by about four seconds of work. Whether work is left.
///
/// It begins where the names are others than those of the models, once in six hours at most, and only where a person has
/// set the skill up. What a person began is left alone.
pub(in crate::smapi) async fn refresh(context: &StepContext) -> Result<bool, SmapiError> {
    let (state, checkpoint) = run::load(context).await?;
    match state {
        Some(state) if state.finished_at.is_none() => {
            if !state.is_of_models() {
                return Ok(false);
            }
        }
        Some(state) => {
            if !begin(context, state, checkpoint).await? {
                return Ok(false);
            }
        }
        None => return Ok(false),
    }
    Ok(run::advance(context).await?.is_some_and(|state| state.finished_at.is_none()))
}

/// Starts a refresh, where one is due. Whether it did.
async fn begin(
    context: &StepContext,
    before: Provisioning,
    mut checkpoint: Checkpoint,
) -> Result<bool, SmapiError> {
    let (store, now) = (context.services.deps.store.as_ref(), context.now());
    let known = KnownNames::read(store).await?;
    // A clock that was set back makes no time of the future last.
    if known.refreshed_at.is_some_and(|at| now.is_within(APART, at)) {
        return Ok(false);
    }
    let names = in_models(&context.names().await?);
    if known.in_models.as_ref() == Some(&names) || known.names.is_empty() {
        return Ok(false);
    }
    context.client.check_signed_in().await?;
    let Some(state) = Provisioning::of_models(before, now) else { return Ok(false) };
    KnownNames::change(store, |known| known.refreshed_at = Some(now)).await?;
    match checkpoint.save(&Provisioning { names: Some(names), ..state }).await {
        Ok(()) => tracing::info!("the names at home are others: the models of the skill learn them"),
        // A person began something meanwhile.
        Err(_) if checkpoint.is_lost() => return Ok(false),
        Err(error) => return Err(error),
    }
    Ok(true)
}
