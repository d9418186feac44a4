//! The skill's end, over a store and a queue that is a list.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ma_alexa::alexa::DeviceId;
use ma_alexa::bridge::{BridgeControl, Outbox, QueueError};
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::clock::{Clock as _, SystemClock};
use ma_alexa::config::VoicePause;
use ma_alexa::control::{
    Action, Control as _, ControlError, ControlRequest, MusicRequest, MusicSource, MusicUse, Reply,
};
use ma_alexa::playback::{
    AwaitStart, EchoReport, ManualPairing, PairingKind, PlayToken, PlayerId, Push, ReportKind, StartReason,
    Transition,
};
use ma_alexa::store::Store;
use ma_alexa::store::sqlite::SqliteStore;
use tempfile::TempDir;

use crate::store::samples;

/// A queue that keeps what is sent, and says so.
#[derive(Debug, Default)]
struct List {
    sent: Mutex<Vec<String>>,
    is_down: bool,
    notify: tokio::sync::Notify,
}

#[async_trait]
impl Outbox for List {
    async fn send(&self, body: String) -> Result<(), QueueError> {
        if self.is_down {
            return Err(QueueError::Unavailable("a bad day".to_owned()));
        }
        self.sent.lock().unwrap().push(body);
        self.notify.notify_one();
        Ok(())
    }
}

struct Home {
    store: Arc<dyn Store>,
    list: Arc<List>,
    control: Arc<BridgeControl>,
    _folder: TempDir,
}

fn home(is_down: bool) -> Home {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state.db");
    let clock = Arc::new(SystemClock);
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(&file, clock.clone(), Arc::new(SeededRandom::new(1))).unwrap());
    let list = Arc::new(List { is_down, ..List::default() });
    let control = Arc::new(BridgeControl::new(Arc::clone(&store), list.clone(), clock));
    Home { store, list, control, _folder: folder }
}

fn request(id: &str, action: Action, span: Duration) -> ControlRequest {
    ControlRequest {
        id: id.to_owned(),
        player: PlayerId::from("Kitchen"),
        locale: "en-US".to_owned(),
        until: SystemClock.now().plus(span),
        action,
    }
}

const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(7);

#[tokio::test]
async fn a_silent_home_is_not_asked() {
    let home = home(false);
    let never = home.control.carry_out(&request("never", Action::Next, LONG)).await;
    assert_eq!(never, Reply::Failed(ControlError::NotConnected));
    let before = SystemClock.now().minus(Duration::from_secs(151));
    home.store.note_presence(before).await.unwrap();
    let silent = home.control.carry_out(&request("before", Action::Next, LONG)).await;
    assert_eq!(silent, Reply::Failed(ControlError::HomeSilent));
    assert!(home.list.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_request_is_sent_once_and_its_reply_is_that_of_each_caller() {
    let home = home(false);
    home.store.note_presence(SystemClock.now()).await.unwrap();
    let request = request("one", Action::WhatIsPlaying, LONG);
    let (first, second, taken) =
        tokio::join!(home.control.carry_out(&request), home.control.carry_out(&request), async {
            home.list.notify.notified().await;
            home.store.take_reply(&request.id, &Reply::NothingPlays, SystemClock.now()).await.unwrap()
        });
    assert_eq!((first, second), (Reply::NothingPlays, Reply::NothingPlays));
    assert_eq!(taken, Transition::Applied);
    assert_eq!(home.control.carry_out(&request).await, Reply::NothingPlays, "it came again, and is not sent");
    let sent = home.list.sent.lock().unwrap().clone();
    let [body] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(serde_json::from_str::<ControlRequest>(body).unwrap(), request);
}

#[tokio::test]
async fn a_home_without_a_reply_is_slow_and_its_late_reply_is_not_taken() {
    let home = home(false);
    home.store.note_presence(SystemClock.now()).await.unwrap();
    let request = request("slow", Action::Next, SHORT);
    assert_eq!(home.control.carry_out(&request).await, Reply::Failed(ControlError::Slow));
    let late = home.store.take_reply(&request.id, &Reply::Done, SystemClock.now()).await.unwrap();
    assert_eq!(late, Transition::Rejected);
}

#[tokio::test]
async fn a_queue_that_is_down_and_a_request_that_is_too_long_fail_at_once() {
    let down = home(true);
    down.store.note_presence(SystemClock.now()).await.unwrap();
    let failed = down.control.carry_out(&request("down", Action::Next, LONG)).await;
    assert_eq!(failed, Reply::Failed(ControlError::Unsent));
    let home = home(false);
    home.store.note_presence(SystemClock.now()).await.unwrap();
    let selection = MusicSource::Heard { text: "la".repeat(4000), kind: None };
    let music = MusicRequest { selection, used: MusicUse::Play, room: None };
    let failed = home.control.carry_out(&request("long", Action::Play(music), LONG)).await;
    assert_eq!(failed, Reply::Failed(ControlError::Failed));
    assert!(home.list.sent.lock().unwrap().is_empty());
}

/// The kitchen's Echo was given a version by an answer, and reports nothing.
async fn handed(home: &Home) -> (PlayerId, DeviceId) {
    let (player, echo) = (PlayerId::from("Kitchen"), DeviceId::from("amzn1.ask.device.kitchen"));
    let now = SystemClock.now();
    let push =
        |session: &str, at| Push { can_skip_speech: Some(true), ..samples::push("Kitchen", session, at) };
    home.store.push(&push("one", now)).await.unwrap();
    let pairing = ManualPairing {
        player: player.clone(),
        device: echo.clone(),
        endpoint: None,
        user: None,
        kind: PairingKind::Voice,
        request: "pairing".to_owned(),
        at: now,
    };
    assert!(home.store.pair(&pairing).await.unwrap());
    let seen = home.store.household(now).await.unwrap();
    let wait = AwaitStart {
        player: player.clone(),
        device: echo.clone(),
        request: "next".to_owned(),
        at: now,
        resumes: false,
        steps: 0,
    };
    assert!(home.store.await_start(&wait, &seen).await.unwrap().succeeded());
    assert!(home.store.push(&push("two", now)).await.unwrap().handed);
    (player, echo)
}

#[tokio::test]
async fn a_stop_of_what_was_lost_is_noted_after_its_answer() {
    let home = home(false);
    let (player, echo) = handed(&home).await;
    let is_lost = async || {
        let household = home.store.household(SystemClock.now()).await.unwrap();
        household.player(&player).unwrap().lost_hand_over(2).is_some()
    };
    home.control.settle().await;
    home.control.silenced(&DeviceId::from("amzn1.ask.device.bath"));
    home.control.settle().await;
    assert!(is_lost().await, "another Echo was stopped");
    for _ in 0..100 {
        home.control.silenced(&echo);
    }
    assert!(is_lost().await, "its answer waits for nothing");
    home.control.settle().await;
    assert!(!is_lost().await);
}

/// The kitchen's Echo plays a flow of a provider that leaves sentences out, and a person pauses it.
#[tokio::test]
async fn a_pause_goes_to_the_home_once_the_echo_has_reported_its_stop() {
    for (voice_pause, sent) in [(VoicePause::Never, 0), (VoicePause::Auto, 1)] {
        let home = home(false);
        let control = BridgeControl::new(Arc::clone(&home.store), home.list.clone(), Arc::new(SystemClock));
        let control = control.with_voice_pause(voice_pause);
        home.store.note_presence(SystemClock.now()).await.unwrap();
        let (_, echo) = handed(&home).await;
        let report = async |kind, request: &str| {
            let now = SystemClock.now();
            let key = PlayerId::from("Kitchen").key();
            let token = PlayToken::issue(key, 2, now, StartReason::Start, &SeededRandom::new(7)).unwrap();
            let event = EchoReport {
                token,
                kind,
                at: now,
                offset_ms: 0,
                error: None,
                superseded: false,
                device: Some(echo.clone()),
                request: request.to_owned(),
            };
            home.store.record(&event, now).await.unwrap();
        };
        report(ReportKind::Started, "started").await;
        control.silenced(&echo);
        report(ReportKind::Stopped, "stopped").await;
        control.settle().await;
        let sent_now = home.list.sent.lock().unwrap().clone();
        assert_eq!(sent_now.len(), sent, "{voice_pause:?}");
        for body in sent_now {
            let request: ControlRequest = serde_json::from_str(&body).unwrap();
            assert_eq!((request.action, request.id.as_str()), (Action::Pause, "stopped.pause"));
        }
    }
}
