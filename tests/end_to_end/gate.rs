//! The gate in `.ci/run`: a stage that this machine cannot run, and the stage of plain words.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::{fs, str};

use end_to_end::machine;
use tempfile::TempDir;

const UNREACHABLE: &str = "echo 'error[]: failed to fetch advisory database' >&2; exit 1";

/// A checkout with the gate, a lock file and a `cargo-deny` that does what `deny` says.
fn checkout(deny: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let tools = folder.path().join("tests/.tools");
    fs::create_dir_all(tools.join("deny/bin")).unwrap();
    fs::create_dir(folder.path().join(".ci")).unwrap();
    fs::copy(machine::workspace().join(".ci/run"), folder.path().join(".ci/run")).unwrap();
    fs::write(folder.path().join("Cargo.lock"), "a lock file\n").unwrap();
    fs::write(tools.join("ci.log"), "").unwrap();
    put_deny(folder.path(), deny);
    let commit = "git init --quiet && git -c user.name=t -c user.email=t@example.com commit --quiet --allow-empty -m t";
    assert!(Command::new("bash").args(["-c", commit]).current_dir(&folder).status().unwrap().success());
    folder
}

fn put_deny(folder: &Path, does: &str) {
    let program = folder.join("tests/.tools/deny/bin/cargo-deny");
    fs::write(&program, format!("#!/bin/bash\n{does}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Whether the stage of the advisories passes the gate, and all that was said.
fn check(folder: &Path) -> (bool, String) {
    let stage = "source .ci/run && stage advisories check_advisories && summary";
    let ran = Command::new("bash").args(["-c", stage]).current_dir(folder).output().unwrap();
    (ran.status.success(), str::from_utf8(&ran.stdout).unwrap().to_owned())
}

#[test]
fn advisories_that_cannot_be_had_are_named_in_the_summary() {
    let folder = checkout(UNREACHABLE);
    let (passed, said) = check(folder.path());
    assert!(passed, "{said}");
    let (_, summary) = said.split_once("=== summary").unwrap();
    assert!(summary.contains("!!! not run: advisories"), "{said}");
    // The first letters of the lock file's sha256.
    assert!(summary.contains("Cargo.lock 89d04ef48b6d is UNCHECKED"), "{said}");
    assert!(!summary.contains(" ok "), "{said}");
}

#[test]
fn the_next_run_that_can_checks_what_was_not_checked() {
    let folder = checkout(UNREACHABLE);
    check(folder.path());
    put_deny(folder.path(), "echo advisories ok");
    let (passed, said) = check(folder.path());
    assert!(passed, "{said}");
    assert!(said.contains("earlier runs could not check") && said.contains("\n89d04ef48b6d "), "{said}");
    assert!(!said.contains("not run"), "{said}");
    let (_, said) = check(folder.path());
    assert!(!said.contains("earlier runs"), "{said}");
}

#[test]
fn an_advisory_fails_the_gate() {
    let folder = checkout("echo 'error[vulnerability]: found'; exit 1");
    let (passed, said) = check(folder.path());
    assert!(!passed && said.contains("found"), "{said}");
}

/// Whether the stage of plain words passes with this text in a tracked file, and all that it printed.
fn check_words(text: &str) -> (bool, String) {
    let folder = checkout(UNREACHABLE);
    fs::write(folder.path().join("notes.md"), text).unwrap();
    let stage = "git add notes.md && source .ci/run && check_words";
    let ran = Command::new("bash").args(["-c", stage]).current_dir(&folder).output().unwrap();
    (ran.status.success(), str::from_utf8(&ran.stdout).unwrap().to_owned())
}

#[test]
fn a_word_that_the_glossary_replaces_fails_the_gate_with_its_line() {
    let (passed, printed) = check_words("A lease expires.\nNobody holds it.\n"); // allow-word
    assert!(!passed && printed.contains("notes.md:2:Nobody holds it."), "{printed}"); // allow-word
    assert!(!printed.contains("A lease expires"), "{printed}");
    assert!(!check_words("fn nobody_waits() {}\n").0, "names of tests are sentences, too"); // allow-word
    assert!(!check_words("Anybody asks.\n").0); // allow-word
    assert!(!check_words("fn everybody_waits() {}\n").0); // allow-word
    assert!(!check_words("The log tells it.\n").0); // allow-word
    assert!(check_words("A lease expires.\n").0);
    assert!(check_words("The test says nobody. <!-- allow-word -->\n").0); // allow-word
}
