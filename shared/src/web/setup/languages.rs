//! Languages of the skill, and those that are proposed for a new one.

use std::collections::BTreeSet;

use super::checklist::SetupState;
use super::fields::FieldName;
use super::settings::SettingsForm;
use crate::config::{Config, Effective, LOCALES, LocaleCode, Settings};
use crate::web::page::Page;

/// A language that can be chosen.
#[derive(Clone, Debug)]
pub(super) struct LocaleChoice {
    pub(super) locale: &'static str,
    /// The language's own name.
    pub(super) name: &'static str,
    /// Whether Music Assistant speaks it.
    pub(super) is_spoken: bool,
    /// Whether the skill is built in it.
    pub(super) is_chosen: bool,
}

impl LocaleChoice {
    /// With what was entered, else what is proposed, else what is set.
    pub(super) fn all(
        config: &Effective,
        entered: Option<&SettingsForm>,
        proposed: &[LocaleCode],
    ) -> Vec<Self> {
        let set = if proposed.is_empty() { config.skill_locales.as_slice() } else { proposed };
        let chosen: Vec<&str> = match entered {
            Some(form) => form.skill_locales.iter().map(String::as_str).collect(),
            None => set.iter().map(|locale| locale.as_str()).collect(),
        };
        let spoken = proposed.first().unwrap_or(&config.speech.locale).as_str();
        let spoken = entered.and_then(|form| form.get(FieldName::Locale)).unwrap_or(spoken);
        let choice = |locale: &'static str| Self {
            locale,
            name: name_of(locale),
            is_spoken: locale == spoken,
            is_chosen: chosen.contains(&locale),
        };
        LOCALES.into_iter().map(choice).collect()
    }
}

fn name_of(locale: &str) -> &'static str {
    match locale {
        "ar-SA" => "Arabic (العربية)",
        "de-DE" => "Deutsch",
        "en-AU" => "English (Australia)",
        "en-CA" => "English (Canada)",
        "en-GB" => "English (UK)",
        "en-IN" => "English (India)",
        "es-ES" => "Español (España)",
        "es-MX" => "Español (México)",
        "es-US" => "Español (EE. UU.)",
        "fr-CA" => "Français (Canada)",
        "fr-FR" => "Français (France)",
        "hi-IN" => "Hindi (हिन्दी)",
        "it-IT" => "Italiano",
        "ja-JP" => "Japanese (日本語)",
        "nl-NL" => "Nederlands",
        "pt-BR" => "Português (Brasil)",
        _ => "English (US)",
    }
}

/// The languages of a skill that was never chosen any: those of the Echos that asked, else that of the account's country,
/// else that of the browser. None where the environment or a person has decided.
pub(super) fn proposed(
    page: &Page,
    setup: &SetupState,
    config: &Config,
    settings: &Settings,
) -> Vec<LocaleCode> {
    let is_decided = config.speech.locale.is_some()
        || settings.locale.is_some()
        || !settings.skill_locales.is_empty()
        || setup.has_skill();
    if is_decided {
        return Vec::new();
    }
    let heard = setup.household.echos.iter().filter_map(|echo| echo.locale.as_deref());
    let heard: BTreeSet<LocaleCode> = heard.filter_map(|locale| LocaleCode::parse(locale).ok()).collect();
    if !heard.is_empty() {
        return heard.into_iter().collect();
    }
    let of_country = setup.amazon.marketplace.as_deref().and_then(locale_of);
    of_country
        .and_then(|locale| LocaleCode::parse(locale).ok())
        .or_else(|| page.locale())
        .into_iter()
        .collect()
}

/// The language of the Echos in the country of a shop.
fn locale_of(shop: &str) -> Option<&'static str> {
    Some(match shop.rsplit_once("amazon.")?.1 {
        "de" | "at" => "de-DE",
        "co.uk" | "ie" => "en-GB",
        "com" => "en-US",
        "com.au" => "en-AU",
        "ca" => "en-CA",
        "in" => "en-IN",
        "es" => "es-ES",
        "com.mx" => "es-MX",
        "fr" => "fr-FR",
        "it" => "it-IT",
        "co.jp" => "ja-JP",
        "nl" => "nl-NL",
        "com.br" => "pt-BR",
        "sa" => "ar-SA",
        _ => return None,
    })
}
