//! Log lines and their format.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::tail;
use super::text::TextLines;
use crate::config::{ConfigError, Env, LogFormat, Runtime};

/// The filter where `RUST_LOG` is unset.
const DEFAULT: &str = "info";

/// Sends log lines on their way: on Lambda to standard output, which it keeps; otherwise to standard error, in
/// words where a person reads it. What is logged is decided by `RUST_LOG`, and how by `LOG_FORMAT`.
///
/// # Errors
/// When `RUST_LOG` or `LOG_FORMAT` is malformed.
pub fn init(env: &Env) -> Result<(), ConfigError> {
    let filter: Targets = env
        .get("RUST_LOG")
        .unwrap_or_else(|| DEFAULT.to_owned())
        .parse()
        .map_err(|error| ConfigError::malformed("RUST_LOG", &error))?;
    let asked = LogFormat::from_env(env)?;
    let is_terminal = io::stderr().is_terminal();
    let format = asked.unwrap_or(if is_terminal { LogFormat::Text } else { LogFormat::Json });
    let subscriber = Registry::default().with(filter);
    let lines = || tracing_subscriber::fmt::layer().with_timer(SystemTime);
    let json = || lines().json().flatten_event(true).with_span_list(false);
    // A subscriber that is there already is that of a test; it stays.
    let installed = match (env.runtime(), format) {
        (Runtime::Lambda | Runtime::Watch { .. }, _) => {
            subscriber.with(json().with_writer(io::stdout)).try_init()
        }
        (Runtime::Process, LogFormat::Text) => {
            // https://no-color.org
            let is_coloured = is_terminal && env.get("NO_COLOR").is_none();
            let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(io::stderr);
            let text = lines.event_format(TextLines { is_coloured });
            subscriber.with(text).with(tail::layer()).try_init()
        }
        (Runtime::Process, LogFormat::Json) => {
            subscriber.with(json().with_writer(io::stderr)).with(tail::layer()).try_init()
        }
    };
    if installed.is_err() {
        tracing::debug!("log lines have their way already");
    }
    Ok(())
}
