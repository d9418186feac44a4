//! The pieces of the set-up. Each may be cut anywhere and done again.

mod manifest;
mod models;
mod sentences;
mod skill;

use super::error::SmapiError;
use super::run::Held;
use crate::config::SkillId;

/// The skill that the job is about.
fn skill_of(held: &Held) -> Result<SkillId, SmapiError> {
    let id = held.job.skill_id.as_deref().and_then(|id| SkillId::parse(id).ok());
    id.ok_or(SmapiError::Gone)
}
