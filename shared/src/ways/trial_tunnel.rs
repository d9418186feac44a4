//! The quick tunnel by which the door is tried out: at most one, for a few minutes.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::cloudflared::{CloudflaredProblem, QuickTunnel, TrialLimits};
use crate::clock::{Clock, Timestamp};
use crate::config::{BaseUrl, WaysConfig};

/// The tunnel of this process, where one is open.
#[derive(Debug)]
pub struct TrialTunnel {
    config: Option<WaysConfig>,
    clock: Arc<dyn Clock>,
    limits: TrialLimits,
    /// Held while one is opened, so that there is one at a time.
    open: Mutex<Option<(QuickTunnel, Timestamp)>>,
}

/// A tunnel that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTunnel {
    /// The public address that leads to the door.
    pub url: BaseUrl,
    /// Time at which it was opened.
    pub opened_at: Timestamp,
}

impl TrialTunnel {
    /// None is open. Without a configuration there never is one.
    #[must_use]
    pub fn new(config: Option<WaysConfig>, clock: Arc<dyn Clock>) -> Self {
        Self { config, clock, limits: TrialLimits::default(), open: Mutex::default() }
    }

    /// Opens a tunnel to the door, which takes up to 20 seconds. One that is open stays.
    ///
    /// # Errors
    /// When `cloudflared` is not on this machine or gives no tunnel, or the door would not answer through it.
    pub async fn start(&self) -> Result<OpenTunnel, CloudflaredProblem> {
        if let Some(obstacle) = self.obstacle() {
            return Err(obstacle);
        }
        let config = self.config.as_ref().ok_or(CloudflaredProblem::NotStarted)?;
        let program = config.cloudflared.as_ref().ok_or(CloudflaredProblem::NotStarted)?;
        let mut open = self.open.lock().await;
        if let Some(known) = seen(open.as_ref()) {
            return Ok(known);
        }
        let tunnel = QuickTunnel::open(program, config.door_port, self.limits).await?;
        let opened = OpenTunnel { url: tunnel.url().clone(), opened_at: self.clock.now() };
        *open = Some((tunnel, opened.opened_at));
        Ok(opened)
    }

    /// Why the door would not answer through a tunnel; none where it would.
    #[must_use]
    pub fn obstacle(&self) -> Option<CloudflaredProblem> {
        let config = self.config.as_ref()?;
        let secret = config.has_door_secret.then_some(CloudflaredProblem::DoorSecret);
        if config.is_door_off { Some(CloudflaredProblem::DoorOff) } else { secret }
    }

    /// The tunnel that is open; none also while one is opened, which nothing waits for here.
    #[must_use]
    pub fn open(&self) -> Option<OpenTunnel> {
        seen(self.open.try_lock().ok()?.as_ref())
    }

    /// Ends the tunnel; whether one was open.
    pub async fn stop(&self) -> bool {
        let tunnel = self.open.lock().await.take();
        tunnel.is_some_and(|(tunnel, _)| tunnel.is_open())
    }
}

/// One that ended by itself is none.
fn seen(known: Option<&(QuickTunnel, Timestamp)>) -> Option<OpenTunnel> {
    let (tunnel, opened_at) = known.filter(|(tunnel, _)| tunnel.is_open())?;
    Some(OpenTunnel { url: tunnel.url().clone(), opened_at: *opened_at })
}
