//! The commit and its date for `--version`, where git knows them.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // For a build without the history, such as in a container.
    println!("cargo:rerun-if-env-changed=BUILD_COMMIT");
    let commit = std::env::var("BUILD_COMMIT").ok().filter(|commit| !commit.trim().is_empty());
    let commit = commit.or_else(|| git(&["log", "-1", "--format=%h, %cs"]));
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let version = match commit {
        Some(commit) => format!("{version} ({})", commit.trim()),
        None => version,
    };
    println!("cargo:rustc-env=MA_ALEXA_VERSION={version}");
    // A commit, a checkout and a rebase write there. A file that is missing would run this at each build.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log).is_file()) {
        println!("cargo:rerun-if-changed={log}");
    }
}

/// The output of git; none where there is no git, or no repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    let printed = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!printed.is_empty() && !printed.contains('\n')).then_some(printed)
}
