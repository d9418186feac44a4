//! Secrets in files of a folder that only their owner reads.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};

use super::credentials::{with_ma_token, with_missing_keys, with_new_password, with_rotated_grant_keys};
use super::{
    CredentialPair, Credentials, PutResult, SecretStore, SecretVersion, SecretsError, VersionedSession,
};
use crate::account::AmazonSession;
use crate::clock::Random;
use crate::grant::GrantKeys;
use crate::playback::short_hash;
use crate::private::{close_to_others, make_file, make_folder, open_or_make_file};

pub(super) const CREDENTIALS: &str = "credentials.json";
pub(super) const AMAZON: &str = "amazon.json";
/// A writer holds a lock on this file, which the system takes back from a process that dies.
const LOCK: &str = ".lock";

/// Time that a write waits for another process.
const LOCKED: Duration = Duration::from_secs(5);
const LOCKED_STEP: Duration = Duration::from_millis(10);

/// A folder of secrets, made with mode 0700, and in it files with mode 0600. What others can read is closed to them
/// with a warning; what another user owns is refused.
#[derive(Clone, Debug)]
pub struct FileSecrets {
    folder: PathBuf,
}

/// Result of [`FileSecrets::create_missing`].
#[derive(Clone, Debug)]
pub enum Created {
    /// They were there.
    Existing(Credentials),
    /// They were made, and no person has seen them yet.
    New(Credentials),
}

impl FileSecrets {
    /// The secrets in `folder`, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Makes both pairs where none were ever written, and the keys of sessions and grants where there are none yet. Where
    /// the folder can only be read, the log says that a key is missing.
    ///
    /// # Errors
    /// When what is there cannot be read, or the new ones cannot be made or written.
    pub async fn create_missing(&self, random: Arc<dyn Random>) -> Result<Created, SecretsError> {
        let secrets = self.clone();
        off_the_async_threads(self, move || {
            if let Some(existing) = secrets.read_credentials()? {
                return Ok(Created::Existing(secrets.with_missing_keys(existing, random.as_ref())));
            }
            secrets.write_first(Credentials::generate(random.as_ref())?)
        })
        .await
    }

    /// Writes these credentials where none were ever written.
    ///
    /// # Errors
    /// When what is there cannot be read, or the new ones cannot be written.
    pub async fn create(&self, credentials: Credentials) -> Result<Created, SecretsError> {
        let secrets = self.clone();
        off_the_async_threads(self, move || secrets.write_first(credentials)).await
    }

    /// Puts a new key of the grants before the last one, which still opens what it sealed. `None` where no credentials
    /// were ever written.
    ///
    /// # Errors
    /// When the credentials cannot be read or written, or there is no randomness.
    pub async fn rotate_grant_keys(
        &self,
        random: Arc<dyn Random>,
    ) -> Result<Option<GrantKeys>, SecretsError> {
        let secrets = self.clone();
        off_the_async_threads(self, move || secrets.rotated_grant_keys(random.as_ref())).await
    }

    /// Gives a pair a new password, which ends every session of the pages if it is the owner's. `None` where no credentials
    /// were ever written.
    ///
    /// # Errors
    /// When the credentials cannot be read or written, or there is no randomness.
    pub async fn reset_password(
        &self,
        pair: CredentialPair,
        random: Arc<dyn Random>,
    ) -> Result<Option<Credentials>, SecretsError> {
        let secrets = self.clone();
        off_the_async_threads(self, move || {
            let _lock = secrets.lock()?;
            let Some((json, _)) = secrets.read_with_json()? else { return Ok(None) };
            let Some(changed) = with_new_password(&json, pair, random.as_ref())? else { return Ok(None) };
            secrets.write(CREDENTIALS, changed.expose_secret())?;
            Credentials::from_json(changed.expose_secret(), &secrets.location()).map(Some)
        })
        .await
    }

    /// The content of another file of the folder; `None` where it was never saved.
    #[cfg(feature = "acme")]
    pub(crate) async fn load_named(&self, name: &'static str) -> Result<Option<SecretString>, SecretsError> {
        let secrets = self.clone();
        off_the_async_threads(self, move || secrets.read(name, |text, _| Ok(SecretString::from(text)))).await
    }

    /// Saves another file of the folder.
    #[cfg(feature = "acme")]
    pub(crate) async fn save_named(
        &self,
        name: &'static str,
        content: SecretString,
    ) -> Result<(), SecretsError> {
        let secrets = self.clone();
        off_the_async_threads(self, move || {
            let _lock = secrets.lock()?;
            secrets.write(name, content.expose_secret())
        })
        .await
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn write_first(&self, credentials: Credentials) -> Result<Created, SecretsError> {
        let _lock = self.lock()?;
        if let Some(existing) = self.read_credentials()? {
            return Ok(Created::Existing(existing));
        }
        self.write(CREDENTIALS, credentials.to_json().expose_secret())?;
        Ok(Created::New(credentials))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn read_credentials(&self) -> Result<Option<Credentials>, SecretsError> {
        self.read(CREDENTIALS, Credentials::from_json)
    }

    /// Adds the keys that credentials of an older release have not.
    fn with_missing_keys(&self, existing: Credentials, random: &dyn Random) -> Credentials {
        if existing.has_all_keys() {
            return existing;
        }
        match self.add_missing_keys(random) {
            Ok(Some(completed)) => completed,
            Ok(None) => existing,
            Err(error) => {
                tracing::warn!(
                    %error,
                    "the keys of the pages' sessions and of the door cannot be kept, so sessions end with this process and \
                     the door opens nothing: let it write to the folder of the secrets once"
                );
                existing
            }
        }
    }

    fn add_missing_keys(&self, random: &dyn Random) -> Result<Option<Credentials>, SecretsError> {
        let _lock = self.lock()?;
        // Another process may have added them since.
        let Some((json, current)) = self.read_with_json()? else {
            return Ok(None);
        };
        if current.has_all_keys() {
            return Ok(Some(current));
        }
        let Some(completed) = with_missing_keys(&json, random)? else {
            return Ok(None);
        };
        self.write(CREDENTIALS, completed.expose_secret())?;
        Credentials::from_json(completed.expose_secret(), &self.location()).map(Some)
    }

    fn rotated_grant_keys(&self, random: &dyn Random) -> Result<Option<GrantKeys>, SecretsError> {
        let _lock = self.lock()?;
        let Some((json, current)) = self.read_with_json()? else {
            return Ok(None);
        };
        let keys = current.grant_keys.map_or_else(|| GrantKeys::generate(random), Ok)?;
        let Some((rotated, keys)) = with_rotated_grant_keys(&json, &keys, random)? else {
            return Ok(None);
        };
        self.write(CREDENTIALS, rotated.expose_secret())?;
        Ok(Some(keys))
    }

    fn put_ma_token(&self, token: Option<&SecretString>) -> Result<(), SecretsError> {
        let _lock = self.lock()?;
        let changed = self.read_with_json()?.and_then(|(json, _)| with_ma_token(&json, token));
        let missing = || unavailable(&self.path(CREDENTIALS), &io::Error::from(ErrorKind::NotFound));
        self.write(CREDENTIALS, changed.ok_or_else(missing)?.expose_secret())
    }

    /// The text of the credentials and what it says.
    fn read_with_json(&self) -> Result<Option<(String, Credentials)>, SecretsError> {
        self.read(CREDENTIALS, |json, place| Ok((json.to_owned(), Credentials::from_json(json, place)?)))
    }

    fn read_amazon(&self) -> Result<VersionedSession, SecretsError> {
        let stored =
            self.read(AMAZON, |json, place| VersionedSession::from_json(json, version(json), place))?;
        Ok(stored.unwrap_or_default())
    }

    fn put_amazon(&self, session: &AmazonSession, read: &SecretVersion) -> Result<PutResult, SecretsError> {
        let _lock = self.lock()?;
        let current = self.read(AMAZON, |json, _| Ok(version(json)))?.unwrap_or_default();
        if current != *read {
            return Ok(PutResult::Conflict);
        }
        let json = session.to_json();
        self.write(AMAZON, json.expose_secret())?;
        Ok(PutResult::Stored(version(json.expose_secret())))
    }

    /// Waits until no other process and no other thread writes, for five seconds at most, and keeps them waiting until it
    /// is dropped.
    pub(super) fn lock(&self) -> Result<File, SecretsError> {
        let path = self.path(LOCK);
        let locked = || {
            make_folder(&self.folder)?;
            close_to_others(&self.folder)?;
            let file = open_or_make_file(&path)?;
            let until = Instant::now() + LOCKED;
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(file),
                    Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(LOCKED_STEP),
                    Err(TryLockError::WouldBlock) => {
                        return Err(io::Error::other("another process holds it"));
                    }
                    Err(TryLockError::Error(error)) => return Err(error),
                }
            }
        };
        locked().map_err(|err| unavailable(&path, &err))
    }

    /// Content of a file; `None` where it was never written.
    fn read<T>(
        &self,
        name: &str,
        from_json: impl FnOnce(&str, &str) -> Result<T, SecretsError>,
    ) -> Result<Option<T>, SecretsError> {
        let path = self.path(name);
        match close_to_others(&self.folder).and_then(|()| read(&path)) {
            Ok(json) => from_json(&json, &path.display().to_string()).map(Some),
            Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
            Err(err) => Err(unavailable(&path, &err)),
        }
    }

    /// Writes a file aside and puts it in place, so that a reader finds the old one or the new one. For the holder of
    /// the lock: all write aside to one place, so that nothing secret is left over for ever when one of them dies.
    pub(super) fn write(&self, name: &str, content: &str) -> Result<(), SecretsError> {
        let path = self.path(name);
        self.write_aside(name, &path, content).map_err(|err| unavailable(&path, &err))
    }

    fn write_aside(&self, name: &str, path: &Path, content: &str) -> io::Result<()> {
        let aside = self.path(&format!(".{name}.new"));
        // What a process that died has left may be open to others.
        match fs::remove_file(&aside) {
            Err(err) if err.kind() != ErrorKind::NotFound => return Err(err),
            _ => {}
        }
        let mut file = make_file(&aside)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&aside, path)?;
        // The new name lasts only once the folder is on the disk too.
        File::open(&self.folder)?.sync_all()
    }
}

#[async_trait]
impl SecretStore for FileSecrets {
    async fn credentials(&self) -> Result<Option<Credentials>, SecretsError> {
        let secrets = self.clone();
        off_the_async_threads(self, move || secrets.read_credentials()).await
    }

    async fn amazon(&self) -> Result<VersionedSession, SecretsError> {
        let secrets = self.clone();
        off_the_async_threads(self, move || secrets.read_amazon()).await
    }

    async fn put_amazon(
        &self,
        session: &AmazonSession,
        read: &SecretVersion,
    ) -> Result<PutResult, SecretsError> {
        let (secrets, session, read) = (self.clone(), session.clone(), read.clone());
        off_the_async_threads(self, move || secrets.put_amazon(&session, &read)).await
    }

    async fn put_ma_token(&self, token: Option<&SecretString>) -> Result<(), SecretsError> {
        let (secrets, token) = (self.clone(), token.cloned());
        off_the_async_threads(self, move || secrets.put_ma_token(token.as_ref())).await
    }

    fn location(&self) -> String {
        self.path(CREDENTIALS).display().to_string()
    }
}

/// The version of a file: what it holds, which cannot be told from a digest of random tokens.
fn version(json: &str) -> SecretVersion {
    SecretVersion::new(short_hash(json).as_str())
}

/// Reads a file, after closing it to all but its owner.
fn read(path: &Path) -> io::Result<String> {
    close_to_others(path)?;
    fs::read_to_string(path)
}

pub(super) fn unavailable(path: &Path, err: &io::Error) -> SecretsError {
    SecretsError::Unavailable { place: path.display().to_string(), reason: err.to_string() }
}

async fn off_the_async_threads<T: Send + 'static>(
    secrets: &FileSecrets,
    work: impl FnOnce() -> Result<T, SecretsError> + Send + 'static,
) -> Result<T, SecretsError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|err| Err(unavailable(&secrets.folder, &io::Error::other(err.to_string()))))
}
