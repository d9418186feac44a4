//! The names by which this server may be called.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::env::{ConfigError, Env, Runtime};

/// The names of `TRUSTED_HOSTS`, beside those that the settings have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedHosts {
    names: Vec<String>,
    /// In the cloud an HTTP API stands before the function, which passes on its own names alone.
    any: bool,
}

impl TrustedHosts {
    /// Reads `TRUSTED_HOSTS`: names without a port, with commas between them.
    ///
    /// # Errors
    /// When one of them is no name.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let name = |text: &str| {
            let name = text.trim().trim_end_matches('.').to_ascii_lowercase();
            let is_name = !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
            is_name.then_some(name).ok_or("it has to be names without a port, with commas between them")
        };
        let read = |text: &str| text.split(',').map(name).collect::<Result<Vec<_>, _>>();
        Ok(Self {
            names: env.read("TRUSTED_HOSTS", read)?.unwrap_or_default(),
            any: env.runtime() == Runtime::Lambda,
        })
    }

    /// Whether a request may name `host` under any settings: every address is right, since no other site can
    /// have it as its name.
    #[must_use]
    pub fn admit(&self, host: &str) -> bool {
        let host = plain(host);
        let is_address = host.parse::<Ipv4Addr>().is_ok()
            || host
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
                .is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
        self.any || is_address || host == "localhost" || self.names.contains(&host)
    }
}

/// A host as it is compared: in small letters, without the dot of the root.
pub(crate) fn plain(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}
