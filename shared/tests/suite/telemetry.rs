//! Log lines and metrics.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use ma_alexa::clock::Timestamp;
use ma_alexa::config::Env;
use ma_alexa::telemetry::{Metric, Metrics, init};
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
