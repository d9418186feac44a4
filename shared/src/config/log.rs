//! The look of log lines.

use super::env::{ConfigError, Env};

/// The look of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object.
    Json,
}

impl LogFormat {
    /// Reads `LOG_FORMAT`; none where it is unset.
    ///
    /// # Errors
    /// When it is neither text nor json.
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        env.read("LOG_FORMAT", |text| match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("it has to be text or json"),
        })
    }
}
