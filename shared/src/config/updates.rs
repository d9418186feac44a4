//! The question for a newer release.

use std::path::Path;

use url::Url;

use super::endpoints::loopback;
use super::env::{ConfigError, Env, Runtime};
use super::ingress::on_or_off;

/// The address of the repository, as the package names it.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The address of repositories.
const GITHUB: &str = "https://github.com/";

/// The address of the API that answers questions about them.
const API: &str = "https://api.github.com/";

/// The account that stands for one where a build names none.
const NO_ACCOUNT: &str = "OWNER/";

/// Files that a container's engine makes: Docker, Podman.
const OF_CONTAINERS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// Whether this process runs in a container.
#[must_use]
pub fn is_in_container() -> bool {
    OF_CONTAINERS.iter().any(|file| Path::new(file).exists())
}

/// Whether a server at home asks for newer releases, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateConfig {
    /// Whether `UPDATE_CHECK` is `on`.
    pub is_on: bool,
    /// The address of the newest release; none where this build names no repository.
    pub question: Option<Url>,
    /// Whether that address is one of a test.
    pub is_loopback: bool,
    /// The address of the document that says how to update.
    pub how: String,
}

impl UpdateConfig {
    /// Reads `UPDATE_CHECK` and `UPDATE_ENDPOINT`; none in the cloud, where a deployment brings its own release. An add-on
    /// has ingress.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn from_env(env: &Env, is_add_on: bool) -> Result<Option<Self>, ConfigError> {
        let is_on = env.read("UPDATE_CHECK", on_or_off)?.unwrap_or_default();
        let endpoint = env.read("UPDATE_ENDPOINT", loopback)?;
        if env.runtime() == Runtime::Lambda {
            return Ok(None);
        }
        Ok(Some(Self {
            is_on,
            question: question(endpoint.as_ref()),
            is_loopback: endpoint.is_some(),
            how: format!("{REPOSITORY}/blob/main/docs/install.md#{}", way(env, is_add_on)),
        }))
    }
}

/// The address of the newest release. A stranger may have the account that stands for one, and is not asked.
fn question(endpoint: Option<&Url>) -> Option<Url> {
    let repository = REPOSITORY.strip_prefix(GITHUB)?;
    let base = match endpoint {
        Some(endpoint) => endpoint.clone(),
        None if repository.starts_with(NO_ACCOUNT) => return None,
        None => Url::parse(API).ok()?,
    };
    base.join(&format!("/repos/{repository}/releases/latest")).ok()
}

/// The heading of the document that is about the way in use.
fn way(env: &Env, is_add_on: bool) -> &'static str {
    if is_add_on {
        "home-assistant-add-on"
    } else if is_in_container() {
        "container"
    } else if env.get("STATE_DIRECTORY").is_some() {
        // systemd sets it for a unit with a folder of state.
        "archive-and-systemd"
    } else {
        "cargo"
    }
}
