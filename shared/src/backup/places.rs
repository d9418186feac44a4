//! Places of the state and the secrets of a server at home.

use std::path::{Path, PathBuf};

use super::BackupError;
use crate::config::{Env, SecretsUrl, StoreUrl};
use crate::secrets::FileSecrets;

/// The state file and the folder of the secrets.
#[derive(Clone, Debug)]
pub struct StatePlaces {
    state: PathBuf,
    secrets: PathBuf,
}

impl StatePlaces {
    /// The places that `STORE_URL` and `SECRETS_URL` name.
    ///
    /// # Errors
    /// When a variable is malformed, or names a place in AWS.
    pub fn from_env(env: &Env) -> Result<Self, BackupError> {
        let store = StoreUrl::from_env(env)?;
        let state = store.file().ok_or(BackupError::NotAtHome("STORE_URL"))?.to_owned();
        match SecretsUrl::from_env(env)? {
            SecretsUrl::File(secrets) => Ok(Self { state, secrets }),
            SecretsUrl::SecretsManager { .. } => Err(BackupError::NotAtHome("SECRETS_URL")),
        }
    }

    /// Places of a test's own.
    #[must_use]
    pub fn new(state: PathBuf, secrets: PathBuf) -> Self {
        Self { state, secrets }
    }

    /// The state file.
    pub(super) fn state(&self) -> &Path {
        &self.state
    }

    /// The folder of the state file.
    pub(super) fn folder(&self) -> &Path {
        super::temporary::folder_of(&self.state)
    }

    /// The secrets.
    pub(crate) fn secrets(&self) -> FileSecrets {
        FileSecrets::new(&self.secrets)
    }
}
