//! The page: the list of the steps, and the open one.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{OriginalUri, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::checklist::{SetupState, StepRow};
use super::shown::{Fold, PageData};
use super::step::{SetupStep, StepStatus};
use super::{accounts, address, first_play, music_assistant, sign_in, skill, state};
use crate::api::ApiState;
use crate::config::Settings;
use crate::web::error::PageError;
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "setup/page.html")]
struct SetupPage<'a> {
    page: &'a Page,
    open: SetupStep,
    rail: Rail,
    foot: Foot,
    body: String,
}

/// The list of the steps.
struct Rail {
    rows: Vec<StepRow>,
    open: SetupStep,
    minutes: usize,
    is_all_done: bool,
}

/// The end of the open card: the ways on.
struct Foot {
    open: SetupStep,
    is_done: bool,
}

#[derive(Template)]
#[template(path = "setup/progress.html")]
struct RailFragment<'a> {
    page: &'a Page,
    rail: Rail,
}

#[derive(Template)]
#[template(path = "setup/foot.html")]
struct FootFragment<'a> {
    page: &'a Page,
    foot: Foot,
}

#[derive(Debug, Deserialize)]
pub(super) struct PageQuery {
    /// Music Assistant's machine, for the proxy.
    #[serde(default)]
    machine: Option<String>,
    /// The step to open.
    #[serde(default)]
    step: Option<String>,
    /// The fold to open on it.
    #[serde(default)]
    open: Option<Fold>,
}

/// The page with the step that its path or its query names, else with the first that is not done.
pub(super) async fn page(
    State(state): State<ApiState>,
    page: Page,
    OriginalUri(uri): OriginalUri,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Response, PageError> {
    let Query(query) = query.map_err(|_| PageError::malformed())?;
    let named = uri.path().strip_prefix("/setup/").or(query.step.as_deref()).and_then(SetupStep::parse);
    // The configurations for a machine are on the page of addresses.
    let open = named.or(query.machine.as_ref().map(|_| SetupStep::Address));
    let shown = PageData { machine: query.machine, open: query.open, ..PageData::default() };
    render(&state, &page, StatusCode::OK, open, shown).await
}

/// The page with this step.
pub(super) async fn show(
    state: &ApiState,
    page: &Page,
    status: StatusCode,
    open: SetupStep,
    shown: PageData,
) -> Result<Response, PageError> {
    render(state, page, status, Some(open), shown).await
}

async fn render(
    state: &ApiState,
    page: &Page,
    status: StatusCode,
    open: Option<SetupStep>,
    shown: PageData,
) -> Result<Response, PageError> {
    let settings = state::settings(state).await?;
    let setup = state::gather(state, &settings).await?;
    let open = open.unwrap_or_else(|| setup.first_open());
    let template = SetupPage {
        page,
        open,
        rail: Rail::of(page, &setup, open),
        foot: Foot::of(&setup, open),
        body: body(state, page, &setup, &settings, open, &shown).await?,
    };
    let mut response = page.render(&template);
    if status != StatusCode::OK {
        *response.status_mut() = status;
    }
    Ok(response)
}

async fn body(
    state: &ApiState,
    page: &Page,
    setup: &SetupState,
    settings: &Settings,
    open: SetupStep,
    shown: &PageData,
) -> Result<String, PageError> {
    match open {
        SetupStep::SignIn => sign_in::body(state, page),
        SetupStep::Address => address::body(state, page, setup, settings, shown).await,
        SetupStep::Amazon => accounts::body(state, page, setup, shown),
        SetupStep::Skill => skill::body(state, page, setup, settings, shown),
        SetupStep::MusicAssistant => music_assistant::body(state, page, setup, settings, shown).await,
        SetupStep::Sound => first_play::body(state, page, setup).await,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct OpenQuery {
    /// The open step.
    #[serde(default)]
    step: Option<String>,
}

/// The fragment with the status of all steps.
pub(super) async fn progress(
    State(state): State<ApiState>,
    page: Page,
    query: Result<Query<OpenQuery>, QueryRejection>,
) -> Result<Response, PageError> {
    let (setup, open) = opened(&state, query).await?;
    Ok(page.fragment(&RailFragment { page: &page, rail: Rail::of(&page, &setup, open) }))
}

/// The fragment with the end of the open card.
pub(super) async fn foot(
    State(state): State<ApiState>,
    page: Page,
    query: Result<Query<OpenQuery>, QueryRejection>,
) -> Result<Response, PageError> {
    let (setup, open) = opened(&state, query).await?;
    Ok(page.fragment(&FootFragment { page: &page, foot: Foot::of(&setup, open) }))
}

async fn opened(
    state: &ApiState,
    query: Result<Query<OpenQuery>, QueryRejection>,
) -> Result<(SetupState, SetupStep), PageError> {
    let Query(query) = query.map_err(|_| PageError::malformed())?;
    let named = query
        .step
        .as_deref()
        .map(|step| SetupStep::parse(step).ok_or_else(PageError::malformed))
        .transpose()?;
    let settings = state::settings(state).await?;
    let setup = state::gather(state, &settings).await?;
    let open = named.unwrap_or_else(|| setup.first_open());
    Ok((setup, open))
}

impl Rail {
    fn of(page: &Page, setup: &SetupState, open: SetupStep) -> Self {
        let rows = setup.rows(page);
        Self {
            is_all_done: rows.iter().all(|row| row.status == StepStatus::Done),
            minutes: setup.minutes_left(),
            rows,
            open,
        }
    }
}

impl Foot {
    fn of(setup: &SetupState, open: SetupStep) -> Self {
        Self { open, is_done: setup.status(open) == StepStatus::Done }
    }
}
