//! The work on the skill, one request after the other.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::answer::{StepForm, answer, leading_to};
use super::skill_problem::{ShownProblem, problem};
use super::state::next_after;
use super::step::SetupStep;
use crate::api::ApiState;
use crate::clock::Timestamp;
use crate::smapi::{Provisioning, SmapiError, Step, StepState};
use crate::web::error::PageError;
use crate::web::page::Page;

/// The place of the page that shows it.
pub(super) const JOB: StepForm = StepForm::new(SetupStep::Skill, "skill-job");

/// The pause before the page sends the next request, in seconds.
const AGAIN: u64 = 1;

#[derive(Template)]
#[template(path = "setup/provisioning.html")]
struct ProvisioningFragment<'a> {
    page: &'a Page,
    provisioning: ProvisioningView,
}

/// Advances the provisioning; the page's script sends one request after the other.
pub(super) async fn advance(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let (provisioning, error) = match state.skills.advance().await {
        Ok(provisioning) => (provisioning, None),
        Err(error) => (state.skills.status().await.unwrap_or_default(), Some(error)),
    };
    if !page.is_fetch() {
        let flash = match &error {
            Some(error) => problem(&page, error),
            None => return Ok(JOB.go(&page)),
        };
        return Ok(answer(&page, JOB, flash));
    }
    let Some(provisioning) = provisioning else {
        return Err(PageError::not_found());
    };
    let provisioning = ProvisioningView::new(&page, &provisioning, error.as_ref());
    let next = if provisioning.is_ready { next_after(&state, SetupStep::Skill).await? } else { None };
    let response = page.fragment(&ProvisioningFragment { page: &page, provisioning });
    Ok(match next {
        Some(next) => leading_to(response, next),
        None => response,
    })
}

/// A provisioning, as the page shows it.
#[derive(Clone, Debug)]
pub(super) struct ProvisioningView {
    pub(super) steps: Vec<StepView>,
    pub(super) done: usize,
    /// In how many seconds the page sends the next request; none where nothing is left to do.
    pub(super) again: Option<u64>,
    pub(super) is_ready: bool,
    pub(super) is_over: bool,
    /// Why the request failed.
    pub(super) problem: Option<ShownProblem>,
    pub(super) skill_id: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct StepView {
    pub(super) title: String,
    /// For classes.
    pub(super) state: &'static str,
    pub(super) state_text: String,
    pub(super) sign: &'static str,
    pub(super) problem: Option<ShownProblem>,
}

impl ProvisioningView {
    pub(super) fn new(page: &Page, state: &Provisioning, error: Option<&SmapiError>) -> Self {
        let is_over = state.finished_at.is_some();
        let has_failed = state.steps.iter().any(|step| step.state == StepState::Failed);
        // A person has to mend the rest first; another request would fail as well.
        let is_stopped = is_over || error.is_some_and(|error| !error.is_transient());
        Self {
            steps: state.steps.iter().map(|step| StepView::new(page, step)).collect(),
            done: state.steps.iter().filter(|step| step.state.is_done()).count(),
            again: (!is_stopped).then(|| wait(state.retry.not_before, page.now())),
            is_ready: is_over && !has_failed,
            is_over,
            problem: error.map(|error| ShownProblem::of(page, error)),
            skill_id: state.skill_id().map(|id| id.as_str().to_owned()),
        }
    }
}

impl StepView {
    fn new(page: &Page, step: &Step) -> Self {
        let sign = match step.state {
            StepState::Waiting => "○",
            StepState::Running => "◐",
            StepState::Done | StepState::Unchanged => "✓",
            StepState::Failed => "✗",
        };
        let problem = step.problem.as_ref();
        let problem = problem.map(|problem| ShownProblem::new(page, &problem.code, &problem.details));
        Self {
            title: page.format(
                &format!("skill-step-{}", step.kind.code()),
                &[("locale", step.kind.locale().unwrap_or_default())],
            ),
            state: step.state.code(),
            state_text: page.text(&format!("skill-state-{}", step.state.code())),
            sign,
            problem,
        }
    }
}

fn wait(not_before: Option<Timestamp>, now: Timestamp) -> u64 {
    not_before
        .map_or(AGAIN, |at| at.since(now).as_millis().div_ceil(1000).try_into().unwrap_or(AGAIN).max(AGAIN))
}
