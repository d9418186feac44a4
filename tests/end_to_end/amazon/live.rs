//! Live events: what changes at Amazon's devices is known here at once, and Amazon is hardly asked.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

use std::time::Duration;

use end_to_end::amazon::{FakeAmazon, Fault, Media, serial};
use end_to_end::api::OWNER;
use end_to_end::envelope::{Envelope, Played};
use ma_alexa::amazon::live::{LiveProblem, LiveStage};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

use super::concurrency::server;
use super::harness::{Harness, NONE, sign_in, until};
use crate::pages::browser::Browser;

/// Longest wait for an event: it comes at once, but the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// The answers of Amazon that live events stand in for.
const STATES: [&str; 3] =
    ["/api/devices/deviceType/dsn/audio/v1/allDeviceVolumes", "/api/dnd/device-status-list", "/api/np/list"];

/// A reader of `/v1/events`.
struct Reader {
    response: Response,
    text: String,
}

impl Reader {
    async fn open(harness: &Harness) -> Self {
        let response = request(harness).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(response.headers().get("content-encoding").is_none());
        let mut reader = Self { response, text: String::new() };
        // From the first bytes on, no change is missed.
        assert!(reader.more().await);
        reader
    }

    /// Reads on; whether there was more.
    async fn more(&mut self) -> bool {
        match timeout(PATIENCE, self.response.chunk()).await.unwrap() {
            Ok(Some(bytes)) => {
                self.text.push_str(&String::from_utf8_lossy(&bytes));
                true
            }
            Ok(None) | Err(_) => false,
        }
    }

    /// The next event of a name for which something holds.
    async fn event(&mut self, name: &str, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let data = event.strip_prefix(&format!("event: {name}\ndata: "));
                let data: Option<Value> = data.map(|data| serde_json::from_str(data).unwrap());
                if let Some(data) = data.filter(|data| holds(data)) {
                    return data;
                }
            }
            assert!(self.more().await, "the events end");
        }
    }
}

async fn request(harness: &Harness) -> Response {
    let (name, password) = OWNER;
    harness.api.request(Method::GET, "/v1/events").basic_auth(name, Some(password)).send().await.unwrap()
}

fn of(device: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["serial"] == device
}

fn asked(harness: &Harness) -> usize {
    STATES.iter().map(|path| harness.count(path)).sum()
}

fn kitchen() -> String {
    format!("/v1/devices/{}", serial::KITCHEN)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_turned_on_the_echo_is_known_and_told() {
    let harness = Harness::hearing().await;
    let mut reader = Reader::open(&harness).await;
    let before = asked(&harness);
    harness.amazon.change_device(serial::KITCHEN, |echo| (echo.volume, echo.muted) = (64, true));
    let event = reader.event("device", of(serial::KITCHEN)).await;
    assert_eq!(
        (&event["volume"]["volume"], &event["volume"]["muted"]),
        (&json!(64), &json!(true)),
        "{event}"
    );
    assert!(event.get("online").is_none(), "only what changed is there: {event}");
    let state = harness.api.get(&kitchen()).await;
    assert_eq!(
        (&state["volume"]["volume"], &state["volume"]["muted"]),
        (&json!(64), &json!(true)),
        "{state}"
    );

    harness.amazon.change_device(serial::KITCHEN, |echo| echo.do_not_disturb = true);
    assert_eq!(reader.event("device", of(serial::KITCHEN)).await["do_not_disturb"]["enabled"], true);
    assert_eq!(harness.api.get(&kitchen()).await["do_not_disturb"]["enabled"], true);

    harness.amazon.change_device(serial::KITCHEN, |echo| echo.online = false);
    assert_eq!(reader.event("device", of(serial::KITCHEN)).await["online"], false);
    assert_eq!(harness.api.get(&kitchen()).await["online"], false);
    assert_eq!(asked(&harness), before, "Amazon was not asked for any of it");
    assert_eq!(harness.amazon.violations(), NONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_is_set_here_comes_back_as_an_event() {
    let harness = Harness::hearing().await;
    let mut reader = Reader::open(&harness).await;
    let (status, set) = harness.put(&format!("{}/volume", kitchen()), &json!({ "volume": 23 })).await;
    assert_eq!((status, &set["devices"][0]["outcome"]), (200, &json!("confirmed")), "{set}");
    let event = reader.event("device", of(serial::KITCHEN)).await;
    assert_eq!(event["volume"]["volume"], 23, "{event}");
    assert_eq!(harness.api.get(&kitchen()).await["volume"]["volume"], 23);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_service_that_plays_is_shown() {
    let harness = Harness::hearing().await;
    let mut reader = Reader::open(&harness).await;
    let media = Media { provider: "Spotify".to_owned(), ..Media::track("Blue", "Joni Mitchell") };
    harness.amazon.play(serial::KITCHEN, media);
    let event = reader.event("device", of(serial::KITCHEN)).await;
    let playback = &event["playback"];
    assert_eq!(
        (&playback["state"], &playback["title"], &playback["provider"], &playback["source"]),
        (&json!("playing"), &json!("Blue"), &json!("Spotify"), &json!("amazon")),
        "{event}"
    );
    let state = harness.api.get(&kitchen()).await;
    assert_eq!(state["playback"]["title"], "Blue", "{state}");
    harness.amazon.change_device(serial::KITCHEN, |echo| echo.media = None);
    until(async || harness.api.get(&kitchen()).await["playback"].is_null()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_play_arrives_as_the_skill_reports_it() {
    let harness = Harness::hearing().await;
    let mut reader = Reader::open(&harness).await;
    // After the first look at the players, each change arrives.
    assert!(timeout(PATIENCE, reader.more()).await.is_ok());
    harness.api.push("Kitchen", "one", "Blue").await;
    reader.event("playback", |event| event["player"] == "Kitchen").await;
    let begun = Played::of(&harness.ask_skill(&Envelope::new("play-audio")).await);
    harness.ask_skill(&Envelope::report("PlaybackStarted", &begun.token, 0)).await;
    let event = reader.event("playback", |event| event["state"] == "playing").await;
    assert_eq!((&event["player"], &event["title"]), (&json!("Kitchen"), &json!("Blue")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_asks_amazon_at_most_sixty_times_an_hour() {
    let harness = Harness::hearing().await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    assert!(browser.get("/devices").await.contains("data-events=\"/devices/events\""));
    let before = harness.count("/");
    // A page without events asks every ten seconds; one with events hardly ever.
    for _ in 0..360 {
        harness.pass(Duration::from_secs(10));
        browser.get("/devices/live").await;
    }
    let asked = harness.count("/") - before;
    assert!(asked <= 60, "{asked} requests");
    assert!(asked >= 12, "Amazon's events are not the only source: {asked} requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_need_a_password_and_are_few() {
    let harness = Harness::hearing().await;
    let open = harness.api.request(Method::GET, "/v1/events").send().await.unwrap();
    assert_eq!(open.status(), 401);
    let mut readers = Vec::new();
    for _ in 0..4 {
        readers.push(Reader::open(&harness).await);
    }
    let refused = request(&harness).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    readers.pop();
    until(async || request(&harness).await.status() == 200).await;

    harness.stop_hearing().await;
    for reader in &mut readers {
        while reader.more().await {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_hears_nothing_says_so() {
    let harness = Harness::signed_in().await;
    let (status, answer) = harness.api.ask(Method::GET, "/v1/events", None).await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("hears_nothing")), "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("server at home"), "{answer}");
    let browser = Browser::logged_in(&harness.api, "en").await;
    assert!(!browser.get("/devices").await.contains("data-events"), "its page asks as ever");
    harness.api.get(&kitchen()).await;
    assert_eq!(harness.count("/v20160207"), 0);
    assert_eq!(harness.count("/v1/devices/@self/capabilities"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_cut_the_states_are_read_again() {
    let harness = Harness::hearing().await;
    let mut reader = Reader::open(&harness).await;
    harness.amazon.say_live(b"Content-Type: application/json\r\n\r\n{\"directive\":{\"payl");
    harness.amazon.end_live(false);
    until(async || harness.amazon.live_streams() == 0).await;
    // Nothing reports this one.
    harness.amazon.change_device(serial::KITCHEN, |echo| echo.volume = 11);
    assert_eq!(reader.event("device", of(serial::KITCHEN)).await["volume"]["volume"], 11);
    assert_eq!(harness.state.live().report().stage, LiveStage::Open);
    assert_eq!(harness.amazon.violations(), NONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_of_another_region_is_left_for_the_right_one() {
    let harness = Harness::signed_in().await;
    // The session knows the shop as it was.
    harness.amazon.move_to("com");
    harness.hear().await;
    until(async || harness.state.live().report().region.is_some_and(|region| region.as_str() == "na")).await;
    until(async || harness.state.live().report().stage == LiveStage::Open).await;
    assert_eq!(harness.count("/v20160207/directives"), 2);
    assert_eq!(harness.amazon.violations(), NONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_failures_have_their_reasons() {
    let faults = [
        ("/v20160207/directives", Fault::Unavailable, LiveProblem::Ended),
        ("/v20160207/directives", Fault::Html, LiveProblem::Malformed),
        ("/v20160207/directives", Fault::Closed, LiveProblem::Ended),
        ("/v20160207/directives", Fault::Unauthorized, LiveProblem::Refused),
        ("/v1/devices/@self/capabilities", Fault::Forbidden, LiveProblem::NoDevice),
    ];
    for (path, fault, problem) in faults {
        let harness = Harness::signed_in().await;
        harness.amazon.fault(path, fault, usize::MAX);
        harness.hear().await;
        until(async || harness.state.live().report().problem.is_some_and(|(found, _)| found == problem))
            .await;
        assert_eq!(harness.amazon.live_streams(), 0);
        harness.api.get(&kitchen()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_anywhere_but_in_the_requests() {
    let harness = Harness::hearing().await;
    let mut reader = Reader::open(&harness).await;
    harness.amazon.change_device(serial::KITCHEN, |echo| echo.volume = 5);
    let event = reader.event("device", of(serial::KITCHEN)).await;
    let said = format!("{event} {:?} {:?}", harness.state.live(), harness.state.live().report());
    assert_eq!(harness.amazon.secrets_in(&said), NONE);
    assert!(harness.amazon.requests("/v20160207").iter().all(|call| !call.has_cookies && call.has_bearer));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_servers_hears_and_the_other_follows_it() {
    let folder = TempDir::new().unwrap();
    let amazon = FakeAmazon::start().await;
    let (first, api) = server(folder.path(), &amazon);
    sign_in(&amazon, &api).await;
    // A server looks for a sign-in twice a minute; one that starts looks at once.
    assert!(first.terminate().status.success());
    let (first, api) = server(folder.path(), &amazon);
    until(async || amazon.live_streams() == 1).await;
    let (_second, other) = server(folder.path(), &amazon);
    let check = |doctor: &Value| {
        let checks = doctor["links"].as_array().unwrap();
        let live = checks.iter().find(|check| check["link"] == "live").unwrap();
        live["findings"][0]["code"].as_str().unwrap().to_owned()
    };
    until(async || check(&api.get("/v1/doctor?fresh=true").await) == "live-ok").await;
    assert_eq!(check(&other.get("/v1/doctor?fresh=true").await), "live-elsewhere");
    assert_eq!(amazon.live_streams(), 1);

    let (name, password) = OWNER;
    let events =
        api.request(Method::GET, "/v1/events").basic_auth(name, Some(password)).send().await.unwrap();
    assert_eq!(events.status(), 200);
    let mut reader = Reader { response: events, text: String::new() };
    assert!(reader.more().await);
    amazon.change_device(serial::KITCHEN, |echo| echo.volume = 77);
    assert_eq!(reader.event("device", of(serial::KITCHEN)).await["volume"]["volume"], 77);

    // An open reader holds up no end, and the lease is free for the next one.
    let began = std::time::Instant::now();
    let output = first.terminate();
    assert!(output.status.success() && began.elapsed() < Duration::from_secs(5), "{}", output.stderr);
    while reader.more().await {}
    assert_eq!(amazon.secrets_in(&(output.stdout + &output.stderr)), NONE);
    let (_third, _) = server(folder.path(), &amazon);
    until(async || amazon.live_streams() == 1).await;
    assert_eq!(amazon.violations(), NONE);
}
