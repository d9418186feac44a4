//! The door of the real `ma-alexa`: what it serves, and what it keeps to itself.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use end_to_end::amazon::{FakeAmazon, serial};
use end_to_end::api::{Api, CREDENTIALS, http_client, send};
use end_to_end::envelope::{Envelope, Played};
use end_to_end::program::Program;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::amazon::harness::{device_id, identify, sign_in};
use crate::amazon::trial::Sent;
use crate::local::{command, serve};
use crate::music_assistant::house::{DOOR_URL, door_of};
use crate::music_assistant::{KITCHEN, behind_the_door};
use crate::pages::browser::Browser;

/// Paths of Music Assistant's two ports, of our own listener, and of nothing.
const ELSEWHERE: [&str; 24] = [
    "/",
    "/flow/Aa2keUeZ/Kitchen/1234/Kitchen.mp3",
    "/single/Aa2keUeZ/Kitchen/1234/Kitchen.mp3",
    "/announcement/Kitchen.mp3",
    "/command/Kitchen/next.mp3",
    "/pluginsource/spotify/Kitchen.mp3",
    "/imageproxy",
    "/imageproxy?path=http://192.168.1.1/",
    "/info",
    "/api",
    "/ws",
    "/setup",
    "/auth/login",
    "/login",
    "/status",
    "/devices",
    "/v1/players",
    "/v1/doctor",
    "/ma/push-url",
    "/ma/latest-url",
    "/alexa/intents",
    "/openapi.json",
    "/metrics",
    "/s/..%2fhealthz",
];

/// A server with a door under a public name, and the address of the door.
fn with_door(folder: &Path, variables: &[(&str, &str)]) -> (Program, Api, String) {
    let mut command = command(folder, &[]);
    command.env_remove("STREAM_BASE_URL").env_remove("ALEXA_ON_BIND").env("DOOR_URL", DOOR_URL);
    let (program, base) = serve(command.envs(CREDENTIALS).envs(variables.iter().copied()));
    let door = door_of(&program);
    (program, Api::at(&base), door)
}

async fn get(url: &str) -> Response {
    http_client().get(url).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_serves_nothing_but_its_own_routes() {
    let folder = TempDir::new().unwrap();
    let (_server, _, door) = with_door(folder.path(), &[]);
    let health = get(&format!("{door}/healthz")).await;
    assert_eq!(health.status(), 200);
    for path in ELSEWHERE {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let answer = http_client().request(method.clone(), format!("{door}{path}")).send().await.unwrap();
            assert_eq!(answer.status(), 404, "{method} {path}");
            assert!(answer.bytes().await.unwrap().is_empty(), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alexas_requests_are_taken_at_the_door_and_not_beside_it() {
    let folder = TempDir::new().unwrap();
    let (_server, api, door) = with_door(folder.path(), &[]);
    let post = |base: &str| {
        let request = http_client().post(format!("{base}/")).header("content-type", "application/json");
        request.body(Envelope::new("play-audio").to_vec())
    };
    let (status, answer) = send(post(&door)).await;
    assert_eq!(status, 400, "{answer}");
    assert!(answer["error"].as_str().unwrap().contains("SignatureCertChainUrl"), "{answer}");
    let (status, answer) = send(post(&format!("http://{}", api.address()))).await;
    assert_eq!(status, 421, "{answer}");
    assert!(answer["error"].as_str().unwrap().contains("DOOR_BIND"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_becomes_a_grant_that_this_door_alone_opens() {
    let folder = TempDir::new().unwrap();
    let (_server, api, door) = with_door(folder.path(), &[]);
    api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let mut ask = command(folder.path(), &["ask", "-"]);
    ask.env_remove("STREAM_BASE_URL").env("DOOR_URL", DOOR_URL);
    let output = Program::run_with_input(&mut ask, &Envelope::new("play-audio").to_vec());
    let played = Played::of(&serde_json::from_str(&output.stdout).unwrap());
    let granted = played.url.strip_prefix(DOOR_URL).unwrap();
    let grant = granted.strip_prefix("/s/").and_then(|rest| rest.strip_suffix(".mp3")).unwrap();
    for secret in ["192.168", "flow", "Kitchen", "Aa2keUeZ"] {
        assert!(!granted.contains(secret), "{granted}");
    }
    let playlist = get(&format!("{door}/p/{grant}.m3u")).await;
    assert_eq!(playlist.status(), 200);
    let lines = playlist.text().await.unwrap();
    assert!(lines.starts_with("http://") && lines.contains("/flow/Aa2keUeZ/"), "{lines}");
    let head = http_client().head(format!("{door}{granted}")).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), &head.headers()["content-type"]),
        (200, &"audio/mpeg".parse().unwrap())
    );

    let other = TempDir::new().unwrap();
    let (_other, _, other_door) = with_door(other.path(), &[]);
    assert_eq!(get(&format!("{other_door}{granted}")).await.status(), 404);
}

/// Both ways in which a second request could disturb what plays: another `GET`, and a `HEAD`.
#[tokio::test(flavor = "multi_thread")]
async fn the_real_music_assistant_plays_through_the_door_undisturbed() {
    behind_the_door(async |house, tracks| {
        house.play_all(KITCHEN, tracks).await;
        house.plays(KITCHEN, 1, Some("Tone 1")).await;
        let url = house.given(KITCHEN);
        house.has_got(KITCHEN, 100_000).await;
        let before = house.queue(KITCHEN).await["elapsed_time"].as_f64().unwrap();

        let head = http_client().head(&url).send().await.unwrap();
        assert_eq!(head.status(), 200);
        let mut second = get(&url).await;
        assert_eq!(second.status(), 200);
        assert!(!second.chunk().await.unwrap().unwrap().is_empty());
        drop(second);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let queue = house.queue(KITCHEN).await;
        let after = queue["elapsed_time"].as_f64().unwrap();
        assert!(after >= before, "{before} s, and then {after} s");
        assert_eq!(queue["current_item"]["media_item"]["name"], json!("Tone 1"));

        let door = url.split("/s/").next().unwrap();
        for path in ELSEWHERE {
            assert_eq!(get(&format!("{door}{path}")).await.status(), 404, "{path}");
        }
        house.plays(KITCHEN, 1, Some("Tone 1")).await;
    })
    .await;
}

/// What the skill of the home in `folder` answers.
fn ask(folder: &Path, envelope: &Envelope) -> Value {
    let mut ask = command(folder, &["ask", "-"]);
    ask.env_remove("STREAM_BASE_URL").env("DOOR_URL", DOOR_URL);
    let output = Program::run_with_input(&mut ask, &envelope.to_vec());
    assert!(output.status.success(), "{}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}

/// An Echo that the test plays fetches each form of the tone at the door, and is stopped by nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_forms_of_the_tone_are_served_at_the_door() {
    let folder = TempDir::new().unwrap();
    let amazon = FakeAmazon::start().await;
    amazon.move_to("de");
    let (_server, api, door) = with_door(folder.path(), &[("AMAZON_ENDPOINT", &amazon.url())]);
    sign_in(&amazon, &api).await;
    let path = format!("/v1/devices/{}/test", serial::KITCHEN);
    let body = json!({ "forms": true, "wait_ms": 12000 });
    let (starting, at) = (api.clone(), path.clone());
    let started = tokio::spawn(async move { starting.ask(Method::POST, &at, Some(&body)).await });
    let heard = amazon.next_utterance().await;
    let mut answer = ask(folder.path(), &identify(&heard));
    let (status, begun) = started.await.unwrap();
    assert_eq!((status, &begun["stage"]), (200, &json!("running")), "{begun}");
    let mut fetched = Vec::new();
    while let Some(tone) = Sent::of(&answer) {
        let url = format!("{door}{}", tone.url.strip_prefix(DOOR_URL).unwrap());
        fetched.push(sound_of(&url).await);
        let report = |kind, offset| {
            let report = Envelope::report(kind, &tone.token, offset);
            ask(folder.path(), &report.from_echo(&device_id(serial::KITCHEN)))
        };
        answer = report("PlaybackNearlyFinished", 20);
        report("PlaybackFinished", 5040);
    }
    assert_eq!(fetched, [40_333; 3], "a redirect and two lists");
    let trial = api.get(&path).await["test"].clone();
    for form in trial["forms"].as_array().unwrap() {
        assert_eq!((&form["result"], &form["played_ms"]), (&json!("works"), &json!(5040)), "{form}");
    }
    assert_eq!(trial["forms"][2]["asked_again"], true, "{trial}");
    let unserved = ["/t/a.m3u8", "/t/a/0.mp3", "/t/a/sound.mp3", "/tone.mp3"];
    for path in unserved {
        assert_eq!(get(&format!("{door}{path}")).await.status(), 404, "{path}");
    }
}

/// Fetches the sound at `url` to its end, through a redirect or a list, as often as that has to be asked for; its length.
async fn sound_of(url: &str) -> usize {
    if url.rsplit_once('.').unwrap().1 != "m3u8" {
        return get(url).await.bytes().await.unwrap().len();
    }
    loop {
        let list = get(url).await.text().await.unwrap();
        if !list.ends_with("#EXT-X-ENDLIST\n") {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        let mut length = 0;
        for piece in list.lines().filter(|line| !line.starts_with('#')) {
            let folder = url.rsplit_once('/').unwrap().0;
            length += get(&format!("{folder}/{piece}")).await.bytes().await.unwrap().len() - 73;
        }
        return length;
    }
}

/// A program that names its tunnel when the test does, and lives until it is ended.
const CLOUDFLARED: &str = "[ \"$1\" = --version ] && exec echo 'cloudflared version 2026.9.1'\n\
    echo \"$*\" > \"$folder/begun\"\nmv \"$folder/begun\" \"$folder/arguments\"\nexec sleep 600";

/// Without an address of the door, the sound test goes through the tunnel that is open.
#[tokio::test(flavor = "multi_thread")]
async fn the_sound_test_goes_through_a_quick_tunnel() {
    let folder = TempDir::new().unwrap();
    let programs = TempDir::new().unwrap();
    let stand_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tests/suite/ways/stand-in");
    symlink(stand_in, programs.path().join("cloudflared")).unwrap();
    std::fs::write(programs.path().join("cloudflared.behavior"), CLOUDFLARED).unwrap();
    let path = format!("{}:/usr/bin:/bin", programs.path().display());
    let amazon = FakeAmazon::start().await;
    amazon.move_to("de");
    let mut command = command(folder.path(), &[]);
    command.env_remove("STREAM_BASE_URL").env("PATH", path).env("AMAZON_ENDPOINT", amazon.url());
    let (_server, base) = serve(command.envs(CREDENTIALS));
    let api = Api::at(&base);
    sign_in(&amazon, &api).await;
    let test = format!("/v1/devices/{}/test", serial::KITCHEN);
    let body = json!({ "wait_ms": 0 });
    assert_eq!(api.ask(Method::POST, &test, Some(&body)).await.0, 400, "there is no door to test");

    let browser = Browser::logged_in(&api, "en").await;
    let named = async {
        let arguments = loop {
            match std::fs::read_to_string(programs.path().join("arguments")) {
                Ok(arguments) => break arguments,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        let metrics = arguments.trim().rsplit(' ').next().unwrap().to_owned();
        let listener = tokio::net::TcpListener::bind(metrics).await.unwrap();
        let name = axum::Json(json!({ "hostname": "blue-sky.trycloudflare.com" }));
        let router =
            axum::Router::new().route("/quicktunnel", axum::routing::get(async move || name.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
    };
    let (said, ()) = tokio::join!(browser.send("/setup/door/tunnel", &[]), named);
    assert!(said.contains("https://blue-sky.trycloudflare.com leads to the door"), "{said}");
    let (status, begun) = api.ask(Method::POST, &test, Some(&body)).await;
    assert_eq!((status, &begun["stage"]), (200, &json!("waiting")), "{begun}");
    let heard = amazon.next_utterance().await;
    let tone = Played::of(&ask(folder.path(), &identify(&heard)));
    assert!(tone.url.starts_with("https://blue-sky.trycloudflare.com/t/"), "{}", tone.url);
    assert_eq!(api.get("/v1/door").await["door_url"], Value::Null, "it is saved nowhere");
}
