//! The binary `ma-alexa`: how it starts, and how it ends.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use axum::{Json, Router};
use end_to_end::api::{Api, CREDENTIALS, http_client, send};
use end_to_end::envelope::SKILL;
use end_to_end::machine;
use end_to_end::program::Program;
use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::config::{Settings, VARIABLES};
use ma_alexa::store::SetupStore as _;
use ma_alexa::store::sqlite::SqliteStore;
use reqwest::Method;
use serde_json::{Value, json};
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
    assert!(output.stdout.contains(&format!("Open {base} to set up.")), "{}", output.stdout);
    assert!(!output.stdout.contains("/link/"), "a journal would keep it: {}", output.stdout);
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
    assert!(output.stderr.contains(r#""skill":"not set up""#), "{}", output.stderr);
    let state = folder.path().join("data/state.db");
    let store = SqliteStore::open(&state, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    let settings = Settings { skill_ids: vec![SKILL.into()], ..Settings::default() };
    store.put_settings(&settings).await.unwrap();
    drop(store);
    let (server, _) = serve(command(folder.path(), &[]).env_remove("SKILL_ID"));
    let output = server.terminate();
    assert!(output.stderr.contains(r#""skill":"ok""#), "{}", output.stderr);
    assert!(!output.stderr.contains("SKILL_ID"), "{}", output.stderr);
}

#[test]
fn a_first_start_that_fails_does_not_swallow_the_passwords() {
    let folder = TempDir::new().unwrap();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let bind = taken.local_addr().unwrap().to_string();
    let output = Program::run(command(folder.path(), &[]).env("BIND", &bind));
    assert!(!output.status.success());
    let port = taken.local_addr().unwrap().port();
    let said = format!("ma-alexa: Port {port} is already in use. Start with --bind 127.0.0.1:");
    assert!(output.stderr.contains(&said), "{}", output.stderr);

    let (server, _) = serve(&mut command(folder.path(), &[]));
    let _pairs = made(&server.terminate().stdout, folder.path());
}

#[test]
fn the_former_name_starts_the_same_program() {
    let folder = TempDir::new().unwrap();
    let mut former = Command::new(machine::binary("local"));
    let output = Program::run(former.arg("--version").env_clear().current_dir(folder.path()));
    assert!(output.stdout.starts_with("ma-alexa 0."), "{}", output.stdout);
    let named = Program::run(&mut command(folder.path(), &["--version"]));
    assert_eq!(output.stdout, named.stdout);
}

/// The program on a terminal of its own: `script` copies what it writes there.
fn on_a_terminal(folder: &Path, arguments: &str) -> Program {
    let program = machine::binary("ma-alexa");
    let mut script = Command::new("script");
    script.args(["-qec", &format!("{} {arguments}", program.display()), "/dev/null"]).current_dir(folder);
    script.env_clear().env("SHELL", "/bin/sh").envs([
        ("BIND", "127.0.0.1:0"),
        ("DOOR_BIND", "off"),
        ("RENDERER_BIND", "off"),
        ("TERM", "xterm"),
    ]);
    Program::start(&mut script)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_is_shown_a_link_that_signs_in_and_the_owner_s_login() {
    let folder = TempDir::new().unwrap();
    let program = on_a_terminal(folder.path(), "");
    let owner = program.wait_for_stdout("owner / ");
    let password = owner.trim_end().rsplit(' ').next().unwrap();
    let credentials = fs::read_to_string(folder.path().join("data/secrets/credentials.json")).unwrap();
    assert!(credentials.contains(password), "{owner}");
    let link = program.wait_for_stdout("/link/");
    let link = link.split_whitespace().last().unwrap();
    let page = http_client().get(link).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("signs this browser in as the owner"));
    assert!(program.wait_for_stdout("Data:").contains("data"), "{}", program.stdout());
    let log = program.wait_for_stdout("serving");
    let (time, _) = log.split_once(' ').unwrap();
    assert!(time.contains('\u{1b}') && !time.contains('.'), "colours, and no parts of seconds: {log:?}");
    drop(program);

    // Until the set-up is finished each start has a link, with a picture where a phone reaches it.
    let program = on_a_terminal(folder.path(), "--api-url http://192.168.1.5:5000");
    let again = program.wait_for_stdout("/link/");
    assert!(again.contains("http://192.168.1.5:5000/link/"), "{again}");
    let _ = program.wait_for_stdout("Stop:");
    let shown = program.stdout();
    assert!(shown.contains('▀') && shown.contains("`ma-alexa password` prints"), "{shown}");
    assert!(!shown.contains(password), "it is shown once: {shown}");
    drop(program);

    let state = folder.path().join("data/state.db");
    let store = SqliteStore::open(&state, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    let settings = Settings { skill_ids: vec![SKILL.into()], ..Settings::default() };
    store.put_settings(&settings).await.unwrap();
    drop(store);
    let program = on_a_terminal(folder.path(), "");
    let ready = program.wait_for_stdout("Ready:");
    assert!(ready.contains("http://127.0.0.1:") && ready.contains("skill ok, 0 Echos paired"), "{ready}");
    assert!(!program.stdout().contains("/link/"), "{}", program.stdout());
}

#[test]
fn a_journal_gets_the_whole_command_for_a_link() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("a state");
    let mut service = command(folder.path(), &[]);
    service.env("DATA_DIR", &state).env("STATE_DIRECTORY", &state);
    let (server, base) = serve(&mut service);
    let output = server.terminate();
    let said = format!("sudo ma-alexa link --data-dir '{}'\n", state.display());
    assert!(output.stdout.contains(&said), "{}", output.stdout);

    // The command knows where that server listens.
    let mut link = command(folder.path(), &["link", "--data-dir", state.to_str().unwrap()]);
    let output = Program::run(link.env_remove("BIND"));
    assert!(output.stdout.starts_with(&format!("{base}/link/")), "{} {}", output.stdout, output.stderr);
}

#[test]
fn a_link_that_was_asked_for_in_vain_leaves_no_state() {
    let folder = TempDir::new().unwrap();
    let output = Program::run(&mut command(folder.path(), &["link"]));
    assert!(!output.status.success() && output.stderr.contains("no owner yet"), "{}", output.stderr);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_the_command_signs_in_at_the_running_server() {
    let folder = TempDir::new().unwrap();
    let early = Program::run(&mut command(folder.path(), &["link"]));
    assert!(!early.status.success() && early.stderr.contains("Start `ma-alexa` once"), "{}", early.stderr);
    let (_server, base) = serve(&mut command(folder.path(), &[]));
    let output = Program::run(&mut command(folder.path(), &["link", "--api-url", &base]));
    assert!(output.status.success(), "{}", output.stderr);
    let link = output.stdout.trim();
    assert!(link.starts_with(&format!("{base}/link/")), "{link}");
    // It installs the cryptography.
    let _ = http_client();
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    let page = client.get(link).send().await.unwrap();
    let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let text = page.text().await.unwrap();
    let hidden = |name: &str| {
        let (_, rest) = text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let form = format!("csrf={}&token={}", hidden("csrf"), hidden("token"));
    for (status, times) in [(303, "once"), (403, "twice")] {
        let post = client.post(format!("{base}/link")).header("cookie", &cookie).body(form.clone());
        let answered = post.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
        assert_eq!(answered.status(), status, "{times}");
    }
}

#[test]
fn the_state_is_where_it_was_or_in_the_folder_of_the_user() {
    let (home, checkout) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let start = |folder: &Path, variable: &str, value: &Path| {
        let (server, _) = serve(command(folder, &[]).env(variable, value));
        let output = server.terminate();
        assert!(output.status.success(), "{}", output.stderr);
    };
    let state = |folder: &Path| folder.join("state.db").is_file();
    start(checkout.path(), "HOME", home.path());
    assert!(state(&home.path().join(".local/state/ma-alexa")));
    assert!(!checkout.path().join("data").exists());
    start(checkout.path(), "XDG_STATE_HOME", &home.path().join("xdg"));
    assert!(state(&home.path().join("xdg/ma-alexa")));

    // Where an earlier release has made a state, it stays in use.
    let earlier = TempDir::new().unwrap();
    let (server, _) = serve(&mut command(earlier.path(), &[]));
    drop(server);
    assert!(state(&earlier.path().join("data")));
    let other = home.path().join("other");
    start(earlier.path(), "HOME", &other);
    assert!(!other.exists());
}

#[test]
fn a_file_of_variables_goes_behind_flags_and_the_environment() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("mine.env");
    let file = file.to_str().unwrap();
    let name = |arguments: &[&str], variables: &[(&str, &str)]| {
        let arguments = [&["model", "de-DE"], arguments].concat();
        let output = Program::run(command(folder.path(), &arguments).envs(variables.iter().copied()));
        assert!(output.status.success(), "{}", output.stderr);
        let model: Value = serde_json::from_str(&output.stdout).unwrap();
        model["interactionModel"]["languageModel"]["invocationName"].as_str().unwrap().to_owned()
    };
    fs::write(file, "# mine\nINVOCATION_NAME='our file'\n").unwrap();
    assert_eq!(name(&["--config", file], &[]), "our file");
    assert_eq!(name(&["--config", file], &[("INVOCATION_NAME", "our variable")]), "our variable");
    let flag = ["--config", file, "--invocation-name", "our flag"];
    assert_eq!(name(&flag, &[("INVOCATION_NAME", "our variable")]), "our flag");

    // The one in the folder of the state needs no flag.
    let data = folder.path().join("state");
    fs::create_dir(&data).unwrap();
    fs::copy(file, data.join("ma-alexa.env")).unwrap();
    let variables = [("DATA_DIR", data.to_str().unwrap())];
    assert_eq!(name(&[], &variables), "our file");

    for (text, reason) in [
        ("BIND=127.0.0.1:0\nBINND=1\n", "line 2: BINND is not a variable"),
        ("DATA_DIR=/elsewhere\n", "DATA_DIR cannot be in this file"),
    ] {
        fs::write(data.join("ma-alexa.env"), text).unwrap();
        let output = Program::run(command(folder.path(), &["model", "de-DE"]).envs(variables));
        assert!(!output.status.success());
        assert!(
            output.stderr.contains(reason) && output.stderr.contains("ma-alexa.env"),
            "{}",
            output.stderr
        );
    }
    let missing = Program::run(&mut command(folder.path(), &["model", "de-DE", "--config", "none.env"]));
    assert!(
        !missing.status.success() && missing.stderr.contains("none.env cannot be read"),
        "{}",
        missing.stderr
    );
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
        ("MA_VOICE_PAUSE", "always"),
        ("UPDATE_CHECK", "daily"),
        ("LOG_FORMAT", "loud"),
        ("RUST_LOG", "ma_alexa=shout"),
    ] {
        let variable = VARIABLES.iter().find(|variable| variable.name == name).unwrap();
        let pair = name.strip_suffix("_PASSWORD").map(|pair| (format!("{pair}_USERNAME"), "a-person"));
        let output = Program::run(command(folder.path(), &[]).env(name, value).envs(pair));
        assert!(!output.status.success(), "{name}={value} is taken");
        let example = format!(", for example {}", variable.example);
        assert!(output.stderr.contains(&example), "{name}: {}", output.stderr);
        if value == "chosen-by-me" {
            assert!(!output.stderr.contains(value), "{name}: it is repeated: {}", output.stderr);
        }
        assert_eq!(output.stdout, "", "{name}");
        assert_eq!(output.stderr.lines().count(), 1, "{name}: {}", output.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_release_is_asked_for_where_the_variable_says_so() {
    let newest = Router::new().fallback(async || Json(json!({ "tag_name": "v999.0.0" })));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let github = tokio::spawn(async move { axum::serve(listener, newest).await.unwrap() });
    let folder = TempDir::new().unwrap();
    let mut asks = command(folder.path(), &[]);
    asks.envs(CREDENTIALS).env("UPDATE_CHECK", "on").env("UPDATE_ENDPOINT", &endpoint);
    let (server, base) = serve(&mut asks);
    let said = server.wait_for("a newer release is there");
    assert!(said.contains("999.0.0"), "{said}");
    let report = Api::at(&base).get("/v1/diagnostics").await;
    assert_eq!(report["update"], json!({ "asks": true, "newer": "999.0.0" }));
    github.abort();
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
async fn a_server_that_ends_at_a_signal_leaves_a_whole_state() {
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
