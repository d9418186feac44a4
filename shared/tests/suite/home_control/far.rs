//! Music that an answer of functions in AWS got and that no Echo began.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use ma_alexa::bridge::{FarControl, HomeApi, HomeApiError, Ticket};
use ma_alexa::clock::Timestamp;
use ma_alexa::control::{Action, Control as _, Reply};
use ma_alexa::playback::{PlayerId, RequestId};
use serde_json::json;
use tokio::time::{advance, pause, resume};

use super::harness::Home;
use crate::music_assistant::stand_in::Household;

/// Functions in AWS that know whether an answer was lost.
#[derive(Debug, Default)]
struct Functions {
    is_lost: AtomicBool,
    asked: AtomicUsize,
}

impl HomeApi for Functions {
    fn ticket(&self) -> BoxFuture<'_, Result<(Ticket, Timestamp), HomeApiError>> {
        Box::pin(async move { Err(HomeApiError::NotWaiting) })
    }

    fn seen(&self) -> BoxFuture<'_, Result<Timestamp, HomeApiError>> {
        Box::pin(async move { Err(HomeApiError::NotWaiting) })
    }

    fn answer<'a>(&'a self, _: &'a RequestId, _: &'a Reply) -> BoxFuture<'a, Result<(), HomeApiError>> {
        Box::pin(async move { Err(HomeApiError::NotWaiting) })
    }

    fn is_lost<'a>(&'a self, player: &'a PlayerId) -> BoxFuture<'a, Result<bool, HomeApiError>> {
        Box::pin(async move {
            assert_eq!(player.as_str(), "Kitchen");
            self.asked.fetch_add(1, Ordering::SeqCst);
            Ok(self.is_lost.load(Ordering::SeqCst))
        })
    }
}

impl Functions {
    /// Waits until they were asked so often in all.
    async fn were_asked(&self, times: usize) {
        while self.asked.load(Ordering::SeqCst) < times {
            tokio::task::yield_now().await;
        }
    }
}

/// Lets time go by for what waits, and none for what is under way.
async fn pass(home: &Home, seconds: u64) {
    pause();
    advance(Duration::from_secs(seconds)).await;
    resume();
    home.clock.advance(Duration::from_secs(seconds));
}

/// The commands that Music Assistant got, of which there are so many.
async fn commands(home: &Home, count: usize) -> Vec<String> {
    let mut commands = Vec::new();
    while commands.len() < count {
        tokio::task::yield_now().await;
        commands.extend(home.changes().into_iter().map(|(command, _)| command));
    }
    commands
}

#[tokio::test]
async fn music_that_the_functions_know_as_lost_is_started_again_once_a_minute() {
    let home = Home::start(Household::default()).await;
    let functions = Arc::new(Functions::default());
    functions.is_lost.store(true, Ordering::SeqCst);
    let control = FarControl::new(home.control.clone(), functions.clone());
    let next = async || control.carry_out(&home.request(Action::Next)).await;
    assert_eq!(next().await, Reply::Starting { music: None, room: None });
    assert_eq!(commands(&home, 1).await, ["player_queues/play_index"]);
    pass(&home, 14).await;
    assert_eq!(functions.asked.load(Ordering::SeqCst), 0, "the Echo has time to report");
    pass(&home, 2).await;
    assert_eq!(commands(&home, 1).await, ["player_queues/seek"]);

    // Within a minute it is not made again.
    assert_eq!(next().await, Reply::Starting { music: None, room: None });
    assert_eq!(commands(&home, 1).await, ["player_queues/play_index"]);
    pass(&home, 16).await;
    functions.were_asked(2).await;
    pass(&home, 60).await;
    next().await;
    assert_eq!(commands(&home, 1).await, ["player_queues/play_index"]);
    pass(&home, 16).await;
    assert_eq!(commands(&home, 1).await, ["player_queues/seek"]);
    assert_eq!(functions.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn music_that_was_paused_elsewhere_is_not_started_again() {
    let home = Home::start(Household::default()).await;
    let functions = Arc::new(Functions::default());
    functions.is_lost.store(true, Ordering::SeqCst);
    let control = FarControl::new(home.control.clone(), functions.clone());
    control.carry_out(&home.request(Action::Next)).await;
    assert_eq!(commands(&home, 1).await, ["player_queues/play_index"]);
    home.stand_in.change(|household| household.queue["state"] = json!("paused"));
    pass(&home, 16).await;
    functions.were_asked(1).await;
    let mut asked = home.stand_in.asked();
    while !asked.iter().any(|(command, _)| command == "player_queues/get_active_queue") {
        tokio::task::yield_now().await;
        asked.extend(home.stand_in.asked());
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(home.changes(), Vec::new(), "the queue stays paused");
}

#[tokio::test]
async fn what_an_echo_began_and_what_starts_nothing_is_left_alone() {
    let home = Home::start(Household::default()).await;
    let functions = Arc::new(Functions::default());
    let control = FarControl::new(home.control.clone(), functions.clone());
    control.carry_out(&home.request(Action::Next)).await;
    assert_eq!(commands(&home, 1).await, ["player_queues/play_index"]);
    pass(&home, 16).await;
    functions.were_asked(1).await;
    for action in [Action::Shuffle(true), Action::WhatIsPlaying] {
        control.carry_out(&home.request(action)).await;
    }
    assert_eq!(commands(&home, 1).await, ["player_queues/shuffle"]);
    pass(&home, 16).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!((functions.asked.load(Ordering::SeqCst), home.changes()), (1, Vec::new()));
    assert!(home.noted().await.is_empty());
}
