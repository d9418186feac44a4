//! `ma-alexa grant-keys`.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use ma_alexa::clock::SystemRandom;
use ma_alexa::config::{Env, SecretsUrl};
use ma_alexa::secrets::{FileSecrets, SecretStore as _};
use secrecy::ExposeSecret as _;

use crate::wiring;

/// Prints the keys of the grants, for a door on another machine. With `rotate` it makes a new one first: grants of the last
/// key still open, older ones do not.
pub(crate) async fn run(env: &Env, rotate: bool) -> anyhow::Result<()> {
    let SecretsUrl::File(folder) = SecretsUrl::from_env(env)? else {
        bail!("the keys are the member `grant_keys` of the secret: read or change it in AWS Secrets Manager");
    };
    let secrets = FileSecrets::new(&folder);
    let keys = if rotate {
        secrets.rotate_grant_keys(Arc::new(SystemRandom)).await?
    } else {
        secrets.credentials().await?.and_then(|credentials| credentials.grant_keys)
    };
    let missing = || format!("{} has no keys yet: start `ma-alexa` once, which makes them", folder.display());
    let keys = keys.with_context(missing)?;
    wiring::print(&format!("GRANT_KEYS='{}'", keys.text().expose_secret()))
}
