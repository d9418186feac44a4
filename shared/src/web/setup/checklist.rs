//! The status of each step, and what is known of it.

use std::sync::Arc;

use super::address_check::{AddressCheck, Targets, is_broken};
use super::address_lines::CheckView;
use super::step::{SetupStep, StepStatus};
use crate::account::DeviceList;
use crate::amazon::{AccountStatus, LoginUrl};
use crate::api::ApiState;
use crate::clock::Timestamp;
use crate::config::Effective;
use crate::diagnostics::{Address, CheckKind, DoctorReport, Finding, ReportedFinding};
use crate::playback::{Household, Player, PlayerState};
use crate::renderer_report::{RendererReport, Serving};
use crate::smapi::{DeveloperStatus, PendingConsent, Provisioning, StepState};
use crate::web::page::Page;
use crate::web::players::PlayersSeen;

/// The state from which the status of each step follows.
#[derive(Debug)]
pub(super) struct SetupState {
    pub(super) now: Timestamp,
    pub(super) config: Arc<Effective>,
    pub(super) address_check: Option<AddressCheck>,
    pub(super) developer: DeveloperStatus,
    /// The sign-in to the developer account that waits for its return.
    pub(super) consent: Option<PendingConsent>,
    pub(super) provisioning: Option<Provisioning>,
    pub(super) amazon: AccountStatus,
    /// The sign-in to the account of the Echos that waits for its address.
    pub(super) login: Option<LoginUrl>,
    /// The devices of the account as they were last listed.
    pub(super) devices: Option<DeviceList>,
    /// Whether Music Assistant ever asked what to say.
    pub(super) provider_seen: bool,
    pub(super) household: Household,
    /// The report of the renderers of this process.
    pub(super) renderers: RendererReport,
    /// Whether the household switched all of them off.
    pub(super) renderers_off: bool,
    pub(super) report: Option<DoctorReport>,
}

/// A step in the list of all.
#[derive(Clone, Debug)]
pub(super) struct StepRow {
    pub(super) step: SetupStep,
    pub(super) status: StepStatus,
    /// The state of a step that was begun, in words.
    pub(super) summary: Option<String>,
}

impl SetupState {
    /// Every step with its status and what is known of it.
    pub(super) fn rows(&self, page: &Page) -> Vec<StepRow> {
        let row = |step| {
            let status = self.status(step);
            StepRow { step, status, summary: self.summary(page, step, status) }
        };
        SetupStep::ALL.into_iter().map(row).collect()
    }

    /// The step that opens by itself: the first that is not done, else the last.
    pub(super) fn first_open(&self) -> SetupStep {
        let open = SetupStep::ALL.into_iter().find(|step| self.status(*step) != StepStatus::Done);
        open.unwrap_or(SetupStep::Sound)
    }

    pub(super) fn status(&self, step: SetupStep) -> StepStatus {
        match step {
            // This page needs a password.
            SetupStep::SignIn => StepStatus::Done,
            SetupStep::Address => self.address(),
            SetupStep::Amazon => self.accounts(),
            SetupStep::Skill => self.skill(),
            SetupStep::MusicAssistant => self.music_assistant(),
            SetupStep::Sound => self.sound(),
        }
    }

    /// Minutes that the rest takes for a person who does it for the first time.
    pub(super) fn minutes_left(&self) -> usize {
        let open = SetupStep::ALL.into_iter().filter(|step| self.status(*step) != StepStatus::Done);
        let minutes: usize = open.map(SetupStep::minutes).sum();
        // An estimate is no exact number.
        if minutes > 10 { (minutes + 2) / 5 * 5 } else { minutes }
    }

    /// The check of the public addresses, if it is about those in effect.
    pub(super) fn current_check(&self) -> Option<&AddressCheck> {
        let targets = Targets::of(&self.config);
        self.address_check.as_ref().filter(|check| Some(&check.targets) == targets.as_ref())
    }

    /// The check of the public addresses for the page.
    pub(super) fn check_view(&self, page: &Page) -> Option<CheckView> {
        let check = self.current_check()?;
        Some(CheckView::new(page, check, &self.newer_findings(check)))
    }

    /// Whether Music Assistant's provider ever called. Where renderers are served, a start may be theirs.
    pub(super) fn is_provider_seen(&self) -> bool {
        self.provider_seen || self.renderers.address().is_none() && self.has_start()
    }

    /// Whether Music Assistant has found the Echos; none where this process offers it none.
    pub(super) fn players_seen(&self, page: &Page, state: &ApiState) -> Option<PlayersSeen> {
        let is_known = match self.renderers.serving {
            Serving::PortTaken(_) | Serving::At(_) => true,
            // Who found those of the home behind the bridge is known there alone.
            Serving::NotHere | Serving::Off | Serving::AtHome => false,
        };
        is_known.then(|| PlayersSeen::of(page, state, self.renderers_off, self.amazon.signed_in)).flatten()
    }

    /// Whether a skill's requests are accepted.
    pub(super) fn has_skill(&self) -> bool {
        !self.config.skill_ids.is_empty()
    }

    /// Whether the account of the Echos is signed in and works.
    pub(super) fn has_household(&self) -> bool {
        self.amazon.signed_in && self.amazon.ended.is_none()
    }

    /// Whether the developer account is signed in and works.
    pub(super) fn has_developer(&self) -> bool {
        self.developer.signed_in && self.developer.ended.is_none()
    }

    /// Whether the way that is in use needs the account of the Echos: renderers do, the provider does not.
    pub(super) fn needs_household(&self) -> bool {
        self.renderers.address().is_some() && !self.provider_seen && !self.has_played()
    }

    /// The address of the API, where it is known.
    pub(super) fn api_url(&self) -> Option<String> {
        self.config.setup.api_url.as_ref().map(ToString::to_string)
    }

    fn has_start(&self) -> bool {
        self.household.players.iter().any(|player| player.start().is_some())
    }

    fn has_played(&self) -> bool {
        self.household.players.iter().any(Player::has_played)
    }

    fn address(&self) -> StepStatus {
        if Targets::of(&self.config).is_none() {
            // An address in the home's network alone has nothing to be checked from outside.
            let is_inside = self.config.streams.lan_door.is_some();
            return if is_inside { StepStatus::Done } else { StepStatus::Todo };
        }
        match self.current_check() {
            Some(check) if !self.newer_findings(check).is_empty() => StepStatus::Failed,
            Some(check) if check.has_passed() => StepStatus::Done,
            Some(check) if check.findings.iter().any(is_broken) => StepStatus::Failed,
            // An Echo that played has fetched by the address, before there was a check.
            None if self.address_check.is_none() && self.has_played() => StepStatus::Done,
            Some(_) | None => StepStatus::Waiting,
        }
    }

    /// Broken findings about the addresses in a report that is newer than the check.
    fn newer_findings(&self, check: &AddressCheck) -> Vec<ReportedFinding> {
        let newer = self.report.as_ref().filter(|report| report.at > check.at && check.by_hand.is_none());
        let is_about_addresses = |kind: CheckKind, finding: &ReportedFinding| match kind {
            CheckKind::Door | CheckKind::Stream => true,
            CheckKind::Configuration
            | CheckKind::Clock
            | CheckKind::Api
            | CheckKind::Art
            | CheckKind::Skill
            | CheckKind::Language
            | CheckKind::Push
            | CheckKind::Echo
            | CheckKind::Playback
            | CheckKind::Amazon
            | CheckKind::Live
            | CheckKind::Renderers
            | CheckKind::MusicAssistant => is_about_endpoint(finding),
        };
        let checks = newer.into_iter().flat_map(|report| &report.checks);
        let findings =
            checks.flat_map(|check| check.findings.iter().map(move |finding| (check.kind, finding)));
        findings
            .filter(|(kind, finding)| is_about_addresses(*kind, finding) && is_broken(finding))
            .map(|(_, finding)| finding.clone())
            .collect()
    }

    fn accounts(&self) -> StepStatus {
        if self.developer.ended.is_some() || self.amazon.ended.is_some() {
            return StepStatus::Failed;
        }
        // A skill that was made by hand needs no developer sign-in.
        let has_maker = self.has_developer() || self.has_skill();
        let has_echos = self.has_household() || !self.needs_household();
        match (has_maker && has_echos, self.consent.is_some() || self.login.is_some()) {
            (true, _) => StepStatus::Done,
            (false, true) => StepStatus::Waiting,
            (false, false) => StepStatus::Todo,
        }
    }

    fn skill(&self) -> StepStatus {
        match &self.provisioning {
            Some(provisioning) if has_failed(provisioning) => StepStatus::Failed,
            Some(provisioning) if provisioning.finished_at.is_none() => StepStatus::Running,
            _ if !self.has_skill() => StepStatus::Todo,
            _ if self.is_skill_broken() => StepStatus::Failed,
            _ => StepStatus::Done,
        }
    }

    /// Whether the last report has a broken finding about the skill itself.
    fn is_skill_broken(&self) -> bool {
        let findings = self.report.iter().flat_map(DoctorReport::findings);
        findings.filter(|finding| is_about_skill(finding)).any(is_broken)
    }

    fn music_assistant(&self) -> StepStatus {
        if self.provider_seen || self.has_start() || self.renderers.found() > 0 {
            return StepStatus::Done;
        }
        if self.has_skill() && (self.has_household() || !self.needs_household()) {
            return StepStatus::Waiting;
        }
        StepStatus::Todo
    }

    fn sound(&self) -> StepStatus {
        if self.has_played() {
            return StepStatus::Done;
        }
        match (newest_has_failed(&self.household, self.now), self.has_start()) {
            (true, _) => StepStatus::Failed,
            (false, true) => StepStatus::Waiting,
            (false, false) => StepStatus::Todo,
        }
    }

    fn summary(&self, page: &Page, step: SetupStep, status: StepStatus) -> Option<String> {
        match step {
            SetupStep::SignIn => Some(page.text("setup-summary-sign-in")),
            SetupStep::Address => self.address_summary(page, status),
            SetupStep::Amazon => self.account_summary(page),
            SetupStep::Skill => (status == StepStatus::Done).then(|| self.skill_summary()),
            SetupStep::MusicAssistant => (status == StepStatus::Done).then(|| self.music_summary(page)),
            SetupStep::Sound => {
                let played = self.household.players.iter().find(|player| player.has_played())?;
                Some(page.format_one("setup-summary-sound", "player", played.player.as_str()))
            }
        }
    }

    fn address_summary(&self, page: &Page, status: StepStatus) -> Option<String> {
        let host = Targets::of(&self.config)?.hosts().into_iter().next()?;
        let check = self.current_check().filter(|_| status == StepStatus::Done);
        Some(match check {
            Some(check) if check.by_hand.is_some() => {
                page.format_two("setup-summary-by-hand", "host", host, "ago", page.ago(check.at))
            }
            Some(check) => page.format_two("setup-summary-checked", "host", host, "ago", page.ago(check.at)),
            None => host,
        })
    }

    fn account_summary(&self, page: &Page) -> Option<String> {
        let household = self.has_household().then(|| match &self.amazon.name {
            Some(name) => name.clone(),
            None => page.text("setup-summary-household"),
        });
        let developer = self.has_developer().then(|| page.text("setup-summary-developer"));
        let known: Vec<String> = developer.into_iter().chain(household).collect();
        (!known.is_empty()).then(|| known.join(" · "))
    }

    fn skill_summary(&self) -> String {
        let locales: Vec<&str> = self.config.skill_locales.iter().map(|locale| locale.as_str()).collect();
        format!("{} · {}", self.config.speech.invocation_name, locales.join(", "))
    }

    fn music_summary(&self, page: &Page) -> String {
        match self.renderers.found() {
            0 => page.text("setup-summary-provider"),
            found => page.count("setup-summary-found", found),
        }
    }
}

/// Whether the Echo could not play what was started last.
pub(super) fn newest_has_failed(household: &Household, now: Timestamp) -> bool {
    let started = household.players.iter().filter(|player| player.start().is_some());
    let newest = started.max_by_key(|player| player.started_at().map(|at| at.order(now)));
    newest.is_some_and(|player| household.view(player, now).state == PlayerState::Failed)
}

fn has_failed(provisioning: &Provisioning) -> bool {
    provisioning.steps.iter().any(|step| step.state == StepState::Failed)
}

/// Whether a finding is about the address that Alexa calls.
fn is_about_endpoint(finding: &ReportedFinding) -> bool {
    matches!(
        finding.known(),
        Some(
            Finding::AtAddress { address: Address::Endpoint, .. }
                | Finding::EndpointNotSet
                | Finding::EndpointTakesNothing { .. }
        )
    )
}

/// Whether a finding is about the skill itself.
fn is_about_skill(finding: &ReportedFinding) -> bool {
    matches!(
        finding.known(),
        Some(
            Finding::SkillUnknown
                | Finding::SkillGone { .. }
                | Finding::SkillPointsNowhere { .. }
                | Finding::SkillPointsElsewhere { .. }
                | Finding::SkillCertificateTypeWrong { .. }
                | Finding::SkillTestingOff
                | Finding::SkillLocaleMissing { .. }
                | Finding::SkillModelNotBuilt { .. }
                | Finding::SkillBuildFailed { .. }
        )
    )
}
