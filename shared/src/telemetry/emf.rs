//! Metrics for CloudWatch, as log lines in its embedded metric format.

use std::fmt;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::metric::Metric;
use crate::clock::Timestamp;
use crate::config::Env;

const NAMESPACE: &str = "MusicAssistantAlexa";

type Writer = dyn Fn(&str) + Send + Sync;

/// Time between two lines of metrics that strangers can cause.
const BOUNDED: Duration = Duration::from_mins(1);

/// The writer of lines, with the service that they count for.
pub(super) struct Emf {
    service: String,
    write: Box<Writer>,
    held_back: Mutex<HeldBack>,
}

/// Counts of strangers' requests, until a line of their own is due.
#[derive(Debug, Default)]
struct HeldBack {
    counts: Vec<(Metric, u64)>,
    written_at: Option<Timestamp>,
}

impl Emf {
    /// Lines on standard output, which Lambda hands to CloudWatch. They are counted for `SERVICE_NAME`, so that a second
    /// deployment counts its own.
    pub(super) fn to_stdout(env: &Env) -> Self {
        Self::new(&service_name(env), |line| {
            // One write for each line, so that no other line ends up within it. Whether it arrives is no concern of a
            // request.
            let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
        })
    }

    pub(super) fn new(service: &str, write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { service: service.to_owned(), write: Box::new(write), held_back: Mutex::default() }
    }

    /// Counts each of `metrics` once, in one line. What is counted of strangers alone goes as
    /// [`Self::count_bounded`] says.
    pub(super) fn count(&self, metrics: &[Metric], at: Timestamp) {
        if metrics.iter().all(|metric| *metric == Metric::AuthFailures) {
            return self.count_bounded(metrics, at);
        }
        let mut counts = self.due(at);
        add(&mut counts, metrics);
        self.write(&counts, at);
    }

    /// Counts each of `metrics` once, which a stranger caused: in a line at once, or where there was one within the
    /// last minute, in the next line after that minute.
    pub(super) fn count_bounded(&self, metrics: &[Metric], at: Timestamp) {
        let counts = {
            let mut held_back = self.lock();
            add(&mut held_back.counts, metrics);
            held_back.take_due(at)
        };
        self.write(&counts, at);
    }

    /// Writes what was held back, whether or not its minute is over.
    pub(super) fn flush(&self, at: Timestamp) {
        let counts = std::mem::take(&mut self.lock().counts);
        self.write(&counts, at);
    }

    fn due(&self, at: Timestamp) -> Vec<(Metric, u64)> {
        self.lock().take_due(at)
    }

    fn write(&self, counts: &[(Metric, u64)], at: Timestamp) {
        if !counts.is_empty() {
            let line = Line { service: &self.service, counts, at };
            // Strings and numbers under string keys always serialize.
            (self.write)(&serde_json::to_string(&line).unwrap_or_default());
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

impl fmt::Debug for Emf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emf").field("service", &self.service).finish_non_exhaustive()
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
