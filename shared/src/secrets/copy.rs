//! All files of the folder of secrets, for a backup and what is restored from it.

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::file::{AMAZON, CREDENTIALS, unavailable};
use super::{Credentials, FileSecrets, SecretVersion, SecretsError, VersionedSession};
use crate::private::FOLDER_MODE;

/// Most files of the folder that are copied.
pub(crate) const MAX_FILES: usize = 64;

/// Most bytes of one of them.
const MAX_FILE: u64 = 1024 * 1024;

/// Longest name of a file, in bytes.
const MAX_NAME: usize = 64;

/// A file of the folder: its name and its whole text. `Debug` prints no text.
#[derive(Clone, Debug)]
pub(crate) struct SecretFile {
    name: String,
    content: SecretString,
}

impl SecretFile {
    /// Takes a file out of a backup.
    ///
    /// # Errors
    /// When no secret of ours has this name, or the content cannot be read by this release.
    pub(crate) fn new(name: String, content: SecretString) -> Result<Self, SecretsError> {
        let malformed =
            |reason: &str| SecretsError::Malformed { place: name.clone(), reason: reason.to_owned() };
        if !is_name(&name) {
            return Err(malformed("no secret has such a name"));
        }
        if content.expose_secret().len() as u64 > MAX_FILE {
            return Err(malformed("it is larger than 1 MiB"));
        }
        match name.as_str() {
            CREDENTIALS => drop(Credentials::from_json(content.expose_secret(), &name)?),
            AMAZON => {
                drop(VersionedSession::from_json(
                    content.expose_secret(),
                    SecretVersion::unwritten(),
                    &name,
                )?);
            }
            _ => {}
        }
        Ok(Self { name, content })
    }

    /// The name in the folder.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub(crate) fn content(&self) -> &str {
        self.content.expose_secret()
    }
}

impl FileSecrets {
    /// Every secret of the folder; none where it does not exist. It waits for the disk.
    ///
    /// # Errors
    /// When a file cannot be read, is too large, or there are too many.
    pub(crate) fn export(&self) -> Result<Vec<SecretFile>, SecretsError> {
        let failed = |error: &io::Error| unavailable(self.folder(), error);
        let mut files = Vec::new();
        for path in self.files().map_err(|error| failed(&error))? {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let size = fs::metadata(&path).map_err(|error| unavailable(&path, &error))?.len();
            if size > MAX_FILE || files.len() >= MAX_FILES {
                return Err(failed(&io::Error::other("it holds more than a backup takes")));
            }
            let content = fs::read_to_string(&path).map_err(|error| unavailable(&path, &error))?;
            files.push(SecretFile { name: name.to_owned(), content: content.into() });
        }
        Ok(files)
    }

    /// Puts these files in the place of all others, which move to the folder `aside` beneath. After an error the old ones
    /// are back in their place. It waits for the disk.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(crate) fn replace(&self, files: &[SecretFile], aside: &str) -> Result<Option<PathBuf>, SecretsError> {
        let _lock = self.lock()?;
        let failed = |error: &io::Error| unavailable(self.folder(), error);
        let old = self.files().map_err(|error| failed(&error))?;
        let aside = self.folder().join(aside);
        let mut moved = Vec::new();
        let replaced = move_all(&old, &aside, &mut moved)
            .map_err(|error| failed(&error))
            .and_then(|()| files.iter().try_for_each(|file| self.write(&file.name, file.content())));
        if let Err(error) = replaced {
            for file in files {
                let _ = fs::remove_file(self.folder().join(&file.name));
            }
            for (from, to) in moved {
                let _ = fs::rename(to, from);
            }
            let _ = fs::remove_dir(&aside);
            return Err(error);
        }
        Ok((!old.is_empty()).then_some(aside))
    }

    /// The paths of the secrets, in the order of their names. Locks and what is half written begin with a dot.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(self.folder()) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry?;
            let is_secret = entry.file_name().to_str().is_some_and(is_name) && entry.file_type()?.is_file();
            if is_secret {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }
}

fn move_all(files: &[PathBuf], aside: &Path, moved: &mut Vec<(PathBuf, PathBuf)>) -> io::Result<()> {
    if !files.is_empty() {
        DirBuilder::new().mode(FOLDER_MODE).create(aside)?;
    }
    for from in files {
        let Some(name) = from.file_name() else { continue };
        let to = aside.join(name);
        fs::rename(from, &to)?;
        moved.push((from.clone(), to));
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    (1..=MAX_NAME).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(is_plain)
}
