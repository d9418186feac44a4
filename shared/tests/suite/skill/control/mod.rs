//! What people ask of Music Assistant, and the answer that plays what starts by it.

mod any_order;
mod mistakes;
mod pauses;
mod router;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use ma_alexa::clock::Clock as _;
use ma_alexa::clock::testing::ManualClock;
use ma_alexa::control::{Action, Control, ControlError, ControlRequest, Reply, Suggestion};
use ma_alexa::i18n::{self, Message};
use ma_alexa::playback::HANDED_WITHIN;
use tokio::time::{Instant, sleep};

use super::envelope::{Envelope, is_empty, is_silent, play, speech};
use super::home::{Home, silent_push};
use super::tables::OF_AMAZON;
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

impl Control for FakeControl {
    fn carry_out<'a>(&'a self, request: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let number = {
                let mut requests = self.requests.lock().unwrap();
                requests.push(request.clone());
                requests.len()
            };
            let push = *self.push.lock().unwrap();
            if let Some(after) = push {
                let (store, clock, player) =
                    (self.store.clone(), self.clock.clone(), request.player.to_string());
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
        })
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
    for (number, (intent, action)) in OF_AMAZON.into_iter().enumerate() {
        let starts = action.starts();
        control.plans(Some((10, if starts { STARTING } else { Reply::Done })), starts.then_some(100));
        let answer = home.ask(&Envelope::intent(&format!("AMAZON.{intent}Intent"))).await;
        assert_eq!(control.actions()[number..], [action], "{intent}");
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

#[tokio::test(start_paused = true)]
async fn what_was_chosen_is_named_with_its_stream() {
    let (home, control) = home().await;
    let (title, artist) = ("Blue".to_owned(), Some("Joni Mitchell".to_owned()));
    let blue = Suggestion { kind: None, title, artist, uri: "library://album/1".to_owned() };
    let chosen = Reply::Starting { music: Some(blue), room: None };
    // Before the stream, and a moment after it.
    for replied_after in [50, 500] {
        control.plans(Some((replied_after, chosen.clone())), Some(400));
        let answer = home.ask(&Envelope::intent("PlayMusic").heard_as("query", "blue")).await;
        assert!(play(&answer).is_some(), "{answer}");
        assert_eq!(speech(&answer), "Here is Blue by Joni Mitchell.");
        home.pass(60);
    }
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

impl Control for Crashes {
    fn carry_out<'a>(&'a self, _: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move { panic!("it crashes") })
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
