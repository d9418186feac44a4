//! The page itself.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::checklist::{SetupState, Step, StepStatus};
use super::developer::Returns;
use super::door::{DoorWays, ShownKeys};
use super::fields::{Entered, Field, Fields, FormKind};
use super::first_play::FirstPlay;
use super::funnel::{self, Tailscale};
use super::music_assistant::MaPair;
use super::proxy::{self, Proxy, Ways};
use super::skill::{LocaleChoice, ProvisioningView};
use super::state;
use super::tunnel::Tunnel;
use crate::api::ApiState;
use crate::config::{Config, MaPhrases, Settings};
use crate::playback::Household;
use crate::voice::LocaleSpec;
use crate::web::error::PageError;
use crate::web::page::Page;
use crate::web::players::PlayersSeen;

/// Data of the page beside the state.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// Music Assistant's machine, as it was entered.
    pub(super) machine: Option<String>,
    pub(super) entered: Entered,
    /// The address of the sign-in to the account of the Echos.
    pub(super) login_url: Option<String>,
    pub(super) keys: ShownKeys,
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
    door: DoorWays,
    proxies: Vec<(Proxy, Option<String>)>,
    /// Whether the configurations for Music Assistant's own ports are unfolded.
    shows_proxies: bool,
    /// The endpoint of the skill, where it is the door.
    door_endpoint: Option<String>,
    returns: Returns,
    locales: Vec<LocaleChoice>,
    silent: Option<String>,
    phrases_builtin: bool,
    provisioning: Option<ProvisioningView>,
    login_url: Option<String>,
    /// Whether Music Assistant has found the Echos; none where renderers are no part of this process.
    seen: Option<PlayersSeen>,
    /// Whether the values for the provider are unfolded.
    opens_provider: bool,
    ma: MaPair,
    /// The connection to Music Assistant's API, as it is rendered; none in functions in AWS.
    connection: Option<String>,
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
    let (setup, found) = tokio::join!(state::gather(state, &settings), funnel::found(state));
    let setup = setup?;
    let steps = setup.step_statuses();
    let (machine, problem) = machine(page, shown.machine.as_deref(), &setup.household);
    let fields = Fields::new(&state.deps.config, &settings, &shown.entered);
    let is_served = setup.renderers.address().is_some();
    let template = SetupPage {
        page,
        seen: setup.players_seen(page, state),
        opens_provider: !is_served || fields.get("api_url").problem.is_some(),
        steps,
        done: done(&steps),
        next: next(&steps),
        fields,
        machine: Field::machine(machine.clone(), problem),
        place: state.secrets.location(),
        door: DoorWays::of(page, &setup, &state.deps.config, (&found, &state.tunnel), &shown.keys),
        shows_proxies: shown.machine.is_some(),
        door_endpoint: door_endpoint(&setup, &settings, &state.deps.config),
        proxies: proxies(&setup, &machine, state.deps.config.api.port),
        returns: Returns::of(page, setup.api_url().as_deref(), state.deps.config.api.port),
        locales: LocaleChoice::all(&setup.config, shown.entered.form(FormKind::Skill)),
        silent: silent(page, &setup),
        phrases_builtin: setup.config.speech.ma_phrases == MaPhrases::Builtin,
        provisioning: setup.provisioning.as_ref().map(|state| ProvisioningView::new(page, state, None)),
        login_url: shown.login_url,
        ma: MaPair::of(state).await,
        connection: connection(state, page).await?,
        sound: FirstPlay::of(&setup.household),
        setup: &setup,
    };
    let mut response = page.render(&template);
    if status != StatusCode::OK {
        *response.status_mut() = status;
    }
    Ok(response)
}

#[cfg(feature = "music-assistant")]
async fn connection(state: &ApiState, page: &Page) -> Result<Option<String>, PageError> {
    super::connection::render(state, page).await.map(Some)
}

#[cfg(not(feature = "music-assistant"))]
async fn connection(_: &ApiState, _: &Page) -> Result<Option<String>, PageError> {
    Ok(None)
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

/// The endpoint of the skill, where neither a variable nor a setting names one.
fn door_endpoint(setup: &SetupState, settings: &Settings, config: &Config) -> Option<String> {
    let is_set = config.api.setup.skill_endpoint.is_some() || settings.skill_endpoint.is_some();
    setup.config.setup.skill_endpoint.as_ref().filter(|_| !is_set).map(ToString::to_string)
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
    let last = household.streams().max_by_key(|start| start.pushed_at);
    let host = last.and_then(|start| start.stream.host());
    host.and_then(|host| proxy::machine(&host.to_string())).unwrap_or_else(|| "192.168.1.5".to_owned())
}

/// The warning about a language in which Music Assistant starts nothing by itself.
fn silent(page: &Page, setup: &SetupState) -> Option<String> {
    let locale = setup.config.speech.locale.as_str();
    let voice = LocaleSpec::of(locale)?;
    (!voice.ma_can_start()).then(|| page.format("setup-skill-locale-silent", &[("locale", locale)]))
}
