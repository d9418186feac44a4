//! Settings: stored values that people change while everything runs.

use serde::{Deserialize, Serialize};

use super::address::{BaseUrl, Origin};
use super::endpoints::MaApiUrl;
use super::invocation_name::InvocationName;
use super::language::{LocaleCode, MaPhrases};
use super::renderers::OfferedRenderers;
use super::route::Route;
use super::setting::Setting;
use super::setup::{ApiUrl, SkillEndpoint};
use super::skill_ids::SkillId;

/// The stored settings, each read by itself: a malformed one does not make the others unreadable.
/// [`super::Config::with`] puts them behind the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// See the variable `STREAM_BASE_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_base_url: Option<Setting<BaseUrl>>,
    /// See the variable `MA_STREAM_ORIGIN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ma_stream_origin: Option<Setting<Origin>>,
    /// See the variable `ART_BASE_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub art_base_url: Option<Setting<BaseUrl>>,
    /// See the variable `DOOR_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub door_url: Option<Setting<BaseUrl>>,
    /// See the variable `DOOR_LAN_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub door_lan_url: Option<Setting<BaseUrl>>,
    /// See the variable `PLAYLIST_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub playlist_url: Option<Setting<BaseUrl>>,
    /// See the variable `STREAM_ROUTE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_route: Option<Setting<Route>>,
    /// See the variable `SKILL_ID`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skill_ids: Vec<Setting<SkillId>>,
    /// See the variable `LOCALE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Setting<LocaleCode>>,
    /// See the variable `INVOCATION_NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation_name: Option<Setting<InvocationName>>,
    /// See the variable `MA_PHRASES`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ma_phrases: Option<Setting<MaPhrases>>,
    /// See the variable `MA_API_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ma_api_url: Option<Setting<MaApiUrl>>,
    /// See the variable `SKILL_ENDPOINT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill_endpoint: Option<Setting<SkillEndpoint>>,
    /// See the variable `API_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_url: Option<Setting<ApiUrl>>,
    /// The languages of the household's Echos, as locales of the skill; where none is named, the one of `locale`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skill_locales: Vec<Setting<LocaleCode>>,
    /// The Echos that are offered as media renderers.
    #[serde(skip_serializing_if = "OfferedRenderers::is_usual")]
    pub renderers: OfferedRenderers,
}
