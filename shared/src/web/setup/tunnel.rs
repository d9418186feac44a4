//! The quick tunnel to the door, which the page opens for a trial and closes.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::answer::{StepForm, answer};
use super::funnel;
use super::step::SetupStep;
use crate::api::{ApiError, ApiState};
use crate::task::run_to_completion;
use crate::ways::cloudflared::CloudflaredProblem;
use crate::ways::{OpenTunnel, TrialTunnel, WayFound};
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::page::Page;

/// The place of the page that shows it.
const PLACE: StepForm = StepForm::new(SetupStep::Address, "door-cloudflare");

/// The tunnel, for the page.
#[derive(Clone, Debug)]
pub(super) enum Tunnel {
    /// `cloudflared` is not on this machine, or does not work.
    Absent,
    /// One can be opened.
    Ready,
    /// The door would not answer through one.
    Useless { sentence: String },
    /// It leads to the door.
    Open { sentence: String },
}

impl Tunnel {
    /// The tunnel of this process, where these programs were found.
    pub(super) fn of(page: &Page, found: &[WayFound], tunnel: &TrialTunnel) -> Self {
        match tunnel.open() {
            Some(OpenTunnel { url, opened_at }) => {
                let (url, ago) = (url.as_str(), page.ago(opened_at));
                Self::Open { sentence: page.format_two("setup-door-tunnel-open", "url", url, "ago", ago) }
            }
            None if !funnel::has_cloudflared(found) => Self::Absent,
            None => tunnel
                .obstacle()
                .map_or(Self::Ready, |obstacle| Self::Useless { sentence: page.text(&key(obstacle)) }),
        }
    }
}

/// Opens the tunnel.
pub(super) async fn start(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let tunnel = Arc::clone(&state.tunnel);
    // To its end, although the browser may go: the next page shows it, with the button that ends it.
    let opened = run_to_completion(async move { tunnel.start().await }).await;
    let flash = match opened.ok_or_else(ApiError::internal)? {
        Ok(tunnel) => Flash::good("setup-door-tunnel-started", &[("url", tunnel.url.as_str())]),
        Err(problem) => Flash::bad(&key(problem), &[]),
    };
    Ok(answer(&page, PLACE, flash))
}

/// The text of a reason for no tunnel.
fn key(problem: CloudflaredProblem) -> String {
    format!("setup-door-tunnel-{}", problem.code().replace('_', "-"))
}

/// Ends the tunnel.
pub(super) async fn stop(State(state): State<ApiState>, page: Page) -> Response {
    let key = if state.tunnel.stop().await { "setup-door-tunnel-stopped" } else { "setup-door-tunnel-over" };
    answer(&page, PLACE, Flash::good(key, &[]))
}
