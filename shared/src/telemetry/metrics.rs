//! The sink of metrics: CloudWatch on Lambda, `GET /metrics` at home.

use super::emf::Emf;
use super::metric::{Metric, Observation};
#[cfg(feature = "prometheus")]
use super::prometheus::Prometheus;
use crate::clock::Timestamp;
use crate::config::{Env, Runtime};

/// The sink of metrics. Nothing that counts knows which one it is.
#[derive(Debug)]
pub struct Metrics {
    emf: Option<Emf>,
    #[cfg(feature = "prometheus")]
    prometheus: Option<Prometheus>,
}

impl Metrics {
    /// Metrics that go nowhere.
    #[must_use]
    pub fn disabled() -> Self {
        Self::over(None)
    }

    /// To CloudWatch on Lambda; anywhere else nowhere. They are counted for `SERVICE_NAME`, so that a second deployment
    /// counts its own.
    #[must_use]
    pub fn from_env(env: &Env) -> Self {
        match env.runtime() {
            Runtime::Lambda => Self::over(Some(Emf::to_stdout(env))),
            Runtime::Process | Runtime::Watch { .. } => Self::disabled(),
        }
    }

    /// To `write`, a line of CloudWatch's embedded metric format at a time, without the line's end, counted for
    /// `service`.
    pub fn to(service: &str, write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self::over(Some(Emf::new(service, write)))
    }

    /// In the memory of this process, which started at `started`, for [`Self::exposition`].
    #[cfg(feature = "prometheus")]
    #[must_use]
    pub fn exposed(started: Timestamp) -> Self {
        Self { emf: None, prometheus: Some(Prometheus::new(started)) }
    }

    fn over(emf: Option<Emf>) -> Self {
        Self {
            emf,
            #[cfg(feature = "prometheus")]
            prometheus: None,
        }
    }

    /// Counts each of `metrics` once, in one line. What is counted of strangers alone goes as
    /// [`Self::count_bounded`] says.
    pub fn count(&self, metrics: &[Metric], at: Timestamp) {
        self.expose(metrics);
        if let Some(emf) = &self.emf {
            emf.count(metrics, at);
        }
    }

    /// Counts each of `metrics` once, which a stranger caused: in a line at once, or where there was one within the
    /// last minute, in the next line after that minute.
    pub fn count_bounded(&self, metrics: &[Metric], at: Timestamp) {
        self.expose(metrics);
        if let Some(emf) = &self.emf {
            emf.count_bounded(metrics, at);
        }
    }

    /// Writes what was held back, whether or not its minute is over.
    pub fn flush(&self, at: Timestamp) {
        if let Some(emf) = &self.emf {
            emf.flush(at);
        }
    }

    /// Takes an observation, where they are exposed.
    #[cfg(feature = "prometheus")]
    pub fn observe(&self, observation: &Observation<'_>) {
        if let Some(prometheus) = &self.prometheus {
            prometheus.observe(observation);
        }
    }

    /// Takes no observation: what is built without the feature `prometheus` exposes none.
    #[cfg(not(feature = "prometheus"))]
    #[inline]
    pub fn observe(&self, _: &Observation<'_>) {}

    /// Everything so far in the text format of Prometheus, version 0.0.4; none where nothing is exposed.
    #[cfg(feature = "prometheus")]
    #[must_use]
    pub fn exposition(&self) -> Option<String> {
        self.prometheus.as_ref().map(Prometheus::text)
    }

    /// Whether [`Self::exposition`] has a text.
    #[cfg(feature = "prometheus")]
    #[must_use]
    pub fn are_exposed(&self) -> bool {
        self.prometheus.is_some()
    }

    #[cfg(feature = "prometheus")]
    fn expose(&self, metrics: &[Metric]) {
        if let Some(prometheus) = &self.prometheus {
            prometheus.count(metrics);
        }
    }

    #[cfg(not(feature = "prometheus"))]
    #[expect(clippy::unused_self, reason = "it has the signature of its twin")]
    fn expose(&self, _: &[Metric]) {}
}
