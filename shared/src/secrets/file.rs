//! Secrets in files of a folder that only their owner reads.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::ExposeSecret as _;

use super::{AmazonSession, Credentials, SecretStore, SecretsError};
use crate::clock::Random;

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
const CREDENTIALS: &str = "credentials.json";
const AMAZON: &str = "amazon.json";

/// A folder of secrets, made with mode 0700, and in it files with mode 0600. A file that others can read is
/// closed to them with a warning: a box at home must not stop playing over a restored backup.
#[derive(Clone, Debug)]
pub struct FileSecrets {
    folder: PathBuf,
}

/// What [`FileSecrets::create_missing`] found or made.
#[derive(Clone, Debug)]
pub enum Created {
    /// They were there.
    Existing(Credentials),
    /// They were made, and nobody has seen them yet.
    New(Credentials),
}

impl FileSecrets {
    /// The secrets in `folder`, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Makes both pairs where none were ever written.
    ///
    /// # Errors
    /// When what is there cannot be read, or the new ones cannot be made or written.
    pub async fn create_missing(&self, random: Arc<dyn Random>) -> Result<Created, SecretsError> {
        let secrets = self.clone();
        off_the_async_threads(self, move || {
            if let Some(existing) = secrets.read_credentials()? {
                return Ok(Created::Existing(existing));
            }
            let credentials = Credentials::generate(random.as_ref())?;
            secrets.write(CREDENTIALS, credentials.to_json().expose_secret())?;
            Ok(Created::New(credentials))
        })
        .await
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn read_credentials(&self) -> Result<Option<Credentials>, SecretsError> {
        self.read(CREDENTIALS, Credentials::from_json)
    }

    /// What a file holds; `None` where it was never written.
    fn read<T>(
        &self,
        name: &str,
        from_json: impl FnOnce(&str, &str) -> Result<T, SecretsError>,
    ) -> Result<Option<T>, SecretsError> {
        let path = self.path(name);
        match read(&path) {
            Ok(json) => from_json(&json, &path.display().to_string()).map(Some),
            Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
            Err(err) => Err(unavailable(&path, &err)),
        }
    }

    /// Writes a file aside and puts it in place, so that a reader finds the old one or the new one.
    fn write(&self, name: &str, content: &str) -> Result<(), SecretsError> {
        let path = self.path(name);
        self.write_aside(name, &path, content).map_err(|err| unavailable(&path, &err))
    }

    fn write_aside(&self, name: &str, path: &Path, content: &str) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(&self.folder)?;
        let aside = self.path(&format!(".{name}.{}", std::process::id()));
        // What a process that died has left may be open to others.
        match fs::remove_file(&aside) {
            Err(err) if err.kind() != ErrorKind::NotFound => return Err(err),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&aside)?;
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

    async fn amazon(&self) -> Result<Option<AmazonSession>, SecretsError> {
        let secrets = self.clone();
        off_the_async_threads(self, move || secrets.read(AMAZON, AmazonSession::from_json)).await
    }

    fn place(&self) -> String {
        self.path(CREDENTIALS).display().to_string()
    }
}

/// Reads a file, after closing it to everybody but its owner.
fn read(path: &Path) -> io::Result<String> {
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(
            file.path = %path.display(),
            file.mode = format!("{:o}", mode & 0o777),
            "others could read this file of secrets: it is closed now, change the passwords if somebody may have"
        );
        // A file system without modes keeps none; there is nothing more to do about it.
        if let Err(err) = fs::set_permissions(path, Permissions::from_mode(FILE_MODE)) {
            tracing::warn!(file.path = %path.display(), error = %err, "the file of secrets cannot be closed");
        }
    }
    fs::read_to_string(path)
}

fn unavailable(path: &Path, err: &io::Error) -> SecretsError {
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
