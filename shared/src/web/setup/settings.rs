//! What people enter on the page, and the settings that it becomes.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::rules;
use crate::config::{
    ApiUrl, BaseUrl, InvocationName, LOCALES, LocaleCode, MaApiUrl, Origin, Settings, SkillEndpoint,
};
use crate::i18n::PageLanguage;

/// What is wrong with the fields of a form, by their names.
pub(super) type Problems = BTreeMap<&'static str, String>;

/// The addresses. An empty field takes its setting back, and one that is missing, since the environment fixes it, leaves
/// its setting alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct AddressForm {
    #[serde(deserialize_with = "present")]
    pub(super) stream_base_url: Option<String>,
    #[serde(deserialize_with = "present")]
    pub(super) art_base_url: Option<String>,
    #[serde(deserialize_with = "present")]
    pub(super) ma_stream_origin: Option<String>,
    #[serde(deserialize_with = "present")]
    pub(super) ma_api_url: Option<String>,
}

/// The names and languages; see [`AddressForm`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct SkillForm {
    #[serde(deserialize_with = "present")]
    pub(super) invocation_name: Option<String>,
    /// What Music Assistant speaks.
    #[serde(deserialize_with = "present")]
    pub(super) locale: Option<String>,
    /// The languages of the Echos.
    #[serde(rename = "skill_locale")]
    pub(super) skill_locales: Vec<String>,
    #[serde(deserialize_with = "present")]
    pub(super) skill_endpoint: Option<String>,
    #[serde(deserialize_with = "present")]
    pub(super) ma_phrases: Option<String>,
}

/// The address for Music Assistant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct ApiForm {
    #[serde(deserialize_with = "present")]
    pub(super) api_url: Option<String>,
}

/// A field that is there, though nothing may be in it.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

impl AddressForm {
    pub(super) fn of(settings: &Settings) -> Self {
        let text = |value: &Option<String>| value.clone();
        Self {
            stream_base_url: text(&settings.stream_base_url),
            art_base_url: text(&settings.art_base_url),
            ma_stream_origin: text(&settings.ma_stream_origin),
            ma_api_url: text(&settings.ma_api_url),
        }
    }

    /// The settings with these addresses.
    pub(super) fn apply(&self, settings: &Settings, language: PageLanguage) -> Result<Settings, Problems> {
        let mut checks = Checks::default();
        let base = |text: &str| match BaseUrl::parse(text) {
            Ok(base) => Ok(base.as_str().to_owned()),
            Err(problem) => Err(rules::address(problem, language)),
        };
        let origin = |text: &str| match Origin::parse(text) {
            Ok(_) => Ok(text.to_owned()),
            Err(problem) => Err(rules::address(problem, language)),
        };
        let api = |text: &str| match MaApiUrl::parse(text) {
            Ok(_) => Ok(text.to_owned()),
            Err(_) => Err(language.text("setup-address-http")),
        };
        let mut changed = settings.clone();
        checks.take("stream_base_url", self.stream_base_url.as_deref(), &mut changed.stream_base_url, base);
        checks.take("art_base_url", self.art_base_url.as_deref(), &mut changed.art_base_url, base);
        checks.take(
            "ma_stream_origin",
            self.ma_stream_origin.as_deref(),
            &mut changed.ma_stream_origin,
            origin,
        );
        checks.take("ma_api_url", self.ma_api_url.as_deref(), &mut changed.ma_api_url, api);
        checks.done(changed)
    }
}

impl SkillForm {
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            invocation_name: settings.invocation_name.clone(),
            locale: settings.locale.clone(),
            skill_locales: settings.skill_locales.clone(),
            skill_endpoint: settings.skill_endpoint.clone(),
            ma_phrases: settings.ma_phrases.clone(),
        }
    }

    /// The settings with this name and these languages.
    pub(super) fn apply(&self, settings: &Settings, language: PageLanguage) -> Result<Settings, Problems> {
        let mut checks = Checks::default();
        let name = |text: &str| {
            let text = text.to_lowercase();
            match InvocationName::parse(&text) {
                Ok(_) => Ok(text),
                Err(problem) => Err(rules::invocation_name(&problem, language)),
            }
        };
        let known = |text: &str| match LocaleCode::parse(text) {
            Ok(locale) => Ok(locale.as_str().to_owned()),
            Err(_) => Err(language.text("setup-locale-unknown")),
        };
        let endpoint = |text: &str| match SkillEndpoint::parse(text) {
            Ok(endpoint) => Ok(endpoint.as_str().to_owned()),
            Err(_) => Err(language.text("setup-endpoint-malformed")),
        };
        let mut changed = settings.clone();
        checks.take("invocation_name", self.invocation_name.as_deref(), &mut changed.invocation_name, name);
        checks.take("locale", self.locale.as_deref(), &mut changed.locale, known);
        checks.take("skill_endpoint", self.skill_endpoint.as_deref(), &mut changed.skill_endpoint, endpoint);
        if let Some(phrases) = &self.ma_phrases {
            changed.ma_phrases = Some(phrases.clone()).filter(|phrases| phrases == "builtin");
        }
        if let Some(problem) = self.skill_locales.iter().find_map(|text| known(text).err()) {
            checks.0.insert("skill_locale", problem);
        }
        // In the order of the list, each once.
        let chosen =
            LOCALES.into_iter().filter(|locale| self.skill_locales.iter().any(|text| text == locale));
        changed.skill_locales = chosen.map(str::to_owned).collect();
        checks.done(changed)
    }
}

impl ApiForm {
    /// The settings with this address.
    pub(super) fn apply(&self, settings: &Settings, language: PageLanguage) -> Result<Settings, Problems> {
        let mut checks = Checks::default();
        let mut changed = settings.clone();
        checks.take("api_url", self.api_url.as_deref(), &mut changed.api_url, |text| {
            match ApiUrl::parse(text) {
                Ok(_) => Ok(text.to_owned()),
                Err(_) => Err(language.text("setup-address-http")),
            }
        });
        checks.done(changed)
    }
}

/// What is found to be wrong, field by field.
#[derive(Debug, Default)]
struct Checks(Problems);

impl Checks {
    /// Puts a field into its setting: what was entered, nothing where it is empty, and where it is missing or wrong what
    /// was there.
    fn take(
        &mut self,
        name: &'static str,
        field: Option<&str>,
        setting: &mut Option<String>,
        read: impl Fn(&str) -> Result<String, String>,
    ) {
        let Some(text) = field.map(str::trim) else { return };
        if text.is_empty() {
            *setting = None;
            return;
        }
        match read(text) {
            Ok(value) => *setting = Some(value),
            Err(problem) => drop(self.0.insert(name, problem)),
        }
    }

    fn done(self, settings: Settings) -> Result<Settings, Problems> {
        if self.0.is_empty() { Ok(settings) } else { Err(self.0) }
    }
}
