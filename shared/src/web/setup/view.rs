//! The page itself.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::checklist::{SetupState, Step, StepStatus};
use super::developer::Returns;
use super::fields::{Entered, Field, Fields, FormKind};
use super::first_play::FirstPlay;
use super::music_assistant::MaPair;
use super::proxy::{self, Proxy, Ways};
use super::skill::{LocaleChoice, ProvisioningView};
use super::state;
use crate::api::ApiState;
use crate::config::{MaPhrases, Settings};
use crate::playback::Household;
use crate::voice::LocaleSpec;
use crate::web::error::PageError;
use crate::web::page::Page;

/// Data of the page beside the state.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// Music Assistant's machine, as it was entered.
    pub(super) machine: Option<String>,
    pub(super) entered: Entered,
    /// The address of the sign-in to the account of the Echos.
    pub(super) login_url: Option<String>,
}

#[derive(Template)]
#[template(path = "setup/page.html")]
struct SetupPage<'a> {
    page: &'a Page,
    setup: &'a SetupState,
    steps: [(Step, StepStatus); 8],
    done: usize,
    next: Option<Step>,
    fields: Fields,
    machine: Field,
    place: String,
    proxies: Vec<(Proxy, Option<String>)>,
    returns: Returns,
    locales: Vec<LocaleChoice>,
    silent: Option<String>,
    phrases_builtin: bool,
    provisioning: Option<ProvisioningView>,
    login_url: Option<String>,
    ma: MaPair,
    sound: FirstPlay,
}

#[derive(Template)]
#[template(path = "setup/progress.html")]
struct Progress<'a> {
    page: &'a Page,
    steps: [(Step, StepStatus); 8],
    done: usize,
    next: Option<Step>,
}

/// The whole page.
pub(super) async fn show(
    state: &ApiState,
    page: &Page,
    status: StatusCode,
    shown: Shown,
) -> Result<Response, PageError> {
    let settings = state::settings(state).await?;
    let setup = state::gather(state, &settings).await?;
    let steps = setup.step_statuses();
    let (machine, problem) = machine(page, shown.machine.as_deref(), &setup.household);
    let template = SetupPage {
        page,
        steps,
        done: done(&steps),
        next: next(&steps),
        fields: Fields::new(&state.deps.config, &settings, &shown.entered),
        machine: Field::machine(machine.clone(), problem),
        place: state.secrets.location(),
        proxies: proxies(&setup, &machine, state.deps.config.api.port),
        returns: Returns::of(page, setup.api_url().as_deref(), state.deps.config.api.port),
        locales: LocaleChoice::all(&setup.config, shown.entered.form(FormKind::Skill)),
        silent: silent(page, &setup),
        phrases_builtin: setup.config.speech.ma_phrases == MaPhrases::Builtin,
        provisioning: setup.provisioning.as_ref().map(|state| ProvisioningView::new(page, state, None)),
        login_url: shown.login_url,
        ma: MaPair::of(state).await,
        sound: FirstPlay::of(&setup.household),
        setup: &setup,
    };
    let mut response = page.render(&template);
    if status != StatusCode::OK {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// The fragment with the status of all steps.
pub(super) async fn progress(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let settings: Settings = state::settings(&state).await?;
    let steps = state::gather(&state, &settings).await?.step_statuses();
    Ok(page.fragment(&Progress { page: &page, steps, done: done(&steps), next: next(&steps) }))
}

fn done(steps: &[(Step, StepStatus)]) -> usize {
    steps.iter().filter(|(_, status)| *status == StepStatus::Done).count()
}

/// The next step: a broken one comes before one that was never done.
fn next(steps: &[(Step, StepStatus)]) -> Option<Step> {
    let first =
        |wanted: StepStatus| steps.iter().find(|(_, status)| *status == wanted).map(|(step, _)| *step);
    first(StepStatus::Broken).or_else(|| first(StepStatus::Next)).or_else(|| first(StepStatus::Later))
}

fn proxies(setup: &SetupState, machine: &str, port: u16) -> Vec<(Proxy, Option<String>)> {
    let Some(ways) =
        Ways::new(&setup.config.streams, setup.config.setup.skill_endpoint.as_ref(), machine, port)
    else {
        return Vec::new();
    };
    Proxy::ALL.into_iter().map(|proxy| (proxy, ways.configuration(proxy))).collect()
}

/// Music Assistant's machine: as it was entered, else as the last push names it, else an example; and what is wrong
/// with what was entered.
fn machine(page: &Page, entered: Option<&str>, household: &Household) -> (String, Option<String>) {
    match entered.map(|text| (text, proxy::machine(text))) {
        Some((_, Some(machine))) => (machine, None),
        Some((_, None)) => (example(household), Some(page.text("setup-machine-malformed"))),
        None => (example(household), None),
    }
}

fn example(household: &Household) -> String {
    let pushed = household.players.iter().filter_map(|player| player.start.as_ref());
    let last = pushed.max_by_key(|start| start.pushed_at);
    let host = last.and_then(|start| start.stream.host());
    host.and_then(|host| proxy::machine(&host.to_string())).unwrap_or_else(|| "192.168.1.5".to_owned())
}

/// The warning about a language in which Music Assistant starts nothing by itself.
fn silent(page: &Page, setup: &SetupState) -> Option<String> {
    let locale = setup.config.speech.locale.as_str();
    let voice = LocaleSpec::of(locale)?;
    (!voice.ma_can_start()).then(|| page.format("setup-skill-locale-silent", &[("locale", locale)]))
}
