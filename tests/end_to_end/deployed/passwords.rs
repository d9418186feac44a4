//! The passwords that `infra/deploy` makes, by what the secret of the stack holds.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use end_to_end::machine;
use end_to_end::program::{Output, Program};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A stack with a secret. What is written to it is kept in a file.
const AWS: &str = r#"#!/usr/bin/env bash
case "$*" in
    *get-secret-value*) printf '%s\n' "$SECRET" ;;
    *get-random-password*) echo 0123456789abcdefghijklmnopqrstuv ;;
    *put-secret-value*) cat > "$WRITTEN" ;;
    *ApiUrl*) printf 'http://127.0.0.1:1\tthe-arn-of-the-skill\t\n' ;;
esac
"#;

/// Makes the passwords; what the script says, and the secret that it writes.
fn passwords(secret: &str) -> (Output, Option<String>) {
    let folder = TempDir::new().unwrap();
    let (aws, written) = (folder.path().join("aws"), folder.path().join("written"));
    fs::write(&aws, AWS).unwrap();
    fs::set_permissions(&aws, Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(machine::workspace().join("infra/deploy"));
    command.arg("--passwords").env_clear().env("AWS_REGION", "eu-west-1").env("HOME", folder.path());
    command.env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()));
    let said = Program::run(command.env("SECRET", secret).env("WRITTEN", &written));
    assert!(said.status.success(), "{}{}", said.stdout, said.stderr);
    (said, fs::read_to_string(written).ok())
}

#[test]
fn what_is_missing_in_the_secret_is_made() {
    for empty in ["", "{}", "{ }", " {\n} "] {
        let (_, written) = passwords(empty);
        let written: Value = serde_json::from_str(&written.unwrap()).unwrap();
        for part in ["owner", "music_assistant", "session_key", "grant_keys", "door_secret"] {
            assert!(!written[part].is_null(), "{empty:?}: {part} is missing in {written}");
        }
    }
    let earlier = json!({ "owner": { "username": "me", "password": "a-password-of-mine" } });
    let (_, written) = passwords(&earlier.to_string());
    let written: Value = serde_json::from_str(&written.unwrap()).unwrap();
    assert_eq!(written["owner"], earlier["owner"]);
    assert!(written["session_key"].is_string() && written["door_secret"].is_string(), "{written}");
}

#[test]
fn a_secret_that_is_no_object_is_left_to_its_owner() {
    let (said, written) = passwords("my password");
    assert_eq!(written, None);
    assert!(said.stderr.contains("is no JSON object"), "{}", said.stderr);
}
