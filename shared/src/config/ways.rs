//! Programs on this machine that can let the door out.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::door::{DOOR_PORT, DoorBind, DoorConfig};
use super::env::{ConfigError, Env, Runtime};

/// Socket of Tailscale's daemon on Linux (tailscale.com/docs, `tailscaled` flag `--socket`).
const TAILSCALE_SOCKET: &str = "/var/run/tailscale/tailscaled.sock";

/// The programs that can let the door out, and how long they are waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaysConfig {
    /// The port of the door on this machine.
    pub door_port: u16,
    /// Whether there is no door on this machine: `DOOR_BIND` is `off`.
    pub is_door_off: bool,
    /// Whether the door answers CloudFront alone, which shows it a secret: `DOOR_SECRET`.
    pub has_door_secret: bool,
    /// The socket of Tailscale's daemon. It may be missing.
    pub tailscale_socket: PathBuf,
    /// The command `tailscale`, where the machine has one.
    pub tailscale: Option<PathBuf>,
    /// The command `cloudflared`, where the machine has one.
    pub cloudflared: Option<PathBuf>,
    /// Time limit of a question.
    pub patience: Duration,
    /// Time limit of a change.
    pub change_patience: Duration,
}

impl Default for WaysConfig {
    fn default() -> Self {
        Self {
            door_port: DOOR_PORT,
            is_door_off: false,
            has_door_secret: false,
            tailscale_socket: PathBuf::from(TAILSCALE_SOCKET),
            tailscale: None,
            cloudflared: None,
            patience: Duration::from_secs(2),
            change_patience: Duration::from_secs(10),
        }
    }
}

impl WaysConfig {
    /// Finds the programs in the folders of `PATH`. `None` in the cloud, which has neither a door nor programs.
    ///
    /// # Errors
    /// When a variable of the door is malformed.
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        if env.runtime() == Runtime::Lambda {
            return Ok(None);
        }
        let bind = DoorConfig::from_env(env)?.bind;
        let path = env.get("PATH").unwrap_or_default();
        let defaults = Self::default();
        Ok(Some(Self {
            door_port: bind.address().map_or(DOOR_PORT, |door| door.port()),
            is_door_off: bind == DoorBind::Off,
            has_door_secret: env.get("DOOR_SECRET").is_some(),
            tailscale_socket: env.get("TAILSCALE_SOCKET").map_or(defaults.tailscale_socket, PathBuf::from),
            tailscale: program("tailscale", &path),
            cloudflared: program("cloudflared", &path),
            ..Self::default()
        }))
    }
}

/// The first program of this name in the folders of `path`.
fn program(name: &str, path: &str) -> Option<PathBuf> {
    let places = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    places.map(|folder| folder.join(name)).find(|place| is_program(place))
}

fn is_program(place: &Path) -> bool {
    place.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
