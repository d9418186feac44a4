//! `/log`: the last plays as chains of links, and the newest activities.

use askama::Template;
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::chain::Chain;
use super::error::PageError;
use super::page::Page;
use super::status::activity::{self, ActivityRow};
use crate::api::{self, ApiState, PlayView};
use crate::routing::get;

/// Number of activities on the page.
const ACTIVITIES: usize = 200;

pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/log", get(show)).route("/log/live", get(live))
}

/// The filter of the page.
#[derive(Debug, Default, Deserialize)]
struct LogQuery {
    /// Any value stands for activities that are problems.
    problems: Option<String>,
}

#[derive(Template)]
#[template(path = "log/page.html")]
struct LogPage<'a> {
    page: &'a Page,
    log: &'a Log,
}

#[derive(Template)]
#[template(path = "log/live.html")]
struct LogFragment<'a> {
    page: &'a Page,
    log: &'a Log,
}

struct Log {
    /// The last play of each player.
    plays: Vec<PlayRow>,
    /// Plays before those.
    past: Vec<PlayRow>,
    activity: Vec<ActivityRow>,
    /// Whether activities that are no problem are left out.
    only_problems: bool,
    /// Whether the page receives changes as they happen.
    hears: bool,
}

/// A play as it is shown.
struct PlayRow {
    player: String,
    title: Option<String>,
    /// The time of its start, as it is shown and for programs.
    at: (String, String),
    chain: Chain,
}

impl Log {
    async fn of(
        state: &ApiState,
        page: &Page,
        query: Result<Query<LogQuery>, QueryRejection>,
    ) -> Result<Self, PageError> {
        let Query(query) = query.map_err(|_| PageError::malformed())?;
        let now = state.clock().now();
        let household = async { Ok::<_, PageError>(state.deps.store.household(now).await?) };
        let recent = async { Ok::<_, PageError>(api::recent(state, ACTIVITIES).await?) };
        let (household, recent) = tokio::try_join!(household, recent)?;
        let only_problems = query.problems.is_some();
        let plays = api::plays(state, &household, &recent);
        let (past, present): (Vec<PlayView>, Vec<PlayView>) =
            plays.into_iter().partition(|play| play.is_past);
        let shown = |plays: Vec<PlayView>| {
            let rows = plays.iter().map(|play| PlayRow::of(page, state, play));
            rows.filter(|row| row.chain.is_broken() || !only_problems).collect()
        };
        let (plays, past) = (shown(present), shown(past));
        let mut rows = activity::rows(page, &household, recent);
        rows.retain(|row| row.is_problem || !only_problems);
        Ok(Self { plays, past, activity: rows, only_problems, hears: state.live().is_here() })
    }
}

impl PlayRow {
    fn of(page: &Page, state: &ApiState, play: &PlayView) -> Self {
        Self {
            player: play.player.to_string(),
            title: play.title.clone(),
            at: (page.ago(play.started_at), play.started_at.rfc3339()),
            chain: Chain::of_play(page, state, play),
        }
    }
}

async fn show(
    State(state): State<ApiState>,
    page: Page,
    query: Result<Query<LogQuery>, QueryRejection>,
) -> Result<Response, PageError> {
    let log = Log::of(&state, &page, query).await?;
    Ok(page.render(&LogPage { page: &page, log: &log }))
}

async fn live(
    State(state): State<ApiState>,
    page: Page,
    query: Result<Query<LogQuery>, QueryRejection>,
) -> Result<Response, PageError> {
    let log = Log::of(&state, &page, query).await?;
    Ok(page.fragment(&LogFragment { page: &page, log: &log }))
}
