//! The step that finds the skill, or creates it.

use std::time::Duration;

use crate::config::SkillId;
use crate::smapi::client::messages;
use crate::smapi::error::SmapiError;
use crate::smapi::manifest;
use crate::smapi::problem_code::ProblemCode;
use crate::smapi::provisioning::change::{Change, Target};
use crate::smapi::provisioning::checkpoint::Checkpoint;
use crate::smapi::provisioning::context::StepContext;
use crate::smapi::provisioning::skill_state::SkillState;
use crate::smapi::provisioning::state::Provisioning;
use crate::smapi::provisioning::step::{Problem, StepResult};
use crate::smapi::search::{self, SkillSearch};
use crate::smapi::update::LastUpdate;

/// Most skills of the account that one run examines, and that a dry run examines.
const EXAMINED_AT_ONCE: usize = 8;
const EXAMINED_IN_DRY_RUN: usize = 200;

/// Number of searches, and their distance, for a skill whose creation had no response: the list may lag behind.
const MAX_SEARCH_ATTEMPTS: u32 = 3;
const SEARCH_INTERVAL: Duration = Duration::from_secs(10);

/// Time between two readings of the status of a new skill.
const STATUS_INTERVAL: Duration = Duration::from_secs(2);

/// Finds the skill, or creates it and waits until Amazon has built it.
pub(super) async fn run(
    context: &StepContext,
    state: &mut Provisioning,
    checkpoint: &mut Checkpoint,
) -> Result<StepResult, SmapiError> {
    match &state.skill {
        SkillState::Known { id, created_in_this_run: true, .. } => {
            let id = id.clone();
            return await_creation(context, state, &id).await;
        }
        SkillState::Known { .. } => return Ok(StepResult::Unchanged),
        _ => {}
    }
    match find(context, state, EXAMINED_AT_ONCE).await? {
        SkillSearch::Skill(id) => {
            let is_new = state.skill.found(id);
            Ok(if is_new { StepResult::Progress } else { StepResult::Unchanged })
        }
        SkillSearch::Continue => Ok(StepResult::Progress),
        SkillSearch::Nothing => match &mut state.skill {
            SkillState::Creating { search_attempts, .. } if *search_attempts < MAX_SEARCH_ATTEMPTS => {
                *search_attempts += 1;
                Ok(StepResult::RetryAfter(SEARCH_INTERVAL))
            }
            _ => create(context, state, checkpoint).await,
        },
    }
}

/// Finds the skill, for a plan.
pub(in super::super) async fn dry_run(
    context: &StepContext,
    state: &mut Provisioning,
) -> Result<Change, SmapiError> {
    if let SkillSearch::Skill(id) = find(context, state, EXAMINED_IN_DRY_RUN).await? {
        state.skill.found(id);
    }
    Ok(Change::create_unless(state.skill_id().is_some(), Target::Skill))
}

/// Finds the skill. It is the one that the environment or the settings name, else that of the provisioning before, else
/// one of the account with our endpoint.
async fn find(
    context: &StepContext,
    state: &mut Provisioning,
    most: usize,
) -> Result<SkillSearch, SmapiError> {
    let client = &context.client;
    if let Some((id, _)) = search::first_visible(client, &context.skill_ids().await?).await? {
        return Ok(SkillSearch::Skill(id));
    }
    let endpoints = state.endpoints();
    if let SkillState::Inherited { id, .. } = &state.skill
        && search::is_ours(client, id, &endpoints).await?
    {
        return Ok(SkillSearch::Skill(id.clone()));
    }
    let vendor = match &state.vendor {
        Some(vendor) => vendor.clone(),
        None => state.vendor.insert(search::vendor(client).await?).clone(),
    };
    search::search(client, &vendor, &endpoints, state.skill.search(), most).await
}

/// Creates the skill. The intention is stored first, so that a skill without a response is searched and not created a
/// second time.
async fn create(
    context: &StepContext,
    state: &mut Provisioning,
    checkpoint: &mut Checkpoint,
) -> Result<StepResult, SmapiError> {
    let vendor = state.vendor.clone().ok_or(SmapiError::NoVendor)?;
    state.skill.begin_creation(context.now());
    checkpoint.save(state).await?;
    match context.client.create_skill(&vendor, &manifest::first(&state.spec)).await {
        Ok(id) => {
            state.skill.created(id);
            Ok(StepResult::Progress)
        }
        Err(error) => {
            if !may_be_done(&error) {
                state.skill.cancel_creation();
            }
            Err(error)
        }
    }
}

/// Waits until Amazon has built a skill that was created.
async fn await_creation(
    context: &StepContext,
    state: &mut Provisioning,
    id: &SkillId,
) -> Result<StepResult, SmapiError> {
    match LastUpdate::of_manifest(&context.client.status(id).await?) {
        None | Some(LastUpdate::InProgress) => Ok(StepResult::RetryAfter(STATUS_INTERVAL)),
        Some(LastUpdate::Succeeded { .. }) => {
            state.refusals = 0;
            Ok(StepResult::Done)
        }
        Some(LastUpdate::Failed { errors, .. }) => {
            let reason = messages(&errors).join("; ");
            let details = [("reason", reason.as_str()), ("skill", id.as_str())];
            Ok(StepResult::Failed(Problem::new(ProblemCode::CreateFailed, &details)))
        }
    }
}

/// Whether a request with this error may have been done.
fn may_be_done(error: &SmapiError) -> bool {
    matches!(error, SmapiError::Transport(_) | SmapiError::Unavailable(_) | SmapiError::UnexpectedResponse(_))
}
