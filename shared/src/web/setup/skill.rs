//! The skill on the set-up page: its name and languages, the plan, and the provisioning.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::developer::{problem, texts};
use super::settings::SettingsForm;
use super::{state, validation};
use crate::api::ApiState;
use crate::clock::Timestamp;
use crate::config::{Effective, InvocationName, LOCALES};
use crate::smapi::{
    Change, ChangeKind, Plan, Provisioning, SkillSpec, SmapiError, Step, StepKind, StepState, Target,
};
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::page::Page;

/// The pause before the page sends the next request, in seconds.
const AGAIN: u64 = 1;

/// A language that can be chosen.
#[derive(Clone, Debug)]
pub(super) struct LocaleChoice {
    pub(super) locale: &'static str,
    /// The language's own name.
    pub(super) name: &'static str,
    /// Whether Music Assistant speaks it.
    pub(super) is_spoken: bool,
    /// Whether the skill is built in it.
    pub(super) is_chosen: bool,
}

impl LocaleChoice {
    pub(super) fn all(config: &Effective, entered: Option<&SettingsForm>) -> Vec<Self> {
        let chosen: Vec<&str> = match entered {
            Some(form) => form.skill_locales.iter().map(String::as_str).collect(),
            None => config.skill_locales.iter().map(|locale| locale.as_str()).collect(),
        };
        let spoken = entered.and_then(|form| form.get("locale")).unwrap_or(config.speech.locale.as_str());
        let choice = |locale: &'static str| Self {
            locale,
            name: name_of(locale),
            is_spoken: locale == spoken,
            is_chosen: chosen.contains(&locale),
        };
        LOCALES.into_iter().map(choice).collect()
    }
}

fn name_of(locale: &str) -> &'static str {
    match locale {
        "ar-SA" => "العربية",
        "de-DE" => "Deutsch",
        "en-AU" => "English (Australia)",
        "en-CA" => "English (Canada)",
        "en-GB" => "English (UK)",
        "en-IN" => "English (India)",
        "es-ES" => "Español (España)",
        "es-MX" => "Español (México)",
        "es-US" => "Español (EE. UU.)",
        "fr-CA" => "Français (Canada)",
        "fr-FR" => "Français (France)",
        "hi-IN" => "हिन्दी",
        "it-IT" => "Italiano",
        "ja-JP" => "日本語",
        "nl-NL" => "Nederlands",
        "pt-BR" => "Português (Brasil)",
        _ => "English (US)",
    }
}

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

#[derive(Template)]
#[template(path = "setup/plan.html")]
struct PlanPage<'a> {
    page: &'a Page,
    is_current: bool,
    changes: Vec<ChangeView>,
}

struct ChangeView {
    title: String,
    kind: &'static str,
    badge: &'static str,
    diff: Option<String>,
}

/// Shows the changes that the provisioning would make.
pub(super) async fn plan(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let Some(spec) = spec(&state).await? else {
        return Ok(page.redirect_with_flash("/setup#skill", &Flash::bad("setup-skill-first", &[])));
    };
    Ok(match state.skills.plan(&spec).await {
        Ok(Plan { changes, .. }) => page.render(&PlanPage {
            is_current: changes.iter().all(|change| change.kind == ChangeKind::Unchanged),
            changes: changes.into_iter().map(|change| ChangeView::new(&page, change)).collect(),
            page: &page,
        }),
        Err(error) => page.redirect_with_flash("/setup#skill", &problem(&page, &error)),
    })
}

impl ChangeView {
    fn new(page: &Page, change: Change) -> Self {
        let title = match &change.target {
            Target::Skill => page.text("setup-skill-target-skill"),
            Target::Permission => page.text("setup-skill-target-permission"),
            Target::Manifest => page.text("setup-skill-target-manifest"),
            Target::Model { locale } => page.format("setup-skill-target-model", &[("locale", locale)]),
            Target::Testing => page.text("setup-skill-target-testing"),
            Target::SkillId => page.text("setup-skill-target-skill-id"),
        };
        let (kind, badge) = match change.kind {
            ChangeKind::Create => ("setup-skill-plan-create", "warn"),
            ChangeKind::Update => ("setup-skill-plan-update", "warn"),
            ChangeKind::Unchanged => ("setup-skill-plan-unchanged", "good"),
        };
        Self { title, kind, badge, diff: change.diff }
    }
}

/// Starts the provisioning.
pub(super) async fn start(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let Some(spec) = spec(&state).await? else {
        return Ok(page.redirect_with_flash("/setup#skill", &Flash::bad("setup-skill-first", &[])));
    };
    Ok(match state.skills.start(&spec).await {
        Ok(_) => page.redirect_with_flash("/setup#skill", &Flash::good("setup-skill-working", &[])),
        Err(error) => page.redirect_with_flash("/setup#skill", &problem(&page, &error)),
    })
}

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
            None => Flash::good("setup-skill-working", &[]),
        };
        return Ok(page.redirect_with_flash("/setup#skill", &flash));
    }
    let Some(provisioning) = provisioning else {
        return Err(PageError::not_found());
    };
    let provisioning = ProvisioningView::new(&page, &provisioning, error.as_ref());
    Ok(page.fragment(&ProvisioningFragment { page: &page, provisioning }))
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
    pub(super) problem: Option<String>,
    pub(super) skill_id: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct StepView {
    pub(super) title: String,
    pub(super) state: &'static str,
    pub(super) state_text: String,
    pub(super) badge: &'static str,
    /// The problem and its cure.
    pub(super) problem: Option<(String, String)>,
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
            problem: error.map(|error| {
                let (problem, cure) = texts(page, error);
                format!("{problem} {cure}")
            }),
            skill_id: state.skill_id().map(|id| id.as_str().to_owned()),
        }
    }
}

impl StepView {
    fn new(page: &Page, step: &Step) -> Self {
        let (key, locale) = match &step.kind {
            StepKind::Vendor => ("skill-task-vendor", None),
            StepKind::Skill => ("skill-task-skill", None),
            StepKind::Permission => ("skill-task-permission", None),
            StepKind::Manifest => ("skill-task-manifest", None),
            StepKind::Model { locale } => ("skill-task-model", Some(locale)),
            StepKind::Build { locale } => ("skill-task-build", Some(locale)),
            StepKind::Testing => ("skill-task-testing", None),
            StepKind::Remember => ("skill-task-remember", None),
            StepKind::Sentences { locale } => ("skill-task-sentences", Some(locale)),
        };
        let (state, badge) = match step.state {
            StepState::Waiting => ("waiting", ""),
            StepState::Running => ("running", "warn"),
            StepState::Done => ("done", "good"),
            StepState::Unchanged => ("unchanged", "good"),
            StepState::Failed => ("failed", "bad"),
        };
        let problem = step.problem.as_ref().map(|problem| {
            let values: Vec<(&str, &str)> =
                problem.details.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let text = |kind: &str| page.format(&format!("skill-{kind}-{}", problem.code), &values);
            (text("problem"), text("cure"))
        });
        Self {
            title: page.format(key, &[("locale", locale.map_or("", String::as_str))]),
            state,
            state_text: page.text(&format!("skill-state-{state}")),
            badge,
            problem,
        }
    }
}

fn wait(not_before: Option<Timestamp>, now: Timestamp) -> u64 {
    not_before
        .map_or(AGAIN, |at| at.since(now).as_millis().div_ceil(1000).try_into().unwrap_or(AGAIN).max(AGAIN))
}

/// The spec by the settings; none while no endpoint is set.
async fn spec(state: &ApiState) -> Result<Option<SkillSpec>, PageError> {
    let settings = state::settings(state).await?;
    let effective = state.deps.config.with(&settings);
    Ok(effective.setup.skill_endpoint.clone().map(|endpoint| SkillSpec {
        endpoint,
        locales: effective.skill_locales.clone(),
        invocation_name: effective.speech.invocation_name.clone(),
    }))
}
