//! The sound test of a device: its progress, and what each route and form did.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::report::report;
use super::view::key;
use crate::api::devices::{FormBody, LeftOutBody, PlayedToneBody, ToneBody, ToneResult, TrialBody};
use crate::api::{ApiError, ApiState, ErrorCode};
use crate::config::Route;
use crate::playback::{Echo, Form, Household, Trial, TrialStage};
use crate::web::chain::Chain;
use crate::web::error::PageError;
use crate::web::page::Page;

/// A trial, as it is shown.
pub(super) struct ShownTrial {
    /// For ids of elements.
    pub(super) key: String,
    pub(super) serial: String,
    /// Whether more is to come.
    pub(super) runs: bool,
    pub(super) tone: &'static str,
    pub(super) stage: String,
    pub(super) chain: Chain,
    /// The routes and forms that were played, and those that were left out.
    pub(super) tones: Vec<ShownTone>,
    /// The text for an issue, without ids and addresses.
    pub(super) report: String,
}

/// The tone by one route, or in one form.
pub(super) struct ShownTone {
    pub(super) name: String,
    pub(super) tone: &'static str,
    pub(super) result: String,
    /// Further details, as sentences.
    pub(super) details: Vec<String>,
}

#[derive(Template)]
#[template(path = "devices/trial.html")]
struct TrialFragment<'a> {
    page: &'a Page,
    trial: &'a ShownTrial,
}

/// The progress of a device's last trial.
pub(super) async fn live(
    State(state): State<ApiState>,
    Path(serial): Path<String>,
    page: Page,
) -> Result<Response, PageError> {
    let trials = state.deps.store.trials(state.clock().now()).await?;
    let trial = trials.iter().find(|trial| trial.serial == serial);
    let Some(trial) = trial.map(|trial| ShownTrial::of(&page, &state, trial)) else {
        return Err(ApiError::new(ErrorCode::NotFound, "there was no test of this device").into());
    };
    Ok(page.fragment(&TrialFragment { page: &page, trial: &trial }))
}

impl ShownTrial {
    pub(super) fn of(page: &Page, state: &ApiState, trial: &Trial) -> Self {
        let body = TrialBody::of(trial, page.now());
        let routes = body.routes.iter().map(|tone| ShownTone::of_route(page, tone));
        let forms = body.forms.iter().map(|form| ShownTone::of_form(page, form));
        let left_out = body.left_out.iter().map(|left_out| ShownTone::left_out(page, left_out));
        Self {
            key: key(&trial.serial),
            serial: trial.serial.clone(),
            runs: !body.stage.is_over(),
            tone: stage_tone(&body),
            stage: page.text(stage_word(&body)),
            chain: Chain::of_trial(page, state, trial, &body),
            tones: routes.chain(forms).chain(left_out).collect(),
            report: report(&body),
        }
    }
}

impl ShownTone {
    fn of_route(page: &Page, tone: &ToneBody) -> Self {
        let (color, result) = result(page, &tone.played);
        Self {
            name: page.text(route_word(tone.route)),
            tone: color,
            result,
            details: details(page, &tone.played),
        }
    }

    fn of_form(page: &Page, form: &FormBody) -> Self {
        let (color, result) = result(page, &form.played);
        let mut details = details(page, &form.played);
        details.extend(form.asked_again.map(|again| {
            page.text(if again { "devices-form-asked-again" } else { "devices-form-asked-once" })
        }));
        Self { name: page.text(form_word(form.form)), tone: color, result, details }
    }

    fn left_out(page: &Page, left_out: &LeftOutBody) -> Self {
        let reason = format!("devices-left-out-{}", left_out.code.replace('_', "-"));
        Self {
            name: page.text(kind_word(&left_out.name)),
            tone: "soft",
            result: page.text("devices-left-out"),
            details: vec![page.text(&reason)],
        }
    }
}

fn result(page: &Page, played: &PlayedToneBody) -> (&'static str, String) {
    let seconds = format!("{:.1}", Duration::from_millis(played.played_ms.unwrap_or(0)).as_secs_f32());
    match (played.result, played.error.as_deref(), played.fetched_at.is_some()) {
        (ToneResult::Untried, _, _) => ("soft", page.text("devices-tone-untried")),
        (ToneResult::Sent, _, false) => ("soft", page.text("devices-tone-sent")),
        (ToneResult::Sent, _, true) => ("soft", page.text("devices-tone-fetched")),
        (ToneResult::Works, _, _) => ("good", page.format_one("devices-tone-works", "seconds", seconds)),
        (ToneResult::Failed, Some(error), false) => {
            ("bad", page.format_one("devices-tone-failed", "type", error))
        }
        (ToneResult::Failed, Some(error), true) => {
            ("bad", page.format_one("devices-tone-failed-fetched", "type", error))
        }
        (ToneResult::Failed, None, _) => ("bad", page.format_one("devices-tone-silent", "seconds", seconds)),
    }
}

fn details(page: &Page, played: &PlayedToneBody) -> Vec<String> {
    let count = played.requests.len();
    (count > 0).then(|| page.count("devices-tone-requests", count)).into_iter().collect()
}

/// The route by which an Echo gets streams, and how that is known.
pub(super) fn reach(page: &Page, household: &Household, device: Option<&str>) -> Option<String> {
    let echo = household.echos.iter().find(|echo| Some(echo.device.as_str()) == device)?;
    let routes = &echo.routes;
    if let Some(learned) = routes.learned().and_then(|route| routes.outcome(route)) {
        let (route, ago) = (page.text(route_word(learned.route)), page.ago(learned.at));
        return Some(page.format_two("devices-reach", "route", route, "ago", ago));
    }
    if routes.is_empty() {
        return reach_of_kin(page, household, echo);
    }
    let failed: Vec<String> = Route::ALL
        .into_iter()
        .filter(|route| routes.fails(*route))
        .map(|route| page.text(route_word(route)))
        .collect();
    (!failed.is_empty()).then(|| page.format_one("devices-reach-none", "routes", failed.join(", ")))
}

/// The route that another Echo of its kind is known to take, which this one gets first, as a sentence.
fn reach_of_kin(page: &Page, household: &Household, echo: &Echo) -> Option<String> {
    let newest = household.kin_routes(echo);
    let learned = newest.learned().and_then(|route| newest.outcome(route))?;
    let other = household.kin(echo).find(|other| other.routes.outcome(learned.route) == Some(learned))?;
    let hash = other.device.short_hash();
    let unnamed = || page.format("echo-unnamed", &[("hash", hash.as_str())]);
    let name = other.name.clone().unwrap_or_else(unnamed);
    let (route, ago) = (page.text(route_word(learned.route)), page.ago(learned.at));
    Some(page.format("devices-reach-kin", &[("echo", &name), ("route", &route), ("ago", &ago)]))
}

fn route_word(route: Route) -> &'static str {
    match route {
        Route::Playlist => "devices-route-playlist",
        Route::Lan => "devices-route-lan",
        Route::Door => "devices-route-door",
        Route::Direct => "devices-route-direct",
    }
}

fn form_word(form: Form) -> &'static str {
    match form {
        Form::PlaylistHttp => "devices-form-playlist-http",
        Form::Port => "devices-form-port",
        Form::Address => "devices-form-address",
        Form::Redirect => "devices-form-redirect",
        Form::HlsEnded => "devices-form-hls-ended",
        Form::HlsLive => "devices-form-hls-live",
    }
}

/// The text of the route or form of this name.
fn kind_word(name: &str) -> &'static str {
    let form = Form::ALL.into_iter().find(|form| form.as_str() == name).map(form_word);
    form.unwrap_or_else(|| route_word(name.parse().unwrap_or_default()))
}

fn stage_word(body: &TrialBody) -> &'static str {
    match body.stage {
        TrialStage::Waiting => "devices-trial-waiting",
        TrialStage::Running => "devices-trial-running",
        TrialStage::Done if body.is_of_forms => "devices-trial-forms-done",
        TrialStage::Done if body.works.is_some() => "devices-trial-done",
        TrialStage::Done => "devices-trial-none",
        TrialStage::NeverAsked => "devices-trial-never-asked",
        TrialStage::Stopped => "devices-trial-stopped",
        TrialStage::NoReport => "devices-trial-no-report",
    }
}

fn stage_tone(body: &TrialBody) -> &'static str {
    match body.stage {
        TrialStage::Waiting | TrialStage::Running => "soft",
        _ if body.is_heard() => "good",
        _ => "bad",
    }
}
