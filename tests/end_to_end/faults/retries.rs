//! The store fails the first attempts of every operation and then serves: everything ends as if it had not.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::{BTreeMap, BTreeSet};

use end_to_end::dynamo_proxy::{Call, Fault, Victims};
use end_to_end::emulator::Emulator;
use end_to_end::envelope::{Envelope, Played, nothing};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{ATTIC, HALL, Harness, in_time};
use crate::flow;
use crate::functions::Functions;

/// An Echo that the attic's has become.
const REVIVED: &str = "amzn1.ask.device.REVIVED";

/// Everything that the functions write, in an order that leaves nothing to chance. Returns all that can be seen of it.
async fn story(functions: &Functions) -> Value {
    let ask = async |envelope: Envelope| in_time(functions, &envelope).await;
    flow::one_play(&functions.api, ask).await;
    let mut seen = vec![
        functions.api.push("Kitchen", "two", "California").await,
        functions.api.push("Kitchen", "two", "This Flight Tonight").await,
        json!(Played::of(&ask(Envelope::new("play-audio")).await).url),
    ];

    // The second Echo that speaks Music Assistant's words undoes what the first one claimed with them.
    seen.push(functions.api.push("Office", "one", "River").await);
    seen.push(json!(Played::of(&ask(Envelope::new("play-audio").from_echo(HALL)).await).url));
    seen.push(ask(Envelope::new("play-audio").from_echo(ATTIC)).await);

    seen.push(ask(Envelope::new("pair-kitchen").from_echo(ATTIC)).await);
    let hall = format!("/v1/echos/{HALL}/player");
    let by_hand = async |method: Method, body: Option<Value>| {
        let (status, answer) = functions.api.ask(method, &hall, body.as_ref()).await;
        assert_eq!(status, 200, "{answer}; the log:\n{}", functions.api_function.said());
        answer
    };
    seen.push(by_hand(Method::PUT, Some(json!({ "player": "Office" }))).await);
    seen.push(by_hand(Method::DELETE, None).await);
    seen.push(by_hand(Method::PUT, Some(json!({ "player": "Office" }))).await);

    // The skill is disabled and enabled again, which gives the Echo another id.
    assert_eq!(ask(Envelope::new("alexa-skill-event-skill-disabled")).await, nothing());
    let revived = Envelope::new("intent-amazon-resume")
        .from_echo(ATTIC)
        .with("/context/System/device/deviceId", json!(REVIVED));
    seen.push(json!(Played::of(&ask(revived).await).url));

    for path in ["/v1/players", "/v1/echos", "/v1/activity"] {
        seen.push(functions.api.get(path).await);
    }
    let mut seen = Value::Array(seen);
    forget_times(&mut seen);
    seen
}

/// Leaves out when something was, and in which order things were that are listed by time.
fn forget_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "at" && !name.ends_with("_at"));
            fields.values_mut().for_each(forget_times);
            for list in ["activity", "echos"] {
                if let Some(Value::Array(entries)) = fields.get_mut(list) {
                    entries.sort_by_key(Value::to_string);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(forget_times),
        _ => {}
    }
}

/// Plays the story while the first attempts of everything fail. Returns what is seen of it, and what was asked for.
async fn story_with(emulator: &Emulator, fault: Option<(Fault, usize)>) -> (Value, Vec<Call>) {
    let harness = Harness::start(emulator).await;
    let functions = harness.instance().await;
    if let Some((fault, attempts)) = fault {
        harness.proxy.fail(fault, Victims::first(attempts));
    }
    let seen = story(&functions).await;
    let calls = harness.proxy.take_calls();
    let expected = fault.map_or(1, |(_, attempts)| attempts + 1);
    let others: Vec<&Call> = calls.iter().filter(|call| call.attempts != expected).collect();
    assert!(others.is_empty(), "{fault:?}: {others:?}");
    (seen, calls)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_served_at_last_ends_as_if_nothing_had_happened() {
    let Some(emulator) = Emulator::find() else { return };
    let faulty = |fault, attempts| story_with(&emulator, Some((fault, attempts)));
    let ((clean, calls), throttled_once, throttled, failed, failed_late, lost_once, lost) = tokio::join!(
        story_with(&emulator, None),
        faulty(Fault::Throttled, 1),
        faulty(Fault::Throttled, 2),
        faulty(Fault::Failed, 2),
        faulty(Fault::DoneButFailed, 2),
        faulty(Fault::DoneButDropped, 1),
        faulty(Fault::DoneButDropped, 2),
    );
    let faulty = [throttled_once, throttled, failed, failed_late, lost_once, lost];
    for (number, (seen, _)) in faulty.iter().enumerate() {
        assert!(*seen == clean, "{number}: {seen:#}\ninstead of {clean:#}");
    }
    assert_safe_to_retry(&calls);
}

/// The client tries all of them again when it does not know whether they were made.
fn assert_safe_to_retry(calls: &[Call]) {
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Call { operation, body, .. } in calls {
        let request: Value = serde_json::from_str(body).unwrap();
        let why = match operation.as_str() {
            "Query" | "GetItem" => "reads",
            // An update that is made again finds the condition false, or sets what it has set. The count of writes may be
            // one too high then: it only has to differ from the one before.
            "UpdateItem" => {
                let update = request["UpdateExpression"].as_str().unwrap();
                let (update, _) = update.split_once(" ADD #revision ").unwrap();
                assert!(!update.contains("ADD ") && !update.contains(" + "), "{body}");
                assert!(request["ConditionExpression"].is_string(), "{body}");
                "has a condition"
            }
            "PutItem" if request["ConditionExpression"].is_string() => "has a condition",
            // A whole item under a key of its own.
            "PutItem" => {
                assert!(request["Item"]["sk"]["S"].as_str().unwrap().starts_with("activity#"), "{body}");
                "writes a key of its own"
            }
            "DeleteItem" => "deletes what may be gone",
            "TransactWriteItems" => {
                assert!(request["ClientRequestToken"].is_string(), "{body}");
                "has a token"
            }
            other => panic!("it is unknown whether {other} may be tried again: {body}"),
        };
        kinds.entry(operation).or_default().insert(why);
    }
    let all = ["GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"];
    assert_eq!(
        kinds.keys().copied().collect::<Vec<_>>(),
        all,
        "the story has to write in every way: {kinds:?}"
    );
    assert_eq!(kinds["PutItem"].len(), 2, "{kinds:?}");
}
