//! Amazon takes no more: after one such response all processes wait, and say until when.

use std::time::Duration;

use end_to_end::amazon::{Fault, Media, Throttle, serial};
use ma_alexa::clock::{Clock as _, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{Harness, until as wait_until};

/// Each form of a throttle.
#[tokio::test(flavor = "multi_thread")]
async fn every_shape_of_a_throttle_cools_the_lane_down() {
    for shape in Throttle::ALL {
        let harness = Harness::signed_in().await;
        harness.api.get("/v1/devices").await;
        let path = format!("/v1/devices/{}/speak", serial::KITCHEN);
        harness.amazon.fault("/api/behaviors/preview", Fault::Throttled(shape), 1);
        let (status, refused) = harness.post(&path, &json!({ "text": "hello" })).await;
        assert_eq!((status, &refused["error"]["code"]), (429, &json!("throttled")), "{shape:?}: {refused}");
        let until = until(&refused["error"]);
        assert!(until > harness.clock.now(), "{shape:?}: {refused}");

        // No process sends anything until then, and the answer is the same.
        let (status, again) = harness.post(&path, &json!({ "text": "hello" })).await;
        assert_eq!((status, self::until(&again["error"])), (429, until), "{shape:?}");
        assert_eq!(harness.count("/api/behaviors/preview"), 1, "{shape:?}");
        let lanes = harness.api.get("/v1/amazon").await["lanes"].clone();
        assert_eq!(lanes[0]["throttled_until"], refused["error"]["until"], "{lanes}");
        // Reads have a lane of their own.
        assert_eq!(lanes[1]["throttled_until"], json!(null), "{lanes}");
        harness.api.get("/v1/devices?refresh=true").await;

        harness.pass(until.since(harness.clock.now()) + Duration::from_secs(1));
        let (status, done) = harness.post(&path, &json!({ "text": "hello" })).await;
        assert_eq!(status, 200, "{shape:?}: {done}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_list_serves_the_one_before_and_waits_longer_each_time() {
    let harness = Harness::signed_in().await;
    let listed = harness.api.get("/v1/devices").await;
    let mut waits = Vec::new();
    for _ in 0..3 {
        harness.amazon.fault("/api/devices-v2/device", Fault::Throttled(Throttle::Text), 1);
        let throttled = harness.api.get("/v1/devices?refresh=true").await;
        assert_eq!(throttled["devices"], listed["devices"]);
        assert_eq!(throttled["problem"]["code"], "throttled");
        let until = until(&throttled["problem"]);
        waits.push(until.since(harness.clock.now()).as_secs().div_ceil(60));
        harness.pass(until.since(harness.clock.now()) + Duration::from_secs(1));
    }
    assert_eq!(waits, [5, 10, 20], "minutes");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_amazon_asks_for_is_given() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.amazon.fault("/api/behaviors/preview", Fault::Throttled(Throttle::RetryAfter(90)), 1);
    let path = format!("/v1/devices/{}/speak", serial::KITCHEN);
    let (_, refused) = harness.post(&path, &json!({ "text": "hello" })).await;
    let wait = until(&refused["error"]).since(harness.clock.now()).as_secs();
    assert!((85..=90).contains(&wait), "{wait}");
    let (name, password) = end_to_end::api::OWNER;
    let request = harness.api.request(Method::POST, &path).basic_auth(name, Some(password));
    let answer = request.json(&json!({ "text": "hello" })).send().await;
    let seconds =
        answer.ok().and_then(|answer| answer.headers().get("retry-after")?.to_str().ok()?.parse().ok());
    assert!(seconds.is_some_and(|seconds: u64| (80..=90).contains(&seconds)), "{seconds:?}");
}

/// A command is not repeated: what was not obeyed is said, and what may have been obeyed, too.
#[tokio::test(flavor = "multi_thread")]
async fn skips_and_sentences_are_never_sent_twice() {
    for fault in [Fault::Unavailable, Fault::AnswerLost, Fault::Closed, Fault::Malformed] {
        let harness = Harness::signed_in().await;
        harness.api.get("/v1/devices").await;
        harness.amazon.play(serial::KITCHEN, Media::track("Blue", "Joni Mitchell"));
        for (path, body, target) in [
            ("playback", json!({ "command": "next" }), "/api/np/command"),
            ("text", json!({ "text": "what time is it" }), "/api/behaviors/preview"),
        ] {
            harness.amazon.fault(target, fault, 1);
            let path = format!("/v1/devices/{}/{path}", serial::KITCHEN);
            let (status, answer) = harness.post(&path, &body).await;
            assert!(status == 502 || fault == Fault::Malformed, "{fault:?}: {status} {answer}");
            assert_eq!(harness.count(target), 1, "{fault:?} {target}");
        }
    }
}

/// A throttle of any request of a refresh closes the lane as every other does, and for what Amazon asks.
#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_renewal_cools_the_lane_down() {
    for path in
        ["/auth/token", "/ap/exchangetoken/cookies", "/api/language", "/api/users/me", "/api/endpoints"]
    {
        let harness = Harness::signed_in().await;
        harness.api.get("/v1/devices").await;
        let others = harness.count("/spa/index.html");
        harness.amazon.expire_cookies();
        harness.amazon.fault(path, Fault::Throttled(Throttle::Json), 1);
        let listed = harness.api.get("/v1/devices?refresh=true").await;
        assert_eq!(listed["problem"]["code"], "throttled", "{path}: {listed}");
        let wait = until(&listed["problem"]).since(harness.clock.now()).as_secs();
        assert!((290..=300).contains(&wait), "{path}: {wait}");
        let lanes = harness.api.get("/v1/amazon").await["lanes"].clone();
        assert_eq!(lanes[1]["throttled_until"], listed["problem"]["until"], "{path}: {lanes}");
        assert_eq!(
            harness.count("/spa/index.html"),
            others,
            "{path}: nothing else is asked after a throttle"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_refresh_cools_the_lane_and_one_with_nothing_due_needs_none() {
    let harness = Harness::signed_in().await;
    harness.pass(Duration::from_mins(30));
    harness.amazon.fault("/auth/token", Fault::Throttled(Throttle::RetryAfter(2000)), 1);
    let (status, refused) = harness.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!((status, &refused["error"]["code"]), (429, &json!("throttled")), "{refused}");
    let lanes = harness.api.get("/v1/amazon").await["lanes"].clone();
    assert_eq!(lanes[1]["throttled_until"], refused["error"]["until"], "{lanes}");
    let tokens = harness.count("/auth/token");
    assert_eq!(harness.post("/v1/amazon/refresh", &json!({})).await.0, 429);
    assert_eq!(harness.count("/auth/token"), tokens);

    // A sign-in cannot wait for an hour, and a run with nothing to refresh need not.
    harness.sign_in().await;
    let (status, report) = harness.post("/v1/amazon/refresh", &json!({})).await;
    assert_eq!((status, &report["refreshed"]), (200, &json!([])), "{report}");
    assert_eq!(harness.api.get("/v1/amazon").await["lanes"][1]["throttled_until"], refused["error"]["until"]);
}

/// A lane that another request fills is no throttle of Amazon's.
#[tokio::test(flavor = "multi_thread")]
async fn a_busy_lane_is_not_a_throttled_one() {
    let harness = Harness::signed_in().await;
    harness.api.get("/v1/devices").await;
    harness.pass(Duration::from_mins(30));
    let listed = harness.count("/api/devices-v2/device");
    harness.amazon.hold("/api/devices-v2/device");
    let api = harness.api.clone();
    let read = tokio::spawn(async move { api.ask(Method::GET, "/v1/devices?refresh=true", None).await });
    harness.amazon.wait_for("/api/devices-v2/device", listed + 1).await;
    let asked = || harness.store.statistics().statements;
    let before = asked();
    let waiting = async {
        // It asks for the lane again and again.
        wait_until(async || asked() > before + 10).await;
        harness.pass(Duration::from_secs(10));
    };
    let body = json!({});
    let ((status, refused), ()) = tokio::join!(harness.post("/v1/amazon/refresh", &body), waiting);
    assert_eq!((status, &refused["error"]["code"]), (429, &json!("throttled")), "{refused}");
    let message = refused["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("another request of this household"), "{message}");
    harness.amazon.release();
    assert!(read.await.is_ok_and(|(status, _)| status == 200));
    let lanes = harness.api.get("/v1/amazon").await["lanes"].clone();
    assert_eq!(lanes[1]["throttled_until"], json!(null), "{lanes}");
}

pub(super) fn until(error: &Value) -> Timestamp {
    let text = error["until"].as_str().unwrap_or_default();
    Timestamp::parse_rfc3339(text).unwrap_or_else(|| panic!("there is no time in {error}"))
}
