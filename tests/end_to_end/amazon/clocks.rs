//! Clocks: the session and the waits of a request, after the wall clock was set by an hour, 30 days, a year.

use std::time::Duration;

use end_to_end::amazon::serial;
use serde_json::{Value, json};

use super::harness::Harness;

/// By how much the clock is set.
const SHIFTS: [Duration; 3] =
    [Duration::from_hours(1), Duration::from_hours(30 * 24), Duration::from_hours(365 * 24)];

/// A household that is signed in to both accounts, with tokens and cookies of now.
async fn signed_in_twice() -> Harness {
    let harness = Harness::signed_in().await;
    harness.add_developer();
    assert_eq!(renewed(&harness).await, json!(["developer_token"]));
    assert_eq!(renewed(&harness).await, json!([]));
    harness
}

/// What a run of the schedule renews.
async fn renewed(harness: &Harness) -> Value {
    let (status, report) = harness.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!(status, 200, "{report}");
    report["refreshed"].clone()
}

async fn assert_serves(harness: &Harness, case: &str) {
    let listed = harness.api.get("/v1/devices?refresh=true").await;
    assert_eq!(listed["problem"], json!(null), "{case}: {listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_refreshed_before_the_clock_was_set_back_is_refreshed_once() {
    for shift in SHIFTS {
        let harness = signed_in_twice().await;
        harness.clock.set_back(shift);
        let all = json!(["access_token", "cookies", "developer_token"]);
        assert_eq!(renewed(&harness).await, all, "set back by {shift:?}");
        assert_eq!(renewed(&harness).await, json!([]), "set back by {shift:?}");
        assert_serves(&harness, &format!("set back by {shift:?}")).await;
        // And it is set right.
        harness.clock.set_forward(shift);
        assert_ne!(renewed(&harness).await, json!([]), "set right by {shift:?}");
        assert_eq!(renewed(&harness).await, json!([]), "set right by {shift:?}");
        assert_serves(&harness, &format!("set right by {shift:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_renewed_after_the_clock_was_set_forward_is_renewed_once_more_when_it_is_right() {
    for shift in SHIFTS {
        let harness = signed_in_twice().await;
        harness.clock.set_forward(shift);
        assert_ne!(renewed(&harness).await, json!([]), "set forward by {shift:?}");
        assert_eq!(renewed(&harness).await, json!([]), "set forward by {shift:?}");
        assert_serves(&harness, &format!("set forward by {shift:?}")).await;
        harness.clock.set_back(shift);
        assert_ne!(renewed(&harness).await, json!([]), "set right by {shift:?}");
        assert_eq!(renewed(&harness).await, json!([]), "set right by {shift:?}");
        assert_serves(&harness, &format!("set right by {shift:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_refused_is_renewed_although_the_clock_was_set() {
    for (shift, is_back) in SHIFTS.into_iter().flat_map(|shift| [(shift, true), (shift, false)]) {
        let harness = Harness::signed_in().await;
        harness.api.get("/v1/devices").await;
        for set in [is_back, !is_back] {
            if set {
                harness.clock.set_back(shift);
            } else {
                harness.clock.set_forward(shift);
            }
            harness.amazon.expire_cookies();
            let tokens = harness.count("/auth/token");
            assert_serves(&harness, &format!("set by {shift:?}, back: {set}")).await;
            assert_eq!(harness.count("/auth/token"), tokens + 1, "set by {shift:?}, back: {set}");
        }
        assert_eq!(harness.count("/auth/register"), 1);
    }
}

/// What a request waits for in this process, it waits for as long as it says.
#[tokio::test(flavor = "multi_thread")]
async fn a_wait_for_an_echo_ends_in_its_time_although_the_clock_is_set_back() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    let (api, path) = (harness.api.clone(), format!("/v1/devices/{}/identify", serial::KITCHEN));
    let waiting = tokio::spawn(async move {
        api.ask(reqwest::Method::POST, &path, Some(&json!({ "wait_ms": 12_000 }))).await
    });
    let _ = harness.amazon.next_utterance().await;
    // The wait begins some time after the sentence was heard.
    let in_its_time = async {
        while !waiting.is_finished() {
            harness.clock.set_back(SHIFTS[0]);
            harness.pass(Duration::from_secs(12));
            tokio::task::yield_now().await;
        }
    };
    // Less than it would wait by the wall clock, and much more than it takes.
    assert!(tokio::time::timeout(Duration::from_secs(10), in_its_time).await.is_ok());
    let told = waiting.await.map(|(status, told)| (status, told["result"].clone()));
    assert_eq!(told.ok(), Some((200, json!("never_asked"))));
}
