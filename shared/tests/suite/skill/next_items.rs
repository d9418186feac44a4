//! The item that follows: the answer to `PlaybackNearlyFinished`.

use std::sync::{Arc, Mutex};

use ma_alexa::clock::Clock as _;
use ma_alexa::playback::{
    HeardReport, KeepNext, Metadata, PlayerId, PlayerState, Push, ReportListener, StreamUrl, Transition,
};
use ma_alexa::skill::SkillIdPolicy;
use ma_alexa::store::PlaybackStore as _;
use serde_json::json;

use super::envelope::{Envelope, SKILL_ID, is_empty, play};
use super::home::Home;

const UNAVAILABLE: &str = "MEDIA_ERROR_SERVICE_UNAVAILABLE";

async fn keep(home: &Home, after: u64, item: &str) {
    let stream = format!("http://192.168.1.5:8097/single/s/queue/{item}/Kitchen.flac");
    let (player, request) = (PlayerId::from("Kitchen"), format!("next {item}"));
    let next = Push {
        player: player.clone(),
        stream: StreamUrl::parse(&stream).unwrap(),
        grant: None,
        metadata: Metadata { title: Some(format!("Title of {item}")), ..Metadata::default() },
        at: home.clock.now(),
        request: request.clone(),
        is_play: true,
        can_skip_speech: None,
        reports_home: false,
    };
    let keep = KeepNext { player, after, next: Some(next), at: home.clock.now(), request };
    assert_eq!(home.store.keep_next(&keep).await.unwrap(), Transition::Applied);
}

fn event(name: &str, token: &str, offset_ms: u64) -> Envelope {
    Envelope::event(name, token, offset_ms).from("kitchen")
}

#[tokio::test]
async fn the_next_item_is_queued_behind_the_present_one() {
    let home = Home::start();
    let first = home.playing("Kitchen").await;
    keep(&home, 1, "two").await;
    home.store.calls();
    // So early, it proves nothing of its route, which is a write of its own.
    let nearly = event("NearlyFinished", &first.token, 100);
    let answer = home.ask(&nearly).await;
    assert_eq!(home.store.calls(), ["record"], "one write, as for every report");
    let directive = &answer["response"]["directives"][0];
    assert_eq!(directive["playBehavior"], "ENQUEUE", "{answer}");
    assert_eq!(directive["audioItem"]["stream"]["expectedPreviousToken"], json!(first.token));
    assert_eq!(directive["audioItem"]["metadata"]["title"], "Title of two");
    let second = play(&answer).unwrap();
    assert_eq!(second.url, "https://music.example.com/single/s/queue/two/Kitchen.mp3");
    assert_eq!(second.offset_ms, 0);
    assert_eq!(home.player("Kitchen").await.version(), 1, "the first plays still");

    home.pass(10);
    home.ask(&event("Finished", &first.token, 180_000)).await;
    home.ask(&event("Started", &second.token, 0)).await;
    let player = home.player("Kitchen").await;
    assert_eq!((player.version(), home.state("Kitchen").await), (2, PlayerState::Playing));
    assert_eq!(player.metadata().title.as_deref(), Some("Title of two"));
    // A late word of the first changes nothing, and a person who resumes hears the second where it was.
    home.ask(&event("Stopped", &first.token, 175_000)).await;
    home.pass(20);
    home.ask(&event("Stopped", &second.token, 20_000)).await;
    home.pass(1);
    let asked = Envelope::intent("AMAZON.ResumeIntent").from("kitchen");
    let resumed = home.play(&asked.after(&second.token, 20_000, "STOPPED")).await;
    assert_eq!((resumed.url, resumed.offset_ms), (second.url, 20_000));
}

#[tokio::test]
async fn without_a_next_item_there_is_nothing_to_answer() {
    let home = Home::start();
    let first = home.playing("Kitchen").await;
    assert!(is_empty(&home.ask(&event("NearlyFinished", &first.token, 100)).await));
    // What is no longer the present version has nothing behind it.
    keep(&home, 1, "two").await;
    home.push("Kitchen", "three").await;
    assert!(is_empty(&home.ask(&event("NearlyFinished", &first.token, 170_000)).await));
}

/// What the Echo was given was replaced in the meantime: it is not heard.
#[tokio::test]
async fn a_queued_item_that_follows_no_more_is_stopped() {
    let home = Home::start();
    let first = home.playing("Kitchen").await;
    keep(&home, 1, "two").await;
    let second = play(&home.ask(&event("NearlyFinished", &first.token, 170_000)).await).unwrap();
    keep(&home, 1, "three").await;
    home.pass(10);
    home.ask(&event("Finished", &first.token, 180_000)).await;
    let answer = home.ask(&event("Started", &second.token, 0)).await;
    assert_eq!(answer["response"]["directives"][0]["type"], "AudioPlayer.Stop", "{answer}");
    assert!(is_empty(&home.ask(&event("Stopped", &second.token, 300)).await));
    assert_eq!(
        (home.player("Kitchen").await.version(), home.state("Kitchen").await),
        (1, PlayerState::Finished)
    );
}

/// The Echo cannot fetch what it was given, while the present item plays.
#[tokio::test]
async fn a_queued_item_that_fails_leaves_the_present_one() {
    let home = Home::start();
    let first = home.playing("Kitchen").await;
    keep(&home, 1, "two").await;
    let second = play(&home.ask(&event("NearlyFinished", &first.token, 170_000)).await).unwrap();
    assert!(is_empty(&home.ask(&Envelope::failed(&second.token, UNAVAILABLE).from("kitchen")).await));
    assert_eq!(home.state("Kitchen").await, PlayerState::Playing);
    assert_eq!(home.player("Kitchen").await.version(), 1);
}

#[derive(Debug, Default)]
struct Heard(Mutex<Vec<(u64, bool)>>);

impl ReportListener for Heard {
    fn heard(&self, report: HeardReport) {
        self.0.lock().unwrap().push((report.player.version(), report.is_next_given));
    }
}

#[tokio::test]
async fn a_listener_hears_each_report_that_counts() {
    let home = Home::start();
    let first = home.playing("Kitchen").await;
    keep(&home, 1, "two").await;
    let heard = Arc::new(Heard::default());
    let variables = [("SKILL_ID", SKILL_ID), ("STREAM_BASE_URL", "https://music.example.com")];
    let skill = home.another(&variables, SkillIdPolicy::KnownSkills).with_listener(heard.clone());
    let nearly = event("NearlyFinished", &first.token, 170_000);
    let answer = home.ask_of(&skill, &nearly).await.unwrap();
    let second = play(&answer).unwrap();
    home.pass(1);
    for report in
        [event("Started", &second.token, 0), event("Finished", &first.token, 0), event("Started", "x", 0)]
    {
        home.ask_of(&skill, &report).await.unwrap();
    }
    assert_eq!(*heard.0.lock().unwrap(), [(1, true), (2, false)]);
}
