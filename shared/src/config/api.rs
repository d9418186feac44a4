//! The variables of the API and the pages.

use std::collections::BTreeMap;

use super::credentials::ApiCredentials;
use super::endpoints::MaApi;
use super::env::{ConfigError, Env};
use super::hosts::TrustedHosts;
use super::ingress::IngressConfig;
use super::locations::Bind;
use super::proxies::TrustedProxies;
use super::setup::SetupOverrides;
use super::updates::UpdateConfig;
use super::variables::shown_variables;
use super::ways::WaysConfig;

/// The variables that only the API and the pages read.
#[derive(Clone, Debug, Default)]
pub struct ApiConfig {
    /// The port of `BIND`, on which `ma-alexa` listens.
    pub port: u16,
    /// The user names and passwords.
    pub credentials: ApiCredentials,
    /// The addresses of this deployment.
    pub setup: SetupOverrides,
    /// The address of Music Assistant's API.
    pub ma_api: MaApi,
    /// The proxies before `ma-alexa`.
    pub proxies: TrustedProxies,
    /// The names by which `ma-alexa` may be called.
    pub hosts: TrustedHosts,
    /// Whether the listener of `BIND` takes Alexa's requests besides the door.
    pub alexa_on_bind: bool,
    /// The ingress of Home Assistant; none unless this is its add-on.
    pub ingress: Option<IngressConfig>,
    /// The variables that are set, as a report of a problem shows them.
    pub shown: BTreeMap<&'static str, String>,
    /// The programs that can let the door out; none in the cloud.
    pub ways: Option<WaysConfig>,
    /// The question for a newer release; none in the cloud.
    pub updates: Option<UpdateConfig>,
}

impl ApiConfig {
    /// Reads the variables.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let ingress = IngressConfig::from_env(env)?;
        Ok(Self {
            port: Bind::from_env(env)?.0.port(),
            credentials: ApiCredentials::from_env(env)?,
            setup: SetupOverrides::from_env(env)?,
            ma_api: MaApi::from_env(env)?,
            // The Supervisor says by which name the browser calls, and that is what forms are compared with.
            proxies: TrustedProxies::from_env(env)?.with(ingress.map(|ingress| ingress.address())),
            hosts: TrustedHosts::from_env(env)?,
            alexa_on_bind: env.read("ALEXA_ON_BIND", yes_or_no)?.unwrap_or_default(),
            ingress,
            shown: shown_variables(env),
            ways: WaysConfig::from_env(env)?,
            updates: UpdateConfig::from_env(env, ingress.is_some())?,
        })
    }
}

fn yes_or_no(text: &str) -> Result<bool, &'static str> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("it has to be yes or no"),
    }
}
