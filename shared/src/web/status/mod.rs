//! `/status`, the first page: what plays where, what is broken, all checks, the sign-ins and the newest activities.

pub(super) mod activity;
mod art;
mod echos;
mod health;
mod playing;
#[cfg(feature = "music-assistant")]
mod queue;
mod tokens;
mod transport;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Router};

use super::devices::Picture;
use super::error::PageError;
use super::flash::Flash;
use super::page::Page;
use crate::api::{self, ApiState, CallerAddress};
use crate::routing::{get, post};

use activity::ActivityRow;
use echos::{EchoList, Quiet};
use health::Health;
use playing::Playing;
use tokens::SignInRow;

/// Number of activities on the page.
const ACTIVITIES: usize = 20;

pub(super) fn routes() -> Router<ApiState> {
    let routes = Router::new();
    #[cfg(feature = "music-assistant")]
    let routes = routes.route("/status/control", post(queue::control));
    routes
        .route("/status", get(show))
        .route("/status/live", get(live))
        .route("/status/more", get(more))
        .route("/status/events", get(events))
        .route("/status/health", get(health))
        .route("/status/transport", post(transport::send))
        .route("/status/check", post(check))
        .route("/status/check/due", post(check_if_due))
        .route("/art/{player}", get(art::art))
}

#[derive(Template)]
#[template(path = "status/page.html")]
struct StatusPage<'a> {
    page: &'a Page,
    health: &'a Health,
    live: &'a Live,
}

#[derive(Template)]
#[template(path = "status/live.html")]
struct LiveFragment<'a> {
    page: &'a Page,
    live: &'a Live,
}

#[derive(Template)]
#[template(path = "status/more.html")]
struct MoreFragment<'a> {
    page: &'a Page,
    live: &'a Live,
}

#[derive(Template)]
#[template(path = "status/health.html")]
struct HealthFragment<'a> {
    page: &'a Page,
    health: &'a Health,
}

#[derive(Template)]
#[template(path = "status/checked.html")]
struct Checked<'a> {
    page: &'a Page,
}

/// The part of the page that changes from moment to moment.
struct Live {
    playing: Vec<Playing>,
    /// Echos that no player has started yet.
    quiet: Vec<Quiet>,
    tokens: Vec<SignInRow>,
    activity: Vec<ActivityRow>,
    /// Whether the page receives changes as they happen.
    hears: bool,
}

impl Live {
    /// Whether a sign-in has ended.
    fn needs_sign_in(&self) -> bool {
        self.tokens.iter().any(|token| token.tone == "bad")
    }

    async fn of(state: &ApiState, page: &Page) -> Result<Self, PageError> {
        let now = state.clock().now();
        let household = async { Ok::<_, PageError>(state.deps.store.household(now).await?) };
        let recent = async { Ok::<_, PageError>(api::recent(state, ACTIVITIES).await?) };
        let tokens = async { Ok::<_, PageError>(tokens::all(state, page).await) };
        let echos = async { Ok::<_, PageError>(EchoList::of(state).await) };
        let (household, recent, tokens, echos) = tokio::try_join!(household, recent, tokens, echos)?;
        let playing = playing::all(page, state, &household, &echos, state.clock().now());
        let shown = playing.iter().filter_map(|one| one.serial.as_deref()).collect();
        Ok(Self {
            quiet: echos.quiet(page, &household, &shown),
            playing,
            hears: state.live().is_here(),
            tokens,
            activity: activity::rows(page, &household, recent),
        })
    }
}

async fn show(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let last = async { Ok::<_, PageError>(state.doctor.last_report().await?) };
    let (last, live) = tokio::try_join!(last, Live::of(&state, &page))?;
    let health = Health::of(&page, last, tokens::last_end(&live.tokens));
    Ok(page.render(&StatusPage { page: &page, health: &health, live: &live }))
}

async fn live(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let live = Live::of(&state, &page).await?;
    Ok(page.fragment(&LiveFragment { page: &page, live: &live }))
}

async fn more(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let live = Live::of(&state, &page).await?;
    Ok(page.fragment(&MoreFragment { page: &page, live: &live }))
}

/// Changes as they happen, for the script.
async fn events(
    State(state): State<ApiState>,
    caller: Option<Extension<CallerAddress>>,
) -> Result<Response, PageError> {
    Ok(api::event_stream(&state, caller.map(|Extension(caller)| caller))?)
}

async fn health(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let health = Health::of(&page, state.doctor.last_report().await?, None);
    Ok(page.fragment(&HealthFragment { page: &page, health: &health }))
}

/// Runs all checks now.
async fn check(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let report = state.doctor.check().await?;
    let flash = if report.is_healthy() {
        Flash::good("status-checked-good", &[])
    } else {
        Flash::bad("status-checked-bad", &[])
    };
    Ok(page.redirect_with_flash("/status", &flash.at("checks")))
}

/// Runs all checks if the last report is old; an open page requests it by itself.
async fn check_if_due(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let last = async { Ok::<_, PageError>(state.doctor.last_report().await?) };
    let tokens = async { Ok::<_, PageError>(tokens::all(&state, &page).await) };
    let (last, tokens) = tokio::try_join!(last, tokens)?;
    if health::is_due(page.now(), last.map(|last| last.at), tokens::last_end(&tokens)) {
        state.doctor.check().await?;
    }
    Ok(page.fragment(&Checked { page: &page }))
}
