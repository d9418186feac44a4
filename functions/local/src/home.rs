//! What the commands share: the state at home, and the terminal.

use std::io::Write as _;
use std::sync::Arc;

use ma_alexa::amazon::Transport;
use ma_alexa::api::{ApiState, Foundations};
use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::config::{AmazonEndpoint, Env, SkillIds, SpeechOverrides, StoreUrl, StreamOverrides};
use ma_alexa::probe::{AddressPolicy, HttpProber};
use ma_alexa::secrets::SecretStore;
use ma_alexa::skill::{Skill, SkillConfig, SkillIdPolicy, SkillParts};
use ma_alexa::smapi::invoke_permission_from_env;
use ma_alexa::store::{self, Environment, Store};
use ma_alexa::telemetry::Metrics;

/// Opens the store that `STORE_URL` names.
pub(crate) fn store(env: &Env) -> anyhow::Result<Arc<dyn Store>> {
    Ok(store::open(StoreUrl::from_env(env)?.as_str(), &machine(&|name| env.get(name)))?)
}

/// This machine, with the variables that `lookup` looks up.
pub(crate) fn machine(lookup: &dyn Fn(&str) -> Option<String>) -> Environment<'_> {
    Environment { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom), lookup }
}

/// The skill, over `store`.
pub(crate) fn skill(env: &Env, store: Arc<dyn Store>, accepts: SkillIdPolicy) -> anyhow::Result<Skill> {
    Ok(Skill::new(SkillParts {
        store,
        config: SkillConfig {
            skill_ids: SkillIds::from_env(env)?,
            streams: StreamOverrides::from_env(env)?,
            speech: SpeechOverrides::from_env(env)?,
        },
        accepts,
        metrics: Arc::new(Metrics::from_env(env)),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    }))
}

/// Whether requests of any skill are accepted: one that the environment names, or one that the set-up made. A store that
/// does not tell names none.
pub(crate) async fn knows_a_skill(env: &Env, store: &dyn Store) -> anyhow::Result<bool> {
    let named = SkillIds::from_env(env)?;
    if !named.is_empty() {
        return Ok(true);
    }
    let settings =
        store.settings().await.inspect_err(|error| tracing::warn!(%error, "no settings were read"));
    Ok(settings.is_ok_and(|settings| !named.merged(&settings).is_empty()))
}

/// The API and the pages, over `store` and `secrets`.
pub(crate) fn api(
    env: &Env,
    store: Arc<dyn Store>,
    secrets: Arc<dyn SecretStore>,
) -> anyhow::Result<ApiState> {
    let foundations = Foundations {
        store,
        secrets,
        transport: Transport::new(AmazonEndpoint::from_env(env)?)?,
        prober: Arc::new(HttpProber::new(AddressPolicy::Anywhere)?),
        permission: invoke_permission_from_env(env)?,
        metrics: Arc::new(Metrics::from_env(env)),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    };
    Ok(ApiState::from_env(env, foundations)?)
}

/// Installs what every connection is encrypted with.
pub(crate) fn install_tls() -> anyhow::Result<()> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("a TLS provider is installed already"))
}

/// Prints for a person or a pipe. A reader that went away is no failure.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Says what went wrong, with its causes.
pub(crate) fn complain(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr().lock(), "local: {error:#}");
}
