//! What the skill is to be.

use crate::config::{InvocationName, LocaleCode, SkillEndpoint};

/// What the skill is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillWish {
    /// What Alexa calls.
    pub endpoint: SkillEndpoint,
    /// The languages of the household's Echos, at least one.
    pub locales: Vec<LocaleCode>,
    /// The name by which people call the skill, in all of them.
    pub invocation_name: InvocationName,
}
