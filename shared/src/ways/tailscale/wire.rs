//! Answers of Tailscale: the status of the machine, and what its name serves.
//!
//! The members are those of `Status` and `PeerStatus` in ipn/ipnstate/ipnstate.go, and of `ServeConfig` in
//! ipn/serve.go of github.com/tailscale/tailscale. The rules for Funnel are those of `NodeCanFunnel` and `CheckFunnelPort` there.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::problem::TailscaleProblem;
use super::{Funnel, FunnelTarget};
use crate::config::BaseUrl;

/// Capabilities of a machine (tailcfg/tailcfg.go): certificates, Funnel, and the ports of Funnel.
const HTTPS: &str = "https";
const FUNNEL: &str = "funnel";
const FUNNEL_PORTS: &str = "https://tailscale.com/cap/funnel-ports?";

/// The only port at which Amazon fetches anything.
const PUBLIC_PORT: u16 = 443;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    backend_state: String,
    #[serde(rename = "Self")]
    node: Option<Node>,
    current_tailnet: Option<Tailnet>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Node {
    #[serde(rename = "DNSName", default)]
    name: String,
    cap_map: Option<Map<String, Value>>,
    /// Of releases before 1.50.
    capabilities: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tailnet {
    #[serde(rename = "MagicDNSEnabled", default)]
    has_names: bool,
}

/// A member that is empty is left out or null.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Serving {
    #[serde(rename = "TCP")]
    tcp: Option<HashMap<String, TcpHandler>>,
    web: Option<HashMap<String, WebServer>>,
    allow_funnel: Option<HashMap<String, bool>>,
    /// Those that last as long as a command in a terminal.
    foreground: Option<HashMap<String, Serving>>,
}

#[derive(Debug, Deserialize)]
struct TcpHandler {
    #[serde(rename = "TCPForward", default)]
    forward: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WebServer {
    handlers: Option<HashMap<String, WebHandler>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WebHandler {
    #[serde(default)]
    proxy: String,
}

/// Funnel as both answers have it.
pub(super) fn funnel(status: &[u8], serving: &[u8], door_port: u16) -> Result<Funnel, TailscaleProblem> {
    let status: Status = read(status)?;
    match status.backend_state.as_str() {
        "Running" => {}
        "Stopped" => return Err(TailscaleProblem::Stopped),
        "Starting" => return Err(TailscaleProblem::Starting),
        "NeedsLogin" | "NoState" => return Err(TailscaleProblem::LoggedOut),
        "NeedsMachineAuth" => return Err(TailscaleProblem::NotApproved),
        _ => return Err(TailscaleProblem::Unreadable),
    }
    let node = status.node.as_ref().ok_or(TailscaleProblem::Unreadable)?;
    // Null where nothing was ever served.
    let serving = read::<Option<Serving>>(serving)?.unwrap_or_default();
    let name = node.name.trim_end_matches('.');
    let has_names =
        !name.is_empty() && status.current_tailnet.as_ref().is_some_and(|tailnet| tailnet.has_names);
    let url = match BaseUrl::parse(&format!("https://{name}")) {
        Ok(url) => Some(url),
        Err(_) if name.is_empty() => None,
        Err(_) => return Err(TailscaleProblem::Unreadable),
    };
    let target = serving.target(name, door_port);
    let mut missing = node.missing();
    if !has_names {
        missing.insert(0, TailscaleProblem::MagicDnsOff);
    }
    Ok(Funnel { url, target, missing })
}

fn read<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, TailscaleProblem> {
    serde_json::from_slice(answer).map_err(|error| {
        tracing::debug!(line = error.line(), "an answer of Tailscale cannot be read");
        TailscaleProblem::Unreadable
    })
}

impl Node {
    fn capabilities(&self) -> impl Iterator<Item = &str> {
        let newer = self.cap_map.iter().flatten().map(|(name, _)| name.as_str());
        newer.chain(self.capabilities.iter().flatten().map(String::as_str))
    }

    fn missing(&self) -> Vec<TailscaleProblem> {
        let mut missing = Vec::new();
        if !self.capabilities().any(|name| name == HTTPS) {
            missing.push(TailscaleProblem::HttpsOff);
        }
        if !self.capabilities().any(|name| name == FUNNEL) {
            missing.push(TailscaleProblem::FunnelNotAllowed);
        } else if !self.capabilities().any(allows_public_port) {
            missing.push(TailscaleProblem::PortNotAllowed);
        }
        missing
    }
}

/// Whether a capability lists port 443, by itself or in a range: `…/funnel-ports?ports=443,8080-8090`.
fn allows_public_port(capability: &str) -> bool {
    let ports = capability.strip_prefix(FUNNEL_PORTS).and_then(|query| query.strip_prefix("ports="));
    ports.into_iter().flat_map(|ports| ports.split(',')).any(|ports| {
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        match (first.parse::<u16>(), last.parse::<u16>()) {
            (Ok(first), Ok(last)) => (first..=last).contains(&PUBLIC_PORT),
            _ => false,
        }
    })
}

impl Serving {
    fn target(&self, name: &str, door_port: u16) -> FunnelTarget {
        let mut found = FunnelTarget::Off;
        for one in std::iter::once(self).chain(self.foreground.iter().flatten().map(|(_, one)| one)) {
            match one.own_target(name, door_port) {
                FunnelTarget::Off => {}
                FunnelTarget::Taken => return FunnelTarget::Taken,
                FunnelTarget::Door => found = FunnelTarget::Door,
            }
        }
        found
    }

    fn own_target(&self, name: &str, door_port: u16) -> FunnelTarget {
        let place = format!("{name}:{PUBLIC_PORT}");
        let is_public = self.allow_funnel.iter().flatten().any(|(known, on)| *known == place && *on);
        let server = self.web.as_ref().and_then(|web| web.get(&place));
        let web: Vec<_> = server.and_then(|server| server.handlers.as_ref()).into_iter().flatten().collect();
        let forward = self.tcp.as_ref().and_then(|tcp| tcp.get(&PUBLIC_PORT.to_string()));
        let forward = forward.map(|handler| handler.forward.as_str()).filter(|to| !to.is_empty());
        let is_door = match (&web[..], forward) {
            ([], None) => return FunnelTarget::Off,
            ([], Some(to)) => leads_to(to, door_port),
            ([(mount, handler)], None) => *mount == "/" && leads_to(&handler.proxy, door_port),
            _ => false,
        };
        match (is_door, is_public) {
            (false, _) => FunnelTarget::Taken,
            // Within the network alone: Funnel can be added.
            (true, false) => FunnelTarget::Off,
            (true, true) => FunnelTarget::Door,
        }
    }
}

/// Whether a target such as `http://127.0.0.1:5001`, `localhost:5001` or `5001` is a port of this machine.
fn leads_to(target: &str, port: u16) -> bool {
    let rest = target.strip_prefix("http://").unwrap_or(target).trim_end_matches('/');
    let (host, number) = rest.rsplit_once(':').unwrap_or(("localhost", rest));
    matches!(host, "127.0.0.1" | "localhost" | "[::1]") && number == port.to_string()
}
