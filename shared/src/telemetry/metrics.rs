//! Metrics for CloudWatch, as log lines in its embedded metric format.

use std::fmt;
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::clock::Timestamp;
use crate::config::{Env, Runtime};

const NAMESPACE: &str = "MusicAssistantAlexa";

/// A metric, one number for the whole deployment: every further name costs its owner money.
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

/// How often strangers can have a line of metrics written.
const BOUNDED: Duration = Duration::from_mins(1);

/// The sink of metrics, with the service that they count for.
pub struct Metrics {
    service: String,
    write: Option<Box<Writer>>,
    held_back: Mutex<HeldBack>,
}

/// Counts of strangers' requests, until a line of their own is due.
#[derive(Debug, Default)]
struct HeldBack {
    counts: Vec<(Metric, u64)>,
    written_at: Option<Timestamp>,
}

impl Metrics {
    /// Nowhere.
    #[must_use]
    pub fn disabled() -> Self {
        Self { service: String::new(), write: None, held_back: Mutex::default() }
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
            Runtime::Process | Runtime::Watch { .. } => Self::disabled(),
        }
    }

    /// To `write`, a line at a time, without the line's end, counted for `service`.
    pub fn to(service: &str, write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { service: service.to_owned(), write: Some(Box::new(write)), held_back: Mutex::default() }
    }

    /// Counts each of `metrics` once, in one line. What is counted of strangers alone goes as
    /// [`Self::count_bounded`] says.
    pub fn count(&self, metrics: &[Metric], at: Timestamp) {
        if metrics.iter().all(|metric| *metric == Metric::AuthFailures) {
            return self.count_bounded(metrics, at);
        }
        let mut counts = self.due(at);
        add(&mut counts, metrics);
        self.write(&counts, at);
    }

    /// Counts each of `metrics` once, which a stranger caused: in a line at once, or where there was one within the
    /// last minute, in the next line after that minute.
    pub fn count_bounded(&self, metrics: &[Metric], at: Timestamp) {
        let counts = {
            let mut held_back = self.lock();
            add(&mut held_back.counts, metrics);
            held_back.take_due(at)
        };
        self.write(&counts, at);
    }

    /// Writes what was held back, whether or not its minute is over.
    pub fn flush(&self, at: Timestamp) {
        let counts = std::mem::take(&mut self.lock().counts);
        self.write(&counts, at);
    }

    fn due(&self, at: Timestamp) -> Vec<(Metric, u64)> {
        self.lock().take_due(at)
    }

    fn write(&self, counts: &[(Metric, u64)], at: Timestamp) {
        if let (Some(write), false) = (&self.write, counts.is_empty()) {
            let line = Line { service: &self.service, counts, at };
            // Strings and numbers under string keys always serialize.
            write(&serde_json::to_string(&line).unwrap_or_default());
        }
    }

    /// A panic leaves it whole.
    fn lock(&self) -> MutexGuard<'_, HeldBack> {
        self.held_back.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeldBack {
    /// The counts that were held back, once a line is due. A clock that was set back makes it due at once.
    fn take_due(&mut self, at: Timestamp) -> Vec<(Metric, u64)> {
        let is_early = |written: Timestamp| written <= at && at.since(written) < BOUNDED;
        if self.counts.is_empty() || self.written_at.is_some_and(is_early) {
            return Vec::new();
        }
        self.written_at = Some(at);
        std::mem::take(&mut self.counts)
    }
}

/// Counts each of `metrics` once more.
fn add(counts: &mut Vec<(Metric, u64)>, metrics: &[Metric]) {
    for metric in metrics {
        match counts.iter_mut().find(|(known, _)| known == metric) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => counts.push((*metric, 1)),
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("service", &self.service).finish_non_exhaustive()
    }
}

/// The counts of one request, until they go into one line. Copies share them.
#[derive(Clone, Debug, Default)]
pub struct MetricBatch(Arc<Mutex<Vec<Metric>>>);

impl MetricBatch {
    /// Counts `metric` once.
    pub fn add(&self, metric: Metric) {
        self.lock().push(metric);
    }

    /// The counts, which are empty from here on.
    #[must_use]
    pub fn take(&self) -> Vec<Metric> {
        std::mem::take(&mut *self.lock())
    }

    /// A panic leaves it whole.
    fn lock(&self) -> MutexGuard<'_, Vec<Metric>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn service_name(env: &Env) -> String {
    env.get("SERVICE_NAME").unwrap_or_else(|| "ma-alexa".to_owned())
}

/// One line (Amazon CloudWatch, "Embedded metric format specification").
struct Line<'a> {
    service: &'a str,
    counts: &'a [(Metric, u64)],
    at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    timestamp: i64,
    cloud_watch_metrics: [Definitions; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definitions {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = |(metric, _): &(Metric, u64)| Definition { name: metric.name(), unit: "Count" };
        let metrics = self.counts.iter().map(name).collect();
        let definitions = Definitions { namespace: NAMESPACE, dimensions: [["Service"]], metrics };
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry(
            "_aws",
            &Directive { timestamp: self.at.millis(), cloud_watch_metrics: [definitions] },
        )?;
        line.serialize_entry("Service", self.service)?;
        for (metric, count) in self.counts {
            line.serialize_entry(metric.name(), count)?;
        }
        line.end()
    }
}
