//! Locations of state and secrets, and the address of the server.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::env::{ConfigError, Env, Runtime};

/// The folder of state and secrets, where no variable names another place for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// The folder of `DATA_DIR`. Without it, `data` of the working directory where it holds a state; else the folder for
    /// the state of programs (XDG Base Directory Specification, `XDG_STATE_HOME`); else `data`.
    #[must_use]
    pub fn from_env(env: &Env) -> Self {
        let runtime = env.runtime();
        if let Some(chosen) = env.get("DATA_DIR") {
            return Self(runtime.resolve(&chosen));
        }
        let beside = runtime.resolve("data");
        let of_user = if runtime == Runtime::Process { state_home(env) } else { None };
        Self(of_user.filter(|_| !holds_state(&beside)).map_or(beside, |home| home.join("ma-alexa")))
    }

    /// The folder, which need not exist yet.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// The folder in which the user's programs keep their state. A relative path counts as unset there.
fn state_home(env: &Env) -> Option<PathBuf> {
    let absolute = |name| env.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))
}

/// Whether a folder is one of ours: other programs have folders of this name, too.
fn holds_state(folder: &Path) -> bool {
    ["state.db", "secrets/credentials.json"].iter().any(|name| folder.join(name).is_file())
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
            None => Ok(Self(format!("sqlite:{}", DataDir::from_env(env).path().join("state.db").display()))),
        }
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file; none where the state is in a table.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.0.strip_prefix("sqlite:").map(Path::new)
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
        let usual = || Self::File(DataDir::from_env(env).path().join("secrets"));
        Ok(env.read("SECRETS_URL", read)?.unwrap_or_else(usual))
    }
}

/// Whether AWS Secrets Manager takes this in a secret's name (AWS Secrets Manager, `CreateSecret`). Room is left
/// for what stands behind it.
fn is_secret_name(name: &str) -> bool {
    (1..=450).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b))
}

/// The address on which `ma-alexa` listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bind(pub SocketAddr);

impl Bind {
    /// Reads `BIND`.
    ///
    /// # Errors
    /// When it is not an IP address and a port.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let read = |text: &str| text.parse::<SocketAddr>().map_err(|_| "it has to be IP:PORT");
        Ok(Self(env.read("BIND", read)?.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 5000)))))
    }
}
