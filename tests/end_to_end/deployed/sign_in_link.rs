//! The link that `infra/deploy` ends with: the real script and `curl`, before a server that is there.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use end_to_end::api::OWNER;
use end_to_end::program::{Output, Program};
use end_to_end::{machine, ports};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::form_urlencoded::Serializer;

use crate::amazon::harness::Harness;

/// A stack that is there, with its secret.
const AWS: &str = r#"#!/usr/bin/env bash
case "$*" in
    *get-secret-value*) printf '%s\n' "$SECRET" ;;
    *ApiUrl*) printf '%s\tthe-arn-of-the-skill\t\n' "$URL" ;;
esac
"#;

/// The real one, which writes down what a list of processes would show.
const CURL: &str = r#"#!/usr/bin/env bash
printf '%s\n' "$@" >> "$ARGUMENTS"
exec "$CURL" "$@"
"#;

fn curl() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|folder| folder.join("curl")).find(|curl| curl.is_file());
    if found.is_none() {
        machine::say("not run: the link of infra/deploy (there is no curl)");
    }
    found
}

/// The end of `infra/deploy`, and the arguments of `curl`.
fn deployed(curl: &Path, url: &str, secret: &Value) -> (Output, String) {
    let folder = TempDir::new().unwrap();
    for (name, script) in [("aws", AWS), ("curl", CURL)] {
        let path = folder.path().join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }
    let arguments = folder.path().join("arguments");
    let mut command = Command::new(machine::workspace().join("infra/deploy"));
    command
        .arg("--passwords")
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()))
        .env("HOME", folder.path())
        .env("AWS_REGION", "eu-west-1")
        .env("CURL", curl)
        .env("ARGUMENTS", &arguments)
        .env("URL", url)
        .env("SECRET", secret.to_string());
    let said = Program::run(&mut command);
    assert!(said.status.success(), "{}{}", said.stdout, said.stderr);
    (said, fs::read_to_string(arguments).unwrap_or_default())
}

/// A secret of which nothing is missing.
fn secret(password: &str) -> Value {
    json!({
        "owner": { "username": OWNER.0, "password": password },
        "music_assistant": { "username": "music-assistant", "password": "push-password-00001" },
        "session_key": "s", "grant_keys": "g", "door_secret": "d",
    })
}

/// Opens a link and presses its button.
async fn follow(link: &str) -> Response {
    let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let page = client.get(link).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = page.text().await.unwrap();
    let hidden = |name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let form = [("csrf", hidden("csrf")), ("token", hidden("token"))];
    let form = Serializer::new(String::new()).extend_pairs(form).finish();
    let (base, _) = link.split_once("/link/").unwrap();
    let sent = client.post(format!("{base}/link")).header("cookie", cookie).body(form);
    sent.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deployment_ends_with_a_link_that_signs_in_once() {
    let Some(curl) = curl() else { return };
    let harness = Harness::start().await;
    let url = format!("http://{}", harness.api.address());
    let (said, arguments) = deployed(&curl, &url, &secret(OWNER.1));
    let link = said.stdout.lines().map(str::trim).find(|line| line.contains("/link/"));
    let link = link.unwrap_or_else(|| panic!("{}{}", said.stdout, said.stderr));
    assert!(link.starts_with(&url), "{link}");
    assert!(said.stdout.contains(&format!("open {url}/setup")), "{}", said.stdout);
    assert!(arguments.contains("/v1/link") && !arguments.contains(OWNER.1), "{arguments}");
    assert!(!said.stdout.contains(OWNER.1) && !said.stderr.contains(OWNER.1));
    let followed = follow(link).await;
    assert_eq!((followed.status().as_u16(), &followed.headers()["location"]), (303, &"/".parse().unwrap()));
    assert_eq!(follow(link).await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_link_the_deployment_ends_with_the_page() {
    let Some(curl) = curl() else { return };
    let harness = Harness::start().await;
    let url = format!("http://{}", harness.api.address());
    let nowhere = format!("http://127.0.0.1:{}", ports::free_port());
    for (url, secret, asks) in [
        (&nowhere, secret(OWNER.1), true),
        (&url, secret("another-password-01"), true),
        // What would have to be quoted is left to a person.
        (&url, secret("a \"quoted\" password"), false),
        (&url, json!({ "session_key": "s", "grant_keys": "g", "door_secret": "d" }), false),
    ] {
        let (said, arguments) = deployed(&curl, url, &secret);
        assert!(said.stdout.contains(&format!("Deployed. Open\n\n    {url}/setup")), "{}", said.stdout);
        assert!(!said.stdout.contains("/link/") && said.stderr.is_empty(), "{}{}", said.stdout, said.stderr);
        assert_eq!(arguments.contains("/v1/link"), asks, "{secret}");
    }
}
