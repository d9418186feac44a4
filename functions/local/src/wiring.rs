//! The services of the commands, and the terminal.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use ma_alexa::amazon::AmazonTransport;
use ma_alexa::api::ApiState;
use ma_alexa::backup::StatePlaces;
use ma_alexa::config::{AmazonEndpoint, Config, Env, SecretsUrl};
use ma_alexa::deps::Deps;
use ma_alexa::probe::{AddressPolicy, HttpProber};
use ma_alexa::secrets::{self, SecretStore};
use ma_alexa::smapi::invoke_permission_from_env;

use crate::network::PagesAddress;

/// The services of every command, with the store that `STORE_URL` names.
pub(crate) fn deps(env: &Env) -> anyhow::Result<Deps> {
    Ok(Deps::open(env, Config::from_env(env)?)?)
}

/// The secrets that `SECRETS_URL` names.
pub(crate) fn secrets(env: &Env, deps: &Deps) -> anyhow::Result<Arc<dyn SecretStore>> {
    Ok(secrets::open(&SecretsUrl::from_env(env)?, &deps.environment(&|name| env.get(name)))?)
}

/// The API and the pages.
pub(crate) fn api(env: &Env, deps: Deps, secrets: Arc<dyn SecretStore>) -> anyhow::Result<ApiState> {
    let transport = AmazonTransport::new(AmazonEndpoint::from_env(env)?)?;
    let prober = Arc::new(HttpProber::new(AddressPolicy::Anywhere)?);
    let state = ApiState::new(deps, secrets, transport, prober, invoke_permission_from_env(env)?);
    Ok(match StatePlaces::from_env(env) {
        Ok(places) => state.with_places(places),
        // What is in AWS has backups there.
        Err(_) => state,
    })
}

/// Whether requests of any skill are accepted: one that the environment names, or one that the set-up made. A store that
/// cannot be read names none.
pub(crate) async fn knows_a_skill(deps: &Deps) -> bool {
    if !deps.config.skill_ids.is_empty() {
        return true;
    }
    let settings = deps.store.settings().await;
    let settings = settings.inspect_err(|error| tracing::warn!(%error, "no settings were read"));
    settings.is_ok_and(|settings| !deps.config.with(&settings).skill_ids.is_empty())
}

/// Installs the cryptography of every connection.
pub(crate) fn install_tls() -> anyhow::Result<()> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("a TLS provider is installed already"))
}

/// The address of the pages: the one of the set-up, else what this machine knows of itself.
pub(crate) async fn pages_address(deps: &Deps, listener: SocketAddr) -> PagesAddress {
    let settings = deps.store.settings().await;
    let settings =
        settings.inspect_err(|error| tracing::warn!(%error, "no settings were read")).unwrap_or_default();
    let set = deps.config.with(&settings).setup.api_url.clone();
    PagesAddress::of(listener, set.as_ref().map(|url| url.as_url().as_str()))
}

/// Prints for a person or a pipe. A reader that went away is no failure.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Says something besides what a command prints.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints an error, with its causes.
pub(crate) fn print_error(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr().lock(), "ma-alexa: {error:#}");
}
