//! Choice of the secret store, by one address.

use std::sync::Arc;

use super::{FileSecrets, SecretStore};
use crate::config::SecretsUrl;
use crate::store::Environment;

/// Reason why the secret store cannot be used. Each is a sentence for the person who sets `SECRETS_URL`.
#[derive(Debug, thiserror::Error)]
pub enum SecretsOpenError {
    /// This binary was built without the client.
    #[error(
        "SECRETS_URL=secretsmanager://… needs a program that was built with the feature `secrets-manager`; at home, take the \
         one of a release, or build it with `cargo install --locked --path functions/local --features aws`"
    )]
    NotBuilt,
    /// There can be no client of AWS Secrets Manager.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Aws(#[from] crate::aws::AwsError),
}

/// Opens the place that `url` names.
///
/// # Errors
/// See [`SecretsOpenError`].
pub fn open(url: &SecretsUrl, machine: &Environment<'_>) -> Result<Arc<dyn SecretStore>, SecretsOpenError> {
    match url {
        SecretsUrl::File(folder) => Ok(Arc::new(FileSecrets::new(folder))),
        SecretsUrl::SecretsManager { prefix } => secrets_manager(prefix, machine),
    }
}

#[cfg(feature = "secrets-manager")]
fn secrets_manager(
    prefix: &str,
    machine: &Environment<'_>,
) -> Result<Arc<dyn SecretStore>, SecretsOpenError> {
    let client = super::secrets_manager::client(machine.lookup)?;
    let random = Arc::clone(&machine.random);
    Ok(Arc::new(super::SecretsManagerStore::new(client, prefix, random)))
}

#[cfg(not(feature = "secrets-manager"))]
fn secrets_manager(_: &str, _: &Environment<'_>) -> Result<Arc<dyn SecretStore>, SecretsOpenError> {
    Err(SecretsOpenError::NotBuilt)
}
