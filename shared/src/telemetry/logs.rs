//! Log lines and their format.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{ConfigError, Env, Runtime};

/// The filter where `RUST_LOG` is unset.
const DEFAULT: &str = "info";

/// Sends log lines on their way: on Lambda to standard output, which it keeps; otherwise to standard error, in
/// words where a person reads it. What is logged is decided by `RUST_LOG`.
///
/// # Errors
/// When `RUST_LOG` is malformed.
pub fn init(env: &Env) -> Result<(), ConfigError> {
    let filter: Targets = env
        .get("RUST_LOG")
        .unwrap_or_else(|| DEFAULT.to_owned())
        .parse()
        .map_err(|error| ConfigError::malformed("RUST_LOG", &error))?;
    let subscriber = Registry::default().with(filter);
    let lines = || tracing_subscriber::fmt::layer().with_target(true).with_timer(SystemTime);
    let json = || lines().json().flatten_event(true).with_span_list(false);
    // A subscriber that is there already is that of a test; it stays.
    let installed = match env.runtime() {
        Runtime::Lambda | Runtime::Watch { .. } => subscriber.with(json().with_writer(io::stdout)).try_init(),
        Runtime::Process if io::stderr().is_terminal() => {
            subscriber.with(lines().compact().with_writer(io::stderr)).try_init()
        }
        Runtime::Process => subscriber.with(json().with_writer(io::stderr)).try_init(),
    };
    if installed.is_err() {
        tracing::debug!("log lines have their way already");
    }
    Ok(())
}
