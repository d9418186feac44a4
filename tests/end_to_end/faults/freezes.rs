//! The skill is frozen, as Lambda does between two invocations, and finds another world when it goes on.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::time::Duration;

use end_to_end::emulator::Emulator;
use end_to_end::envelope::{Envelope, Played, nothing};
use serde_json::{Value, json};

use super::harness::{Harness, LIMIT, assert_log, furnish, in_time, speech};
use crate::functions::Functions;

/// Longer than every limit of an answer and of a call of the store.
const FROZEN: Duration = LIMIT;

/// A function with connections that it has used, and the token of what the kitchen plays.
async fn frozen(emulator: &Emulator) -> (Harness, Functions, String) {
    let harness = Harness::start(emulator).await;
    let functions = harness.instance().await;
    let token = furnish(&functions).await;
    functions.skill.freeze();
    let _ = harness.proxy.take_calls();
    (harness, functions, token)
}

/// What a function answers that goes on for this invocation.
async fn thaw_for(functions: &Functions, envelope: &Envelope) -> Value {
    // The invocation is there when the process goes on, as with Lambda.
    let (answer, ()) = tokio::join!(in_time(functions, envelope), async { functions.skill.thaw() });
    answer
}

fn resume() -> Envelope {
    Envelope::new("intent-amazon-resume")
}

async fn state(functions: &Functions) -> Value {
    functions.api.player("Kitchen").await["state"].clone()
}

/// Time that passed while nothing ran is not counted against the next request.
async fn only_time_passes(emulator: &Emulator) {
    let (harness, functions, token) = frozen(emulator).await;
    tokio::time::sleep(FROZEN).await;
    let event = Envelope::report("PlaybackStarted", &token, 0);
    assert_eq!(thaw_for(&functions, &event).await, nothing());
    assert_eq!(state(&functions).await, json!("playing"));
    harness.assert_no_retries();
    let _ = Played::of(&in_time(&functions, &resume()).await);
    harness.assert_no_retries();
}

/// Every connection was closed meanwhile, and others can be opened.
async fn the_store_restarts(emulator: &Emulator) {
    let (mut harness, functions, token) = frozen(emulator).await;
    harness.proxy.die().await;
    harness.proxy.revive().unwrap();
    let _ = Played::of(&thaw_for(&functions, &resume()).await);
    assert_eq!(in_time(&functions, &Envelope::report("PlaybackStarted", &token, 0)).await, nothing());
    assert_eq!(state(&functions).await, json!("playing"));
}

/// The same, with an event first, whose only write has to survive that.
async fn the_store_restarts_before_an_event(emulator: &Emulator) {
    let (mut harness, functions, token) = frozen(emulator).await;
    harness.proxy.die().await;
    harness.proxy.revive().unwrap();
    assert_eq!(thaw_for(&functions, &Envelope::report("PlaybackStarted", &token, 0)).await, nothing());
    assert_eq!(state(&functions).await, json!("playing"));
}

/// The connections are dead, and the function does not know: a router between forgot them.
async fn the_connections_are_forgotten(emulator: &Emulator) {
    let (harness, functions, token) = frozen(emulator).await;
    harness.proxy.stall();
    let _ = Played::of(&thaw_for(&functions, &resume()).await);
    assert_eq!(in_time(&functions, &Envelope::report("PlaybackStarted", &token, 0)).await, nothing());
    let api = harness.instance().await;
    assert_eq!(state(&api).await, json!("playing"));
}

/// The port is closed. The answer says so at once, and when it is open again, the next request is served.
async fn the_store_stays_dead(emulator: &Emulator) {
    let (mut harness, functions, token) = frozen(emulator).await;
    harness.proxy.die().await;
    assert!(!speech(&thaw_for(&functions, &resume()).await).is_empty());
    let event = Envelope::report("PlaybackStarted", &token, 0);
    assert_eq!(in_time(&functions, &event).await, nothing());
    let (status, body) = functions.api.try_push("Study", "two", "California").await;
    assert_eq!((status, body["error"].is_string()), (503, true), "{body}");
    assert_log(&functions.skill, "Connection refused");
    harness.proxy.revive().unwrap();
    let _ = Played::of(&in_time(&functions, &resume()).await);
    assert_eq!(functions.api.push("Study", "two", "California").await["version"], 2);
    harness.assert_no_retries();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_it_was_frozen_does_not_fail_the_next_request() {
    let Some(emulator) = Emulator::find() else { return };
    tokio::join!(
        only_time_passes(&emulator),
        the_store_restarts(&emulator),
        the_store_restarts_before_an_event(&emulator),
        the_connections_are_forgotten(&emulator),
        the_store_stays_dead(&emulator),
    );
}
