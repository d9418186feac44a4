//! Changes that a dry run of the steps finds.

use serde_json::Value;

use crate::config::SkillId;
use crate::smapi::client::Etagged;
use crate::smapi::compare;

/// The target of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The skill itself.
    Skill,
    /// The permission of Alexa to invoke the function.
    Permission,
    /// The manifest.
    Manifest,
    /// The interaction model of a locale.
    Model {
        /// The locale.
        locale: String,
    },
    /// The permission of the account's Echos to use the skill.
    Testing,
    /// The skill's id in the settings.
    SkillId,
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The target is created.
    Create,
    /// The target is updated.
    Update,
    /// The target stays.
    Unchanged,
}

/// A change of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The target.
    pub target: Target,
    /// The kind.
    pub kind: ChangeKind,
    /// A unified diff of JSON of at most 16 KB; none where there is none to show.
    pub diff: Option<String>,
}

impl Change {
    /// The change of a target that exists or is created, and has no parts.
    pub(super) fn create_unless(exists: bool, target: Target) -> Self {
        let kind = if exists { ChangeKind::Unchanged } else { ChangeKind::Create };
        Self { target, kind, diff: None }
    }
}

/// All changes of a provisioning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The skill, where it exists.
    pub skill_id: Option<SkillId>,
    /// The changes, in the order of the steps.
    pub changes: Vec<Change>,
}

/// The present JSON of a manifest or a model beside the desired one.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The present one; none where it does not exist.
    pub(super) there: Option<Etagged>,
    /// The desired one.
    pub(super) desired: Value,
    /// Whether both are equal.
    pub(super) is_same: bool,
}

impl Comparison {
    pub(super) fn new(there: Option<Etagged>, desired: Value) -> Self {
        let is_same = there.as_ref().is_some_and(|there| compare::is_equal(&desired, &there.content));
        Self { there, desired, is_same }
    }

    /// The entity tag of the present one.
    pub(super) fn etag(&self) -> Option<&str> {
        self.there.as_ref().and_then(|there| there.etag.as_deref())
    }

    /// The change that writes the desired one.
    pub(super) fn change(&self, target: Target) -> Change {
        let there = self.there.as_ref().map(|there| &there.content);
        let kind = match there {
            None => ChangeKind::Create,
            Some(_) if self.is_same => ChangeKind::Unchanged,
            Some(_) => ChangeKind::Update,
        };
        let diff = (kind != ChangeKind::Unchanged).then(|| compare::diff(there, &self.desired)).flatten();
        Change { target, kind, diff }
    }
}
