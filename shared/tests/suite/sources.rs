//! The source files of the house, for the tests that read them.
#![expect(clippy::unwrap_used, reason = "without the sources there is nothing to hold")]

use std::fs;
use std::path::{Path, PathBuf};

/// The Rust files below a folder, with their texts, in the order of their paths.
pub(crate) fn of_folder(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let files = entries.into_iter().flat_map(|path| {
        if path.is_dir() {
            return of_folder(&path);
        }
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        is_rust.then(|| (path.clone(), fs::read_to_string(&path).unwrap())).into_iter().collect()
    });
    files.collect()
}

/// The folder of the library's sources.
pub(crate) fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The Rust files of the functions and of the library.
pub(crate) fn of_all() -> Vec<(PathBuf, String)> {
    let functions = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions")).unwrap();
    let folders = functions.map(|function| function.unwrap().path().join("src"));
    folders.chain([library()]).flat_map(|folder| of_folder(&folder)).collect()
}
