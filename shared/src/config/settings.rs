//! Settings: stored values that people change while everything runs.

use serde::{Deserialize, Serialize};

/// The stored settings, as texts: a malformed one must not make the others unreadable. [`super::Config::with`] reads them,
/// behind the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// See the variable `STREAM_BASE_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_base_url: Option<String>,
    /// See the variable `MA_STREAM_ORIGIN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ma_stream_origin: Option<String>,
    /// See the variable `ART_BASE_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub art_base_url: Option<String>,
    /// See the variable `SKILL_ID`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skill_ids: Vec<String>,
    /// See the variable `LOCALE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// See the variable `INVOCATION_NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation_name: Option<String>,
    /// See the variable `MA_PHRASES`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ma_phrases: Option<String>,
    /// See the variable `MA_API_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ma_api_url: Option<String>,
    /// See the variable `SKILL_ENDPOINT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill_endpoint: Option<String>,
    /// See the variable `API_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_url: Option<String>,
    /// The languages of the household's Echos, as locales of the skill; where none is named, the one of `locale`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skill_locales: Vec<String>,
}
