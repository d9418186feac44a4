//! Fields of the forms with settings: one table of their specifications, and their view.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::str::FromStr;

use super::settings::{Problems, SettingsForm};
use super::validation;
use crate::config::{BaseUrl, Config, LocaleCode, MaPhrases, Setting, Settings};
use crate::i18n::PageLanguage;

/// A form with settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormKind {
    /// The public addresses, of Alexa's requests, too.
    Addresses,
    /// The name and the languages of the skill.
    Skill,
    /// The address of the API.
    Api,
}

/// Name of a field with one setting, in the form and in the ids of the page.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub(super) enum FieldName {
    DoorUrl,
    StreamBaseUrl,
    ArtBaseUrl,
    MaStreamOrigin,
    MaApiUrl,
    InvocationName,
    Locale,
    SkillEndpoint,
    MaPhrases,
    ApiUrl,
}

impl FieldName {
    /// The name as it stands in the form.
    pub(super) fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The specification of a field with one setting.
pub(super) struct FieldSpec {
    pub(super) name: FieldName,
    pub(super) form: FormKind,
    /// The key of the label; the key of the hint has `-hint` behind it.
    label: &'static str,
    optional: bool,
    /// The address that checks a value while it is typed.
    check: Option<&'static str>,
    variable: &'static str,
    /// The value that the environment fixes.
    fixed: fn(&Config) -> Option<String>,
    /// The stored text.
    pub(super) stored: fn(&Settings) -> Option<String>,
    /// Puts an entered value into the settings, or says its problem. An empty one takes the setting back.
    pub(super) enter: fn(&mut Settings, &str, PageLanguage) -> Result<(), String>,
}

/// All fields with one setting.
pub(super) static FIELDS: [FieldSpec; 10] = [
    FieldSpec {
        name: FieldName::DoorUrl,
        form: FormKind::Addresses,
        label: "setup-door-url",
        optional: false,
        check: None,
        variable: "DOOR_URL",
        fixed: |config| config.streams.door.clone().map(String::from),
        stored: |settings| settings.door_url.as_ref().map(ToString::to_string),
        enter: |settings, text, language| enter_base(&mut settings.door_url, text, language),
    },
    FieldSpec {
        name: FieldName::StreamBaseUrl,
        form: FormKind::Addresses,
        label: "setup-streams-base",
        optional: true,
        check: None,
        variable: "STREAM_BASE_URL",
        fixed: |config| config.streams.stream_base.clone().map(String::from),
        stored: |settings| settings.stream_base_url.as_ref().map(ToString::to_string),
        enter: |settings, text, language| enter_base(&mut settings.stream_base_url, text, language),
    },
    FieldSpec {
        name: FieldName::ArtBaseUrl,
        form: FormKind::Addresses,
        label: "setup-streams-art",
        optional: true,
        check: None,
        variable: "ART_BASE_URL",
        fixed: |config| config.streams.art_base.clone().map(String::from),
        stored: |settings| settings.art_base_url.as_ref().map(ToString::to_string),
        enter: |settings, text, language| enter_base(&mut settings.art_base_url, text, language),
    },
    FieldSpec {
        name: FieldName::MaStreamOrigin,
        form: FormKind::Addresses,
        label: "setup-streams-origin",
        optional: true,
        check: None,
        variable: "MA_STREAM_ORIGIN",
        fixed: |config| config.streams.ma_origin.clone().map(String::from),
        stored: |settings| settings.ma_stream_origin.as_ref().map(ToString::to_string),
        enter: |settings, text, language| {
            enter(&mut settings.ma_stream_origin, text, |problem| validation::address(problem, language))
        },
    },
    FieldSpec {
        name: FieldName::MaApiUrl,
        form: FormKind::Addresses,
        label: "setup-streams-ma-api",
        optional: true,
        check: None,
        variable: "MA_API_URL",
        fixed: |config| config.api.ma_api.url.as_ref().map(ToString::to_string),
        stored: |settings| settings.ma_api_url.as_ref().map(ToString::to_string),
        enter: |settings, text, language| {
            enter(&mut settings.ma_api_url, &with_scheme(text, "http"), |_| {
                language.text("setup-address-http")
            })
        },
    },
    FieldSpec {
        name: FieldName::InvocationName,
        form: FormKind::Skill,
        label: "setup-skill-name",
        optional: true,
        check: Some("/setup/check/invocation-name"),
        variable: "INVOCATION_NAME",
        fixed: |config| config.speech.invocation_name.as_ref().map(ToString::to_string),
        stored: |settings| settings.invocation_name.as_ref().map(ToString::to_string),
        enter: |settings, text, language| {
            let problem = |problem| validation::invocation_name(&problem, language);
            enter(&mut settings.invocation_name, &text.to_lowercase(), problem)
        },
    },
    FieldSpec {
        name: FieldName::Locale,
        form: FormKind::Skill,
        label: "setup-skill-locale",
        optional: false,
        check: None,
        variable: "LOCALE",
        fixed: |config| config.speech.locale.map(|locale| locale.to_string()),
        stored: |settings| settings.locale.as_ref().map(ToString::to_string),
        enter: |settings, text, language| {
            enter(&mut settings.locale, text, |_| language.text("setup-locale-unknown"))
        },
    },
    FieldSpec {
        name: FieldName::SkillEndpoint,
        form: FormKind::Addresses,
        label: "setup-skill-endpoint",
        optional: true,
        check: None,
        variable: "SKILL_ENDPOINT",
        fixed: |config| config.api.setup.skill_endpoint.as_ref().map(ToString::to_string),
        stored: |settings| settings.skill_endpoint.as_ref().map(ToString::to_string),
        enter: |settings, text, language| {
            let problem = |_| language.text("setup-endpoint-malformed");
            if text.starts_with("arn:") {
                return enter(&mut settings.skill_endpoint, text, problem);
            }
            enter(&mut settings.skill_endpoint, &with_scheme(text, "https"), problem)
        },
    },
    FieldSpec {
        name: FieldName::MaPhrases,
        form: FormKind::Skill,
        label: "setup-skill-phrases",
        optional: false,
        check: None,
        variable: "MA_PHRASES",
        fixed: |config| config.speech.ma_phrases.map(|phrases| phrases.to_string()),
        stored: |settings| settings.ma_phrases.as_ref().map(ToString::to_string),
        enter: |settings, text, _| {
            let chosen = text.parse::<MaPhrases>().ok().filter(|phrases| *phrases != MaPhrases::default());
            settings.ma_phrases = chosen.map(Setting::Value);
            Ok(())
        },
    },
    FieldSpec {
        name: FieldName::ApiUrl,
        form: FormKind::Api,
        label: "setup-ma-url",
        optional: false,
        check: None,
        variable: "API_URL",
        fixed: |config| config.api.setup.api_url.as_ref().map(ToString::to_string),
        stored: |settings| settings.api_url.as_ref().map(ToString::to_string),
        enter: |settings, text, language| {
            enter(&mut settings.api_url, &with_scheme(text, "http"), |_| language.text("setup-address-http"))
        },
    },
];

/// Puts an entered value into its setting, in its usual form.
fn enter<T: FromStr>(
    setting: &mut Option<Setting<T>>,
    text: &str,
    problem: impl FnOnce(T::Err) -> String,
) -> Result<(), String> {
    *setting = if text.is_empty() { None } else { Some(Setting::Value(text.parse().map_err(problem)?)) };
    Ok(())
}

fn enter_base(
    setting: &mut Option<Setting<BaseUrl>>,
    text: &str,
    language: PageLanguage,
) -> Result<(), String> {
    enter(setting, &with_scheme(text, "https"), |problem| validation::address(problem, language))
}

/// An address with its scheme, which people leave out. An empty text stays empty.
fn with_scheme<'a>(text: &'a str, scheme: &str) -> Cow<'a, str> {
    if text.is_empty() || text.contains("://") { text.into() } else { format!("{scheme}://{text}").into() }
}

/// A locale of the skill, or the problem of the text.
pub(super) fn locale(text: &str, language: PageLanguage) -> Result<LocaleCode, String> {
    LocaleCode::parse(text).map_err(|_| language.text("setup-locale-unknown"))
}

/// A text field, or the fixed value in its place.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// The key of the label; the key of the hint has `-hint` behind it.
    pub(super) label: &'static str,
    pub(super) value: String,
    /// The value of a setting before a person could change it here.
    pub(super) before: Option<String>,
    pub(super) problem: Option<String>,
    /// The variable that fixes the value.
    pub(super) fixed: Option<&'static str>,
    pub(super) optional: bool,
    /// The address that checks a value while it is typed.
    pub(super) check: Option<&'static str>,
}

impl Field {
    /// The field with the name or address of Music Assistant's machine, which is no setting.
    pub(super) fn machine(value: String, problem: Option<String>) -> Self {
        let (name, label) = ("machine", "setup-proxy-machine");
        Self { name, label, value, before: None, problem, fixed: None, optional: false, check: None }
    }

    /// The key of the hint.
    pub(super) fn hint(&self) -> String {
        format!("{}-hint", self.label)
    }
}

/// Entered values of one form, and their problems; none where nothing was entered.
#[derive(Clone, Debug, Default)]
pub(super) struct Entered {
    form: Option<(FormKind, SettingsForm)>,
    problems: Problems,
}

impl Entered {
    pub(super) fn new(kind: FormKind, form: SettingsForm, problems: Problems) -> Self {
        Self { form: Some((kind, form)), problems }
    }

    /// The values of this form, if it is the one that was sent.
    pub(super) fn form(&self, kind: FormKind) -> Option<&SettingsForm> {
        self.form.as_ref().filter(|(sent, _)| *sent == kind).map(|(_, form)| form)
    }
}

/// The fields of [`FIELDS`] as the page shows them, by their names.
#[derive(Clone, Debug)]
pub(super) struct Fields(BTreeMap<FieldName, Field>);

impl Fields {
    /// Values come from the environment, else from what was entered, else from the settings.
    pub(super) fn new(config: &Config, settings: &Settings, entered: &Entered) -> Self {
        let field = |spec: &FieldSpec| {
            let stored = (spec.stored)(settings);
            let (value, before) = match entered.form(spec.form) {
                Some(form) => {
                    let before = form.before(spec.name).map(str::to_owned);
                    (form.get(spec.name).map(str::to_owned), before.or(stored))
                }
                None => (stored.clone(), stored),
            };
            let fixed = (spec.fixed)(config);
            let field = Field {
                name: spec.name.as_str(),
                label: spec.label,
                problem: entered.problems.get(spec.name.as_str()).cloned(),
                fixed: fixed.is_some().then_some(spec.variable),
                value: fixed.or(value).unwrap_or_default(),
                before: Some(before.unwrap_or_default()),
                optional: spec.optional,
                check: spec.check,
            };
            (spec.name, field)
        };
        Self(FIELDS.iter().map(field).collect())
    }

    /// The field of this name. Each has its specification in [`FIELDS`].
    pub(super) fn get(&self, name: FieldName) -> &Field {
        &self.0[&name]
    }

    /// Whether one of the addresses is set that few people need.
    pub(super) fn advanced_is_used(&self) -> bool {
        const ADVANCED: [FieldName; 5] = [
            FieldName::SkillEndpoint,
            FieldName::StreamBaseUrl,
            FieldName::ArtBaseUrl,
            FieldName::MaStreamOrigin,
            FieldName::MaApiUrl,
        ];
        let mut fields = ADVANCED.iter().map(|name| self.get(*name));
        fields.any(|field| !field.value.is_empty() || field.problem.is_some())
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn each_name_has_its_field() {
        for name in FieldName::VARIANTS {
            assert_eq!(FIELDS.iter().filter(|spec| spec.name == *name).count(), 1, "{name:?}");
            assert_eq!(name.as_str().parse(), Ok(*name));
        }
    }
}
