//! Metrics for a Prometheus server, kept in the memory of this process.
//!
//! The values of each label come from a fixed list, so that the series and the text are bounded.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric as Registered, Registry};

use super::metric::{Metric, Observation, SessionTimes};
use crate::clock::Timestamp;

/// Upper bounds of the buckets of a duration, in seconds. A request may take 25 s at most.
const BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 25.0];

/// Stands for each value of a label that is not on its list.
const OTHER: &str = "other";

/// Types of Alexa's requests that are told apart (Alexa Skills Kit, request types).
const REQUEST_TYPES: [&str; 16] = [
    "LaunchRequest",
    "IntentRequest",
    "SessionEndedRequest",
    "SessionResumedRequest",
    "CanFulfillIntentRequest",
    "System.ExceptionEncountered",
    "Messaging.MessageReceived",
    "AudioPlayer.PlaybackStarted",
    "AudioPlayer.PlaybackNearlyFinished",
    "AudioPlayer.PlaybackFinished",
    "AudioPlayer.PlaybackStopped",
    "AudioPlayer.PlaybackFailed",
    "PlaybackController.PlayCommandIssued",
    "PlaybackController.PauseCommandIssued",
    "PlaybackController.NextCommandIssued",
    "PlaybackController.PreviousCommandIssued",
];

/// Groups of types that are counted as one each.
const REQUEST_GROUPS: [&str; 2] = ["AlexaSkillEvent", "Alexa.Presentation.APL"];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HttpLabels {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AlexaLabels {
    r#type: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VersionLabel {
    version: &'static str,
}

/// No labels: a family of them has one series or none.
type Unlabelled = [(&'static str, &'static str); 0];

/// A gauge without a series until it is set for the first time.
type LateGauge = Family<Unlabelled, Gauge>;

/// Makes the histogram of a new series.
#[derive(Clone, Debug)]
struct Durations;

impl MetricConstructor<Histogram> for Durations {
    fn new_metric(&self) -> Histogram {
        Histogram::new(BUCKETS)
    }
}

/// The metrics of this process.
pub(super) struct Prometheus {
    registry: Registry,
    counts: Vec<(Metric, Counter)>,
    http: HttpMetrics,
    alexa: AlexaMetrics,
    amazon: AmazonMetrics,
}

impl Prometheus {
    /// Every metric, with counts of zero.
    pub(super) fn new(started: Timestamp) -> Self {
        let mut registry = Registry::with_prefix("ma_alexa");
        let mut to = Registrar(&mut registry);
        let build = to.add("build_info", "The release", Family::<VersionLabel, Gauge>::default());
        build.get_or_create(&VersionLabel { version: env!("CARGO_PKG_VERSION") }).set(1);
        let start = "Start of the process, in seconds since 1970";
        to.add("process_start_time_seconds", start, Gauge::<i64>::default()).set(started.seconds());
        let counts = Metric::ALL.into_iter().filter_map(|metric| {
            let (name, help) = exposed_as(metric)?;
            Some((metric, to.add(name, help, Counter::default())))
        });
        let counts = counts.collect();
        let http = HttpMetrics::new(&mut to);
        let alexa = AlexaMetrics::new(&mut to);
        let amazon = AmazonMetrics::new(&mut to);
        Self { registry, counts, http, alexa, amazon }
    }

    /// Counts each of `metrics` once, except what observations count by label.
    pub(super) fn count(&self, metrics: &[Metric]) {
        for metric in metrics {
            if let Some((_, counter)) = self.counts.iter().find(|(known, _)| known == metric) {
                counter.inc();
            }
        }
    }

    pub(super) fn observe(&self, observation: &Observation<'_>) {
        match *observation {
            Observation::Http { route, status, duration } => self.http.observe(route, status, duration),
            Observation::Alexa { request_type, outcome, duration } => {
                self.alexa.observe(request_type, outcome, duration);
            }
            Observation::PlayFailed(code) => self.alexa.play_failed(code),
            Observation::Amazon { outcome, duration } => self.amazon.observe(outcome, duration),
            Observation::AmazonThrottled => drop(self.amazon.throttles.inc()),
            Observation::AmazonSession(times) => self.amazon.observe_session(times),
            Observation::Devices(count) => set(&self.amazon.devices, i64::try_from(count).ok()),
        }
    }

    /// The text format, version 0.0.4.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // A string takes everything.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        text
    }
}

impl fmt::Debug for Prometheus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prometheus").finish_non_exhaustive()
    }
}

/// Adds metrics to a registry.
struct Registrar<'a>(&'a mut Registry);

impl Registrar<'_> {
    fn add<M: Registered + Clone>(&mut self, name: &str, help: &str, metric: M) -> M {
        self.0.register(name, help, metric.clone());
        metric
    }
}

/// Requests over HTTP.
struct HttpMetrics {
    requests: Family<HttpLabels, Counter>,
    durations: Family<RouteLabel, Histogram, Durations>,
}

impl HttpMetrics {
    fn new(to: &mut Registrar<'_>) -> Self {
        let by_route = Family::new_with_constructor(Durations);
        Self {
            requests: to.add("http_requests", "HTTP requests by route and status", Family::default()),
            durations: to.add("http_request_duration_seconds", "Time to the answer of a request", by_route),
        }
    }

    fn observe(&self, route: &str, status: u16, duration: Duration) {
        let labels = HttpLabels { route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        let label = RouteLabel { route: labels.route };
        self.durations.get_or_create(&label).observe(duration.as_secs_f64());
    }
}

/// Requests of Alexa, and plays that failed.
struct AlexaMetrics {
    requests: Family<AlexaLabels, Counter>,
    durations: Histogram,
    play_failures: Family<CodeLabel, Counter>,
}

impl AlexaMetrics {
    fn new(to: &mut Registrar<'_>) -> Self {
        let by_outcome = "Requests of Alexa by type and outcome";
        let until_answered = "Time to the answer of a request of Alexa";
        let failures = "Plays that an Echo reported as failed";
        Self {
            requests: to.add("skill_requests", by_outcome, Family::default()),
            durations: to.add("skill_request_duration_seconds", until_answered, Histogram::new(BUCKETS)),
            play_failures: to.add("play_failures", failures, Family::default()),
        }
    }

    fn observe(&self, request_type: &str, outcome: &'static str, duration: Duration) {
        self.requests.get_or_create(&AlexaLabels { r#type: known_type(request_type), outcome }).inc();
        self.durations.observe(duration.as_secs_f64());
    }

    fn play_failed(&self, code: Option<&'static str>) {
        self.play_failures.get_or_create(&CodeLabel { code: code.unwrap_or(OTHER) }).inc();
    }
}

/// Requests of the Amazon account, its session and its devices.
struct AmazonMetrics {
    requests: Family<OutcomeLabel, Counter>,
    durations: Histogram,
    throttles: Counter,
    session_refreshed: LateGauge,
    session_expires: LateGauge,
    devices: LateGauge,
}

impl AmazonMetrics {
    fn new(to: &mut Registrar<'_>) -> Self {
        let refreshed = "Last refresh of the cookies of the Amazon session, in seconds since 1970";
        let expires =
            "End of the access token of the Amazon session unless it is refreshed, in seconds since 1970";
        let durations = Histogram::new(BUCKETS);
        Self {
            requests: to.add(
                "amazon_requests",
                "Requests of the Amazon account by outcome",
                Family::default(),
            ),
            durations: to.add("amazon_request_duration_seconds", "Time to the answer of Amazon", durations),
            throttles: to.add("amazon_throttles", "Throttles of Amazon, with any status", Counter::default()),
            session_refreshed: to.add(
                "amazon_session_refreshed_timestamp_seconds",
                refreshed,
                Family::default(),
            ),
            session_expires: to.add("amazon_session_expires_timestamp_seconds", expires, Family::default()),
            devices: to.add(
                "amazon_devices",
                "Devices of the Amazon account in the last list",
                Family::default(),
            ),
        }
    }

    fn observe(&self, outcome: &'static str, duration: Duration) {
        self.requests.get_or_create(&OutcomeLabel { outcome }).inc();
        self.durations.observe(duration.as_secs_f64());
    }

    fn observe_session(&self, times: Option<SessionTimes>) {
        let seconds = |at: Option<Timestamp>| at.map(Timestamp::seconds);
        set(&self.session_refreshed, seconds(times.and_then(|times| times.refreshed_at)));
        set(&self.session_expires, seconds(times.and_then(|times| times.expires_at)));
    }
}

/// The name and the meaning of a count, without the prefix and the suffix. None for a count that an observation has by
/// label.
fn exposed_as(metric: Metric) -> Option<(&'static str, &'static str)> {
    Some(match metric {
        Metric::Requests | Metric::PlaybackFailures => return None,
        Metric::Plays => ("plays", "Plays that were answered with a stream"),
        Metric::NotPaired => ("not_paired", "Requests for music of an Echo that serves no player"),
        Metric::AnswerRefused => ("answers_refused", "Answers that Alexa refused"),
        Metric::Pushes => ("pushes", "Pushes of Music Assistant that were taken"),
        Metric::AuthFailures => {
            ("auth_failures", "Requests with missing or wrong credentials, signature or grant")
        }
        Metric::Panics => ("panics", "Requests that ended in a panic"),
        Metric::StoreErrors => ("store_errors", "Requests that the store did not serve"),
        Metric::RefreshFailures => ("amazon_refresh_failures", "Failed refreshes of the Amazon session"),
    })
}

/// Sets a gauge, or takes its series away.
fn set(gauge: &LateGauge, value: Option<i64>) {
    match value {
        Some(value) => drop(gauge.get_or_create(&[]).set(value)),
        None => gauge.clear(),
    }
}

fn known_type(request_type: &str) -> &'static str {
    let group = || request_type.rsplit_once('.').and_then(|(group, _)| among(&REQUEST_GROUPS, group));
    among(&REQUEST_TYPES, request_type).or_else(group).unwrap_or(OTHER)
}

/// The value of a list that is `text`.
fn among(list: &[&'static str], text: &str) -> Option<&'static str> {
    list.iter().find(|known| **known == text).copied()
}
