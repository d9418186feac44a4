//! The binary `local`: how it starts, and how it ends.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use end_to_end::api::{Api, CREDENTIALS, send};
use end_to_end::envelope::SKILL;
use end_to_end::program::Program;
use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::config::{Settings, VARIABLES};
use ma_alexa::store::SetupStore as _;
use ma_alexa::store::sqlite::SqliteStore;
use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use super::local::{command, serve};

/// Both pairs, from the file that the first start names: the owner's, then Music Assistant's.
fn made(stdout: &str, folder: &Path) -> [(String, String); 2] {
    let path = folder.join("data/secrets/credentials.json");
    assert!(stdout.contains("data/secrets/credentials.json"), "no path in:\n{stdout}");
    let file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    ["owner", "music_assistant"].map(|pair| {
        let text = |name: &str| file[pair][name].as_str().unwrap().to_owned();
        (text("username"), text("password"))
    })
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_both_pairs_and_says_once_where_they_are() {
    let folder = TempDir::new().unwrap();
    let (server, base) = serve(&mut command(folder.path(), &[]));
    let output = server.terminate();
    assert!(output.status.success(), "{}", output.stderr);
    assert!(output.stdout.contains(&base), "the address for Music Assistant:\n{}", output.stdout);
    let [owner, music_assistant] = made(&output.stdout, folder.path());
    assert_ne!(owner.1, music_assistant.1);
    for (_, password) in [&owner, &music_assistant] {
        // 160 bits in at most 6 bits for each character.
        assert!(password.len() >= 27, "{password}");
        for said in [&output.stdout, &output.stderr] {
            assert!(!said.contains(password.as_str()), "a journal would keep it");
        }
    }

    let data = folder.path().join("data");
    let secrets = data.join("secrets");
    let found =
        [&data, &secrets, &secrets.join("credentials.json"), &data.join("state.db")].map(|path| mode(path));
    assert_eq!(found, [0o700, 0o700, 0o600, 0o600].map(|mode: u32| mode));

    let (server, base) = serve(&mut command(folder.path(), &[]));
    let api = Api::at(&base).with_credentials(owner, music_assistant);
    api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    assert_eq!(api.player("Kitchen").await["state"], "idle");
    let output = server.terminate();
    assert!(output.status.success(), "{}", output.stderr);
    assert_eq!(output.stdout, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skill_that_the_set_up_made_is_known_at_the_next_start() {
    let folder = TempDir::new().unwrap();
    let (server, _) = serve(command(folder.path(), &[]).env_remove("SKILL_ID"));
    let output = server.terminate();
    assert!(output.stderr.contains("no skill is known"), "{}", output.stderr);
    let state = folder.path().join("data/state.db");
    let store = SqliteStore::open(&state, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    let settings = Settings { skill_ids: vec![SKILL.into()], ..Settings::default() };
    store.put_settings(&settings).await.unwrap();
    drop(store);
    let (server, _) = serve(command(folder.path(), &[]).env_remove("SKILL_ID"));
    let output = server.terminate();
    assert!(!output.stderr.contains("no skill is known"), "{}", output.stderr);
    assert!(!output.stderr.contains("SKILL_ID"), "{}", output.stderr);
}

#[test]
fn a_first_start_that_fails_does_not_swallow_the_passwords() {
    let folder = TempDir::new().unwrap();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let bind = taken.local_addr().unwrap().to_string();
    let output = Program::run(command(folder.path(), &[]).env("BIND", &bind));
    assert!(!output.status.success());
    assert!(output.stderr.contains(&format!("BIND={bind} cannot be listened on")), "{}", output.stderr);

    let (server, _) = serve(&mut command(folder.path(), &[]));
    let _pairs = made(&server.terminate().stdout, folder.path());
}

#[test]
fn a_terminal_is_shown_the_passwords() {
    let folder = TempDir::new().unwrap();
    let local = command(folder.path(), &[]);
    // `script` runs it on a terminal of its own, and copies what it writes there.
    let mut script = Command::new("script");
    script.args(["-qec".as_ref(), local.get_program(), "/dev/null".as_ref()]).current_dir(folder.path());
    script.env_clear().env("SHELL", "/bin/sh").envs([
        ("BIND", "127.0.0.1:0"),
        ("DOOR_BIND", "off"),
        ("RENDERER_BIND", "off"),
    ]);
    let program = Program::start(&mut script);
    let shown = program.wait_for_stdout("password   ");
    let path = folder.path().join("data/secrets/credentials.json");
    let password = shown.split_whitespace().last().unwrap();
    assert!(fs::read_to_string(path).unwrap().contains(password), "{shown}");
}

#[test]
fn a_malformed_variable_stops_the_start_with_its_name_and_an_example() {
    let folder = TempDir::new().unwrap();
    for (name, value) in [
        ("BIND", "everywhere"),
        ("STORE_URL", "postgres://secret-host"),
        ("SECRETS_URL", "somewhere"),
        ("API_PASSWORD", "chosen-by-me"),
        ("PUSH_PASSWORD", "chosen-by-me"),
        ("METRICS_TOKEN", "chosen-by-me"),
        ("SKILL_ID", "my-skill"),
        ("STREAM_BASE_URL", "http://192.168.1.5:8097"),
        ("DOOR_BIND", "everywhere"),
        ("RENDERER_BIND", "everywhere"),
        ("DOOR_URL", "http://door.example.com"),
        ("DOOR_LAN_URL", "https://raspberrypi:5443"),
        ("PLAYLIST_URL", "https://door.example.com/?a"),
        ("STREAM_ROUTE", "window"),
        ("ALEXA_ON_BIND", "perhaps"),
        ("ART_BASE_URL", "covers"),
        ("MA_STREAM_ORIGIN", "nowhere"),
        ("LOCALE", "xx-YY"),
        ("INVOCATION_NAME", "!"),
        ("MA_PHRASES", "loud"),
        ("RUST_LOG", "ma_alexa=shout"),
    ] {
        let variable = VARIABLES.iter().find(|variable| variable.name == name).unwrap();
        let pair = name.strip_suffix("_PASSWORD").map(|pair| (format!("{pair}_USERNAME"), "a-person"));
        let output = Program::run(command(folder.path(), &[]).env(name, value).envs(pair));
        assert!(!output.status.success(), "{name}={value} is taken");
        let example = format!("{name}={}", variable.example);
        assert!(output.stderr.contains(&example), "{name}: {}", output.stderr);
        if value == "chosen-by-me" {
            assert!(!output.stderr.contains(value), "{name}: it is repeated: {}", output.stderr);
        }
        assert_eq!(output.stdout, "", "{name}");
        assert_eq!(output.stderr.lines().count(), 1, "{name}: {}", output.stderr);
    }
}

#[test]
fn a_cloud_without_its_variables_is_named() {
    let folder = TempDir::new().unwrap();
    for variable in ["STORE_URL", "SECRETS_URL"] {
        let url = if variable == "STORE_URL" { "dynamodb://table" } else { "secretsmanager://home" };
        let output = Program::run(command(folder.path(), &[]).env(variable, url));
        assert!(!output.status.success());
        assert!(output.stderr.contains("AWS_REGION is not set; an example is"), "{}", output.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_end_leaves_a_whole_state() {
    let folder = TempDir::new().unwrap();
    let (server, base) = serve(command(folder.path(), &[]).envs(CREDENTIALS));
    let api = Api::at(&base);
    // The connection stays open: a client that waits for nothing must not hold the end up.
    api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let output = server.terminate();
    assert!(output.status.success(), "{}", output.stderr);
    let refused = api.request(Method::GET, "/healthz").timeout(Duration::from_secs(5)).send().await;
    assert!(refused.is_err());

    let (killed, base) = serve(command(folder.path(), &[]).envs(CREDENTIALS));
    Api::at(&base).push("Office", "Aa2keUeZ", "Blue").await;
    killed.kill();
    let (_server, base) = serve(command(folder.path(), &[]).envs(CREDENTIALS));
    let api = Api::at(&base);
    assert_eq!(send(api.request(Method::GET, "/healthz")).await.0, 200);
    for player in ["Kitchen", "Office"] {
        assert_eq!(api.player(player).await["version"], 1);
    }
}
