//! Where log lines go.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::SystemTime;

use crate::config::{ConfigError, Env, Runtime};

/// Sends log lines on their way: on Lambda to standard output, which it keeps; otherwise to standard error, in
/// words where a person reads it. What is logged is decided by `RUST_LOG`.
///
/// # Errors
/// When `RUST_LOG` is malformed.
pub fn init(env: &Env) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(env.get("RUST_LOG").unwrap_or_else(|| "info".to_owned()))
        .map_err(|err| ConfigError::malformed("RUST_LOG", &err))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_target(true).with_timer(SystemTime);
    // Whoever is there already was put there by a test; it stays.
    let installed = match env.runtime() {
        Runtime::Lambda | Runtime::Watch { .. } => {
            let json = lines.json().flatten_event(true).with_span_list(false);
            json.with_writer(io::stdout).try_init()
        }
        Runtime::Process if io::stderr().is_terminal() => lines.with_writer(io::stderr).compact().try_init(),
        Runtime::Process => {
            let json = lines.json().flatten_event(true).with_span_list(false);
            json.with_writer(io::stderr).try_init()
        }
    };
    if installed.is_err() {
        tracing::debug!("log lines have their way already");
    }
    Ok(())
}
