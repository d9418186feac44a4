//! The program as an add-on of Home Assistant, and its health check.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

pub(crate) mod home_assistant;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use end_to_end::program::Program;
use end_to_end::{machine, ports};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use tempfile::TempDir;

use super::local::{command, serve};
use home_assistant::{INGRESS, Supervisor, TOKEN, home_assistant};

/// How long the story in the browser may take.
const PATIENCE: Duration = Duration::from_mins(3);

/// The add-on, whose Supervisor has the address of these tests.
fn add_on(folder: &Path) -> Command {
    let mut command = command(folder, &[]);
    command.env("INGRESS", "on").env("INGRESS_ADDRESS", "127.0.0.1").env("DATA_DIR", folder);
    command
}

/// A client that follows no redirect.
fn client() -> reqwest::Client {
    // Whichever test comes first installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

/// The steps of the set-up that show addresses and languages, as Home Assistant's user sees them.
async fn set_up(base: &str) -> String {
    let mut pages = String::new();
    for step in ["music-assistant", "skill"] {
        let request = client().get(format!("{base}/setup/{step}")).header("x-ingress-path", INGRESS);
        pages.push_str(&request.send().await.unwrap().text().await.unwrap());
    }
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn the_supervisor_knows_where_music_assistant_and_the_add_on_are() {
    let not_mapped = (None, "http://local-ma-alexa:5000");
    let mapped = (Some(15000), "http://192.168.1.5:15000");
    for (port, own) in [not_mapped, mapped] {
        let supervisor = Supervisor::start(port).await;
        let folder = TempDir::new().unwrap();
        let mut add_on = add_on(folder.path());
        let (_server, base) =
            serve(add_on.env("SUPERVISOR_URL", &supervisor.base).env("SUPERVISOR_TOKEN", TOKEN));
        let page = set_up(&base).await;
        assert!(page.contains(own), "{own}: {page}");
        assert!(page.contains("http://d5369777-music-assistant-beta:8095"), "the one that runs: {page}");
        let is_allowed = |path: &String| path.ends_with("/info");
        assert!(supervisor.asked().iter().all(is_allowed), "{:?}", supervisor.asked());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn options_go_before_what_the_supervisor_knows_and_behind_variables() {
    let supervisor = Supervisor::start(None).await;
    let folder = TempDir::new().unwrap();
    let options =
        r#"{"ma_api_url": "http://192.168.1.6:8095", "locale": "de-DE", "rust_log": "", "unknown": 1}"#;
    fs::write(folder.path().join("options.json"), options).unwrap();
    let mut add_on = add_on(folder.path());
    add_on.env("SUPERVISOR_URL", &supervisor.base).env("SUPERVISOR_TOKEN", TOKEN).env("LOCALE", "fr-FR");
    let (_server, base) = serve(&mut add_on);
    let page = set_up(&base).await;
    assert!(page.contains("http://192.168.1.6:8095") && !page.contains("d5369777"), "{page}");
    assert!(page.contains("fr-FR") && page.contains("http://local-ma-alexa:5000"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_add_on_starts_without_an_answer_of_its_supervisor() {
    let folder = TempDir::new().unwrap();
    let nowhere = format!("http://127.0.0.1:{}", ports::free_port());
    let mut add_on = add_on(folder.path());
    let (_server, base) = serve(add_on.env("SUPERVISOR_URL", nowhere).env("SUPERVISOR_TOKEN", "wrong"));
    assert!(set_up(&base).await.contains(INGRESS));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_machines_log_in_to_the_add_on() {
    let folder = TempDir::new().unwrap();
    let mut add_on = add_on(folder.path());
    // The Supervisor's own address, which this machine has not.
    let (_server, base) = serve(add_on.env_remove("INGRESS_ADDRESS"));
    let asked = client()
        .get(format!("{base}/setup"))
        .header("x-ingress-path", INGRESS)
        .header("x-remote-user-id", "1");
    let seen = asked.send().await.unwrap();
    assert_eq!(seen.headers()[LOCATION], "/login?next=%2Fsetup");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_uses_the_pages_in_a_frame_of_home_assistant() {
    let Some(python) = machine::tool("TEST_BROWSER_PYTHON", "the pages in a frame of Home Assistant") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let (_server, base) = serve(&mut add_on(folder.path()));
    let home_assistant = home_assistant(base, client()).await;
    let story = tokio::process::Command::new(python)
        .arg(machine::workspace().join("tests/python/ingress.py"))
        .env("BASE", home_assistant)
        .env("INGRESS", INGRESS)
        .env("AMAZON", "http://127.0.0.1:1")
        .env("CHROMIUM", "/usr/bin/chromium")
        .env("PICTURES", folder.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, story).await.unwrap().unwrap();
    let (said, problem) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.ends_with("end\n"), "{said}\n{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_check_asks_the_server_that_runs() {
    let folder = TempDir::new().unwrap();
    let check = |bind: &str| Program::run(command(folder.path(), &["healthcheck"]).env("BIND", bind));
    let (server, base) = serve(&mut command(folder.path(), &[]));
    let port = base.rsplit(':').next().unwrap();
    for bind in [format!("127.0.0.1:{port}"), format!("0.0.0.0:{port}"), format!("[::]:{port}")] {
        let output = check(&bind);
        // The server of these tests listens on IPv4 alone.
        assert_eq!(output.status.success(), !bind.starts_with('['), "{bind}: {}", output.stderr);
    }
    drop(server);
    let output = check(&format!("127.0.0.1:{port}"));
    assert_eq!((output.status.code(), output.stdout.as_str()), (Some(1), ""), "{}", output.stderr);
}
