//! Locations of state and secrets, and the address of the server.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::env::{ConfigError, Env};

/// The folder of `DATA_DIR`, in which state and secrets are kept where no variable names their place.
fn data_folder(env: &Env) -> PathBuf {
    env.runtime().resolve(env.get("DATA_DIR").as_deref().unwrap_or("data"))
}

/// The location of the store: `sqlite:PATH` or `dynamodb://TABLE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreUrl(String);

impl StoreUrl {
    /// Reads `STORE_URL`. A relative path is resolved as [`super::Runtime::resolve`] says.
    ///
    /// # Errors
    /// When it names neither a file nor a table.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let runtime = env.runtime();
        let read = |text: &str| {
            if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
                return Ok(Self(format!("sqlite:{}", runtime.resolve(path).display())));
            }
            text.strip_prefix("dynamodb://")
                .filter(|table| is_table(table))
                .map(|_| Self(text.to_owned()))
                .ok_or("it has to be sqlite:PATH or dynamodb://TABLE")
        };
        match env.read("STORE_URL", read)? {
            Some(url) => Ok(url),
            None => Ok(Self(format!("sqlite:{}", data_folder(env).join("state.db").display()))),
        }
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether DynamoDB takes this as a table's name (Amazon DynamoDB, naming rules).
fn is_table(name: &str) -> bool {
    (3..=255).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// The location of credentials and tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretsUrl {
    /// In files in this folder.
    File(PathBuf),
    /// In AWS Secrets Manager.
    SecretsManager {
        /// The part of the secrets' names before the slash.
        prefix: String,
    },
}

impl SecretsUrl {
    /// Reads `SECRETS_URL`. A relative path is resolved as [`super::Runtime::resolve`] says.
    ///
    /// # Errors
    /// When it names neither a folder nor a prefix.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let runtime = env.runtime();
        let read = |text: &str| {
            if let Some(path) = text.strip_prefix("file:").filter(|path| !path.is_empty()) {
                return Ok(Self::File(runtime.resolve(path)));
            }
            text.strip_prefix("secretsmanager://")
                .map(|prefix| prefix.trim_end_matches('/'))
                .filter(|prefix| is_secret_name(prefix))
                .map(|prefix| Self::SecretsManager { prefix: prefix.to_owned() })
                .ok_or("it has to be file:FOLDER or secretsmanager://PREFIX")
        };
        Ok(env.read("SECRETS_URL", read)?.unwrap_or_else(|| Self::File(data_folder(env).join("secrets"))))
    }
}

/// Whether AWS Secrets Manager takes this in a secret's name (AWS Secrets Manager, `CreateSecret`). Room is left
/// for what stands behind it.
fn is_secret_name(name: &str) -> bool {
    (1..=450).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b))
}

/// The address on which `local` listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bind(pub SocketAddr);

impl Bind {
    /// Reads `BIND`.
    ///
    /// # Errors
    /// When it is not an IP address and a port.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let read = |text: &str| {
            text.parse::<SocketAddr>().map_err(|_| "it has to be an IP address, a colon and a port")
        };
        Ok(Self(env.read("BIND", read)?.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 5000)))))
    }
}
