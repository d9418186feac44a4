//! Trials: an Echo plays a tone by each route, and plays music by the one that it took.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::time::Duration;

use end_to_end::amazon::serial;
use end_to_end::envelope::{Envelope, nothing};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{Harness, device_id, identify};

pub(super) const DOOR: &str = "https://door.example.com";
pub(super) const LAN: &str = "https://lan.example.com:5443";
const HOME: &str = "http://192.168.1.5:5000";

pub(super) const REFUSED: &str = "MEDIA_ERROR_INVALID_REQUEST";

fn variables() -> [(&'static str, String); 3] {
    [("DOOR_URL", DOOR.to_owned()), ("DOOR_LAN_URL", LAN.to_owned()), ("API_URL", HOME.to_owned())]
}

/// A tone that an answer carries.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) behavior: String,
    pub(crate) url: String,
    pub(crate) token: String,
    expected_previous: Option<String>,
}

impl Sent {
    pub(crate) fn of(answer: &Value) -> Option<Self> {
        let directive = answer["response"]["directives"].as_array()?.first()?;
        let stream = &directive["audioItem"]["stream"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            behavior: text(&directive["playBehavior"])?,
            url: text(&stream["url"])?,
            token: text(&stream["token"])?,
            expected_previous: text(&stream["expectedPreviousToken"]),
        })
    }
}

/// The Echo in the kitchen, which fetches what it is sent.
pub(super) struct Echo<'a> {
    pub(super) harness: &'a Harness,
}

impl Echo<'_> {
    pub(super) async fn report(&self, envelope: Envelope) -> Option<Sent> {
        let envelope = envelope.from_echo(&device_id(serial::KITCHEN));
        let answer = self.harness.ask_skill(&envelope).await;
        let sent = Sent::of(&answer);
        if sent.is_none() {
            assert_eq!(answer, nothing());
        }
        sent
    }

    async fn get(&self, url: &str) -> Vec<u8> {
        let path = [DOOR, LAN, HOME].into_iter().find_map(|base| url.strip_prefix(base)).unwrap();
        let response = self.harness.api.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{url}");
        response.bytes().await.unwrap().to_vec()
    }

    /// Fetches a tone as a player does: a playlist leads to what it names.
    async fn fetch(&self, tone: &Sent) {
        let mut sound = self.get(&tone.url).await;
        if let Some((_, "m3u")) = tone.url.rsplit_once('.') {
            let line = String::from_utf8(sound).unwrap();
            assert_eq!(line, format!("{HOME}/tone.mp3\n"));
            sound = self.get(line.trim()).await;
        }
        assert_eq!((sound.len() / 1000, &sound[..2]), (40, &[0xff, 0xfb][..]), "40 kB of MPEG frames");
    }

    /// Plays a tone to its end; the one that follows.
    pub(super) async fn play(&self, tone: &Sent) -> Option<Sent> {
        self.fetch(tone).await;
        assert!(self.report(Envelope::report("PlaybackStarted", &tone.token, 0)).await.is_none());
        let next = self.report(Envelope::report("PlaybackNearlyFinished", &tone.token, 20)).await;
        assert!(self.report(Envelope::report("PlaybackFinished", &tone.token, 5040)).await.is_none());
        next
    }

    pub(super) async fn refuse(&self, tone: &Sent) -> Option<Sent> {
        self.report(Envelope::failed(&tone.token, REFUSED)).await
    }
}

/// Starts a trial, and the Echo asks; the first tone.
async fn begin(harness: &Harness) -> Sent {
    begin_with(harness, json!({ "wait_ms": 4000 })).await
}

/// The same with this body.
pub(super) async fn begin_with(harness: &Harness, body: Value) -> Sent {
    let (api, path) = (harness.api.clone(), path());
    let started = tokio::spawn(async move { api.ask(Method::POST, &path, Some(&body)).await });
    let (heard, answer) = harness.next_echo_asks().await;
    assert_eq!(heard.serial, serial::KITCHEN);
    let first = Sent::of(&answer).unwrap();
    assert_eq!((first.behavior.as_str(), &first.expected_previous), ("REPLACE_ALL", &None));
    let (status, begun) = started.await.unwrap();
    assert_eq!((status, &begun["stage"]), (200, &json!("running")), "{begun}");
    first
}

pub(super) fn path() -> String {
    format!("/v1/devices/{}/test", serial::KITCHEN)
}

pub(super) async fn last(harness: &Harness) -> Value {
    harness.api.get(&path()).await["test"].clone()
}

fn results(trial: &Value) -> Vec<(&str, &str)> {
    let routes = trial["routes"].as_array().unwrap();
    routes.iter().map(|tone| (tone["route"].as_str().unwrap(), tone["result"].as_str().unwrap())).collect()
}

/// What the Echo gets when Music Assistant makes it ask.
async fn music(harness: &Harness, session: &str) -> Sent {
    harness.api.push("Küche", session, "Blue").await;
    let asked = Envelope::new("play-audio").from_echo(&device_id(serial::KITCHEN));
    Sent::of(&harness.ask_skill(&asked).await).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_that_takes_all_routes_plays_by_the_first() {
    let harness = Harness::signed_in_with(&variables()).await;
    let echo = Echo { harness: &harness };
    assert_eq!(last(&harness).await, Value::Null);
    let mut tone = begin(&harness).await;
    let mut urls = vec![tone.url.clone()];
    while let Some(next) = echo.play(&tone).await {
        assert_eq!((next.behavior.as_str(), &next.expected_previous), ("ENQUEUE", &Some(tone.token)));
        urls.push(next.url.clone());
        tone = next;
    }
    let starts: Vec<&str> = urls.iter().map(|url| &url[..url.rfind('/').unwrap()]).collect();
    assert_eq!(starts, [&format!("{DOOR}/t"), &format!("{LAN}/t"), &format!("{DOOR}/t")]);

    let trial = last(&harness).await;
    assert_eq!(results(&trial), [("playlist", "works"), ("lan", "works"), ("door", "works")]);
    assert_eq!((&trial["stage"], &trial["works"]), (&json!("done"), &json!("playlist")), "{trial}");
    for link in ["begun_at", "heard_at", "asked_at"] {
        assert!(trial[link].is_string(), "{link}: {trial}");
    }
    let left_out = json!([{
        "name": "direct", "code": "music_assistant_only", "message": trial["left_out"][0]["message"],
    }]);
    assert_eq!(trial["left_out"], left_out);
    for tone in trial["routes"].as_array().unwrap() {
        for link in ["answered_at", "fetched_at", "playing_at"] {
            assert!(tone[link].is_string(), "{link}: {tone}");
        }
        assert_eq!((&tone["played_ms"], &tone["error"]), (&json!(5040), &Value::Null));
        assert_eq!(tone["requests"][0]["method"], "GET", "{tone}");
    }
    assert!(!trial.to_string().contains("/t/"), "it names no address: {trial}");

    let music = music(&harness, "Aa2keUeZ").await;
    assert!(music.url.starts_with(&format!("{DOOR}/p/")), "{music:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_that_refuses_playlists_plays_by_the_next() {
    let harness = Harness::signed_in_with(&variables()).await;
    let echo = Echo { harness: &harness };
    let playlist = begin(&harness).await;
    let lan = echo.refuse(&playlist).await.unwrap();
    assert_eq!((lan.behavior.as_str(), lan.url.starts_with(LAN)), ("REPLACE_ALL", true));
    // It comes twice, by another request: the tone that was sent is not sent again.
    assert!(echo.refuse(&playlist).await.is_none());
    let door = echo.refuse(&lan).await.unwrap();
    assert!(echo.play(&door).await.is_none());
    let trial = last(&harness).await;
    assert_eq!(results(&trial), [("playlist", "failed"), ("lan", "failed"), ("door", "works")]);
    assert_eq!((&trial["stage"], &trial["works"]), (&json!("done"), &json!("door")));
    assert_eq!(trial["routes"][0]["error"], REFUSED);
    assert!(trial["routes"][0]["fetched_at"].is_null(), "{trial}");
    let music = music(&harness, "Aa2keUeZ").await;
    assert!(music.url.starts_with(&format!("{DOOR}/s/")), "{music:?}");
}

/// A route that is queued may fail while the tone before it plays.
#[tokio::test(flavor = "multi_thread")]
async fn a_queued_tone_that_fails_is_followed_behind_the_one_that_plays() {
    let harness = Harness::signed_in_with(&variables()).await;
    let echo = Echo { harness: &harness };
    let playlist = begin(&harness).await;
    echo.report(Envelope::report("PlaybackStarted", &playlist.token, 0)).await;
    let lan = echo.report(Envelope::report("PlaybackNearlyFinished", &playlist.token, 20)).await.unwrap();
    let playing =
        json!({ "token": playlist.token, "offsetInMilliseconds": 900, "playerActivity": "PLAYING" });
    let failed = Envelope::failed(&lan.token, REFUSED).with("/request/currentPlaybackState", playing);
    let door = echo.report(failed).await.unwrap();
    assert_eq!((door.behavior.as_str(), door.expected_previous), ("ENQUEUE", Some(playlist.token)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_that_never_asks_is_distinguished() {
    let harness = Harness::signed_in_with(&variables()).await;
    let (status, begun) = harness.post(&path(), &json!({ "wait_ms": 0 })).await;
    assert_eq!((status, &begun["stage"]), (200, &json!("waiting")), "{begun}");
    assert!(begun["heard_at"].is_string() && begun["asked_at"].is_null(), "{begun}");
    // A second press is the same trial, and no second sentence.
    let (status, again) = harness.post(&path(), &json!({ "wait_ms": 0 })).await;
    assert_eq!((status, &again["begun_at"]), (200, &begun["begun_at"]));
    let heard = harness.amazon.next_utterance().await;
    harness.pass(Duration::from_secs(31));
    assert_eq!(last(&harness).await["stage"], "never_asked");
    // Its word comes too late for that trial.
    let late = harness.ask_skill(&identify(&heard)).await;
    assert_eq!(late["response"].get("directives"), None, "{late}");
    let (_, next) = harness.post(&path(), &json!({ "wait_ms": 0 })).await;
    assert_ne!(next["begun_at"], begun["begun_at"]);
}

/// Reports that come late, twice and out of order change neither what is known nor what is played.
#[tokio::test(flavor = "multi_thread")]
async fn late_and_repeated_reports_are_taken_once() {
    let harness = Harness::signed_in_with(&variables()).await;
    let echo = Echo { harness: &harness };
    let playlist = begin(&harness).await;
    assert!(echo.report(Envelope::report("PlaybackFinished", &playlist.token, 5040)).await.is_none());
    assert!(echo.report(Envelope::report("PlaybackStarted", &playlist.token, 0)).await.is_none());
    let nearly = Envelope::report("PlaybackNearlyFinished", &playlist.token, 20);
    let lan = echo.report(nearly.clone()).await.unwrap();
    // The same request again: its answer was lost.
    let again = echo.report(nearly).await.unwrap();
    assert_eq!((again.url, again.behavior), (lan.url.clone(), lan.behavior.clone()));
    let door = echo.refuse(&lan).await.unwrap();
    harness.pass(Duration::from_secs(31));
    assert_eq!(last(&harness).await["stage"], "no_report");
    // What comes then is known, and begins nothing again.
    assert!(echo.report(Envelope::report("PlaybackFinished", &door.token, 5040)).await.is_none());
    let trial = last(&harness).await;
    assert_eq!(results(&trial), [("playlist", "works"), ("lan", "failed"), ("door", "works")]);
    assert_eq!(trial["stage"], "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_stops_the_tone_ends_the_trial() {
    let harness = Harness::signed_in_with(&variables()).await;
    let echo = Echo { harness: &harness };
    let tone = begin(&harness).await;
    echo.report(Envelope::report("PlaybackStarted", &tone.token, 0)).await;
    assert!(echo.report(Envelope::report("PlaybackStopped", &tone.token, 900)).await.is_none());
    assert!(echo.refuse(&tone).await.is_none());
    let trial = last(&harness).await;
    assert_eq!(trial["stage"], "stopped", "{trial}");
    assert_eq!(harness.post(&path(), &json!({ "wait_ms": 0 })).await.1["stage"], "waiting");
}

/// The first play of an unknown Echo is tried once more by the next route, and the one after that begins with what works.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_play_is_tried_by_the_next_route_and_remembered() {
    let harness = Harness::signed_in_with(&variables()).await;
    let echo = Echo { harness: &harness };
    let first = music(&harness, "Aa2keUeZ").await;
    assert!(first.url.starts_with(&format!("{DOOR}/s/")), "{first:?}");
    let second = echo.report(Envelope::failed(&first.token, REFUSED)).await.unwrap();
    assert!(second.url.starts_with("https://music.example.com/"), "{second:?}");
    assert!(echo.report(Envelope::failed(&second.token, REFUSED)).await.is_none(), "once for each version");
    let third = music(&harness, "Bb3keUeZ").await;
    assert!(third.url.starts_with(LAN), "{third:?}");
    echo.report(Envelope::report("PlaybackStopped", &third.token, 60_000)).await;
    let fourth = music(&harness, "Cc4keUeZ").await;
    assert!(fourth.url.starts_with(LAN), "{fourth:?}");
    assert!(echo.report(Envelope::failed(&fourth.token, REFUSED)).await.is_none(), "that route works");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_tested_is_refused() {
    let harness = Harness::signed_in().await;
    let (status, refused) = harness.post(&path(), &json!({})).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("invalid_request")), "{refused}");
    assert_eq!(last(&harness).await, Value::Null);
    let harness = Harness::signed_in_with(&variables()[..1]).await;
    harness.amazon.change_device(serial::KITCHEN, |device| device.online = false);
    let (status, refused) = harness.post(&path(), &json!({})).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("device_offline")), "{refused}");
    assert_eq!(last(&harness).await, Value::Null);
    for (path, status) in [("/t/x.mp3", 404), ("/t/x.m3u", 404), ("/t/x", 404), ("/tone.mp3", 200)] {
        let response = harness.api.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
    }
}

/// In AWS the list is at the HTTP API, and the tone that it names at a door at home.
#[tokio::test(flavor = "multi_thread")]
async fn from_aws_a_playlist_names_the_tone_of_a_door_at_home() {
    const API: &str = "https://api.example.com";
    let variables = [("PLAYLIST_URL", API.to_owned()), ("API_URL", API.to_owned())];
    let harness = Harness::signed_in_with(&variables).await;
    let (status, refused) = harness.post(&path(), &json!({})).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("invalid_request")), "no tone anywhere");

    let [playlist, api] = variables;
    let harness = Harness::signed_in_with(&[playlist, api, ("DOOR_LAN_URL", LAN.to_owned())]).await;
    let first = begin(&harness).await;
    let list = first.url.strip_prefix(API).unwrap();
    let line = harness.api.request(Method::GET, list).send().await.unwrap().text().await.unwrap();
    let grant = list.strip_prefix("/t/").and_then(|rest| rest.strip_suffix(".m3u")).unwrap();
    assert_eq!(line, format!("{LAN}/t/{grant}.mp3\n"));
    let sound = line.trim().strip_prefix(LAN).unwrap();
    let sound = harness.api.request(Method::GET, sound).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(&sound[..2], &[0xff, 0xfb]);
    let trial = last(&harness).await;
    assert_eq!(results(&trial), [("playlist", "sent"), ("lan", "untried")]);
    let codes: Vec<&Value> =
        trial["left_out"].as_array().unwrap().iter().map(|left_out| &left_out["code"]).collect();
    assert_eq!(codes, ["no_door", "music_assistant_only"]);
}
