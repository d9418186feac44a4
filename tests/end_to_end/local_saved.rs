//! What keeps a server at home safe: backups, passwords and the report of a problem.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;

use end_to_end::api::{Api, http_client, send};
use end_to_end::machine;
use end_to_end::program::{Output, Program};
use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use super::local::{command, serve};
use super::pages::browser::Browser;

/// Runs a command in `folder`, which has to succeed.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = try_run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", output.stderr);
    output.stdout
}

fn try_run(folder: &Path, arguments: &[&str]) -> Output {
    Program::run(&mut command(folder, arguments))
}

/// The user name and password that the command prints.
fn pair(folder: &Path, arguments: &[&str]) -> (String, String) {
    let printed = run(folder, &[&["password"], arguments].concat());
    let mut words = printed.lines().map(|line| line.rsplit(' ').next().unwrap().to_owned());
    (words.next().unwrap(), words.next().unwrap())
}

fn api(folder: &Path, base: &str) -> Api {
    Api::at(base).with_credentials(pair(folder, &[]), pair(folder, &["music-assistant"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_restored_in_another_folder_and_served() {
    const PLAYERS: usize = 40;
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (server, base) = serve(&mut command(folder.path(), &[]));
    let api = api(folder.path(), &base);
    api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let load = tokio::spawn({
        let api = api.clone();
        async move {
            for number in 0..PLAYERS {
                api.push(&format!("Player {number}"), "Aa2keUeZ", "Blue").await;
            }
        }
    });
    let file = folder.path().join("home.backup");
    let file = file.to_str().unwrap();
    let said = run(folder.path(), &["backup", file]);
    assert!(said.contains("home.backup") && said.contains("keep it where only you"), "{said}");
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    load.await.unwrap();
    assert_eq!(api.get("/v1/players").await["players"].as_array().unwrap().len(), PLAYERS + 1);
    let again = try_run(folder.path(), &["backup", file]);
    assert!(!again.status.success() && again.stderr.contains("already exists"), "{}", again.stderr);

    // A server that runs keeps its state.
    let refused = try_run(folder.path(), &["restore", file]);
    assert!(
        !refused.status.success() && refused.stderr.contains("Stop it, then restore"),
        "{}",
        refused.stderr
    );
    assert_eq!(api.player("Kitchen").await["version"], 1);

    let said = run(other.path(), &["restore", file]);
    assert!(said.contains("Start `ma-alexa` again"), "{said}");
    assert_eq!(pair(other.path(), &[]), pair(folder.path(), &[]));
    drop(server);
    let (_server, base) = serve(&mut command(other.path(), &[]));
    assert_eq!(self::api(other.path(), &base).player("Kitchen").await["version"], 1);
}

/// A container has no shell, and its files belong to another user.
#[test]
fn a_backup_goes_through_pipes() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (_server, _) = serve(&mut command(folder.path(), &[]));
    let made = command(folder.path(), &["backup", "-"]).output().unwrap();
    assert!(made.status.success() && made.stdout.starts_with(b"SQLite format 3"), "{made:?}");
    assert!(String::from_utf8_lossy(&made.stderr).contains("keep it where only you"), "{made:?}");
    let half = Program::run_with_input(&mut command(other.path(), &["restore", "-"]), &made.stdout[..4096]);
    assert!(!half.status.success() && half.stderr.contains("not a whole backup"), "{}", half.stderr);
    let whole = Program::run_with_input(&mut command(other.path(), &["restore", "-"]), &made.stdout);
    assert!(whole.status.success(), "{}", whole.stderr);
    assert_eq!(pair(other.path(), &[]), pair(folder.path(), &[]));
    let left: Vec<_> =
        fs::read_dir(other.path().join("data")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("received")), "{left:?}");
}

/// The users that own what is in a folder, but for what a restore has moved away.
fn owners(folder: &Path) -> BTreeSet<u32> {
    let mut found = BTreeSet::from([fs::metadata(folder).unwrap().uid()]);
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let is_old = entry.file_name().to_string_lossy().starts_with("before-restore-");
        if entry.file_type().unwrap().is_dir() && !is_old {
            found.extend(owners(&entry.path()));
        } else if !is_old {
            found.insert(entry.metadata().unwrap().uid());
        }
    }
    found
}

/// A service has a user of its own, and its owner works as root.
#[test]
fn what_root_writes_belongs_to_the_user_of_the_service() {
    const SERVICE: u32 = 61_184;
    let folder = TempDir::new().unwrap();
    if fs::metadata(folder.path()).unwrap().uid() != 0 {
        machine::say("left out: files of a service that root writes (this is not root)");
        return;
    }
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    chown(&data, Some(SERVICE), Some(SERVICE)).unwrap();
    let (server, _) = serve(&mut command(folder.path(), &["--data-dir", "data"]));
    assert_eq!(owners(&data), BTreeSet::from([SERVICE]), "while root serves");
    drop(server);
    let file = folder.path().join("home.backup");
    let backup = file.to_str().unwrap();
    for arguments in [&["password", "--reset"][..], &["link"], &["backup", backup], &["restore", backup]] {
        run(folder.path(), &[arguments, &["--data-dir", "data"]].concat());
        assert_eq!(owners(&data), BTreeSet::from([SERVICE]), "{arguments:?}");
    }
    assert_eq!(fs::metadata(&file).unwrap().uid(), 0, "the backup is for the one who made it");

    // A link of that user leads root nowhere.
    let (own, state) = (folder.path().join("root.txt"), data.join("state.db.lock"));
    fs::write(&own, "").unwrap();
    fs::remove_file(&state).unwrap();
    symlink(&own, &state).unwrap();
    let refused = try_run(folder.path(), &["link", "--data-dir", "data"]);
    assert!(
        !refused.status.success() && refused.stderr.contains("a link of another user"),
        "{}",
        refused.stderr
    );
    assert_eq!(fs::metadata(&own).unwrap().uid(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_downloads_the_backup_and_no_other_caller_does() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (_server, base) = serve(&mut command(folder.path(), &[]));
    let (owner, music_assistant) = (pair(folder.path(), &[]), pair(folder.path(), &["music-assistant"]));
    let get = |(name, password): (String, String)| {
        let request = http_client().get(format!("{base}/v1/backup"));
        async move { request.basic_auth(name, Some(password)).send().await.unwrap() }
    };
    assert_eq!(get(music_assistant).await.status(), 403);
    let answer = get(owner).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
    let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.starts_with("attachment; filename=\"ma-alexa-"), "{name}");
    let file = other.path().join("download");
    fs::write(&file, answer.bytes().await.unwrap()).unwrap();
    run(other.path(), &["restore", file.to_str().unwrap()]);
    assert_eq!(pair(other.path(), &[]), pair(folder.path(), &[]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_replaces_the_old_one_at_the_running_server() {
    let folder = TempDir::new().unwrap();
    let early = try_run(folder.path(), &["password"]);
    assert!(!early.status.success() && early.stderr.contains("Start `ma-alexa` once"), "{}", early.stderr);
    let (_server, base) = serve(&mut command(folder.path(), &[]));
    let old = pair(folder.path(), &[]);
    let of_music_assistant = pair(folder.path(), &["music-assistant"]);
    let new = pair(folder.path(), &["owner", "--reset"]);
    assert_ne!(old.1, new.1);
    assert_eq!(pair(folder.path(), &["music-assistant"]), of_music_assistant, "the other one stays");
    let api = Api::at(&base);
    for ((name, password), status) in [(&new, 200), (&old, 401)] {
        let request = api.request(Method::GET, "/v1/players").basic_auth(name, Some(password));
        assert_eq!(send(request).await.0, status);
    }
    let fixed = Program::run(
        command(folder.path(), &["password", "--reset"])
            .envs([("API_USERNAME", "me"), ("API_PASSWORD", "a password of the environment")]),
    );
    assert!(fixed.stderr.contains("API_PASSWORD sets this password"), "{}", fixed.stderr);
}

/// Every text that a file of the secrets holds, and the variables that are secrets.
fn secrets(folder: &Path, variables: &[(&str, &str)]) -> Vec<String> {
    let mut found: Vec<String> = variables.iter().map(|(_, value)| (*value).to_owned()).collect();
    for entry in fs::read_dir(folder.join("data/secrets")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut open = vec![serde_json::from_str::<Value>(&text).unwrap_or_default()];
        while let Some(value) = open.pop() {
            match value {
                Value::String(text) => found.push(text),
                Value::Object(members) => open.extend(members.into_iter().map(|(_, value)| value)),
                _ => {}
            }
        }
    }
    found.retain(|text| !["owner", "music-assistant"].contains(&text.as_str()));
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_a_problem_has_no_secret_of_the_run() {
    let folder = TempDir::new().unwrap();
    let variables = [
        ("METRICS_TOKEN", "a-token-for-prometheus-alone"),
        ("DOOR_SECRET", "a-secret-for-cloudfront-alone"),
        ("DNS_TOKEN", "a7c4d0ad-114e-40ef-ba1d-d217904a50f2"),
    ];
    let (_server, base) = serve(command(folder.path(), &[]).envs(variables));
    let api = api(folder.path(), &base);
    api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let file = folder.path().join("report.json");
    let mut write = command(folder.path(), &["diagnostics", file.to_str().unwrap()]);
    let output = Program::run(write.envs(variables));
    assert!(output.status.success(), "{}", output.stderr);
    let report = fs::read_to_string(&file).unwrap();
    let served = api.get("/v1/diagnostics").await;
    let secrets = secrets(folder.path(), &variables);
    assert!(secrets.len() > 5, "{}", secrets.len());
    for (from, text) in [("the command", report.clone()), ("the API", served.to_string())] {
        for secret in &secrets {
            assert!(!text.contains(secret), "{from} shows {secret}");
        }
    }
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["variables"]["METRICS_TOKEN"], "(set)");
    assert_eq!(report["variables"]["BIND"], "127.0.0.1:0");
    assert!(report["doctor"]["links"].as_array().is_some_and(|checks| checks.len() > 5), "{report}");
    assert_eq!(report["activity"][0]["player"], "Kitchen", "{report}");
    let log = served["log"].as_array().unwrap();
    assert!(log.iter().any(|line| line.as_str().unwrap().contains("serving")), "{log:?}");
    let again = try_run(folder.path(), &["diagnostics", file.to_str().unwrap()]);
    assert!(!again.status.success() && again.stderr.contains("already exists"), "{}", again.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_settings_makes_a_backup_and_new_passwords() {
    let folder = TempDir::new().unwrap();
    let (_server, base) = serve(&mut command(folder.path(), &[]));
    let api = api(folder.path(), &base);
    let owner = pair(folder.path(), &[]);
    let browser = Browser::logged_in_as(&api, "en", (&owner.0, &owner.1)).await;
    assert!(browser.get("/settings/backup").await.starts_with("SQLite format 3"), "a backup is downloaded");
    for (whose, arguments) in [("music-assistant", &["music-assistant"][..]), ("owner", &[][..])] {
        let before = pair(folder.path(), arguments);
        let page = browser.send("/settings/password", &[("pair", whose)]).await;
        let after = pair(folder.path(), arguments);
        assert!(before.0 == after.0 && before.1 != after.1, "{whose}");
        assert!(page.contains(&format!("value=\"{}\"", after.1)), "{page}");
    }
    let login = browser.get("/settings").await;
    assert!(!login.contains("/settings/backup"), "the owner's new password ended the session: {login}");
}
