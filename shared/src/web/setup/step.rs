//! The steps of the set-up, in the order in which people take them.

/// A step. One is open at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SetupStep {
    SignIn,
    Address,
    Amazon,
    Skill,
    MusicAssistant,
    Sound,
}

/// The status of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepStatus {
    Done,
    /// Amazon works on it.
    Running,
    /// It is entered, and not proven yet.
    Waiting,
    /// Something does not work, or not any more.
    Failed,
    Todo,
}

impl SetupStep {
    pub(super) const ALL: [Self; 6] =
        [Self::SignIn, Self::Address, Self::Amazon, Self::Skill, Self::MusicAssistant, Self::Sound];

    /// The last part of its path, and its id in a page.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Address => "address",
            Self::Amazon => "amazon",
            Self::Skill => "skill",
            Self::MusicAssistant => "music-assistant",
            Self::Sound => "sound",
        }
    }

    /// The step with this id.
    pub(super) fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.id() == id)
    }

    /// The path of its page.
    pub(super) fn path(self) -> String {
        format!("/setup/{}", self.id())
    }

    /// From 1.
    pub(super) fn number(self) -> usize {
        Self::ALL.iter().take_while(|step| **step != self).count() + 1
    }

    /// The key of its name.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::SignIn => "setup-step-sign-in",
            Self::Address => "setup-step-address",
            Self::Amazon => "setup-step-amazon",
            Self::Skill => "setup-step-skill",
            Self::MusicAssistant => "setup-step-music-assistant",
            Self::Sound => "setup-step-sound",
        }
    }

    /// Usual time of a person who takes it for the first time, in minutes.
    pub(super) fn minutes(self) -> usize {
        match self {
            Self::SignIn => 0,
            Self::Address => 10,
            Self::Amazon => 7,
            Self::Skill | Self::MusicAssistant => 3,
            Self::Sound => 1,
        }
    }

    pub(super) fn before(self) -> Option<Self> {
        Self::ALL.into_iter().take_while(|step| *step != self).last()
    }

    pub(super) fn after(self) -> Option<Self> {
        Self::ALL.into_iter().skip_while(|step| *step != self).nth(1)
    }
}

impl StepStatus {
    /// For classes and keys of texts.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Todo => "todo",
        }
    }

    /// The sign before its name.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Done => "✓",
            Self::Running => "◐",
            Self::Waiting => "◔",
            Self::Failed => "✗",
            Self::Todo => "○",
        }
    }

    /// The key of its name.
    pub(super) fn title(self) -> String {
        format!("setup-status-{}", self.id())
    }

    /// The class of its badge.
    pub(super) fn badge(self) -> &'static str {
        match self {
            Self::Done => "good",
            Self::Failed => "bad",
            Self::Running | Self::Waiting => "warn",
            Self::Todo => "",
        }
    }
}
