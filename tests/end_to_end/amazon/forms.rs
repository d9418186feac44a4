//! The forms: an Echo plays a tone in each. What it fetched stands beside what it reported.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::time::Duration;

use end_to_end::amazon::serial;
use end_to_end::envelope::Envelope;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::harness::{Harness, device_id};
use super::trial::{DOOR, Echo, LAN, REFUSED, Sent, begin_with, last, path};
use crate::pages::browser::Browser;

const AGENT: &str = "AlexaMediaPlayer/2.1.4676.0 (Linux; Android 5.1.1)";

fn forms() -> Value {
    json!({ "wait_ms": 4000, "forms": true })
}

/// The home with a door on a port of its own at home.
async fn house() -> Harness {
    let variables = [("DOOR_URL", DOOR.to_owned()), ("DOOR_LAN_URL", LAN.to_owned())];
    Harness::signed_in_with(&variables).await
}

/// Fetches what is at `url` as an Echo does: with a range, and with its name.
async fn fetch(harness: &Harness, url: &str) -> Vec<u8> {
    let path = [DOOR, LAN].into_iter().find_map(|base| url.strip_prefix(base)).unwrap();
    let request = harness.api.request(Method::GET, path).header("range", "bytes=0-");
    let response = request.header("user-agent", AGENT).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{url}");
    response.bytes().await.unwrap().to_vec()
}

/// The addresses in an HLS list.
async fn list(harness: &Harness, url: &str) -> (Vec<String>, bool) {
    let list = String::from_utf8(fetch(harness, url).await).unwrap();
    assert!(list.starts_with("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n"), "{list}");
    let folder = url.rsplit_once('/').unwrap().0;
    let pieces = list.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{folder}/{line}"));
    (pieces.collect(), list.ends_with("#EXT-X-ENDLIST\n"))
}

/// Plays the pieces of a list, one after the other; the bytes of sound.
async fn pieces(harness: &Harness, urls: &[String]) -> usize {
    let mut bytes = 0;
    for url in urls {
        let piece = fetch(harness, url).await;
        assert_eq!(&piece[..3], b"ID3", "{url}");
        bytes += piece.len() - 73;
    }
    bytes
}

async fn is_heard(echo: &Echo<'_>, tone: &Sent, played_ms: u64) -> Option<Sent> {
    assert!(echo.report(Envelope::report("PlaybackStarted", &tone.token, 0)).await.is_none());
    let next = echo.report(Envelope::report("PlaybackNearlyFinished", &tone.token, 20)).await;
    assert!(echo.report(Envelope::report("PlaybackFinished", &tone.token, played_ms)).await.is_none());
    next
}

fn ending(url: &str) -> &str {
    url.rsplit_once('.').unwrap().1
}

fn form<'a>(trial: &'a Value, name: &str) -> &'a Value {
    trial["forms"].as_array().unwrap().iter().find(|form| form["form"] == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_plays_every_form_that_there_is_an_address_for() {
    let harness = house().await;
    let echo = Echo { harness: &harness };
    let port = begin_with(&harness, forms()).await;
    assert!(port.url.starts_with(LAN), "the door at home has another port: {port:?}");
    assert_eq!(fetch(&harness, &port.url).await.len(), 40_333);
    let redirect = is_heard(&echo, &port, 5040).await.unwrap();
    // The client follows it.
    assert_eq!(fetch(&harness, &redirect.url).await.len(), 40_333);
    let ended = is_heard(&echo, &redirect, 5040).await.unwrap();
    let (urls, is_whole) = list(&harness, &ended.url).await;
    assert_eq!((urls.len(), is_whole), (5, true));
    assert_eq!(pieces(&harness, &urls).await, 40_333, "the pieces are the whole tone");
    let live = is_heard(&echo, &ended, 5040).await.unwrap();
    for (count, has_ended) in [(3, false), (4, false), (5, true)] {
        let (urls, is_whole) = list(&harness, &live.url).await;
        assert_eq!((urls.len(), is_whole), (count, has_ended));
        harness.pass(Duration::from_secs(1));
    }
    assert!(is_heard(&echo, &live, 5040).await.is_none());

    let trial = last(&harness).await;
    assert_eq!((&trial["stage"], &trial["is_of_forms"]), (&json!("done"), &json!(true)), "{trial}");
    for name in ["port", "redirect", "hls_ended", "hls_live"] {
        assert_eq!(form(&trial, name)["result"], "works", "{name}: {trial}");
    }
    assert_eq!(form(&trial, "hls_live")["asked_again"], true);
    assert_eq!(form(&trial, "hls_ended")["asked_again"], Value::Null);
    let asked: Vec<&Value> = form(&trial, "redirect")["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| &request["part"])
        .collect();
    assert_eq!(asked, ["redirect", "sound"]);
    let request = &form(&trial, "port")["requests"][0];
    let seen = [&request["method"], &request["range"], &request["agent"]];
    assert_eq!(seen, ["GET", "bytes=0-", "AlexaMediaPlayer/2.1.4676.0"]);
    let left_out = trial["left_out"].as_array().unwrap().iter();
    let left_out: Vec<(&str, &str)> =
        left_out.map(|one| (one["name"].as_str().unwrap(), one["code"].as_str().unwrap())).collect();
    assert_eq!(left_out, [("playlist_http", "no_public_plain"), ("address", "no_bare_address")]);
    let routes = harness.api.get("/v1/echos").await;
    assert!(!routes.to_string().contains("hls"), "a form is learned for no play: {routes}");
}

/// It plays the three seconds that the list has at first, and asks for no more.
#[tokio::test(flavor = "multi_thread")]
async fn an_echo_that_does_not_ask_again_is_distinguished() {
    let harness = house().await;
    let echo = Echo { harness: &harness };
    let mut tone = begin_with(&harness, forms()).await;
    while ending(&tone.url) != "m3u8" {
        tone = echo.refuse(&tone).await.unwrap();
    }
    tone = echo.refuse(&tone).await.unwrap();
    let (urls, _) = list(&harness, &tone.url).await;
    pieces(&harness, &urls).await;
    assert!(is_heard(&echo, &tone, 3056).await.is_none());
    let trial = last(&harness).await;
    let live = form(&trial, "hls_live");
    assert_eq!((&live["result"], &live["asked_again"]), (&json!("failed"), &json!(false)), "{live}");
    assert_eq!(form(&trial, "redirect")["error"], REFUSED);
    assert_eq!(form(&trial, "redirect")["requests"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_there_are_make_forms_of_themselves() {
    let variables = [
        ("DOOR_URL", "https://203.0.113.7:8443".to_owned()),
        ("API_URL", "http://music.example.com".to_owned()),
    ];
    let harness = Harness::signed_in_with(&variables).await;
    let echo = Echo { harness: &harness };
    let playlist = begin_with(&harness, forms()).await;
    let path = playlist.url.strip_prefix("https://203.0.113.7:8443").unwrap();
    let line = harness.api.request(Method::GET, path).send().await.unwrap().text().await.unwrap();
    assert_eq!(line, "http://music.example.com/tone.mp3\n");
    let mut names = vec![];
    let mut next = Some(playlist);
    while let Some(tone) = next {
        names.push(ending(&tone.url).to_owned());
        next = echo.refuse(&tone).await;
    }
    assert_eq!(names, ["m3u", "mp3", "mp3", "mp3", "m3u8", "m3u8"]);
    let trial = last(&harness).await;
    assert_eq!((&trial["left_out"], &trial["stage"]), (&json!([]), &json!("done")));
}

/// The owner has heard enough: what plays stops, and nothing follows.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_test_stops_what_plays() {
    let harness = house().await;
    let (status, nothing) = harness.api.ask(Method::DELETE, &path(), None).await;
    assert_eq!((status, nothing), (200, json!({ "test": null })));
    let tone = begin_with(&harness, forms()).await;
    let echo = device_id(serial::KITCHEN);
    let report = |kind: &str, offset| Envelope::report(kind, &tone.token, offset).from_echo(&echo);
    let (status, cancelled) = harness.api.ask(Method::DELETE, &path(), None).await;
    assert_eq!((status, &cancelled["test"]["stage"]), (200, &json!("stopped")));
    for kind in ["PlaybackStarted", "PlaybackNearlyFinished"] {
        let answer = harness.ask_skill(&report(kind, 20)).await;
        let directive = json!([{ "type": "AudioPlayer.ClearQueue", "clearBehavior": "CLEAR_ALL" }]);
        assert_eq!(answer["response"]["directives"], directive, "{kind}");
    }
    let music =
        json!({ "token": "of something else", "offsetInMilliseconds": 9, "playerActivity": "PLAYING" });
    let late = Envelope::failed(&tone.token, REFUSED).with("/request/currentPlaybackState", music);
    let late = late.from_echo(&echo);
    let answer = harness.ask_skill(&late).await;
    assert_eq!(answer["response"].get("directives"), None, "what plays since is left alone: {answer}");
    assert_eq!(last(&harness).await["stage"], "stopped");
    // The next one begins at once, and has the results of the routes beside it.
    let routes = begin_with(&harness, json!({ "wait_ms": 4000 })).await;
    assert_eq!(ending(&routes.url), "m3u");
    let trial = last(&harness).await;
    assert_eq!((trial["routes"].as_array().unwrap().len(), trial["forms"].as_array().unwrap().len()), (3, 4));
}

/// An Echo that was never tested gets what another one of its kind takes. Its own reports beat that.
#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_of_an_echo_holds_for_its_kind() {
    let variables = [("DOOR_URL", DOOR.to_owned()), ("DOOR_LAN_URL", LAN.to_owned())];
    let harness = Harness::start_with(&variables).await;
    harness.amazon.move_to("de");
    let kitchen = harness.amazon.device(serial::KITCHEN);
    harness.amazon.change_device(serial::LIVING_ROOM, |device| {
        device.family = kitchen.family.clone();
        device.device_type = kitchen.device_type.clone();
    });
    harness.sign_in().await;
    let identified = format!("/v1/devices/{}/identify", serial::LIVING_ROOM);
    harness.post(&identified, &json!({ "wait_ms": 0 })).await;
    harness.next_echo_asks().await;
    let echo = device_id(serial::LIVING_ROOM);
    let music = async |session: &str| {
        harness.api.push("Wohnzimmer", session, "Blue").await;
        let asked = Envelope::new("play-audio").from_echo(&echo);
        Sent::of(&harness.ask_skill(&asked).await).unwrap()
    };
    let untested = music("Aa2keUeZ").await;
    assert!(untested.url.starts_with(&format!("{DOOR}/s/")), "{untested:?}");

    let kitchen = Echo { harness: &harness };
    let playlist = begin_with(&harness, json!({ "wait_ms": 4000 })).await;
    let lan = kitchen.refuse(&playlist).await.unwrap();
    assert!(lan.url.starts_with(LAN), "{lan:?}");
    is_heard(&kitchen, &lan, 5040).await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    let page = browser.get("/devices").await;
    let named = "Not tested yet. Küche is of the same kind and gets streams by the door at home";
    assert!(page.contains(named), "{page}");
    let guessed = music("Bb3keUeZ").await;
    assert!(guessed.url.starts_with(&format!("{LAN}/s/")), "{guessed:?}");

    let failed = Envelope::failed(&guessed.token, REFUSED).from_echo(&echo);
    let second = Sent::of(&harness.ask_skill(&failed).await).unwrap();
    assert!(second.url.starts_with(&format!("{DOOR}/s/")), "{second:?}");
    let own = music("Cc4keUeZ").await;
    assert!(own.url.starts_with(&format!("{DOOR}/s/")), "its own report beats the other's: {own:?}");
    assert!(!browser.get("/devices").await.contains("Not tested yet."));
}
