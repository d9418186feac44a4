//! A home in which people speak: a real Music Assistant, our API and skill in this process, and an Echo in each room.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use end_to_end::api::MUSIC_ASSISTANT;
use end_to_end::machine;
use end_to_end::music_assistant::{
    ADMINISTRATOR, AlexaProvider, Echos as Sentences, Heard, Installation, MusicAssistant, Spoken,
};
use end_to_end::tones::Sound;
use serde_json::{Value, json};
use tokio::sync::RwLock;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::echos::{Echos, Said};
use super::library::{self, PIECES};
use super::provider::{Provider, Speech};
use crate::amazon::harness::Harness;

/// A room whose player has a newer provider, and one with the provider as it is.
pub(super) const KITCHEN: &str = "Kitchen";
pub(super) const OFFICE: &str = "Office";

/// How long a test waits for what is to hold, and how often it looks. It ends a test that fails, and makes none slower.
const PATIENCE: Duration = Duration::from_mins(1);
const STEP: Duration = Duration::from_millis(50);

/// How long after a start Music Assistant's stop is taken for one of what played before, and a little more.
const JUST_STARTED: Duration = Duration::from_millis(3200);

/// What a request that starts music took.
#[derive(Clone, Copy, Debug)]
struct Start {
    room: &'static str,
    /// Whether the answer had the music.
    in_answer: bool,
    /// From the request to that answer, or to Music Assistant's sentence.
    took: Duration,
}

/// How soon a start has to come so that it is handed to the answer in any case: the answer waits for it for 4.5 s.
const IN_TIME: Duration = Duration::from_millis(3500);

/// The home. Everything in it ends when it is dropped.
pub(super) struct Home {
    pub(super) ma: RwLock<MusicAssistant>,
    pub(super) provider: Provider,
    pub(super) echos: Echos,
    /// How many sounds of each room a test has seen.
    seen: [(&'static str, AtomicUsize); 2],
    /// The requests that started music in their room.
    starts: Mutex<Vec<Start>>,
    tasks: JoinSet<()>,
    harness: Arc<Harness>,
    _hook: Sentences,
}

impl Home {
    pub(super) async fn start(installation: &Installation) -> Self {
        let (hook, heard) = Sentences::listen().await;
        let no_renderers = [("RENDERER_BIND", "off".to_owned())];
        let (ma, harness) = tokio::join!(
            MusicAssistant::start_with_pieces(&PIECES, installation, &[KITCHEN, OFFICE], &hook),
            Harness::start_with(&no_renderers),
        );
        let harness = Arc::new(harness);
        let mut tasks = JoinSet::new();
        library::complete(&ma, installation, &mut tasks).await;
        let provider = Provider::start(&format!("http://{}", harness.api.address()), &[KITCHEN]).await;
        let settings =
            AlexaProvider { api_url: &provider.base, credentials: MUSIC_ASSISTANT, language: "en-US" };
        ma.load_alexa(settings, &[KITCHEN, OFFICE]).await;
        let (name, password) = ADMINISTRATOR;
        let sign_in = json!({ "address": ma.api(), "username": name, "password": password });
        let (status, said) = harness.post("/v1/music-assistant/connect", &sign_in).await;
        assert_eq!(status, 200, "{said}");
        let skill = harness.skill_with_control(Arc::new(harness.state.home_control().clone()));
        let echos = Echos::new(skill, harness.clock.clone(), installation, ma.streams());
        tasks.spawn(obey(heard, Arc::new(provider.speech()), echos.clone()));
        let seen = [KITCHEN, OFFICE].map(|room| (room, AtomicUsize::default()));
        let starts = Mutex::default();
        Self { ma: RwLock::new(ma), provider, echos, seen, starts, tasks, harness, _hook: hook }
    }

    /// A person says a sentence to the Echo of a room.
    pub(super) async fn says(&self, room: &str, sentence: &str) -> Said {
        self.echos.says(room, sentence).await
    }

    /// A person says a sentence, and the answer says this and plays nothing.
    pub(super) async fn hears_words(&self, room: &str, sentence: &str, words: &str) {
        let said = self.says(room, sentence).await;
        assert!(said.speech.contains(words), "{sentence}: {said:?}");
        assert_ne!(said.does, "AudioPlayer.Play", "{sentence}: {said:?}");
    }

    /// A person asks what plays, and the answer says this. Music Assistant counts music as playing a moment after an Echo
    /// has it.
    pub(super) async fn says_what_plays(&self, room: &str, words: &str) {
        self.queue_is(room, "music that plays", |queue| queue["state"] == "playing").await;
        self.hears_words(room, "what is playing", words).await;
    }

    /// A person says a sentence, and a piece of these is heard in a room, once.
    pub(super) async fn plays(&self, room: &str, sentence: &str, in_room: &str, titles: &[&str]) -> Sound {
        let (before, began) = (self.echos.said(in_room).len(), Instant::now());
        let said = self.says(room, sentence).await;
        let heard = self.hears(in_room, titles, sentence).await;
        if room == in_room {
            self.began_once(room, sentence, &said, (before, began));
        }
        heard
    }

    /// A button of an Echo is pressed so many times within a second, and this piece is heard there, once.
    pub(super) async fn presses(&self, room: &str, button: &str, times: usize, title: &str) {
        let (before, began) = (self.echos.said(room).len(), Instant::now());
        let presses = (0..times).map(|_| self.echos.is_pressed(room, button));
        let answers = futures_util::future::join_all(presses).await;
        assert!(answers.iter().all(|answer| answer.speech.is_empty()), "{button}: {answers:?}");
        self.hears(room, &[title], button).await;
        let mut plays = answers.iter().filter(|answer| answer.does == "AudioPlayer.Play");
        let played = plays.next();
        assert!(plays.next().is_none(), "{button}: {answers:?}");
        let answer = played.or(answers.last()).unwrap();
        self.began_once(room, button, answer, (before, began));
    }

    /// What a request started came by its answer or by one sentence, and never by both. Where a start comes in time that needs
    /// no sentence, it is in the answer.
    fn began_once(&self, room: &str, sentence: &str, said: &Said, (before, began): (usize, Instant)) {
        let in_answer = said.does == "AudioPlayer.Play";
        // Music Assistant says a stop of its own before it replaces what plays.
        let spoken = self.echos.said(room).split_off(before).into_iter();
        let spoken: Vec<_> = spoken.filter(|(_, name)| name != "MaStop").collect();
        let told = self.provider.history();
        assert_eq!(spoken.len(), usize::from(!in_answer), "{sentence}: {said:?} {spoken:?}\n{told}");
        let came = self.provider.started_after(room, began);
        let is_newer = room == KITCHEN;
        let in_time = came.is_some_and(|came| came < IN_TIME);
        assert!(in_answer || !is_newer || !in_time, "{sentence}: it came after {came:?}: {said:?}\n{told}");
        assert!(is_newer || !in_answer, "{sentence}: the provider as it is speaks: {said:?}");
        let took = spoken.first().map_or(said.took, |(at, _)| at.saturating_duration_since(began));
        let room = if is_newer { KITCHEN } else { OFFICE };
        self.starts.lock().unwrap().push(Start { room, in_answer, took });
    }

    /// One of these pieces is heard in a room, as the only new one.
    pub(super) async fn hears(&self, room: &str, titles: &[&str], why: &str) -> Sound {
        let seen = self.seen(room);
        let before = seen.load(Ordering::SeqCst);
        self.until(why, async || self.echos.sounds(room).len() > before).await;
        let sounds = self.echos.sounds(room);
        seen.store(before + 1, Ordering::SeqCst);
        let heard = sounds[before];
        let title = library::title(heard.piece);
        assert!(titles.contains(&title), "{why}: {title} is heard, and not {titles:?}");
        assert_eq!(sounds.len(), before + 1, "{why}: one start");
        heard
    }

    /// Says what the requests took that started music, by each way.
    pub(super) fn says_what_starts_took(&self) {
        let starts = self.starts.lock().unwrap();
        for (way, in_answer) in
            [("request to answer, by hand-over", true), ("request to sentence, late", false)]
        {
            let of_way = starts.iter().filter(|start| start.in_answer == in_answer);
            let mut took: Vec<Duration> = of_way.map(|start| start.took).collect();
            took.sort();
            assert!(took.len() > 5, "{way}: {starts:?}");
            let (median, worst) = (took[took.len() / 2].as_millis(), took[took.len() - 1].as_millis());
            let (count, sentences) = (took.len(), usize::from(!in_answer));
            machine::say(&format!(
                "{way}: {count} starts, median {median} ms, worst {worst} ms, {sentences} sentences each"
            ));
        }
        let of_kitchen = starts.iter().filter(|start| start.room == KITCHEN).count();
        assert!(of_kitchen > 20, "{starts:?}");
    }

    /// Nothing is heard in a room that no test has seen.
    pub(super) async fn is_all_seen(&self, room: &str) {
        self.echos.have_recognised(room).await;
        let sounds = self.echos.sounds(room);
        assert_eq!(sounds.len(), self.seen(room).load(Ordering::SeqCst), "{room}: {sounds:?}");
    }

    /// Waits until the last sentence of a room is this one.
    pub(super) async fn last_hears(&self, room: &str, sentence: &str) {
        let is_last = async || self.echos.sentences(room).last().is_some_and(|last| last == sentence);
        self.until(sentence, is_last).await;
    }

    /// Waits until a room is silent.
    pub(super) async fn is_silent(&self, room: &str) {
        self.until("silence", async || !self.echos.plays(room)).await;
    }

    /// Waits until the queue of a room is so.
    pub(super) async fn queue_is(&self, room: &str, what: &str, is_so: impl Fn(&Value) -> bool) {
        self.until(what, async || is_so(&self.queue(room).await)).await;
    }

    pub(super) async fn queue(&self, room: &str) -> Value {
        let args = json!({ "player_id": room });
        self.ma.read().await.command("player_queues/get_active_queue", args).await
    }

    /// Makes a group of all rooms in Music Assistant. Its id.
    pub(super) async fn make_group(&self, name: &str) -> String {
        let ma = self.ma.read().await;
        ma.save_provider("universal_group", json!({})).await;
        let args = json!({
            "provider": "universal_group", "name": name, "members": [KITCHEN, OFFICE], "dynamic": false,
        });
        let is_made = async |ma: &MusicAssistant| {
            ma.try_command("players/create_group_player", args.clone()).await.0 == 200
        };
        ma.wait_for("group", is_made).await;
        let group = async |ma: &MusicAssistant| {
            let players = ma.command("players/all", json!({})).await;
            players.as_array().unwrap().iter().find(|player| player["type"] == "group").cloned().unwrap()
        };
        let has_members = async |ma: &MusicAssistant| {
            group(ma).await["group_members"].as_array().is_some_and(|members| members.len() == 2)
        };
        ma.wait_for("members of the group", has_members).await;
        group(&ma).await["player_id"].as_str().unwrap().to_owned()
    }

    /// Removes a group.
    pub(super) async fn remove_group(&self, id: &str) {
        self.ma.read().await.command("players/remove_group_player", json!({ "player_id": id })).await;
    }

    /// What plays goes on for so long that a stop is meant for it.
    pub(super) fn goes_on_for_a_while(&self) {
        self.harness.pass(JUST_STARTED);
    }

    /// Ends Music Assistant at once.
    pub(super) async fn stops_music_assistant(&self) {
        self.ma.read().await.end_at_once();
    }

    /// Starts it again with what it stored, and waits for its players.
    pub(super) async fn starts_music_assistant(&self) {
        self.ma.write().await.restart().await;
        let has_all = async || {
            let (status, queues) = self.ma.read().await.try_command("player_queues/all", json!({})).await;
            status == 200 && [KITCHEN, OFFICE].iter().all(|room| queues.contains(&format!("\"{room}\"")))
        };
        self.until("the players", has_all).await;
    }

    /// Looks again and again until `holds`.
    pub(super) async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds().await {
            if Instant::now() > deadline {
                let rooms =
                    [KITCHEN, OFFICE].map(|room| (self.echos.sounds(room), self.echos.sentences(room)));
                panic!("no {what} in time: {rooms:?}\n{}", self.ma.read().await.log());
            }
            sleep(STEP).await;
        }
    }

    fn seen(&self, room: &str) -> &AtomicUsize {
        &self.seen.iter().find(|(known, _)| *known == room).unwrap().1
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.tasks.abort_all();
    }
}

/// Has each room obey what it hears of Music Assistant: one sentence after the other, and no room waits for another one.
async fn obey(mut heard: UnboundedReceiver<Heard>, speech: Arc<Speech>, echos: Echos) {
    let mut rooms: BTreeMap<String, UnboundedSender<(&'static str, Instant)>> = BTreeMap::new();
    let mut tasks = JoinSet::new();
    while let Some(Heard { player, what, at }) = heard.recv().await {
        let text = match what {
            Spoken::Text(text) => text,
            Spoken::Volume(percent) => {
                echos.is_as_loud(&player, percent);
                continue;
            }
        };
        let intent = match text.as_str() {
            "ask music assistant to play audio" => "PlayAudio",
            text if text.ends_with("shelve the vinyl") => "MaStop",
            text if text.ends_with("lift the needle") => "MaPause",
            _ => "MaResume",
        };
        let room = rooms.entry(player.clone()).or_insert_with(|| {
            let (sender, mut sentences) = unbounded_channel();
            let (speech, echos, room) = (Arc::clone(&speech), echos.clone(), player);
            tasks.spawn(async move {
                while let Some((intent, at)) = sentences.recv().await {
                    if speech.is_heard(&room, intent).await {
                        echos.hears(&room, intent, at).await;
                    }
                }
            });
            sender
        });
        room.send((intent, at)).unwrap();
    }
}
