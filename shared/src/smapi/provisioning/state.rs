//! The state of a provisioning, as it is stored between two requests of a page.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::order;
use super::retry::Retry;
use super::skill_state::SkillState;
use super::step::{Problem, Step, StepKind, StepResult, StepState};
use crate::clock::Timestamp;
use crate::config::SkillId;
use crate::smapi::error::SmapiError;
use crate::smapi::spec::StoredSpec;
use crate::smapi::update::PendingUpdate;
use crate::store::NamesInModels;

/// Time for which one process advances a provisioning alone: longer than a request of ours may last.
pub(super) const LEASE: Duration = Duration::from_secs(45);

/// The name of the manifest among the updates.
pub(super) const MANIFEST: &str = "";

/// The provisioning of a skill: its spec, its steps, and how far they are. The stored form has the member names of
/// earlier releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provisioning {
    /// Time of the start.
    #[serde(rename = "began_at")]
    pub started_at: Timestamp,
    /// Time at which no step was left to run; some may have failed.
    pub finished_at: Option<Timestamp>,
    /// All steps, in their order.
    #[serde(rename = "tasks")]
    pub steps: Vec<Step>,
    /// The retries of the step that runs.
    #[serde(flatten)]
    pub retry: Retry,
    /// The wanted state.
    #[serde(rename = "wish")]
    pub(super) spec: StoredSpec,
    /// The skill.
    #[serde(flatten)]
    pub(super) skill: SkillState,
    /// Endpoints of provisionings before, whose skill never came into the settings.
    #[serde(rename = "former", default)]
    pub(super) previous_endpoints: BTreeSet<String>,
    /// The vendor whose skills are managed.
    #[serde(default)]
    pub(super) vendor: Option<String>,
    /// The last updates: that of the manifest by [`MANIFEST`], those of the models by their locales.
    #[serde(rename = "writes", default)]
    pub(super) updates: BTreeMap<String, PendingUpdate>,
    /// Number of rewrites of the manifest, since Amazon kept another one than it accepted.
    #[serde(default)]
    pub(super) rewrites: u32,
    /// Number of refusals of the manifest by Amazon since the permission was granted.
    #[serde(default)]
    pub(super) refusals: u32,
    /// Whether Amazon does not accept events at this endpoint.
    #[serde(default)]
    pub(super) without_events: bool,
    /// Number of tested sentences, by locale.
    #[serde(rename = "asked", default)]
    pub(super) tested: BTreeMap<String, usize>,
    /// The names of the home that its models have once it is done; none in one that an earlier release began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) names: Option<NamesInModels>,
    /// The process that advances it.
    #[serde(default)]
    pub(super) lease: Option<AdvanceLease>,
}

/// The lease of the process that advances a provisioning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AdvanceLease {
    pub(super) holder: String,
    pub(super) until: Timestamp,
}

impl Provisioning {
    /// A provisioning with no step begun.
    pub(super) fn new(spec: StoredSpec, now: Timestamp, has_permission: bool) -> Self {
        Self {
            started_at: now,
            finished_at: None,
            steps: order::of_skill(&spec, has_permission),
            retry: Retry::default(),
            spec,
            skill: SkillState::default(),
            previous_endpoints: BTreeSet::new(),
            vendor: None,
            updates: BTreeMap::new(),
            rewrites: 0,
            refusals: 0,
            without_events: false,
            tested: BTreeMap::new(),
            names: None,
            lease: None,
        }
    }

    /// A provisioning in the place of another.
    pub(super) fn restart(
        spec: StoredSpec,
        before: Option<Self>,
        now: Timestamp,
        has_permission: bool,
    ) -> Self {
        let mut state = Self::new(spec, now, has_permission);
        if let Some(before) = before {
            state.inherit(before);
        }
        state
    }

    /// A provisioning of the models alone, as they were last built but for the names of the home. None where the one before
    /// did not come to its end, or left more than models to be mended.
    pub(super) fn of_models(before: Self, now: Timestamp) -> Option<Self> {
        let is_about_models = |step: &Step| {
            let kind = &step.kind;
            matches!(kind, StepKind::Model { .. } | StepKind::Build { .. } | StepKind::Sentences { .. })
        };
        let is_whole = before.steps.iter().all(|step| step.state.is_done() || is_about_models(step));
        if before.finished_at.is_none() || before.skill.id().is_none() || !is_whole {
            return None;
        }
        let mut state = Self::new(before.spec, now, false);
        state.steps.retain(|step| {
            matches!(step.kind, StepKind::Model { .. } | StepKind::Build { .. } | StepKind::Remember)
        });
        state.skill = before.skill.settled();
        (state.vendor, state.without_events) = (before.vendor, before.without_events);
        Some(state)
    }

    /// Whether it is of the models alone.
    pub(super) fn is_of_models(&self) -> bool {
        self.steps.iter().all(|step| step.kind != StepKind::Skill)
    }

    /// Whether each model was built, with the names of the home.
    pub(super) fn has_models(&self) -> bool {
        let is_build = |step: &&Step| matches!(step.kind, StepKind::Build { .. });
        self.steps.iter().filter(is_build).all(|step| step.state.is_done())
    }

    /// Takes over the facts of the provisioning before that keep this one from creating a second skill.
    fn inherit(&mut self, before: Self) {
        let is_same = before.spec.endpoint == self.spec.endpoint;
        let is_remembered =
            before.steps.iter().any(|step| step.kind == StepKind::Remember && step.state.is_done());
        if !is_remembered && before.skill.may_be_created_by_us() {
            self.previous_endpoints = before.previous_endpoints;
            self.previous_endpoints.insert(before.spec.endpoint);
        } else if !is_same {
            return;
        }
        self.skill = before.skill.inherited();
        self.without_events = is_same && before.without_events;
    }

    /// The id of the skill, once it is found or created.
    #[must_use]
    pub fn skill_id(&self) -> Option<&SkillId> {
        self.skill.id()
    }

    /// The id of the skill, for a step that needs it.
    ///
    /// # Errors
    /// [`SmapiError::Gone`] when there is none.
    pub(super) fn require_skill(&self) -> Result<SkillId, SmapiError> {
        self.skill.id().cloned().ok_or(SmapiError::Gone)
    }

    /// Whether no step is left and none failed.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.finished_at.is_some() && self.steps.iter().all(|step| step.state.is_done())
    }

    /// The endpoints by which the skill is known to be ours.
    pub(super) fn endpoints(&self) -> Vec<String> {
        let previous = self.previous_endpoints.iter().filter(|previous| **previous != self.spec.endpoint);
        std::iter::once(&self.spec.endpoint).chain(previous).cloned().collect()
    }

    /// Whether a process advances it.
    pub(super) fn is_leased(&self, now: Timestamp) -> bool {
        self.lease.as_ref().is_some_and(|lease| now.is_before(lease.until, LEASE))
    }

    /// The step to run next.
    pub(super) fn next(&self) -> Option<usize> {
        order::next(&self.steps)
    }

    /// Records the result of a step.
    pub(super) fn record(&mut self, index: usize, result: StepResult, now: Timestamp) {
        let step = &mut self.steps[index];
        if !matches!(result, StepResult::RetryAfter(_)) {
            self.retry.progress();
        }
        match result {
            StepResult::Done => step.set(StepState::Done, None),
            StepResult::Unchanged => step.set(StepState::Unchanged, None),
            StepResult::Progress => step.problem = None,
            StepResult::Failed(problem) => step.set(StepState::Failed, Some(problem)),
            StepResult::RetryAfter(_) if !self.retry.wait(now) => {
                step.set(StepState::Failed, Some(Problem::slow(&step.kind)));
            }
            StepResult::RetryAfter(pause) | StepResult::ProgressAfter(pause) => {
                step.problem = None;
                self.retry.not_before = Some(now.plus(pause));
            }
        }
    }

    /// Records an error of a step: a transient one is retried. `jitter` lengthens the pause before a retry.
    ///
    /// # Errors
    /// Those of `jitter`.
    pub(super) fn record_error<E>(
        &mut self,
        index: usize,
        error: &SmapiError,
        now: Timestamp,
        jitter: impl FnOnce(Duration) -> Result<Duration, E>,
    ) -> Result<(), E> {
        tracing::warn!(%error, step = self.steps[index].kind.code(), "a step of the skill's set-up met a problem");
        if matches!(error, SmapiError::Gone) && self.skill.id().is_some() && self.retry.restart() {
            self.forget_skill();
            return Ok(());
        }
        if error.is_transient()
            && let Some(pause) = self.retry.backoff()
        {
            self.retry.not_before = Some(match error {
                SmapiError::Throttled { until } => *until,
                _ => now.plus(jitter(pause)?),
            });
            self.steps[index].problem = Some(Problem::from(error));
            return Ok(());
        }
        self.retry.progress();
        let mut problem = Problem::from(error);
        if let Some(locale) = self.steps[index].kind.locale() {
            problem.details.insert("locale".to_owned(), locale.to_owned());
        }
        if let Some(id) = self.skill.id() {
            problem.details.insert("skill".to_owned(), id.as_str().to_owned());
        }
        self.steps[index].set(StepState::Failed, Some(problem));
        if is_about_the_account(error) {
            // Every further step would fail for the same reason.
            self.finished_at = Some(now);
        }
        Ok(())
    }

    /// Forgets the skill, which is gone, and every step after the vendor.
    fn forget_skill(&mut self) {
        self.skill = SkillState::default();
        self.retry.waiting_since = None;
        self.previous_endpoints.clear();
        (self.rewrites, self.refusals) = (0, 0);
        self.updates.clear();
        self.tested.clear();
        for step in self.steps.iter_mut().filter(|step| step.kind != StepKind::Vendor) {
            step.set(StepState::Waiting, None);
            step.more.clear();
        }
    }
}

fn is_about_the_account(error: &SmapiError) -> bool {
    matches!(
        error,
        SmapiError::NotSignedIn
            | SmapiError::SignInAgain(_)
            | SmapiError::TokenRefused
            | SmapiError::InvalidClient
    )
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_795_334_400_000);
    const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:ma-alexa-skill";
    const ADDRESS: &str = "https://skill.example.org/alexa";

    fn id() -> SkillId {
        SkillId::parse("amzn1.ask.skill.11111111-2222-4333-8444-555555555555")
            .unwrap_or_else(|problem| panic!("{problem}"))
    }

    fn spec(endpoint: &str) -> StoredSpec {
        StoredSpec {
            certificate: None,
            endpoint: endpoint.to_owned(),
            locales: vec!["de-DE".to_owned(), "en-US".to_owned()],
            invocation_name: "music assistant".to_owned(),
        }
    }

    fn new(endpoint: &str) -> Provisioning {
        Provisioning::new(spec(endpoint), AT, true)
    }

    fn created(endpoint: &str) -> Provisioning {
        let mut state = new(endpoint);
        state.skill.created(id());
        state
    }

    fn set(state: &mut Provisioning, kind: &StepKind, to: StepState) {
        state.steps.iter_mut().filter(|step| step.kind == *kind).for_each(|step| step.state = to);
    }

    #[test]
    fn the_same_endpoint_inherits_the_skill() {
        let mut before = created(FUNCTION);
        set(&mut before, &StepKind::Remember, StepState::Done);
        before.without_events = true;
        let next = Provisioning::restart(spec(FUNCTION), Some(before.clone()), AT, true);
        assert_eq!(next.skill, SkillState::Inherited { id: id(), created_by_us: true });
        assert!(next.without_events);
        let other = Provisioning::restart(spec(ADDRESS), Some(before), AT, true);
        assert_eq!((other.skill, other.without_events), (SkillState::Unknown, false));
    }

    #[test]
    fn another_endpoint_inherits_a_skill_that_no_setting_names() {
        let next = Provisioning::restart(spec(ADDRESS), Some(created(FUNCTION)), AT, true);
        assert_eq!(next.skill, SkillState::Inherited { id: id(), created_by_us: true });
        assert_eq!(next.endpoints(), [ADDRESS, FUNCTION]);
        let last = Provisioning::restart(spec(FUNCTION), Some(next), AT, true);
        assert_eq!(last.endpoints(), [FUNCTION, ADDRESS]);
    }

    fn pause(state: &Provisioning) -> Option<Duration> {
        state.retry.not_before.map(|at| at.since(AT))
    }

    fn record_error(state: &mut Provisioning, error: &SmapiError) {
        let recorded = state.record_error(0, error, AT, |pause| Ok::<_, Infallible>(pause * 2));
        assert_eq!(recorded, Ok(()));
    }

    #[test]
    fn a_transient_error_is_retried_after_a_pause_and_then_fails_the_step() {
        let mut state = new(FUNCTION);
        record_error(&mut state, &SmapiError::Unavailable(503));
        assert_eq!(pause(&state), Some(Duration::from_secs(4)));
        assert_eq!(state.steps[0].state, StepState::Waiting);
        for _ in 0..8 {
            record_error(&mut state, &SmapiError::Unavailable(503));
        }
        assert_eq!(state.steps[0].state, StepState::Failed);
        assert_eq!(state.finished_at, None);
    }

    #[test]
    fn an_error_of_the_account_ends_everything() {
        let mut state = created(FUNCTION);
        record_error(&mut state, &SmapiError::TokenRefused);
        assert_eq!(state.finished_at, Some(AT));
        let details = state.steps[0].problem.as_ref().map(|problem| problem.details["skill"].clone());
        assert_eq!(details.as_deref(), Some(id().as_str()));
    }

    #[test]
    fn a_skill_that_is_gone_is_forgotten_twice() {
        let mut state = created(FUNCTION);
        set(&mut state, &StepKind::Vendor, StepState::Unchanged);
        for _ in 0..2 {
            state.skill.created(id());
            set(&mut state, &StepKind::Skill, StepState::Done);
            record_error(&mut state, &SmapiError::Gone);
            assert_eq!((state.next(), &state.skill), (Some(1), &SkillState::Unknown));
        }
        state.skill.created(id());
        record_error(&mut state, &SmapiError::Gone);
        assert_eq!(state.steps[0].state, StepState::Failed);
    }
}
