//! Tools of this machine, and the message where one is missing.
#![expect(clippy::unwrap_used, reason = "a test that cannot say so has failed")]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A line on the real standard error, past the capture that hides what a passing test prints.
pub fn say(line: &str) {
    writeln!(std::io::stderr().lock(), "{line}").unwrap();
}

/// The value of a variable that names something this machine may not have; nothing, and a line that says once what
/// is left out, where it is unset. With `CI` set that is a failure.
#[must_use]
pub fn tool(variable: &str, needed_for: &str) -> Option<String> {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let value = env::var(variable).ok().filter(|value| !value.is_empty());
    if value.is_none() {
        let reason = format!("not run: {needed_for} ({variable} is not set)");
        assert!(env::var_os("CI").is_none(), "{reason}");
        if SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(reason.clone()) {
            say(&reason);
        }
    }
    value
}

/// The folder with the lock file.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The folder of the binaries of this build.
#[must_use]
pub fn target() -> PathBuf {
    // A test's own binary is in `deps`, others are beside that folder.
    let test = env::current_exe().unwrap();
    let folder = test.parent().unwrap();
    if folder.ends_with("deps") { folder.parent().unwrap().to_owned() } else { folder.to_owned() }
}

/// A binary of this workspace. Fails where it is missing, or older than its sources.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    const CURE: &str = "build it: cargo build --workspace --bins";
    let binary = target().join(name);
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    let built = modified(&binary).unwrap_or_else(|error| panic!("{}: {error}; {CURE}", binary.display()));
    // Cargo keeps beside each binary what it was made of: "binary: source source …", with spaces escaped.
    let sources = fs::read_to_string(binary.with_extension("d")).unwrap();
    let sources = sources.split_once(':').unwrap().1.replace("\\ ", "\0");
    for source in sources.split_whitespace().map(|source| source.replace('\0', " ")) {
        let is_current = modified(Path::new(&source)).is_ok_and(|changed| changed <= built);
        assert!(is_current, "{} is older than {source}; {CURE}", binary.display());
    }
    binary
}
