//! Public addresses of streams and pictures.

use super::address::{BaseUrl, Origin};
use super::env::{ConfigError, Env};
use super::settings::Settings;
use super::stored::StoredSettings;

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

    /// The addresses in effect, with the settings behind the environment.
    pub(super) fn effective(&self, settings: &Settings, stored: &mut StoredSettings) -> Self {
        Self {
            stream_base: stored.env_or_setting(
                self.stream_base.as_ref(),
                settings.stream_base_url.as_deref(),
                "STREAM_BASE_URL",
                BaseUrl::parse,
            ),
            ma_origin: stored.env_or_setting(
                self.ma_origin.as_ref(),
                settings.ma_stream_origin.as_deref(),
                "MA_STREAM_ORIGIN",
                Origin::parse,
            ),
            art_base: stored.env_or_setting(
                self.art_base.as_ref(),
                settings.art_base_url.as_deref(),
                "ART_BASE_URL",
                BaseUrl::parse,
            ),
        }
    }
}
