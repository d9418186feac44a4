//! What people ask of Music Assistant, and the answer that plays what starts by it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ma_alexa::clock::Clock as _;
use ma_alexa::clock::testing::ManualClock;
use ma_alexa::control::{Action, Control, ControlError, ControlRequest, Repeating, Reply};
use ma_alexa::i18n::{self, Message};
use ma_alexa::playback::{HANDED_WITHIN, Metadata};
use ma_alexa::voice::{LocaleSpec, locales};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::envelope::{Envelope, is_empty, is_silent, play, speech};
use super::home::{Home, silent_push};
use crate::api::harness::{App, MA};
use crate::api::store::FaultyStore;

const STARTING: Reply = Reply::Starting { music: None, room: None };

/// Music Assistant, which starts a new stream when it is asked.
#[derive(Debug)]
struct FakeControl {
    store: Arc<FaultyStore>,
    clock: Arc<ManualClock>,
    /// Time to the reply; none where it never comes.
    reply: Mutex<Option<(Duration, Reply)>>,
    /// Time to the push; none where it never comes.
    push: Mutex<Option<Duration>>,
    requests: Mutex<Vec<ControlRequest>>,
}

impl FakeControl {
    fn plans(&self, reply: Option<(u64, Reply)>, push: Option<u64>) {
        *self.reply.lock().unwrap() = reply.map(|(millis, reply)| (Duration::from_millis(millis), reply));
        *self.push.lock().unwrap() = push.map(Duration::from_millis);
    }

    fn actions(&self) -> Vec<Action> {
        self.requests.lock().unwrap().iter().map(|request| request.action.clone()).collect()
    }
}

#[async_trait]
impl Control for FakeControl {
    async fn carry_out(&self, request: &ControlRequest) -> Reply {
        let number = {
            let mut requests = self.requests.lock().unwrap();
            requests.push(request.clone());
            requests.len()
        };
        let push = *self.push.lock().unwrap();
        if let Some(after) = push {
            let (store, clock, player) = (self.store.clone(), self.clock.clone(), request.player.to_string());
            tokio::spawn(async move {
                sleep(after).await;
                silent_push(&store, clock.now(), &player, &format!("asked-{number}")).await;
            });
        }
        let reply = self.reply.lock().unwrap().clone();
        match reply {
            Some((after, reply)) => {
                sleep(after).await;
                reply
            }
            None => std::future::pending().await,
        }
    }
}

/// A home that can ask Music Assistant. The Echo `kitchen` plays, and its player's provider can hand streams over.
async fn home() -> (Home, Arc<FakeControl>) {
    let (home, control) = without_player();
    home.silent_push("Kitchen", "one").await;
    let played = home.play(&Envelope::play_audio()).await;
    home.pass(1);
    home.ask(&Envelope::event("Started", &played.token, 0)).await;
    home.pass(60);
    home.store.calls();
    (home, control)
}

fn without_player() -> (Home, Arc<FakeControl>) {
    let home = Home::start();
    let control = Arc::new(FakeControl {
        store: home.store.clone(),
        clock: home.clock.clone(),
        reply: Mutex::new(Some((Duration::from_millis(50), STARTING))),
        push: Mutex::new(Some(Duration::from_millis(400))),
        requests: Mutex::default(),
    });
    (home.with_control(control.clone()), control)
}

fn next() -> Envelope {
    Envelope::intent("AMAZON.NextIntent")
}

fn says(error: ControlError) -> String {
    i18n::say("en-US", &Message::Control(error))
}

#[tokio::test(start_paused = true)]
async fn next_plays_what_starts_by_it_without_a_word() {
    let (home, control) = home().await;
    let answer = home.ask(&next().locale("de-DE")).await;
    assert!(play(&answer).unwrap().url.ends_with("/flow/asked-1/queue/item/Kitchen.mp3"), "{answer}");
    assert_eq!((play(&answer).unwrap().offset_ms, speech(&answer)), (0, ""));
    let calls = home.store.calls();
    assert_eq!(calls.iter().filter(|call| **call == "await_start").count(), 1, "{calls:?}");
    let requests = control.requests.lock().unwrap().clone();
    let [request] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!((&request.action, request.locale.as_str()), (&Action::Next, "de-DE"));
    assert_eq!(request.player.as_str(), "Kitchen");
    assert_eq!(request.until, home.clock.now().plus(HANDED_WITHIN));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_comes_before_the_reply_is_played_at_once() {
    let (home, control) = home().await;
    control.plans(None, Some(300));
    let began = Instant::now();
    assert!(play(&home.ask(&next()).await).is_some());
    assert!(began.elapsed() < Duration::from_millis(600), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn each_intent_asks_for_its_own() {
    let (home, control) = home().await;
    for (intent, action) in [
        ("Next", Action::Next),
        ("Previous", Action::Previous),
        ("StartOver", Action::StartOver),
        ("Repeat", Action::StartOver),
        ("ShuffleOn", Action::Shuffle(true)),
        ("ShuffleOff", Action::Shuffle(false)),
        ("LoopOn", Action::Repeat(Repeating::All)),
        ("LoopOff", Action::Repeat(Repeating::Off)),
    ] {
        control.requests.lock().unwrap().clear();
        let starts = action.starts();
        control.plans(Some((10, if starts { STARTING } else { Reply::Done })), starts.then_some(100));
        let answer = home.ask(&Envelope::intent(&format!("AMAZON.{intent}Intent"))).await;
        assert_eq!(control.actions(), [action], "{intent}");
        assert_eq!(play(&answer).is_some(), starts, "{intent}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_push_leaves_the_start_to_music_assistants_sentence() {
    let (home, control) = home().await;
    control.plans(Some((50, STARTING)), None);
    let began = Instant::now();
    assert!(is_silent(&home.ask(&next()).await));
    let waited = began.elapsed();
    assert!(waited >= HANDED_WITHIN && waited < HANDED_WITHIN + Duration::from_millis(500), "{waited:?}");
    assert!(!home.silent_push("Kitchen", "late").await.handed, "a late push brings the sentence");
    let late = home.play(&Envelope::play_audio()).await;
    assert!(late.url.contains("/late/"), "{}", late.url);
}

#[tokio::test(start_paused = true)]
async fn without_a_reply_the_person_hears_that_it_takes_too_long() {
    let (home, control) = home().await;
    control.plans(None, None);
    for intent in ["Next", "ShuffleOn"] {
        let answer = home.ask(&Envelope::intent(&format!("AMAZON.{intent}Intent"))).await;
        assert_eq!(speech(&answer), says(ControlError::Slow), "{intent}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_said_at_once_and_nothing_waits_on() {
    let (home, control) = home().await;
    for error in [ControlError::Unreachable, ControlError::NoSuchItem, ControlError::NotPossible] {
        control.plans(Some((20, Reply::Failed(error))), None);
        let began = Instant::now();
        assert_eq!(speech(&home.ask(&next()).await), says(error));
        assert!(began.elapsed() < Duration::from_secs(1));
        assert!(!home.silent_push("Kitchen", &format!("{error:?}")).await.handed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_comes_with_the_refusal_is_played() {
    let (home, control) = home().await;
    control.plans(Some((400, Reply::Failed(ControlError::Slow))), Some(390));
    let answer = home.ask(&next()).await;
    assert!(play(&answer).is_some() && speech(&answer).is_empty(), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn an_older_provider_is_not_waited_for() {
    let (home, control) = home().await;
    home.push("Kitchen", "older").await;
    home.play(&Envelope::play_audio()).await;
    home.store.calls();
    let began = Instant::now();
    control.plans(Some((50, STARTING)), None);
    assert!(is_silent(&home.ask(&next()).await));
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
    assert_eq!(home.store.calls(), ["household"]);
    home.pass(2);
    home.push("Kitchen", "by-sentence").await;
    assert!(home.play(&Envelope::play_audio()).await.url.contains("/by-sentence/"));
}

#[tokio::test(start_paused = true)]
async fn a_newer_request_takes_the_place_of_the_older_one() {
    let (home, control) = home().await;
    control.plans(Some((50, STARTING)), Some(1000));
    let (older, newer) = (next(), Envelope::intent("AMAZON.PreviousIntent"));
    let (older, newer) = tokio::join!(home.ask(&older), async {
        sleep(Duration::from_millis(300)).await;
        home.ask(&newer).await
    });
    assert!(is_silent(&older), "{older}");
    assert!(play(&newer).is_some(), "{newer}");
}

#[tokio::test(start_paused = true)]
async fn two_echos_at_once_get_their_own_streams() {
    let (home, _control) = home().await;
    home.silent_push("Office", "one").await;
    home.play(&Envelope::play_audio().from("office")).await;
    let (kitchen, office) = (next(), next().from("office"));
    let (kitchen, office) = tokio::join!(home.ask(&kitchen), home.ask(&office));
    assert!(play(&kitchen).unwrap().url.ends_with("/Kitchen.mp3"));
    assert!(play(&office).unwrap().url.ends_with("/Office.mp3"));
}

#[tokio::test(start_paused = true)]
async fn three_presses_in_a_second_are_one_command_and_one_stream() {
    let (home, control) = home().await;
    let press = |millis| {
        let home = &home;
        async move {
            sleep(Duration::from_millis(millis)).await;
            home.ask(&Envelope::button("Next")).await
        }
    };
    let (first, second, third) = tokio::join!(press(0), press(300), press(600));
    assert!(is_empty(&first) && is_empty(&second), "{first} {second}");
    assert!(play(&third).unwrap().url.contains("/asked-1/"), "{third}");
    assert_eq!(control.actions(), [Action::Jump(3)]);

    let back = home.ask(&Envelope::button("Previous")).await;
    assert!(play(&back).is_some() && speech(&back).is_empty(), "{back}");
    assert_eq!(control.actions(), [Action::Jump(3), Action::Jump(-1)]);
    let (forth, back) = (Envelope::button("Next"), Envelope::button("Previous"));
    home.pass(5);
    let (forth, back) = tokio::join!(home.ask(&forth), async {
        sleep(Duration::from_millis(200)).await;
        home.ask(&back).await
    });
    assert!(is_empty(&forth) && is_empty(&back));
    assert_eq!(control.actions().len(), 2, "they come to nothing");
}

#[tokio::test(start_paused = true)]
async fn a_button_never_speaks() {
    let (home, control) = home().await;
    for reply in [Reply::Failed(ControlError::Unreachable), Reply::NothingPlays, STARTING] {
        control.plans(Some((10, reply)), None);
        assert!(is_empty(&home.ask(&Envelope::button("Next")).await));
        home.pass(5);
    }
    let unpaired = Envelope::button("Next").from("another");
    assert!(is_empty(&home.ask(&unpaired).await));
}

#[tokio::test(start_paused = true)]
async fn an_echo_without_a_player_asks_nothing_of_music_assistant() {
    let (home, control) = home().await;
    let answer = home.ask(&next().from("another")).await;
    assert!(speech(&answer).starts_with("This Echo isn't paired"), "{answer}");
    let answer = home.ask(&next().without_audio_player()).await;
    assert_eq!(speech(&answer), i18n::say("en-US", &Message::NoAudioPlayer));
    assert_eq!(control.actions(), []);
}

/// Mistake: a resume that is known here waits for Music Assistant, or makes it start another stream.
#[tokio::test(start_paused = true)]
async fn a_resume_with_an_offset_asks_nothing_of_music_assistant() {
    let (home, control) = without_player();
    home.push_path("single/one/queue/item/Kitchen.mp3", Metadata::default()).await;
    let played = home.play(&Envelope::play_audio()).await;
    home.pass(60);
    home.ask(&Envelope::event("Stopped", &played.token, 60_000)).await;
    for resume in [Envelope::intent("AMAZON.ResumeIntent"), Envelope::button("Play")] {
        let again = home.play(&resume.after(&played.token, 60_000, "STOPPED")).await;
        assert_eq!(again.offset_ms, 60_000);
    }
    assert_eq!(control.actions(), []);
}

#[tokio::test(start_paused = true)]
async fn a_resume_of_what_is_over_or_would_begin_again_is_music_assistants() {
    let (home, control) = home().await;
    let played = home.play(&next()).await;
    home.pass(60);
    home.ask(&Envelope::event("Stopped", &played.token, 60_000)).await;
    home.pass(1);
    let resume = || Envelope::intent("AMAZON.ResumeIntent");
    let resumed = home.play(&resume().after(&played.token, 60_000, "STOPPED")).await;
    assert!(resumed.url.contains("/asked-2/"), "{}", resumed.url);
    for (resume, session) in [(resume(), "/asked-3/"), (Envelope::button("Play"), "/asked-4/")] {
        home.pass(13 * 3600);
        let resumed = home.play(&resume).await;
        assert!(resumed.url.contains(session), "{}", resumed.url);
    }
    assert_eq!(control.actions()[1..], [Action::Resume, Action::Resume, Action::Resume]);
}

#[tokio::test(start_paused = true)]
async fn a_resume_that_music_assistant_cannot_do_begins_the_music_again() {
    let (home, control) = home().await;
    let played = home.play(&next()).await;
    home.pass(60);
    home.ask(&Envelope::event("Stopped", &played.token, 60_000)).await;
    home.pass(1);
    control.plans(Some((10, Reply::Failed(ControlError::Unreachable))), None);
    for resume in [Envelope::intent("AMAZON.ResumeIntent"), Envelope::button("Play")] {
        let again = home.play(&resume.after(&played.token, 60_000, "STOPPED")).await;
        assert_eq!((again.url, again.offset_ms), (played.url.clone(), 0));
    }
    home.pass(13 * 3600);
    let resume = Envelope::intent("AMAZON.ResumeIntent");
    assert_eq!(speech(&home.ask(&resume).await), says(ControlError::Unreachable));
    control.plans(Some((10, Reply::Failed(ControlError::NotConnected))), None);
    let nothing = home.ask(&Envelope::intent("AMAZON.ResumeIntent")).await;
    assert_eq!(speech(&nothing), i18n::say("en-US", &Message::NothingToPlay));
}

/// Mistake: Music Assistant's own sentences, and what an Echo reports, are sent back to it, which makes it speak again.
#[tokio::test(start_paused = true)]
async fn music_assistants_words_and_reports_are_never_sent_back_to_it() {
    let (home, control) = home().await;
    for intent in ["PlayAudio", "MaPause", "MaResume", "MaStop", "AMAZON.PauseIntent", "AMAZON.StopIntent"] {
        home.ask(&Envelope::intent(intent)).await;
        home.pass(1);
    }
    for locale in locales() {
        let is_ma = LocaleSpec::of(locale).unwrap().launch_is_ma_phrase();
        home.ask(&Envelope::launch().locale(locale)).await;
        assert_eq!(control.actions(), [], "{locale}, which Music Assistant may say: {is_ma}");
    }
    let played = home.silent_push("Kitchen", "two").await;
    assert_eq!(played.version, 2);
    let token = home.play(&Envelope::play_audio()).await.token;
    for event in ["Started", "NearlyFinished", "Stopped", "Finished", "Started"] {
        home.pass(1);
        home.ask(&Envelope::event(event, &token, 1000)).await;
    }
    home.ask(&Envelope::failed(&token, "MEDIA_ERROR_SERVICE_UNAVAILABLE")).await;
    home.ask(&Envelope::button("Pause")).await;
    assert_eq!(control.actions(), []);
}

/// Mistake: Music Assistant's resume of an Echo is carried out in Music Assistant, which resumes the Echo.
#[tokio::test(start_paused = true)]
async fn music_assistants_resume_resumes_nothing_in_music_assistant() {
    let (home, control) = home().await;
    home.pass(13 * 3600);
    let answer = home.ask(&Envelope::intent("MaResume")).await;
    assert_eq!(speech(&answer), i18n::say("en-US", &Message::NothingToPlay));
    assert_eq!(control.actions(), []);
}

/// Mistake: "previous" begins the present item again, as Music Assistant's own command does after five seconds.
#[tokio::test(start_paused = true)]
async fn previous_is_the_item_before_and_start_over_the_present_one() {
    let (home, control) = home().await;
    home.ask(&Envelope::intent("AMAZON.PreviousIntent")).await;
    home.ask(&Envelope::intent("AMAZON.StartOverIntent")).await;
    assert_eq!(control.actions(), [Action::Previous, Action::StartOver]);
}

/// Mistake: the sentence of a provider that speaks in any case starts what was handed over a second time.
#[tokio::test(start_paused = true)]
async fn the_sentence_behind_a_hand_over_brings_nothing() {
    let (home, _control) = home().await;
    let played = home.play(&next()).await;
    for _ in 0..2 {
        home.pass(1);
        assert!(is_silent(&home.ask(&Envelope::play_audio()).await));
    }
    home.ask(&Envelope::event("Started", &played.token, 0)).await;
    home.pass(1);
    let still = Envelope::play_audio().after(&played.token, 1000, "PLAYING");
    assert!(is_silent(&home.ask(&still).await));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_is_given_again() {
    let (home, _control) = home().await;
    let asked = next();
    let lost = home.play(&asked).await;
    home.pass(1);
    home.ask(&asked.broken_off("INVALID_RESPONSE")).await;
    home.pass(1);
    assert_eq!(home.play(&Envelope::play_audio()).await.url, lost.url);
}

#[derive(Debug)]
struct Crashes;

#[async_trait]
impl Control for Crashes {
    async fn carry_out(&self, _: &ControlRequest) -> Reply {
        panic!("it crashes")
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_the_control_is_a_sentence() {
    let home = Home::start().with_control(Arc::new(Crashes));
    home.silent_push("Kitchen", "one").await;
    home.play(&Envelope::play_audio()).await;
    for intent in ["AMAZON.NextIntent", "AMAZON.ShuffleOnIntent"] {
        assert_eq!(speech(&home.ask(&Envelope::intent(intent)).await), says(ControlError::Failed));
    }
}

/// Music Assistant behind the real router: it pushes by HTTP as a newer provider does, and speaks unless it is not to.
#[derive(Debug)]
struct PushingControl {
    base: String,
    client: Client,
    sentences: Mutex<usize>,
}

impl PushingControl {
    /// What the provider does when something starts.
    async fn starts(&self, session: &str) -> Value {
        let body = json!({
            "streamUrl": format!("http://192.168.1.5:8097/flow/{session}/Kitchen/item/Kitchen.flac"),
            "title": "Blue", "artist": "Joni Mitchell", "album": "Blue", "imageUrl": null,
            "playerId": "Kitchen", "canSkipSpeech": true,
        });
        self.asks("/ma/push-url", body).await
    }

    /// Its request, and the sentence that it says unless the answer is that the music is there.
    async fn asks(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.base)).basic_auth(MA.0, Some(MA.1));
        let answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
        if answer["pageLive"] != true {
            *self.sentences.lock().unwrap() += 1;
        }
        answer
    }

    fn sentences(&self) -> usize {
        *self.sentences.lock().unwrap()
    }
}

#[async_trait]
impl Control for PushingControl {
    async fn carry_out(&self, request: &ControlRequest) -> Reply {
        match request.action {
            Action::Resume => {
                self.asks("/ma/control", json!({ "playerId": "Kitchen", "command": "resume" })).await
            }
            _ => self.starts(&request.until.millis().to_string()).await,
        };
        STARTING
    }
}

#[tokio::test]
async fn the_answer_plays_what_the_provider_pushes_and_no_sentence_is_said() {
    let app = App::start().await;
    let (base, client) = (app.base.clone(), app.client.clone());
    let control = Arc::new(PushingControl { base, client, sentences: Mutex::default() });
    let home = Home::beside(app.store.clone(), app.clock.clone()).with_control(control.clone());
    assert_eq!(control.starts("one").await, json!({ "status": "ok", "version": 1, "pageLive": false }));
    assert_eq!(control.sentences(), 1);
    home.play(&Envelope::play_audio()).await;
    home.pass(60);

    let second = home.play(&next()).await;
    assert_eq!(control.sentences(), 1, "the answer needs none");
    home.pass(1);
    home.ask(&Envelope::event("Started", &second.token, 0)).await;
    home.pass(60);
    let pause = || json!({ "playerId": "Kitchen", "command": "pause" });
    assert_eq!(control.asks("/ma/control", pause()).await, json!({ "status": "ok", "pageLive": false }));
    home.ask(&Envelope::event("Stopped", &second.token, 60_000)).await;
    assert_eq!(control.asks("/ma/control", pause()).await, json!({ "status": "ok", "pageLive": true }));
    assert_eq!(control.sentences(), 2);

    let resumed = home.play(&Envelope::intent("AMAZON.ResumeIntent")).await;
    assert_eq!(resumed.url, second.url, "what there is was handed over");
    assert_eq!(control.sentences(), 2);
    let resume = json!({ "playerId": "Kitchen", "command": "resume" });
    assert_eq!(control.asks("/ma/control", resume).await["pageLive"], false, "none waits");
}
