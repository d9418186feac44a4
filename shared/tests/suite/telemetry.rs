//! Log lines and metrics.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ma_alexa::clock::Timestamp;
use ma_alexa::config::Env;
use ma_alexa::telemetry::{LogLimiter, Metric, Metrics, init};
use serde_json::Value;

#[test]
fn a_line_is_in_the_embedded_metric_format() {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&lines);
    let metrics = Metrics::to("ma-alexa", move |line| kept.lock().unwrap().push(line.to_owned()));
    let at = Timestamp::from_millis(1_795_334_400_000);
    metrics.count(&[], at);
    metrics.count(&[Metric::Pushes, Metric::Requests, Metric::Pushes], at);
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 1);
    assert!(!lines[0].contains('\n'));
    insta::assert_json_snapshot!(serde_json::from_str::<Value>(&lines[0]).unwrap(), @r#"
    {
      "Pushes": 2,
      "Requests": 1,
      "Service": "ma-alexa",
      "_aws": {
        "CloudWatchMetrics": [
          {
            "Dimensions": [
              [
                "Service"
              ]
            ],
            "Metrics": [
              {
                "Name": "Pushes",
                "Unit": "Count"
              },
              {
                "Name": "Requests",
                "Unit": "Count"
              }
            ],
            "Namespace": "MusicAssistantAlexa"
          }
        ],
        "Timestamp": 1795334400000
      }
    }
    "#);
}

#[test]
fn there_are_at_most_ten_metrics() {
    let names: BTreeSet<&str> = Metric::ALL.into_iter().map(Metric::name).collect();
    assert_eq!(names.len(), Metric::ALL.len());
    assert!(names.len() <= 10);
}

#[test]
fn a_malformed_filter_stops_the_start() {
    let env = Env::new(|name| (name == "RUST_LOG").then(|| "info,ma_alexa=loud=very".to_owned()));
    assert_eq!(init(&env).unwrap_err().name(), "RUST_LOG");
}

#[test]
fn one_line_of_a_kind_and_minute_is_let_through_with_the_count_of_the_others() {
    let (limiter, start) = (LogLimiter::default(), Timestamp::from_millis(1_795_334_400_000));
    let after = |seconds| start.plus(Duration::from_secs(seconds));
    assert_eq!(limiter.admit("unsigned", start), Some(0));
    for _ in 0..2_000 {
        assert_eq!(limiter.admit("unsigned", after(59)), None);
    }
    assert_eq!(limiter.admit("expired", after(59)), Some(0), "another kind");
    assert_eq!(limiter.overdue(after(59)), []);
    assert_eq!(limiter.admit("unsigned", after(60)), Some(2_000));
    assert_eq!(limiter.admit("unsigned", after(61)), None);
    assert_eq!(limiter.overdue(after(120)), [("unsigned".to_owned(), 1)]);
    assert_eq!(limiter.overdue(after(240)), [], "a count is logged once");
    assert_eq!(limiter.admit("unsigned", after(240)), Some(0));
    assert_eq!(limiter.admit("unsigned", start), Some(0), "a clock that was set back silences nothing");
}

#[test]
fn kinds_without_end_share_one_line() {
    let (limiter, start) = (LogLimiter::default(), Timestamp::from_millis(1_795_334_400_000));
    let lines = (0..10_000).filter(|kind| limiter.admit(&format!("kind {kind}"), start).is_some()).count();
    assert!(lines <= 257, "{lines}");
}
