//! The state of the skill in a provisioning.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::config::SkillId;

/// The skill of a provisioning, from its search to its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredSkill", into = "StoredSkill")]
pub(super) enum SkillState {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// The skill of the provisioning before, which is tried before the search.
    Inherited {
        /// The id of the skill.
        id: SkillId,
        /// Whether a provisioning created it.
        created_by_us: bool,
    },
    /// The account's skills are searched.
    Searching {
        /// Skills that are not ours.
        examined: BTreeSet<String>,
    },
    /// A creation was sent, and its response is missing: the skill may exist.
    Creating {
        /// Time at which the creation was sent.
        at: Timestamp,
        /// Number of searches that found nothing since.
        search_attempts: u32,
        /// Skills that are not ours.
        examined: BTreeSet<String>,
    },
    /// The skill is found or created.
    Known {
        /// The id of the skill.
        id: SkillId,
        /// Whether a provisioning created it, this one or one before.
        created_by_us: bool,
        /// Whether this provisioning created it, so that Amazon may still work on it.
        created_in_this_run: bool,
    },
}

impl SkillState {
    /// The id, once the skill is found or created.
    pub(super) fn id(&self) -> Option<&SkillId> {
        match self {
            Self::Known { id, .. } => Some(id),
            _ => None,
        }
    }

    /// Whether a provisioning created the skill, or may have.
    pub(super) fn may_be_created_by_us(&self) -> bool {
        match self {
            Self::Unknown | Self::Searching { .. } => false,
            Self::Creating { .. } => true,
            Self::Inherited { created_by_us, .. } | Self::Known { created_by_us, .. } => *created_by_us,
        }
    }

    /// The state with which the next provisioning begins.
    pub(super) fn inherited(self) -> Self {
        match self {
            Self::Unknown | Self::Searching { .. } => Self::Unknown,
            Self::Creating { at, .. } => Self::Creating { at, search_attempts: 0, examined: BTreeSet::new() },
            Self::Inherited { id, created_by_us } | Self::Known { id, created_by_us, .. } => {
                Self::Inherited { id, created_by_us }
            }
        }
    }

    /// The state of a provisioning after which nothing is left to Amazon.
    pub(super) fn settled(self) -> Self {
        match self {
            Self::Known { id, created_by_us, .. } => {
                Self::Known { id, created_by_us, created_in_this_run: false }
            }
            other => other,
        }
    }

    /// Begins or continues the search. Returns the skills that are not ours.
    pub(super) fn search(&mut self) -> &mut BTreeSet<String> {
        if !matches!(self, Self::Searching { .. } | Self::Creating { .. }) {
            *self = Self::Searching { examined: BTreeSet::new() };
        }
        match self {
            Self::Searching { examined } | Self::Creating { examined, .. } => examined,
            _ => unreachable!("the search has begun"),
        }
    }

    /// Records that the creation is about to be sent.
    pub(super) fn begin_creation(&mut self, at: Timestamp) {
        let examined = std::mem::take(self.search());
        *self = Self::Creating { at, search_attempts: 0, examined };
    }

    /// Records that Amazon refused the creation.
    pub(super) fn cancel_creation(&mut self) {
        let examined = std::mem::take(self.search());
        *self = Self::Searching { examined };
    }

    /// Records that the skill is created.
    pub(super) fn created(&mut self, id: SkillId) {
        *self = Self::Known { id, created_by_us: true, created_in_this_run: true };
    }

    /// Records that the skill is found. Whether this provisioning created it: a creation without a response did.
    pub(super) fn found(&mut self, id: SkillId) -> bool {
        let created_in_this_run = matches!(self, Self::Creating { .. });
        let created_by_us = self.may_be_created_by_us();
        *self = Self::Known { id, created_by_us, created_in_this_run };
        created_in_this_run
    }
}

/// A [`SkillState`] as it is stored: flat members with the names of earlier releases.
#[derive(Default, Serialize, Deserialize)]
struct StoredSkill {
    skill_id: Option<String>,
    /// The id of an inherited skill.
    #[serde(default)]
    earlier: Option<String>,
    #[serde(default)]
    made: bool,
    #[serde(default)]
    created: bool,
    #[serde(default)]
    creating_at: Option<Timestamp>,
    #[serde(default)]
    looks: u32,
    #[serde(default)]
    examined: BTreeSet<String>,
}

impl From<StoredSkill> for SkillState {
    /// An id that is none counts as missing.
    fn from(stored: StoredSkill) -> Self {
        let StoredSkill { skill_id, earlier, made, created, creating_at, looks, examined } = stored;
        let id = |text: Option<String>| text.and_then(|text| SkillId::parse(&text).ok());
        match (id(skill_id), creating_at, id(earlier)) {
            (Some(id), _, _) => Self::Known { id, created_by_us: made, created_in_this_run: created },
            (None, Some(at), _) => Self::Creating { at, search_attempts: looks, examined },
            (None, None, Some(id)) => Self::Inherited { id, created_by_us: made },
            (None, None, None) if examined.is_empty() => Self::Unknown,
            (None, None, None) => Self::Searching { examined },
        }
    }
}

impl From<SkillState> for StoredSkill {
    fn from(state: SkillState) -> Self {
        let none = Self::default();
        let text = |id: &SkillId| Some(id.as_str().to_owned());
        match state {
            SkillState::Unknown => none,
            SkillState::Inherited { id, created_by_us } => {
                Self { earlier: text(&id), made: created_by_us, ..none }
            }
            SkillState::Searching { examined } => Self { examined, ..none },
            SkillState::Creating { at, search_attempts, examined } => {
                Self { creating_at: Some(at), looks: search_attempts, examined, ..none }
            }
            SkillState::Known { id, created_by_us, created_in_this_run } => {
                Self { skill_id: text(&id), made: created_by_us, created: created_in_this_run, ..none }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_795_334_400_000);

    fn id() -> SkillId {
        SkillId::parse("amzn1.ask.skill.11111111-2222-4333-8444-555555555555")
            .unwrap_or_else(|problem| panic!("{problem}"))
    }

    #[test]
    fn a_skill_that_is_found_after_a_creation_without_a_response_counts_as_created() {
        let mut state = SkillState::Unknown;
        state.search().insert("other".to_owned());
        state.begin_creation(AT);
        assert_eq!(state.search().len(), 1, "the search goes on");
        assert!(state.may_be_created_by_us());
        assert!(state.found(id()));
        assert_eq!(state, SkillState::Known { id: id(), created_by_us: true, created_in_this_run: true });
        assert_eq!(state.inherited(), SkillState::Inherited { id: id(), created_by_us: true });
    }

    #[test]
    fn a_skill_of_the_list_is_not_created_by_us() {
        let mut state = SkillState::Unknown;
        state.begin_creation(AT);
        state.cancel_creation();
        assert!(!state.found(id()));
        assert!(!state.may_be_created_by_us());
    }

    #[test]
    fn a_creation_without_a_response_is_inherited_and_a_search_is_not() {
        let mut state = SkillState::Searching { examined: BTreeSet::from(["other".to_owned()]) };
        assert_eq!(state.clone().inherited(), SkillState::Unknown);
        state.begin_creation(AT);
        let expected = SkillState::Creating { at: AT, search_attempts: 0, examined: BTreeSet::new() };
        assert_eq!(state.inherited(), expected);
    }
}
