//! The page itself.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::checklist::{Known, Standing, Step};
use super::developer::Returns;
use super::fields::{Entered, Fields};
use super::known;
use super::music_assistant::MaPair;
use super::proxy::{self, Proxy, Ways};
use super::skill::{LocaleChoice, ProvisioningView};
use super::sound::Sound;
use crate::api::ApiState;
use crate::config::{MaPhrases, Settings};
use crate::playback::Household;
use crate::voice::LocaleSpec;
use crate::web::error::PageError;
use crate::web::page::Page;

/// What is on the page beside what is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// Music Assistant's machine, as somebody entered it.
    pub(super) machine: Option<String>,
    pub(super) entered: Entered,
    /// Where to sign in to the account of the Echos.
    pub(super) login_url: Option<String>,
}

#[derive(Template)]
#[template(path = "setup/page.html")]
struct SetupPage<'a> {
    page: &'a Page,
    known: &'a Known,
    steps: [(Step, Standing); 8],
    done: usize,
    next: Option<Step>,
    fields: Fields,
    place: String,
    proxies: Vec<(Proxy, Option<String>)>,
    returns: Returns,
    locales: Vec<LocaleChoice>,
    silent: Option<String>,
    phrases_builtin: bool,
    provisioning: Option<ProvisioningView>,
    login_url: Option<String>,
    ma: MaPair,
    sound: Sound,
}

#[derive(Template)]
#[template(path = "setup/progress.html")]
struct Progress<'a> {
    page: &'a Page,
    steps: [(Step, Standing); 8],
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
    let settings = known::settings(state).await?;
    let known = known::gather(state, &settings).await?;
    let steps = known.standings();
    let (machine, problem) = machine(page, shown.machine.as_deref(), &known.household);
    let mut entered = shown.entered;
    if let Some(problem) = problem {
        entered.problems.insert("machine", problem);
    }
    let template = SetupPage {
        page,
        steps,
        done: done(&steps),
        next: next(&steps),
        fields: Fields::new(state, &settings, &entered, machine.clone()),
        place: state.secrets.location(),
        proxies: proxies(&known, &machine, state.config.port),
        returns: Returns::of(page, known.api_url.as_deref(), state.config.port),
        locales: LocaleChoice::all(&settings, &known.speech, entered.skill.as_ref()),
        silent: silent(page, &known),
        phrases_builtin: known.speech.ma_phrases == MaPhrases::Builtin,
        provisioning: known.provisioning.as_ref().map(|state| ProvisioningView::new(page, state, None)),
        login_url: shown.login_url,
        ma: MaPair::of(state).await,
        sound: Sound::of(&known.household),
        known: &known,
    };
    let mut response = page.show(&template);
    if status != StatusCode::OK {
        *response.status_mut() = status;
    }
    Ok(response)
}

/// How far everything is.
pub(super) async fn progress(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let settings: Settings = known::settings(&state).await?;
    let steps = known::gather(&state, &settings).await?.standings();
    Ok(page.fragment(&Progress { page: &page, steps, done: done(&steps), next: next(&steps) }))
}

fn done(steps: &[(Step, Standing)]) -> usize {
    steps.iter().filter(|(_, standing)| *standing == Standing::Done).count()
}

/// What is to be done now: what is broken, before what was never done.
fn next(steps: &[(Step, Standing)]) -> Option<Step> {
    let first =
        |wanted: Standing| steps.iter().find(|(_, standing)| *standing == wanted).map(|(step, _)| *step);
    first(Standing::Broken).or_else(|| first(Standing::Next)).or_else(|| first(Standing::Later))
}

fn proxies(known: &Known, machine: &str, port: u16) -> Vec<(Proxy, Option<String>)> {
    let Some(ways) = Ways::new(&known.streams, known.endpoint.as_ref(), machine, port) else {
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

/// What is to be said of a language in which Music Assistant starts nothing by itself.
fn silent(page: &Page, known: &Known) -> Option<String> {
    let locale = known.speech.locale.as_str();
    let voice = LocaleSpec::of(locale)?;
    (!voice.ma_can_start()).then(|| page.fill("setup-skill-locale-silent", &[("locale", locale)]))
}
