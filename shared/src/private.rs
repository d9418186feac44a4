//! Files and folders that only the user of this process may read.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Closes a file or folder that others can read, with a warning: a box at home must not stop playing over a restored
/// backup.
///
/// # Errors
/// When it is not there, or another user owns it, who could read it and change what is in it at any time.
pub(crate) fn close_to_others(path: &Path) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    let (owner, own) = (metadata.uid(), rustix::process::geteuid().as_raw());
    // Root reads everything anyway.
    if owner != own && owner != 0 {
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
