//! The steps of a provisioning, and their states and results.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::smapi::error::SmapiError;
use crate::smapi::problem_code::ProblemCode;

/// A kind of step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Chooses the vendor whose skills are managed.
    Vendor,
    /// Finds the skill, or creates it.
    Skill,
    /// Lets Alexa invoke the function for this skill.
    Permission,
    /// Writes the manifest.
    Manifest,
    /// Writes the interaction model of a locale.
    Model {
        /// The locale.
        locale: String,
    },
    /// Waits for the build of that model.
    Build {
        /// The locale.
        locale: String,
    },
    /// Lets the account's Echos use the skill.
    Testing,
    /// Stores the skill's id in the settings, so that its requests are accepted.
    Remember,
    /// Tests sentences of a locale.
    Sentences {
        /// The locale.
        locale: String,
    },
}

impl StepKind {
    /// The code for the texts of the pages: `skill-step-CODE`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Skill => "skill",
            Self::Permission => "permission",
            Self::Manifest => "manifest",
            Self::Model { .. } => "model",
            Self::Build { .. } => "build",
            Self::Testing => "testing",
            Self::Remember => "remember",
            Self::Sentences { .. } => "sentences",
        }
    }

    /// The locale of the step, where it has one.
    #[must_use]
    pub fn locale(&self) -> Option<&str> {
        match self {
            Self::Model { locale } | Self::Build { locale } | Self::Sentences { locale } => Some(locale),
            _ => None,
        }
    }

    /// Whether every later step needs this one.
    pub(super) fn is_required(&self) -> bool {
        matches!(self, Self::Vendor | Self::Skill | Self::Permission | Self::Manifest)
    }
}

/// The state of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun; it never begins if a step that it needs has failed.
    Waiting,
    /// The step has begun.
    Running,
    /// The step is done.
    Done,
    /// There was nothing to change.
    Unchanged,
    /// Failed for good.
    Failed,
}

impl StepState {
    /// The code for the texts of the pages: `skill-state-CODE`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
        }
    }

    /// Whether the step is done, with or without a change.
    #[must_use]
    pub fn is_done(self) -> bool {
        matches!(self, Self::Done | Self::Unchanged)
    }
}

/// A problem of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The code for the texts of the pages: `skill-problem-CODE` and `skill-remedy-CODE`.
    pub code: String,
    /// The values for these texts, by name.
    pub details: BTreeMap<String, String>,
}

impl Problem {
    pub(super) fn new(code: ProblemCode, details: &[(&str, &str)]) -> Self {
        let details = details.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self { code: code.as_str().to_owned(), details: details.collect() }
    }

    /// The problem of a step for which Amazon takes too long.
    pub(super) fn slow(kind: &StepKind) -> Self {
        let locale = kind.locale().unwrap_or_default();
        match kind {
            StepKind::Skill => Self::new(ProblemCode::SkillSlow, &[]),
            StepKind::Manifest => Self::new(ProblemCode::ManifestSlow, &[]),
            StepKind::Model { .. } => Self::new(ProblemCode::ModelSlow, &[("locale", locale)]),
            StepKind::Build { .. } => Self::new(ProblemCode::BuildSlow, &[("locale", locale)]),
            _ => Self::from(&SmapiError::Busy),
        }
    }
}

impl From<&SmapiError> for Problem {
    fn from(error: &SmapiError) -> Self {
        Self { code: error.code().to_owned(), details: error.details() }
    }
}

/// A step with its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The kind of the step.
    pub kind: StepKind,
    /// The state of the step.
    pub state: StepState,
    /// Reason why it failed, or why it is not done yet: while it runs, it is tried again.
    pub problem: Option<Problem>,
    /// Further problems, one for each sentence of another intent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Problem>,
}

impl Step {
    pub(super) fn new(kind: StepKind) -> Self {
        Self { kind, state: StepState::Waiting, problem: None, more: Vec::new() }
    }

    pub(super) fn set(&mut self, state: StepState, problem: Option<Problem>) {
        (self.state, self.problem) = (state, problem);
    }
}

/// The result of one run of a step.
#[derive(Debug)]
pub(super) enum StepResult {
    /// The step is done.
    Done,
    /// There was nothing to change.
    Unchanged,
    /// The step made progress and is run again at once.
    Progress,
    /// The step made progress and is run again after a pause.
    ProgressAfter(Duration),
    /// The step waits for Amazon and is run again after a pause.
    RetryAfter(Duration),
    /// The step failed for good.
    Failed(Problem),
}
