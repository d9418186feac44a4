//! The workspace as it is under `cargo lambda watch` and `cargo lambda invoke`.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use end_to_end::amazon::FakeAmazon;
use end_to_end::api::{Api, CREDENTIALS, http_client};
use end_to_end::envelope::{Envelope, Played, sample_file};
use end_to_end::program::Program;
use end_to_end::{machine, ports};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::amazon::harness::sign_in;
use super::flow;

/// How long a function may take to its first answer. It is compiled first where it was not before.
const FIRST: Duration = Duration::from_mins(10);

/// `cargo lambda`, as if a person had typed it: without what the cargo that runs this test passes on, which would
/// have build scripts run again.
fn cargo_lambda(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.arg("lambda").args(arguments).current_dir(machine::workspace());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let is_cargos = name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || name.starts_with("CARGO_BIN_")
            || ["CARGO", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "CARGO_TARGET_TMPDIR"]
                .contains(&name.as_str());
        if is_cargos {
            command.env_remove(name);
        }
    }
    command
}

/// A running `cargo lambda watch`.
struct Watch {
    cargo_lambda: String,
    program: Program,
    port: String,
}

impl Watch {
    /// Over state and secrets in `data`, with the account of Amazon's at the address `amazon`: what the environment says goes before the defaults of a function, though
    /// not before the metadata of its package.
    fn start(cargo_lambda_path: String, data: &Path, amazon: &str) -> Self {
        let port = ports::free_port().to_string();
        let data = data.display();
        let mut command = cargo_lambda(
            &cargo_lambda_path,
            &["watch", "--ignore-changes", "--invoke-address", "127.0.0.1", "--invoke-port", &port],
        );
        command
            .env("CARGO_TARGET_DIR", machine::target().parent().unwrap())
            .env("STORE_URL", format!("sqlite:{data}/state.db"))
            .env("SECRETS_URL", format!("file:{data}/secrets"))
            .env("AMAZON_ENDPOINT", amazon)
            .envs(CREDENTIALS);
        let program = Program::start(&mut command);
        Self { cargo_lambda: cargo_lambda_path, program, port }
    }

    /// The function `api`, as cargo-lambda serves it over HTTP.
    fn api(&self) -> Api {
        Api::at(&format!("http://127.0.0.1:{}/lambda-url/api", self.port))
    }

    /// Waits for the first answer of `api`, which compiles it.
    async fn wait(&self) {
        let url = format!("http://127.0.0.1:{}/lambda-url/api/healthz", self.port);
        let (client, deadline) = (http_client(), Instant::now() + FIRST);
        let mut pause = tokio::time::interval(Duration::from_millis(50));
        while Instant::now() < deadline {
            pause.tick().await;
            let answer = client.get(&url).timeout(FIRST).send().await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
        }
        panic!("no answer; it said:\n{}{}", self.program.stdout(), self.program.stderr());
    }

    /// `cargo lambda invoke`.
    fn invoke(&self, function: &str, file: &Path) -> Value {
        let file = file.to_str().unwrap();
        let arguments = [
            "invoke",
            "--invoke-address",
            "127.0.0.1",
            "--invoke-port",
            &self.port,
            function,
            "--data-file",
            file,
        ];
        let output = Program::start(&mut cargo_lambda(&self.cargo_lambda, &arguments)).finish(FIRST);
        assert!(output.status.success(), "{}{}\n{}", output.stdout, output.stderr, self.program.stderr());
        serde_json::from_str(&output.stdout).unwrap()
    }

    /// What it and cargo have said.
    fn said(&self) -> String {
        self.program.stdout() + &self.program.stderr()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_play_under_cargo_lambda_watch() {
    let Some(program) = machine::tool("TEST_CARGO_LAMBDA", "cargo lambda") else { return };
    let own =
        || fs::metadata(machine::workspace().join("data/state.db")).and_then(|file| file.modified()).ok();
    let own_before = own();
    let (data, amazon) = (TempDir::new().unwrap(), FakeAmazon::start().await);
    let began = Instant::now();
    let watch = Watch::start(program, data.path(), &amazon.url());
    watch.wait().await;
    let api = watch.api();

    let event = data.path().join("event.json");
    fs::write(&event, "{}").unwrap();
    assert_eq!(watch.invoke("token-refresh", &event), json!({ "refreshed": [] }));
    let started = began.elapsed();

    flow::one_play(&api, async |envelope: Envelope| {
        fs::write(&event, envelope.to_vec()).unwrap();
        watch.invoke("skill", &event)
    })
    .await;

    // A sample as it stands, as a person invokes it.
    api.push("Kitchen", "Bb3keUeZ", "Blue").await;
    let answer = watch.invoke("skill", &sample_file("play-audio"));
    let played = Played::of(&answer);
    assert!(played.url.contains("/Bb3keUeZ/"), "{answer}");

    // Who signed in with one function is kept signed in by another.
    amazon.behave(|quirks| quirks.expires_in = 600);
    assert_eq!(sign_in(&amazon, &api).await["ready"], true);
    fs::write(&event, "{}").unwrap();
    assert_eq!(watch.invoke("token-refresh", &event), json!({ "refreshed": ["access_token"] }));

    fs::remove_file(&event).unwrap();
    assert_eq!(
        files(data.path()),
        ["secrets", "state.db", "state.db.lock"],
        "the functions keep one file, and the session"
    );
    assert_eq!(amazon.secrets_in(&watch.said()), [] as [String; 0]);
    assert_eq!(own(), own_before, "the developer's own state was touched");
    let said = watch.said();
    let compiled = said.lines().filter(|line| line.trim_start().starts_with("Compiling ")).count();
    machine::say(&format!(
        "cargo lambda watch: three functions ready in {:.1} s, {compiled} crates compiled",
        started.as_secs_f64()
    ));
    // What CI has built just before is what is watched.
    assert!(compiled == 0 || std::env::var_os("CI").is_none(), "{said}");
}

/// The files in `folder`, without what SQLite puts beside its own.
fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| !name.contains("-wal") && !name.contains("-shm")).collect();
    names.sort();
    names
}
