//! The fields of the forms.

use super::settings::{AddressForm, ApiForm, Problems, SkillForm};
use crate::api::ApiState;
use crate::config::{BaseUrl, InvocationName, Origin, Settings, SkillEndpoint};

/// A line to enter something, or what is fixed in its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// The key of its label.
    pub(super) label: &'static str,
    /// The key of what explains it.
    pub(super) hint: &'static str,
    pub(super) kind: &'static str,
    pub(super) value: String,
    pub(super) problem: Option<String>,
    /// The variable that fixes it.
    pub(super) fixed: Option<&'static str>,
    pub(super) optional: bool,
    /// Where what is typed is checked.
    pub(super) check: Option<&'static str>,
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) stream_base_url: Field,
    pub(super) art_base_url: Field,
    pub(super) ma_stream_origin: Field,
    pub(super) ma_api_url: Field,
    pub(super) machine: Field,
    pub(super) invocation_name: Field,
    pub(super) skill_endpoint: Field,
    pub(super) api_url: Field,
    /// The variable that fixes the language.
    pub(super) locale_fixed: Option<&'static str>,
    /// The variable that fixes what Music Assistant says to pause, resume and stop.
    pub(super) phrases_fixed: Option<&'static str>,
}

/// What somebody entered and what is wrong with it; where nothing was entered, the settings.
#[derive(Clone, Debug, Default)]
pub(super) struct Entered {
    pub(super) addresses: Option<AddressForm>,
    pub(super) skill: Option<SkillForm>,
    pub(super) api: Option<ApiForm>,
    pub(super) problems: Problems,
}

impl Fields {
    pub(super) fn new(state: &ApiState, settings: &Settings, entered: &Entered, machine: String) -> Self {
        let config = &state.config;
        let (streams, speech, setup) = (&config.streams, &config.speech, &config.setup);
        let addresses = entered.addresses.clone().unwrap_or_else(|| AddressForm::of(settings));
        let skill = entered.skill.clone().unwrap_or_else(|| SkillForm::of(settings));
        let api_url = match &entered.api {
            Some(form) => form.api_url.clone(),
            None => settings.api_url.clone(),
        };
        let problem = |name: &str| entered.problems.get(name).cloned();
        let field = |name, label, hint, value: Option<String>| Field {
            name,
            label,
            hint,
            kind: "text",
            value: value.unwrap_or_default(),
            problem: problem(name),
            ..Field::default()
        };
        Self {
            stream_base_url: field(
                "stream_base_url",
                "setup-streams-base",
                "setup-streams-base-hint",
                addresses.stream_base_url,
            )
            .fixed("STREAM_BASE_URL", streams.stream_base.as_ref().map(BaseUrl::as_str)),
            art_base_url: field(
                "art_base_url",
                "setup-streams-art",
                "setup-streams-art-hint",
                addresses.art_base_url,
            )
            .optional()
            .fixed("ART_BASE_URL", streams.art_base.as_ref().map(BaseUrl::as_str)),
            ma_stream_origin: field(
                "ma_stream_origin",
                "setup-streams-origin",
                "setup-streams-origin-hint",
                addresses.ma_stream_origin,
            )
            .optional()
            .fixed("MA_STREAM_ORIGIN", streams.ma_origin.as_ref().map(Origin::as_str)),
            ma_api_url: field(
                "ma_api_url",
                "setup-streams-ma-api",
                "setup-streams-ma-api-hint",
                addresses.ma_api_url,
            )
            .optional()
            .fixed("MA_API_URL", config.ma_api.url.as_ref().map(|url| url.as_url().as_str())),
            machine: field("machine", "setup-proxy-machine", "setup-proxy-machine-hint", Some(machine)),
            invocation_name: field(
                "invocation_name",
                "setup-skill-name",
                "setup-skill-name-hint",
                skill.invocation_name,
            )
            .optional()
            .checked("/setup/check/invocation-name")
            .fixed("INVOCATION_NAME", speech.invocation_name.as_ref().map(InvocationName::as_str)),
            skill_endpoint: field(
                "skill_endpoint",
                "setup-skill-endpoint",
                "setup-skill-endpoint-hint",
                skill.skill_endpoint,
            )
            .fixed("SKILL_ENDPOINT", setup.skill_endpoint.as_ref().map(SkillEndpoint::as_str)),
            api_url: field("api_url", "setup-ma-url", "setup-ma-url-hint", api_url)
                .fixed("API_URL", setup.api_url.as_ref().map(ToString::to_string).as_deref()),
            locale_fixed: speech.locale.is_some().then_some("LOCALE"),
            phrases_fixed: speech.ma_phrases.is_some().then_some("MA_PHRASES"),
        }
    }

    /// Whether one of the addresses that few people need is set.
    pub(super) fn more_is_used(&self) -> bool {
        [&self.ma_stream_origin, &self.ma_api_url]
            .iter()
            .any(|field| !field.value.is_empty() || field.problem.is_some())
    }
}

impl Field {
    fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    fn checked(self, path: &'static str) -> Self {
        Self { check: Some(path), ..self }
    }

    /// What the environment says goes before what is entered.
    fn fixed(self, variable: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => Self { fixed: Some(variable), value: value.to_owned(), ..self },
            None => self,
        }
    }
}
