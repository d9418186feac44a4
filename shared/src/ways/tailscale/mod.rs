//! Funnel of Tailscale: a public https name that leads to the door, while TLS ends on this machine.

mod command;
mod problem;
mod socket;
mod wire;

use futures_util::future::try_join;

use crate::config::{BaseUrl, WaysConfig};

pub use problem::TailscaleProblem;

/// Funnel of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funnel {
    /// The address that it has or would have: `https://node.tailnet.ts.net`. `None` without a name.
    pub url: Option<BaseUrl>,
    /// The target of port 443 of that name.
    pub target: FunnelTarget,
    /// The permissions that are missing, in the order in which they are given.
    pub missing: Vec<TailscaleProblem>,
}

/// The target of port 443 of the machine's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunnelTarget {
    /// Nothing to the public, and nothing that is not the door's.
    Off,
    /// The door, to the public.
    Door,
    /// Something else, be it within the network alone.
    Taken,
}

/// Looks at Funnel: through the socket of the daemon, else by the command.
///
/// # Errors
/// When Tailscale is not there, does not run, is not connected, or gives no answer that can be read.
pub async fn look(config: &WaysConfig) -> Result<Funnel, TailscaleProblem> {
    let asked = |path| socket::get(&config.tailscale_socket, path, config.patience);
    let through_socket =
        try_join(asked("/localapi/v0/status?peers=false"), asked("/localapi/v0/serve-config")).await;
    match (through_socket, &config.tailscale) {
        (Ok((status, serving)), _) => wire::funnel(&status, &serving, config.door_port),
        (Err(problem), Some(program)) if problem.is_of_socket() => {
            tracing::debug!(code = problem.code(), "Tailscale is asked by its command");
            let (status, serving) = command::ask(program, config.patience).await?;
            wire::funnel(&status, &serving, config.door_port)
        }
        (Err(problem), _) => Err(problem),
    }
}

/// Turns Funnel on for the door, unless it is on. What else port 443 serves stays: it would become public with the
/// door.
///
/// # Errors
/// When Funnel is not on for the door afterwards.
pub async fn turn_on(config: &WaysConfig) -> Result<Funnel, TailscaleProblem> {
    let funnel = look(config).await?;
    match funnel.target {
        FunnelTarget::Door => return Ok(funnel),
        FunnelTarget::Taken => return Err(TailscaleProblem::PortTaken),
        FunnelTarget::Off => {}
    }
    let program = config.tailscale.as_ref().ok_or(TailscaleProblem::NoCommand)?;
    command::turn_on(program, config.door_port, config.change_patience).await?;
    let funnel = look(config).await?;
    if funnel.target == FunnelTarget::Door { Ok(funnel) } else { Err(TailscaleProblem::Failed) }
}

impl TailscaleProblem {
    /// Whether the command may do better.
    fn is_of_socket(&self) -> bool {
        matches!(self, Self::NotInstalled | Self::NotRunning | Self::NoRights)
    }
}
