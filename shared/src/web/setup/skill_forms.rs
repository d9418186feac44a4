//! Forms of the skill: its name and languages, the changes, and the start of the work on it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::address_check::{AddressCheck, Targets};
use super::answer::{StepForm, answer};
use super::fields::{Entered, FormKind};
use super::plan::PlanView;
use super::provisioning::JOB;
use super::save::persist;
use super::settings::SettingsForm;
use super::shown::PageData;
use super::skill_problem::problem;
use super::step::SetupStep;
use super::view::show;
use super::{state, validation};
use crate::api::ApiState;
use crate::config::InvocationName;
use crate::smapi::SkillSpec;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::page::Page;

/// The place of the form.
const FORM: StepForm = StepForm::new(SetupStep::Skill, "skill-form");

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    value: String,
}

/// Holds a name against Amazon's rules while it is typed, and says what else would have to change.
pub(super) async fn check_name(page: Page, ValidForm(form): ValidForm<Typed>) -> Result<Response, PageError> {
    let text = form.value.trim().to_lowercase();
    let (good, text) = match InvocationName::parse(&text) {
        _ if text.is_empty() => (true, page.text("setup-skill-name-usual")),
        Err(broken) => (false, validation::invocation_name(&broken, page.language())),
        Ok(name) if name == InvocationName::default() => (true, page.text("setup-skill-name-usual")),
        Ok(_) => {
            (true, format!("{} {}", page.text("setup-skill-name-ok"), page.text("setup-skill-name-other")))
        }
    };
    Ok(page.sentence(good, &text))
}

/// Keeps the name and the languages. A new skill is made at once, since nothing can be lost; of one that is there the
/// changes are shown first.
pub(super) async fn save(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<SettingsForm>,
) -> Result<Response, PageError> {
    let language = page.language();
    let settings = state::settings(&state).await?;
    if let Err(problems) = form.apply(FormKind::Skill, &settings, language) {
        let shown =
            PageData { entered: Entered::new(FormKind::Skill, form, problems), ..PageData::default() };
        return show(&state, &page, StatusCode::UNPROCESSABLE_ENTITY, SetupStep::Skill, shown).await;
    }
    persist(&state, move |settings| form.apply(FormKind::Skill, settings, language)).await?;
    let setup = state::gather(&state, &state::settings(&state).await?).await?;
    if setup.config.setup.skill_endpoint.is_none() || !setup.has_developer() {
        return Ok(answer(&page, FORM, Flash::good("setup-saved", &[])));
    }
    if setup.has_skill() {
        return Ok(Redirect::to("/setup/skill/plan").into_response());
    }
    begin(&state, &page).await
}

/// Shows the changes that the provisioning would make.
pub(super) async fn plan(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let Some(spec) = spec(&state).await? else {
        return Ok(answer(&page, FORM, Flash::bad("setup-skill-first", &[])));
    };
    match state.skills.plan(&spec).await {
        Ok(plan) => {
            let shown = PageData { plan: Some(PlanView::new(&page, plan)), ..PageData::default() };
            show(&state, &page, StatusCode::OK, SetupStep::Skill, shown).await
        }
        Err(error) => Ok(answer(&page, FORM, problem(&page, &error))),
    }
}

/// Starts the provisioning.
pub(super) async fn start(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    begin(&state, &page).await
}

async fn begin(state: &ApiState, page: &Page) -> Result<Response, PageError> {
    let Some(spec) = spec(state).await? else {
        return Ok(answer(page, FORM, Flash::bad("setup-skill-first", &[])));
    };
    Ok(match state.skills.start(&spec).await {
        Ok(_) => JOB.go(page),
        Err(error) => answer(page, FORM, problem(page, &error)),
    })
}

/// The spec by the settings; none while no endpoint is set.
async fn spec(state: &ApiState) -> Result<Option<SkillSpec>, PageError> {
    let settings = state::settings(state).await?;
    let check = AddressCheck::read(state).await?;
    let effective = state.deps.config.with(&settings);
    let targets = Targets::of(&effective);
    let check = check.filter(|check| Some(&check.targets) == targets.as_ref());
    Ok(effective.setup.skill_endpoint.clone().map(|endpoint| SkillSpec {
        certificate: check.and_then(|check| check.by_hand),
        endpoint,
        locales: effective.skill_locales.clone(),
        invocation_name: effective.speech.invocation_name.clone(),
    }))
}
