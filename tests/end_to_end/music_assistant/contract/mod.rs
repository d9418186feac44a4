//! What people ask for at home, over the real Music Assistant and over stand-ins of a newer and of an older one: the same
//! requests have the same replies and the same effects.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

mod provider;
mod spoken;
mod stand_in;

use std::time::{Duration, Instant};

use end_to_end::api::http_client;
use end_to_end::voice::{self, heard as used};
use ma_alexa::control::{
    Action, ControlError, MusicKind, MusicRequest, MusicSource, MusicUse, Repeating, Reply,
};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{KITCHEN, OFFICE, at_home};
use stand_in::{Kind, StandIn};

/// How long Music Assistant may take to do what it took.
const PATIENCE: Duration = Duration::from_secs(45);
const STEP: Duration = Duration::from_millis(100);

/// The longest time of a request.
const LONGEST: Duration = Duration::from_millis(5500);

const GOES_ON: Reply = Reply::Starting { music: None, room: None };

/// The control over one server, and what that server says itself.
struct Voice {
    control: voice::Voice,
    address: String,
    token: Option<String>,
    client: Client,
}

impl Voice {
    async fn new(address: &str, token: Option<&str>) -> Self {
        Self {
            control: voice::Voice::new(address, token).await,
            address: address.to_owned(),
            token: token.map(str::to_owned),
            client: http_client(),
        }
    }

    /// What a person asks for at the kitchen's Echo, and the reply.
    async fn ask(&self, action: Action) -> Reply {
        let began = Instant::now();
        let reply = self.control.ask(KITCHEN, "en-US", action.clone()).await;
        assert!(began.elapsed() < LONGEST, "{action:?}: {:?}", began.elapsed());
        reply
    }

    async fn queue(&self, player: &str) -> Value {
        let body = json!({ "command": "player_queues/get_active_queue", "args": { "player_id": player } });
        let request = self.client.post(format!("{}/api", self.address)).json(&body);
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Waits until a queue is at this item and plays.
    async fn plays(&self, player: &str, title: &str) {
        self.is(player, |queue| queue["current_item"]["media_item"]["name"] == title, title).await;
        self.is(player, |queue| queue["state"] == "playing", "playing").await;
    }

    async fn is(&self, player: &str, holds: impl Fn(&Value) -> bool, what: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let queue = self.queue(player).await;
            if holds(&queue) {
                return;
            }
            assert!(Instant::now() < deadline, "{player} is not {what}: {queue}");
            sleep(STEP).await;
        }
    }
}

fn heard(text: &str) -> Action {
    used(text, None, MusicUse::Play)
}

fn selected(selection: MusicSource) -> Action {
    Action::Play(MusicRequest { selection, used: MusicUse::Play, room: None })
}

/// The title of the music in a reply.
fn title(reply: &Reply) -> Option<&str> {
    match reply {
        Reply::Starting { music: Some(music), .. }
        | Reply::Queued(music)
        | Reply::QueuedNext(music)
        | Reply::Playing(music) => Some(&music.title),
        _ => None,
    }
}

/// What holds for every Music Assistant. The kitchen and the office are there, and nothing ever played.
async fn contract(voice: &Voice) {
    nothing_plays(voice).await;
    music_plays(voice).await;
    the_queue_obeys(voice).await;
    favourites_are_kept(voice).await;
    other_rooms_obey(voice).await;
}

async fn nothing_plays(voice: &Voice) {
    assert_eq!(voice.ask(Action::WhatIsPlaying).await, Reply::NothingPlays);
    for action in [Action::Next, Action::Previous, Action::StartOver, Action::Resume, Action::Jump(1)] {
        let reply = voice.ask(action.clone()).await;
        assert_eq!(reply, Reply::Failed(ControlError::QueueEmpty), "{action:?}");
    }
    let none = Reply::NotFound { heard: "quartz and flagstones".to_owned() };
    assert_eq!(voice.ask(heard("quartz and flagstones")).await, none);
    let attic = Reply::RoomUnknown { heard: "attic".to_owned(), several: Vec::new() };
    assert_eq!(voice.ask(Action::MoveTo("attic".to_owned())).await, attic);
}

async fn music_plays(voice: &Voice) {
    let reply = voice.ask(heard("tone two")).await;
    assert_eq!(title(&reply), Some("Tone 2"), "{reply:?}");
    voice.plays(KITCHEN, "Tone 2").await;
    for (text, how) in [("tone 3", MusicUse::Add), ("tone 1", MusicUse::Next)] {
        let reply = voice.ask(used(text, Some(MusicKind::Song), how)).await;
        let is_queued = match how {
            MusicUse::Next => matches!(&reply, Reply::QueuedNext(_)),
            _ => matches!(&reply, Reply::Queued(_)),
        };
        assert!(is_queued, "{text}: {reply:?}");
    }
    voice.is(KITCHEN, |queue| queue["items"] == 3, "of three items").await;
    let Reply::Playing(playing) = voice.ask(Action::WhatIsPlaying).await else { panic!("it plays") };
    assert_eq!((playing.title.as_str(), playing.artist.as_deref()), ("Tone 2", Some("Artist 2")));
    assert_eq!(playing.kind, Some(MusicKind::Song));
}

async fn the_queue_obeys(voice: &Voice) {
    assert_eq!(voice.ask(Action::Next).await, GOES_ON);
    voice.plays(KITCHEN, "Tone 1").await;
    assert_eq!(voice.ask(Action::Previous).await, GOES_ON);
    voice.plays(KITCHEN, "Tone 2").await;
    assert_eq!(voice.ask(Action::Jump(2)).await, GOES_ON);
    voice.plays(KITCHEN, "Tone 3").await;
    voice.is(KITCHEN, |queue| queue["next_item"].is_null(), "at its end").await;
    assert_eq!(voice.ask(Action::Next).await, Reply::Failed(ControlError::NoSuchItem));
    for action in [Action::Skip(30), Action::Skip(-500), Action::StartOver, Action::Resume] {
        assert_eq!(voice.ask(action.clone()).await, GOES_ON, "{action:?}");
        voice.plays(KITCHEN, "Tone 3").await;
    }
    assert_eq!(voice.ask(Action::Shuffle(true)).await, Reply::Done);
    assert_eq!(voice.ask(Action::Repeat(Repeating::All)).await, Reply::Done);
    voice
        .is(KITCHEN, |queue| queue["shuffle_enabled"] == true && queue["repeat_mode"] == "all", "shuffled")
        .await;
    assert_eq!(voice.ask(Action::Shuffle(false)).await, Reply::Done);
    assert_eq!(voice.ask(Action::Repeat(Repeating::Off)).await, Reply::Done);
    voice
        .is(KITCHEN, |queue| queue["shuffle_enabled"] == false && queue["repeat_mode"] == "off", "in order")
        .await;
    // Where no provider finds music like it, what plays goes on.
    let reply = voice.ask(Action::MoreLikeThis).await;
    let is_answered = reply == Reply::Failed(ControlError::NotPossible) || title(&reply) == Some("Tone 3");
    assert!(is_answered, "{reply:?}");
    voice.plays(KITCHEN, "Tone 3").await;
}

async fn favourites_are_kept(voice: &Voice) {
    let none = Reply::NotFound { heard: String::new() };
    assert_eq!(voice.ask(selected(MusicSource::Favourites)).await, none);
    assert_eq!(voice.ask(Action::Like(true)).await, Reply::Done);
    assert_eq!(title(&voice.ask(heard("tone 4 by artist 4")).await), Some("Tone 4"));
    voice.plays(KITCHEN, "Tone 4").await;
    assert_eq!(voice.ask(selected(MusicSource::Favourites)).await, GOES_ON);
    voice.plays(KITCHEN, "Tone 3").await;
    assert_eq!(voice.ask(Action::Like(false)).await, Reply::Done);
    assert_eq!(voice.ask(selected(MusicSource::Favourites)).await, none);
    assert_eq!(voice.ask(selected(MusicSource::Random)).await, GOES_ON);
    voice.is(KITCHEN, |queue| queue["items"] == 5, "of all").await;
    let reply = voice.ask(used("artist 5", Some(MusicKind::Artist), MusicUse::Play)).await;
    assert_eq!(title(&reply), Some("Artist 5"), "{reply:?}");
    voice.plays(KITCHEN, "Tone 5").await;
}

async fn other_rooms_obey(voice: &Voice) {
    let moved = Reply::Starting { music: None, room: Some(OFFICE.to_owned()) };
    assert_eq!(voice.ask(Action::MoveTo("the office".to_owned())).await, moved);
    voice.plays(OFFICE, "Tone 5").await;
    voice.is(KITCHEN, |queue| queue["items"] == 0, "empty").await;
    let reply = voice.ask(heard("tone 1 in the office")).await;
    assert!(matches!(&reply, Reply::Starting { room: Some(room), .. } if room == OFFICE), "{reply:?}");
    voice.plays(OFFICE, "Tone 1").await;
    let quiet = Action::VolumeIn { room: "office".to_owned(), percent: 20 };
    assert_eq!(voice.ask(quiet).await, Reply::Done);
    assert_eq!(voice.ask(Action::StopIn("office".to_owned())).await, Reply::Done);
    voice.is(OFFICE, |queue| queue["state"] != "playing", "stopped").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_one_keeps_the_contract() {
    at_home(async |house, _| {
        contract(&Voice::new(house.ma.api(), Some(house.ma.token())).await).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_one_keeps_the_contract() {
    let token = "a-long-lived-token";
    let kind = Kind { version: "2.11.0", schema: 34, oldest_schema: 28, token: Some(token) };
    let stand_in = StandIn::start(kind, &[KITCHEN, OFFICE]).await;
    contract(&Voice::new(&stand_in.address, Some(token)).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_one_without_logins_keeps_the_contract() {
    let kind = Kind { version: "2.3.6", schema: 26, oldest_schema: 24, token: None };
    let stand_in = StandIn::start(kind, &[KITCHEN, OFFICE]).await;
    contract(&Voice::new(&stand_in.address, None).await).await;
}
