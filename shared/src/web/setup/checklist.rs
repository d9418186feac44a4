//! The steps of the set-up, and which of them are done.

use std::sync::Arc;

use crate::amazon::AccountStatus;
use crate::api::ApiState;
use crate::config::Effective;
use crate::diagnostics::{CheckKind, Report, Verdict};
use crate::playback::{Household, Player};
use crate::renderer_report::RendererReport;
use crate::smapi::{DeveloperStatus, Provisioning, StepState};
use crate::web::page::Page;
use crate::web::players::PlayersSeen;

/// A step, in the order in which people take them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Passwords,
    Streams,
    Developer,
    Skill,
    Amazon,
    MusicAssistant,
    Pair,
    Sound,
}

/// The status of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepStatus {
    Done,
    /// Done once, and broken now.
    Broken,
    /// The first that is not done.
    Next,
    Later,
}

/// The state from which the status of each step follows.
#[derive(Debug)]
pub(super) struct SetupState {
    pub(super) config: Arc<Effective>,
    pub(super) developer: DeveloperStatus,
    pub(super) provisioning: Option<Provisioning>,
    pub(super) amazon: AccountStatus,
    /// Whether Music Assistant ever asked what to say.
    pub(super) provider_seen: bool,
    pub(super) household: Household,
    /// What is known of the renderers of this process.
    pub(super) renderers: RendererReport,
    /// Whether the household switched all of them off.
    pub(super) renderers_off: bool,
    pub(super) report: Option<Report>,
}

impl Step {
    pub(super) const ALL: [Self; 8] = [
        Self::Passwords,
        Self::Streams,
        Self::Developer,
        Self::Skill,
        Self::Amazon,
        Self::MusicAssistant,
        Self::Pair,
        Self::Sound,
    ];

    /// For ids in a page.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Passwords => "passwords",
            Self::Streams => "streams",
            Self::Developer => "developer",
            Self::Skill => "skill",
            Self::Amazon => "amazon",
            Self::MusicAssistant => "music-assistant",
            Self::Pair => "pair",
            Self::Sound => "sound",
        }
    }

    /// The key of its name.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Passwords => "setup-step-passwords",
            Self::Streams => "setup-step-streams",
            Self::Developer => "setup-step-developer",
            Self::Skill => "setup-step-skill",
            Self::Amazon => "setup-step-amazon",
            Self::MusicAssistant => "setup-step-music-assistant",
            Self::Pair => "setup-step-pair",
            Self::Sound => "setup-step-sound",
        }
    }

    /// The checks that tell whether the step still holds.
    fn checks(self) -> &'static [CheckKind] {
        match self {
            Self::Streams => &[CheckKind::Door, CheckKind::Stream],
            Self::Skill => &[CheckKind::Skill],
            Self::Amazon => &[CheckKind::Amazon],
            Self::Passwords | Self::Developer | Self::MusicAssistant | Self::Pair | Self::Sound => &[],
        }
    }
}

impl StepStatus {
    /// For classes in a page.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Broken => "broken",
            Self::Next => "next",
            Self::Later => "later",
        }
    }

    /// The class of its badge.
    pub(super) fn badge(self) -> &'static str {
        match self {
            Self::Done => "good",
            Self::Broken => "bad",
            Self::Next => "warn",
            Self::Later => "",
        }
    }

    /// The key of its name.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Done => "setup-status-done",
            Self::Broken => "setup-status-broken",
            Self::Next => "setup-status-next",
            Self::Later => "setup-status-later",
        }
    }
}

impl SetupState {
    /// Every step with its status.
    pub(super) fn step_statuses(&self) -> [(Step, StepStatus); 8] {
        let mut is_first = true;
        Step::ALL.map(|step| {
            let status = match (self.is_done(step), self.is_broken(step)) {
                (_, true) => StepStatus::Broken,
                (true, false) => StepStatus::Done,
                (false, false) if is_first => StepStatus::Next,
                (false, false) => StepStatus::Later,
            };
            is_first = is_first && status == StepStatus::Done;
            (step, status)
        })
    }

    /// Whether Music Assistant's provider ever called. Where renderers are served, a start may be theirs.
    pub(super) fn is_provider_seen(&self) -> bool {
        self.provider_seen || self.renderers.address().is_none() && self.has_start()
    }

    fn has_start(&self) -> bool {
        self.household.players.iter().any(|player| player.start.is_some())
    }

    /// Whether Music Assistant has found the Echos; none where renderers are no part of this process.
    pub(super) fn players_seen(&self, page: &Page, state: &ApiState) -> Option<PlayersSeen> {
        PlayersSeen::of(page, state, self.renderers_off, self.amazon.signed_in)
    }

    /// Number of players that an Echo serves.
    pub(super) fn paired(&self) -> usize {
        self.household.players.iter().filter(|player| player.pairing.is_some()).count()
    }

    /// Whether a skill's requests are accepted.
    pub(super) fn has_skill(&self) -> bool {
        !self.config.skill_ids.is_empty()
    }

    /// The address of the API, where it is known.
    pub(super) fn api_url(&self) -> Option<String> {
        self.config.setup.api_url.as_ref().map(ToString::to_string)
    }

    fn is_done(&self, step: Step) -> bool {
        match step {
            // This page needs a password.
            Step::Passwords => true,
            Step::Streams => {
                // In AWS there is always an address for playlists, which not every Echo takes.
                let streams = &self.config.streams;
                streams.door.is_some() || streams.lan_door.is_some() || streams.stream_base.is_some()
            }
            // A skill that was made by hand needs no developer sign-in.
            Step::Developer => self.developer.signed_in || self.has_skill(),
            Step::Skill => self.has_skill() && self.provisioning.as_ref().is_none_or(is_ready),
            Step::Amazon => self.amazon.signed_in,
            Step::MusicAssistant => self.provider_seen || self.has_start() || self.renderers.found() > 0,
            Step::Pair => self.paired() > 0,
            Step::Sound => self.household.players.iter().any(Player::has_played),
        }
    }

    fn is_broken(&self, step: Step) -> bool {
        let is_ended = match step {
            Step::Developer => self.developer.ended.is_some(),
            Step::Amazon => self.amazon.ended.is_some(),
            Step::Skill => self.provisioning.as_ref().is_some_and(has_failed),
            _ => false,
        };
        is_ended || self.is_done(step) && self.is_check_broken(step)
    }

    fn is_check_broken(&self, step: Step) -> bool {
        let mut checks = self.report.iter().flat_map(|report| &report.checks);
        checks.any(|check| step.checks().contains(&check.kind) && check.verdict == Verdict::Broken)
    }
}

fn is_ready(provisioning: &Provisioning) -> bool {
    provisioning.finished_at.is_some() && !has_failed(provisioning)
}

fn has_failed(provisioning: &Provisioning) -> bool {
    provisioning.steps.iter().any(|step| step.state == StepState::Failed)
}
