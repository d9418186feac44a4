//! Files and folders that only the user of this process may read.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::fs::{fchown, lchown};
use std::path::Path;

/// Mode of a folder that its owner alone reads.
pub(crate) const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Makes a folder, and those above it that are missing, for their owner alone.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folder(above)?;
    }
    match DirBuilder::new().mode(FOLDER_MODE).create(folder) {
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => {
            made?;
            give_to_owner_above(folder, |user, group| lchown(folder, user, group));
            Ok(())
        }
    }
}

/// Makes a new file for its owner alone, to be written.
pub(crate) fn make_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().append(true).create_new(true).mode(FILE_MODE).open(path)?;
    hand_over(&file, path);
    Ok(file)
}

/// Opens a file at its end, and makes it for its owner alone where it is missing.
pub(crate) fn open_or_make_file(path: &Path) -> io::Result<File> {
    match make_file(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            refuse_link(path)?;
            OpenOptions::new().append(true).open(path)
        }
        made => made,
    }
}

/// Gives a file that this process has made to the owner of its folder. A command of root would otherwise leave files that
/// the server cannot read.
pub(crate) fn hand_over(made: &File, path: &Path) {
    give_to_owner_above(path, |user, group| fchown(made, user, group));
}

/// Only what this process has made itself: what was there may be a link to a file that is none of the owner's.
fn give_to_owner_above(path: &Path, give: impl FnOnce(Option<u32>, Option<u32>) -> io::Result<()>) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let given = above(path).and_then(|above| match above.uid() {
        0 => Ok(()),
        user => give(Some(user), Some(above.gid())),
    });
    // In a container root may lack the right to do so.
    if let Err(error) = given {
        tracing::warn!(file.path = %path.display(), %error, "it stays root's: the owner of its folder cannot read it");
    }
}

/// The folder of a file or folder.
fn above(path: &Path) -> io::Result<Metadata> {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    fs::metadata(above.unwrap_or_else(|| Path::new(".")))
}

/// Keeps root from following a link that another user has laid in a folder of that user.
fn refuse_link(path: &Path) -> io::Result<()> {
    let is_refused = rustix::process::geteuid().is_root()
        && fs::symlink_metadata(path)?.is_symlink()
        && above(path)?.uid() != 0;
    if is_refused {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "it is a link of another user: remove it"));
    }
    Ok(())
}

/// Closes a file or folder that others can read, with a warning: a box at home must not stop playing over a restored
/// backup.
///
/// # Errors
/// When it is not there, or another user owns it, who could read it and change what is in it at any time. Root works with
/// what is a service's, whose user owns the folder as well.
pub(crate) fn close_to_others(path: &Path) -> io::Result<()> {
    refuse_link(path)?;
    let metadata = fs::metadata(path)?;
    let (owner, own) = (metadata.uid(), rustix::process::geteuid().as_raw());
    let is_of_service = own == 0 && above(path)?.uid() == owner;
    // Root reads everything anyway.
    if owner != own && owner != 0 && !is_of_service {
        let reason = format!("the user {owner} owns it, and this process runs as {own}: `chown {own}` it");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
    }
    let mode = metadata.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(
            file.path = %path.display(),
            file.mode = format!("{:o}", mode & 0o777),
            "others could read this: it is closed now, change the passwords if another user may have"
        );
        let closed = Permissions::from_mode(if metadata.is_dir() { FOLDER_MODE } else { FILE_MODE });
        // A file system without modes keeps none; there is nothing more to do about it.
        if let Err(error) = fs::set_permissions(path, closed) {
            tracing::warn!(file.path = %path.display(), %error, "it cannot be closed");
        }
    }
    Ok(())
}
