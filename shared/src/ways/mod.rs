//! Ways out that are found on this machine: programs that can lead from a public name to the door.

pub mod cloudflared;
mod http;
mod program;
pub mod tailscale;
mod trial_tunnel;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::clock::{Clock, Moment};
use crate::config::{BaseUrl, WaysConfig};
use cloudflared::CloudflaredProblem;
use tailscale::{Funnel, FunnelTarget, TailscaleProblem};

pub use trial_tunnel::{OpenTunnel, TrialTunnel};

/// Time for which what was found is used.
const AGE: Duration = Duration::from_secs(10);

/// A program that can let the door out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WayFound {
    /// The program.
    pub way: Way,
    /// Its state.
    pub state: WayState,
    /// The public address that the door has or would have by it; null where it has none yet.
    #[schema(example = "https://kitchen.tail1234.ts.net")]
    pub url: Option<String>,
    /// The address to which it leads, or has to lead.
    #[schema(example = "http://127.0.0.1:5001")]
    pub upstream: String,
    /// Its release, where it says so.
    pub version: Option<String>,
    /// Its problems, in the order in which they are removed.
    #[schema(value_type = Vec<WayProblemBody>)]
    pub problems: Vec<WayProblem>,
}

/// A program that can let the door out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Funnel of Tailscale.
    Tailscale,
    /// A tunnel of Cloudflare.
    Cloudflared,
}

/// The state of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WayState {
    /// The program is not on this machine.
    Absent,
    /// Something has to be allowed, started or moved first.
    Blocked,
    /// It can be turned on.
    Ready,
    /// It leads to the door.
    On,
}

/// A problem of a way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "WayProblemBody")]
pub enum WayProblem {
    /// One of Tailscale.
    Tailscale(TailscaleProblem),
    /// One of Cloudflare's program.
    Cloudflared(CloudflaredProblem),
}

impl WayProblem {
    /// The code for programs; it never changes its meaning.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Tailscale(problem) => problem.code(),
            Self::Cloudflared(problem) => problem.code(),
        }
    }
}

/// A problem of a way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WayProblem)]
pub struct WayProblemBody {
    /// The code; it never changes its meaning.
    #[schema(example = "https_off")]
    pub code: &'static str,
    /// The reason and the remedy, as two sentences.
    pub message: String,
}

impl From<WayProblem> for WayProblemBody {
    fn from(problem: WayProblem) -> Self {
        let message = match &problem {
            WayProblem::Tailscale(problem) => problem.to_string(),
            WayProblem::Cloudflared(problem) => problem.to_string(),
        };
        Self { code: problem.code(), message }
    }
}

/// The ways of this machine, as they were a moment ago.
#[derive(Debug)]
pub struct Ways {
    config: Option<WaysConfig>,
    clock: Arc<dyn Clock>,
    seen: Mutex<Option<(Moment, Vec<WayFound>)>>,
}

impl Ways {
    /// Nothing seen yet. Without a configuration there never is.
    #[must_use]
    pub fn new(config: Option<WaysConfig>, clock: Arc<dyn Clock>) -> Self {
        Self { config, clock, seen: Mutex::new(None) }
    }

    /// The ways as they were at most ten seconds ago.
    pub async fn found(&self) -> Vec<WayFound> {
        let Some(config) = &self.config else { return Vec::new() };
        // Held meanwhile, so that a burst of requests asks once.
        let mut seen = self.seen.lock().await;
        let now = self.clock.moment();
        if let Some((at, known)) = seen.as_ref()
            && now.since(*at) < AGE
        {
            return known.clone();
        }
        let found = found(config).await;
        *seen = Some((now, found.clone()));
        found
    }

    /// Turns Funnel on for the door, and returns the address of the door.
    ///
    /// # Errors
    /// When Funnel is not on for the door afterwards.
    pub async fn turn_funnel_on(&self) -> Result<BaseUrl, TailscaleProblem> {
        let config = self.config.as_ref().ok_or(TailscaleProblem::NotInstalled)?;
        // One at a time, and what was seen before is out of date.
        let mut seen = self.seen.lock().await;
        *seen = None;
        let funnel = tailscale::turn_on(config).await?;
        funnel.url.ok_or(TailscaleProblem::MagicDnsOff)
    }
}

/// Looks at all ways, which takes a few seconds at most.
pub async fn found(config: &WaysConfig) -> Vec<WayFound> {
    let (tailscale, cloudflared) =
        futures_util::future::join(tailscale::look(config), by_cloudflared(config)).await;
    vec![by_tailscale(tailscale, config), cloudflared]
}

fn by_tailscale(funnel: Result<Funnel, TailscaleProblem>, config: &WaysConfig) -> WayFound {
    let way = way(Way::Tailscale, config);
    match funnel {
        Ok(Funnel { url, target: FunnelTarget::Door, .. }) => {
            WayFound { state: WayState::On, url: url.map(|url| url.to_string()), ..way }
        }
        Ok(Funnel { url, target, mut missing }) => {
            if target == FunnelTarget::Taken {
                missing.push(TailscaleProblem::PortTaken);
            }
            let state = if missing.is_empty() { WayState::Ready } else { WayState::Blocked };
            let url = url.map(|url| url.to_string());
            WayFound { state, url, problems: missing.into_iter().map(WayProblem::Tailscale).collect(), ..way }
        }
        Err(TailscaleProblem::NotInstalled) => way,
        Err(reason) => {
            WayFound { state: WayState::Blocked, problems: vec![WayProblem::Tailscale(reason)], ..way }
        }
    }
}

async fn by_cloudflared(config: &WaysConfig) -> WayFound {
    let way = way(Way::Cloudflared, config);
    let Some(program) = &config.cloudflared else { return way };
    match cloudflared::version(program, config.patience).await {
        // Whether it has a tunnel, and to what, is known at Cloudflare alone.
        Ok(version) => WayFound { state: WayState::Ready, version: Some(version), ..way },
        Err(problem) => {
            WayFound { state: WayState::Blocked, problems: vec![WayProblem::Cloudflared(problem)], ..way }
        }
    }
}

/// A way whose program is not there.
fn way(way: Way, config: &WaysConfig) -> WayFound {
    let upstream = format!("http://127.0.0.1:{}", config.door_port);
    WayFound { way, state: WayState::Absent, url: None, upstream, version: None, problems: Vec::new() }
}
