//! Metrics for CloudWatch, as log lines in its embedded metric format.

use std::fmt;
use std::io::Write as _;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::config::{Env, Runtime};

const NAMESPACE: &str = "MusicAssistantAlexa";

/// What is counted, in one number each for the whole deployment: every further name costs its owner money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Metric {
    /// Requests that were answered, of Alexa or HTTP.
    Requests,
    /// Plays that were answered with a stream.
    Plays,
    /// Requests for music of an Echo that serves no player.
    NotPaired,
    /// Plays that an Echo reported as failed.
    PlaybackFailures,
    /// Answers that Alexa refused.
    AnswerRefused,
    /// Pushes of Music Assistant that were taken.
    Pushes,
    /// Requests with missing or wrong credentials, or without a valid signature.
    AuthFailures,
    /// Requests that ended in a panic.
    Panics,
    /// Requests that the store did not serve.
    StoreErrors,
    /// Refreshes of the Amazon session that failed.
    RefreshFailures,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 10] = [
        Self::Requests,
        Self::Plays,
        Self::NotPaired,
        Self::PlaybackFailures,
        Self::AnswerRefused,
        Self::Pushes,
        Self::AuthFailures,
        Self::Panics,
        Self::StoreErrors,
        Self::RefreshFailures,
    ];

    /// Its name in CloudWatch.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::Plays => "Plays",
            Self::NotPaired => "NotPaired",
            Self::PlaybackFailures => "PlaybackFailures",
            Self::AnswerRefused => "AnswerRefused",
            Self::Pushes => "Pushes",
            Self::AuthFailures => "AuthFailures",
            Self::Panics => "Panics",
            Self::StoreErrors => "StoreErrors",
            Self::RefreshFailures => "RefreshFailures",
        }
    }
}

type Writer = dyn Fn(&str) + Send + Sync;

/// Where metrics go, and what they are counted for.
pub struct Metrics {
    service: String,
    write: Option<Box<Writer>>,
}

impl Metrics {
    /// Nowhere.
    #[must_use]
    pub fn off() -> Self {
        Self { service: String::new(), write: None }
    }

    /// To standard output on Lambda, which hands them to CloudWatch; anywhere else nowhere. They are counted for
    /// `SERVICE_NAME`, so that a second deployment counts its own.
    #[must_use]
    pub fn from_env(env: &Env) -> Self {
        match env.runtime() {
            Runtime::Lambda => Self::to(&service_name(env), |line| {
                // One write for each line, so that no other line ends up within it. Whether it arrives is no
                // concern of a request.
                let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
            }),
            Runtime::Process | Runtime::Watch { .. } => Self::off(),
        }
    }

    /// To `write`, a line at a time, without the line's end, counted for `service`.
    pub fn to(service: &str, write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { service: service.to_owned(), write: Some(Box::new(write)) }
    }

    /// Counts each of `metrics` once, in one line.
    pub fn count(&self, metrics: &[Metric], at: Timestamp) {
        if let (Some(write), false) = (&self.write, metrics.is_empty()) {
            write(&line(&self.service, metrics, at));
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("service", &self.service).finish_non_exhaustive()
    }
}

fn service_name(env: &Env) -> String {
    env.get("SERVICE_NAME").unwrap_or_else(|| "ma-alexa".to_owned())
}

/// One line (Amazon CloudWatch, "Embedded metric format specification").
fn line(service: &str, metrics: &[Metric], at: Timestamp) -> String {
    let mut values = Map::new();
    for metric in metrics {
        let before = values.get(metric.name()).and_then(Value::as_u64).unwrap_or(0);
        values.insert(metric.name().to_owned(), json!(before + 1));
    }
    let definitions: Vec<Value> =
        values.keys().map(|name| json!({ "Name": name, "Unit": "Count" })).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": at.millis(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["Service"]],
                "Metrics": definitions,
            }],
        },
        "Service": service,
    });
    if let Some(fields) = line.as_object_mut() {
        fields.append(&mut values);
    }
    line.to_string()
}
