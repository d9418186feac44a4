//! The binary `ma-alexa`: what it serves, and its commands.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::path::Path;
use std::process::Command;

use end_to_end::api::{Api, CREDENTIALS, MUSIC_ASSISTANT, STREAM_BASE_URL, send};
use end_to_end::envelope::{Envelope, Played, SKILL, sample_file};
use end_to_end::machine;
use end_to_end::program::Program;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::flow;

/// `ma-alexa` in `folder`, with `arguments`, none of this process's own variables and the state beneath it.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(machine::binary("ma-alexa"));
    command
        .args(arguments)
        .env_clear()
        .current_dir(folder)
        .env("BIND", "127.0.0.1:0")
        .env("DOOR_BIND", "127.0.0.1:0")
        .env("RENDERER_BIND", "off")
        .env("ALEXA_ON_BIND", "yes")
        .env("SKILL_ID", SKILL)
        .env("STREAM_BASE_URL", STREAM_BASE_URL);
    command
}

/// Starts a server, and returns its address once it listens.
pub(crate) fn serve(command: &mut Command) -> (Program, String) {
    let program = Program::start(command);
    let line: Value = serde_json::from_str(&program.wait_for("\"serving\"")).unwrap();
    let base = format!("http://{}", line["bind"].as_str().unwrap());
    (program, base)
}

/// A server with fixed credentials, and how to call it.
fn server(folder: &Path) -> (Program, Api) {
    let (program, base) = serve(command(folder, &[]).envs(CREDENTIALS));
    (program, Api::at(&base))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_play_with_requests_from_the_command_line() {
    let folder = TempDir::new().unwrap();
    let (_server, api) = server(folder.path());
    flow::one_play(&api, async |envelope: Envelope| {
        let mut ask = command(folder.path(), &["ask", "-"]);
        let output = Program::run_with_input(&mut ask, &envelope.to_vec());
        assert!(output.status.success(), "{}", output.stderr);
        serde_json::from_str(&output.stdout).unwrap()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_samples_for_people_do_what_the_readme_says() {
    let folder = TempDir::new().unwrap();
    let (_server, api) = server(folder.path());
    let ask = |file: &Path| {
        let output = Program::run(&mut command(folder.path(), &["ask", file.to_str().unwrap()]));
        assert!(output.status.success(), "{}", output.stderr);
        serde_json::from_str::<Value>(&output.stdout).unwrap()
    };
    api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let played = Played::of(&ask(&sample_file("play-audio")));

    let report = folder.path().join("playback-started.json");
    let text = std::fs::read_to_string(sample_file("playback-started")).unwrap();
    let placeholder = serde_json::from_str::<Value>(&text).unwrap()["request"]["token"].clone();
    std::fs::write(&report, text.replace(placeholder.as_str().unwrap(), &played.token)).unwrap();
    ask(&report);
    assert_eq!(api.player("Kitchen").await["state"], "playing");

    // Music Assistant's own pause would be late, so soon after the start.
    let stop = ask(&sample_file("intent-amazon-pause"));
    assert_eq!(stop["response"]["directives"], json!([{ "type": "AudioPlayer.Stop" }]));
    let paired = ask(&sample_file("pair-kitchen"));
    let speech = paired["response"]["outputSpeech"]["text"].as_str().unwrap();
    assert!(speech.contains("Kitchen"), "{speech}");
    let echos = api.get("/v1/echos").await;
    assert_eq!(echos["echos"][0]["players"][0]["how"], "voice", "{echos}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_proof_is_refused() {
    let folder = TempDir::new().unwrap();
    let (_server, api) = server(folder.path());
    api.push("Kitchen", "Aa2keUeZ", "Blue").await;

    let wrong = api.request(Method::GET, "/v1/players").basic_auth("owner", Some("owner-password-0002"));
    assert_eq!(send(wrong).await.0, 401);
    assert_eq!(send(api.request(Method::GET, "/v1/players")).await.0, 401);
    let (name, password) = MUSIC_ASSISTANT;
    let narrow = api.request(Method::GET, "/v1/players").basic_auth(name, Some(password));
    assert_eq!(send(narrow).await.0, 403);

    let unsigned = api.request(Method::POST, "/").body(Envelope::new("play-audio").to_vec());
    let (status, answer) = send(unsigned.header("content-type", "application/json")).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("SignatureCertChainUrl"), "{answer}");
    assert_eq!(api.player("Kitchen").await["state"], "idle");

    let (status, _) = send(api.request(Method::GET, "/healthz")).await;
    assert_eq!(status, 200);
}

// Bodies that were kept before anything was proven.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_body_is_neither_kept_nor_logged() {
    const MARK: &str = "PLANTED-BY-A-STRANGER";
    let folder = TempDir::new().unwrap();
    let (server, api) = server(folder.path());
    let forged = Envelope::new("play-audio").from_echo(MARK).with("/request/requestId", json!(MARK));
    for _ in 0..3 {
        let request = api.request(Method::POST, "/").header("signature-256", "AAAA").body(forged.to_vec());
        assert_eq!(send(request.header("signaturecertchainurl", MARK)).await.0, 400);
    }
    let large = api.request(Method::POST, "/").body(MARK.repeat(200_000));
    assert_eq!(send(large).await.0, 413);

    assert_eq!(api.get("/v1/players").await, json!({ "players": [] }));
    assert_eq!(api.get("/v1/echos").await, json!({ "echos": [] }));
    assert_eq!(api.get("/v1/activity").await, json!({ "activity": [] }));
    let output = server.terminate();
    assert!(output.stderr.contains("is not proven to be Alexa's"), "{}", output.stderr);
    assert!(!(output.stdout + &output.stderr).contains(MARK));
    for entry in std::fs::read_dir(folder.path().join("data")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_one_state() {
    const EACH: usize = 12;
    let folder = TempDir::new().unwrap();
    let ((_first, first), (_second, second)) = (server(folder.path()), server(folder.path()));
    let pushes = |api: Api, name: &'static str| {
        tokio::spawn(async move {
            for number in 0..EACH {
                api.push(&format!("{name}{number}"), "Aa2keUeZ", "Blue").await;
                // A player that both of them start, over and over.
                api.push("Shared", &format!("{name}{number}"), "Blue").await;
            }
        })
    };
    let (left, right) = (pushes(first.clone(), "left"), pushes(second.clone(), "right"));
    left.await.unwrap();
    right.await.unwrap();
    let players = first.get("/v1/players").await;
    assert_eq!(players["players"].as_array().unwrap().len(), 2 * EACH + 1);
    assert_eq!(first.player("Shared").await["version"], 2 * EACH, "a start was lost");
    assert_eq!(players, second.get("/v1/players").await);
}

#[test]
fn the_model_of_a_locale_is_printed() {
    let folder = TempDir::new().unwrap();
    let output = Program::run(&mut command(folder.path(), &["model", "de-DE"]));
    assert!(output.status.success(), "{}", output.stderr);
    let model: Value = serde_json::from_str(&output.stdout).unwrap();
    let language = &model["interactionModel"]["languageModel"];
    assert_eq!(language["invocationName"], "music assistant");
    let intents: Vec<&str> = language["intents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|intent| intent["name"].as_str().unwrap())
        .collect();
    for name in ["PlayAudio", "PairEcho", "MaPause", "AMAZON.StopIntent"] {
        assert!(intents.contains(&name), "{intents:?}");
    }

    let output = Program::run(&mut command(folder.path(), &["model", "xx"]));
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    for known in ["de-DE", "en-US", "fr-CA"] {
        assert!(output.stderr.contains(known), "{}", output.stderr);
    }
    assert!(!folder.path().join("data").exists(), "to print a model needs no state");
}

#[test]
fn an_impossible_request_is_explained() {
    let folder = TempDir::new().unwrap();
    for (arguments, reason) in [
        (["ask", "nowhere.json"], "nowhere.json"),
        (["ask", "-"], "not a request of Alexa's"),
        (["sing", "-"], "sing"),
    ] {
        let output = Program::run_with_input(&mut command(folder.path(), &arguments), b"{\"no\": 1}");
        assert!(!output.status.success());
        assert!(output.stderr.contains(reason), "{}", output.stderr);
    }
}
