//! The ids of the skills whose requests are accepted.

use std::fmt;
use std::str::FromStr;

use super::env::{ConfigError, Env};

/// The id of an Alexa skill: `amzn1.ask.skill.` and a UUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SkillId(String);

impl SkillId {
    /// Reads an id.
    ///
    /// # Errors
    /// When it does not look like one.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let uuid = text.trim().strip_prefix("amzn1.ask.skill.").unwrap_or_default();
        let well_formed = uuid.len() == 36
            && uuid.char_indices().all(|(place, c)| match place {
                8 | 13 | 18 | 23 => c == '-',
                _ => c.is_ascii_hexdigit(),
            });
        if well_formed {
            Ok(Self(text.trim().to_owned()))
        } else {
            Err("an id of a skill is amzn1.ask.skill. and a UUID")
        }
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SkillId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SkillId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The skills whose requests are accepted; with none, no request is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkillIds(Vec<SkillId>);

impl SkillIds {
    /// Reads `SKILL_ID`: one id, or several with commas between them.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let read =
            |text: &str| text.split(',').filter(|id| !id.trim().is_empty()).map(SkillId::parse).collect();
        Ok(Self(env.read("SKILL_ID", read)?.unwrap_or_default()))
    }

    /// These ids, and `further` ones behind them.
    pub(super) fn with(&self, further: Vec<SkillId>) -> Self {
        Self(self.0.iter().cloned().chain(further).collect())
    }

    /// Whether the environment or the settings name this skill.
    #[must_use]
    pub fn accepts(&self, id: &str) -> bool {
        self.0.iter().any(|known| known.0 == id)
    }

    /// Whether no skill is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ids.
    pub fn iter(&self) -> impl Iterator<Item = &SkillId> {
        self.0.iter()
    }
}
