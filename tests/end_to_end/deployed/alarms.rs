//! The alarms: each watches something that the run has counted.

use std::collections::BTreeSet;

use end_to_end::cloud::{FUNCTIONS, Stack};
use end_to_end::runtime_api::http_event;
use serde_json::Value;

/// What is counted: namespace, name, and the dimension that distinguishes stacks with its value.
type Metric = [String; 4];

pub(super) async fn watch_what_is_counted(stack: &Stack<'_>) {
    // The emulator counts what is invoked directly, not what comes through the HTTP API.
    let (request, ()) = axum::http::Request::get("/healthz").body(()).unwrap().into_parts();
    let event = http_event(&request, "").to_string().into_bytes();
    assert_eq!(stack.cloud.invoke(&stack.function("api"), event).await["statusCode"], 200);

    let counted: BTreeSet<Metric> =
        by_lambda(stack).chain(by_the_functions(stack)).chain([by_the_queue(stack)]).collect();
    let alarms = stack.cloud.aws(&["cloudwatch", "describe-alarms", "--alarm-name-prefix", stack.name]);
    let alarms = alarms["MetricAlarms"].as_array().cloned().unwrap_or_default();
    assert_eq!(alarms.len(), 9);
    for alarm in alarms {
        let watched = metric(&alarm);
        assert!(counted.contains(&watched), "nothing counts {watched:?}; what is counted: {counted:#?}");
        assert!(watched[3].starts_with(stack.name), "{watched:?}");
        assert!(
            alarm["AlarmActions"][0].as_str().is_some_and(|topic| topic.ends_with(":first-alarms")),
            "{alarm}"
        );
    }
    let topics = stack.cloud.aws(&["sns", "list-subscriptions"]);
    assert_eq!(topics["Subscriptions"][0]["Endpoint"], "me@example.com");
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn metric(described: &Value) -> Metric {
    let dimension = &described["Dimensions"][0];
    [&described["Namespace"], &described["MetricName"], &dimension["Name"], &dimension["Value"]].map(text)
}

/// What SQS counts of each queue (Amazon SQS, "Available CloudWatch metrics"); the emulator counts nothing.
fn by_the_queue(stack: &Stack<'_>) -> Metric {
    let queue = stack.output("DeadLettersUrl");
    let name = queue.rsplit('/').next().unwrap_or_default();
    ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name].map(str::to_owned)
}

fn by_lambda(stack: &Stack<'_>) -> impl Iterator<Item = Metric> + use<> {
    let metrics = stack.cloud.aws(&["cloudwatch", "list-metrics", "--namespace", "AWS/Lambda"]);
    let metrics = metrics["Metrics"].as_array().cloned().unwrap_or_default();
    metrics.into_iter().map(|listed| metric(&listed))
}

/// From the log lines, out of which CloudWatch takes them (Amazon CloudWatch, "Embedded metric format").
fn by_the_functions(stack: &Stack<'_>) -> impl Iterator<Item = Metric> + use<> {
    let groups = FUNCTIONS.map(|name| format!("/aws/lambda/{}", stack.function(name)));
    let lines =
        groups.map(|group| stack.cloud.aws(&["logs", "filter-log-events", "--log-group-name", &group]));
    let events = lines.into_iter().flat_map(|lines| lines["events"].as_array().cloned().unwrap_or_default());
    let lines = events.filter_map(|event| serde_json::from_str::<Value>(event["message"].as_str()?).ok());
    lines.flat_map(|line| {
        let definition = line["_aws"]["CloudWatchMetrics"][0].clone();
        let names = definition["Metrics"].as_array().cloned().unwrap_or_default();
        names.into_iter().map(move |metric| {
            let dimension = &definition["Dimensions"][0][0];
            let value = &line[dimension.as_str().unwrap_or_default()];
            [&definition["Namespace"], &metric["Name"], dimension, value].map(text)
        })
    })
}
