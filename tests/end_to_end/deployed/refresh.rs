//! The scheduled refresh.

use end_to_end::amazon::FakeAmazon;
use end_to_end::cloud::Stack;
use serde_json::{Value, json};

use super::amazon::log;
use crate::amazon::harness::NONE;

pub(super) async fn runs_on_schedule(stack: &Stack<'_>) {
    let function = stack.function("token-refresh");
    stack.cloud.recorder().wait_for(&function, "secretsmanager:GetSecretValue").await;
    let schedule = stack.cloud.aws(&["scheduler", "get-schedule", "--name", &function]);
    assert_eq!(schedule["State"], "ENABLED");
    let ends_with = |value: &Value, end: &str| value.as_str().is_some_and(|text| text.ends_with(end));
    assert!(ends_with(&schedule["Target"]["Arn"], &function), "{schedule}");
    assert!(ends_with(&schedule["Target"]["DeadLetterConfig"]["Arn"], "dead-letters"), "{schedule}");
}

/// Invoked as the schedule does, it is tried again and then put aside, with what went wrong, and without a word of the
/// secret that it could not read.
pub(super) fn fails_and_is_put_aside(stack: &Stack<'_>, amazon: &FakeAmazon, mut session: Value) {
    let cloud = stack.cloud;
    // What says which text it is that cannot be cookies would tell the token.
    session["alexa"]["cookies"] = session["alexa"]["refresh_token"].clone();
    stack.write_secret("amazon", &session.to_string());
    let function = stack.function("token-refresh");
    let event = json!({ "invoked by": "a test" }).to_string();
    let answer = cloud.folder().join("answer.json");
    let answer = answer.to_string_lossy();
    let accepted = cloud.aws(&[
        "lambda",
        "invoke",
        "--function-name",
        &function,
        "--invocation-type",
        "Event",
        "--payload",
        &event,
        &answer,
    ]);
    assert_eq!(accepted["StatusCode"], 202);

    let queue = stack.output("DeadLettersUrl");
    let received = cloud.aws(&["sqs", "receive-message", "--queue-url", &queue, "--wait-time-seconds", "20"]);
    let message = received["Messages"][0]["Body"].as_str().unwrap_or_default();
    assert!(message.contains("a test") && message.contains("first/amazon is malformed"), "{received}");
    assert_eq!(amazon.secrets_in(&received.to_string()), NONE);

    let logged = log(stack, "token-refresh");
    let failures = logged.matches("was not refreshed").count();
    assert_eq!(failures, 3, "once, and two more times: {logged}");
}
