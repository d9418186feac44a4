//! Ways out that are found on this machine, and Funnel of Tailscale, which the page turns on.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use tokio::time::timeout;

use super::answer::{StepForm, answer};
use super::step::SetupStep;
use crate::api::{ApiState, FunnelError, let_out_by_funnel};
use crate::config::{BaseUrl, Config};
use crate::task::run_to_completion;
use crate::ways::tailscale::TailscaleProblem;
use crate::ways::{Way, WayFound, WayProblem, WayState};
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::page::Page;

/// Longest wait of the page for what is found, shorter than the time limit of a question to a program.
const WAIT: Duration = Duration::from_millis(1500);

/// The place of the page that shows it.
const PLACE: StepForm = StepForm::new(SetupStep::Address, "door-tailscale");

/// Tailscale on this machine, for the page. `is_offered` is about the button that uses the address of Funnel.
#[derive(Clone, Debug)]
pub(super) enum Tailscale {
    /// It is not there, or did not answer in time.
    Absent,
    /// Something is in the way, each as a sentence.
    Blocked { problems: Vec<String>, is_offered: bool },
    /// Funnel can be turned on.
    Ready { url: String, is_offered: bool },
    /// Funnel leads to the door.
    On { url: String, is_offered: bool },
}

/// The ways as they were a moment ago; none where they are not known in time.
pub(super) async fn found(state: &ApiState) -> Vec<WayFound> {
    let ways = Arc::clone(&state.ways);
    // To its end, so that the next page shows what this one did not wait for.
    let looking = run_to_completion(async move { ways.found().await });
    timeout(WAIT, looking).await.ok().flatten().unwrap_or_default()
}

/// Whether `cloudflared` is there and works.
pub(super) fn has_cloudflared(found: &[WayFound]) -> bool {
    found.iter().any(|way| way.way == Way::Cloudflared && way.state == WayState::Ready)
}

impl Tailscale {
    /// Tailscale beside a door with the address `door`.
    pub(super) fn of(page: &Page, config: &Config, door: Option<&BaseUrl>, found: &[WayFound]) -> Self {
        let Some(way) = tailscale(found) else { return Self::Absent };
        let is_free = may_use(config, way);
        match (way.state, way.url.clone()) {
            (WayState::On, Some(url)) => {
                let is_used = door.is_some_and(|door| door.as_str() == url);
                Self::On { url, is_offered: is_free && !is_used }
            }
            (WayState::Ready, Some(url)) => Self::Ready { url, is_offered: is_free },
            (WayState::Blocked, _) => Self::Blocked {
                problems: way.problems.iter().map(|problem| sentence(page, config, problem.code())).collect(),
                // An attempt makes Tailscale name the page on which a person allows it.
                is_offered: is_free && is_allowed_by_attempt(way),
            },
            _ => Self::Absent,
        }
    }

    /// Whether it is on this machine.
    pub(super) fn is_found(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

/// Turns Funnel on, and saves its address as the one of the door.
pub(super) async fn turn_on(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let config = &state.deps.config;
    let flash = if is_fixed_elsewhere(&state).await {
        Flash::bad("setup-fixed", &[("name", "DOOR_URL")])
    } else {
        match let_out_by_funnel(&state).await {
            Ok(url) => Flash::good("setup-door-funnel-done", &[("url", url.as_str())]),
            Err(FunnelError::Refused(problem)) => refused(config, &problem),
            Err(FunnelError::Other(error)) => return Err(error.into()),
        }
    };
    Ok(answer(&page, PLACE, flash))
}

/// Whether the environment fixes another address than Funnel's, which would then be open for nothing.
async fn is_fixed_elsewhere(state: &ApiState) -> bool {
    let config = &state.deps.config;
    config.streams.door.is_some()
        && !tailscale(&state.ways.found().await).is_some_and(|way| may_use(config, way))
}

/// Whether the environment leaves it open to use the address of this way.
fn may_use(config: &Config, way: &WayFound) -> bool {
    config.streams.door.as_ref().is_none_or(|fixed| way.url.as_deref() == Some(fixed.as_str()))
}

fn tailscale(found: &[WayFound]) -> Option<&WayFound> {
    found.iter().find(|way| way.way == Way::Tailscale)
}

/// Whether the policy is in the way, for which the remedy is to turn Funnel on and to agree.
fn is_allowed_by_attempt(way: &WayFound) -> bool {
    way.problems.contains(&WayProblem::Tailscale(TailscaleProblem::FunnelNotAllowed))
}

fn refused(config: &Config, problem: &TailscaleProblem) -> Flash {
    let site = match problem {
        TailscaleProblem::Consent(page) => Some(page.as_str()),
        TailscaleProblem::NotInstalled => Some(DOWNLOAD),
        TailscaleProblem::NotRunning
        | TailscaleProblem::NoRights
        | TailscaleProblem::LoggedOut
        | TailscaleProblem::NotApproved
        | TailscaleProblem::Stopped
        | TailscaleProblem::Starting
        | TailscaleProblem::MagicDnsOff
        | TailscaleProblem::HttpsOff
        | TailscaleProblem::FunnelNotAllowed
        | TailscaleProblem::PortNotAllowed
        | TailscaleProblem::PortTaken
        | TailscaleProblem::NoCommand
        | TailscaleProblem::TooSlow
        | TailscaleProblem::Unreadable
        | TailscaleProblem::Failed => None,
    };
    Flash::bad(&key(problem.code()), &[("port", &port(config))]).mended_outside(site)
}

/// The reason and the remedy. What is found names no page to agree on.
fn sentence(page: &Page, config: &Config, code: &str) -> String {
    page.format_one(&key(code), "port", port(config))
}

/// The page with the installer of Tailscale.
const DOWNLOAD: &str = "https://tailscale.com/download";

fn key(code: &str) -> String {
    format!("setup-door-tailscale-{}", code.replace('_', "-"))
}

/// The port of the door, as text.
fn port(config: &Config) -> String {
    config.api.ways.clone().unwrap_or_default().door_port.to_string()
}
