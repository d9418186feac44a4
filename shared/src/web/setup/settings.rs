//! What people enter on the page, and the settings that it becomes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::rules;
use crate::config::{
    ApiUrl, BaseUrl, InvocationName, LOCALES, LocaleCode, MaApiUrl, Origin, Settings, SkillEndpoint,
};
use crate::i18n::PageLanguage;

/// What is wrong with the fields of a form, by their names.
pub(super) type Problems = BTreeMap<&'static str, String>;

/// The addresses. An empty field takes its setting back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct AddressForm {
    pub(super) stream_base_url: String,
    pub(super) art_base_url: String,
    pub(super) ma_stream_origin: String,
    pub(super) ma_api_url: String,
}

/// The names and languages. An empty field takes its setting back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct SkillForm {
    pub(super) invocation_name: String,
    /// What Music Assistant speaks.
    pub(super) locale: String,
    /// The languages of the Echos.
    #[serde(rename = "skill_locale")]
    pub(super) skill_locales: Vec<String>,
    pub(super) skill_endpoint: String,
    pub(super) ma_phrases: String,
}

/// The address for Music Assistant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct ApiForm {
    pub(super) api_url: String,
}

impl AddressForm {
    pub(super) fn of(settings: &Settings) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            stream_base_url: text(&settings.stream_base_url),
            art_base_url: text(&settings.art_base_url),
            ma_stream_origin: text(&settings.ma_stream_origin),
            ma_api_url: text(&settings.ma_api_url),
        }
    }

    /// The settings with these addresses.
    pub(super) fn apply(&self, settings: &Settings, language: PageLanguage) -> Result<Settings, Problems> {
        let mut problems = Problems::new();
        let mut base = |name: &'static str, text: &str| {
            entered(text).and_then(|text| match BaseUrl::parse(text) {
                Ok(base) => Some(base.as_str().to_owned()),
                Err(problem) => {
                    problems.insert(name, rules::address(problem, language));
                    None
                }
            })
        };
        let stream_base_url = base("stream_base_url", &self.stream_base_url);
        let art_base_url = base("art_base_url", &self.art_base_url);
        let ma_stream_origin = entered(&self.ma_stream_origin).map(str::to_owned);
        if let Some(Err(problem)) = ma_stream_origin.as_deref().map(Origin::parse) {
            problems.insert("ma_stream_origin", rules::address(problem, language));
        }
        let ma_api_url = entered(&self.ma_api_url).map(str::to_owned);
        if ma_api_url.as_deref().is_some_and(|text| MaApiUrl::parse(text).is_err()) {
            problems.insert("ma_api_url", language.text("setup-address-http"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Settings { stream_base_url, art_base_url, ma_stream_origin, ma_api_url, ..settings.clone() })
    }
}

impl SkillForm {
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            invocation_name: settings.invocation_name.clone().unwrap_or_default(),
            locale: settings.locale.clone().unwrap_or_default(),
            skill_locales: settings.skill_locales.clone(),
            skill_endpoint: settings.skill_endpoint.clone().unwrap_or_default(),
            ma_phrases: settings.ma_phrases.clone().unwrap_or_default(),
        }
    }

    /// The settings with this name and these languages.
    pub(super) fn apply(&self, settings: &Settings, language: PageLanguage) -> Result<Settings, Problems> {
        let mut problems = Problems::new();
        let invocation_name = entered(&self.invocation_name).map(str::to_lowercase);
        if let Some(Err(problem)) = invocation_name.as_deref().map(InvocationName::parse) {
            problems.insert("invocation_name", rules::invocation_name(&problem, language));
        }
        let unknown = |text: &str| LocaleCode::parse(text).is_err();
        let locale = entered(&self.locale).map(str::to_owned);
        if locale.as_deref().is_some_and(unknown) {
            problems.insert("locale", language.text("setup-locale-unknown"));
        }
        if self.skill_locales.iter().any(|text| unknown(text)) {
            problems.insert("skill_locale", language.text("setup-locale-unknown"));
        }
        // In the order of the list, each once.
        let chosen =
            LOCALES.into_iter().filter(|locale| self.skill_locales.iter().any(|text| text == locale));
        let skill_locales = chosen.map(str::to_owned).collect();
        let skill_endpoint = entered(&self.skill_endpoint).map(str::to_owned);
        if skill_endpoint.as_deref().is_some_and(|text| SkillEndpoint::parse(text).is_err()) {
            problems.insert("skill_endpoint", language.text("setup-endpoint-malformed"));
        }
        let ma_phrases = entered(&self.ma_phrases).filter(|text| *text == "builtin").map(str::to_owned);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Settings {
            invocation_name,
            locale,
            skill_locales,
            skill_endpoint,
            ma_phrases,
            ..settings.clone()
        })
    }
}

impl ApiForm {
    /// The settings with this address.
    pub(super) fn apply(&self, settings: &Settings, language: PageLanguage) -> Result<Settings, Problems> {
        let api_url = entered(&self.api_url).map(str::to_owned);
        if api_url.as_deref().is_some_and(|text| ApiUrl::parse(text).is_err()) {
            return Err(Problems::from([("api_url", language.text("setup-address-http"))]));
        }
        Ok(Settings { api_url, ..settings.clone() })
    }
}

fn entered(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}
