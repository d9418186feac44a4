//! The scheduled refresh.

use end_to_end::cloud::Stack;
use serde_json::{Value, json};

pub(super) async fn runs_on_schedule(stack: &Stack<'_>) {
    let function = stack.function("token-refresh");
    stack.cloud.recorder().wait_for(&function, "secretsmanager:GetSecretValue").await;
    let schedule = stack.cloud.aws(&["scheduler", "get-schedule", "--name", &function]);
    assert_eq!(schedule["State"], "ENABLED");
    let ends_with = |value: &Value, end: &str| value.as_str().is_some_and(|text| text.ends_with(end));
    assert!(ends_with(&schedule["Target"]["Arn"], &function), "{schedule}");
    assert!(ends_with(&schedule["Target"]["DeadLetterConfig"]["Arn"], "dead-letters"), "{schedule}");
}

/// Invoked as the schedule does, it is tried again and then put aside, with what went wrong.
pub(super) fn fails_and_is_put_aside(stack: &Stack<'_>) {
    let cloud = stack.cloud;
    stack.write_secret("amazon", "a session that nobody can read");
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
    assert!(!message.contains("nobody can read"), "{message}");

    let group = format!("/aws/lambda/{function}");
    let logged = cloud.aws(&["logs", "filter-log-events", "--log-group-name", &group]);
    let failures = logged.to_string().matches("was not refreshed").count();
    assert_eq!(failures, 3, "once, and two more times: {logged}");
}
