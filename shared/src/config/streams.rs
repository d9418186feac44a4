//! Public addresses of streams and pictures.

use super::address::{BaseUrl, Origin};
use super::env::{ConfigError, Env};

/// The public addresses that stand before Music Assistant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamOverrides {
    /// `STREAM_BASE_URL`.
    pub stream_base: Option<BaseUrl>,
    /// `MA_STREAM_ORIGIN`.
    pub ma_origin: Option<Origin>,
    /// `ART_BASE_URL`.
    pub art_base: Option<BaseUrl>,
}

impl StreamOverrides {
    /// Reads the three addresses.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            stream_base: env.read("STREAM_BASE_URL", BaseUrl::parse)?,
            ma_origin: env.read("MA_STREAM_ORIGIN", Origin::parse)?,
            art_base: env.read("ART_BASE_URL", BaseUrl::parse)?,
        })
    }
}
