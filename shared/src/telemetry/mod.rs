//! Log lines and metrics.
//!
//! Logs are one JSON object a line, with dotted field names, and one summary line for each request. Stream
//! addresses are logged without their paths, ids of devices and users as a short hash, bodies never.

mod emf;
mod limit;
mod logs;
mod metric;
mod metrics;
#[cfg(feature = "prometheus")]
mod prometheus;
mod start;
mod tail;
mod text;

pub use limit::LogLimiter;
pub use logs::init;
pub use metric::{Metric, MetricBatch, Observation, SessionTimes};
pub use metrics::Metrics;
pub use start::cannot_start;
pub use tail::last_log_lines;
