//! `ma-alexa model LOCALE`.

use anyhow::Context as _;
use ma_alexa::config::{Env, LocaleCode, SpeechOverrides};
use ma_alexa::control::HomeNames;
use ma_alexa::voice::{LocaleSpec, interaction_model};

use crate::wiring;

/// Prints the interaction model of a locale, with the invocation name of `INVOCATION_NAME`.
pub(crate) fn print(env: &Env, locale: LocaleCode) -> anyhow::Result<()> {
    let voice = LocaleSpec::of(locale.as_str()).context("there is no such voice")?;
    let name = SpeechOverrides::from_env(env)?.invocation_name.unwrap_or_default();
    let model = interaction_model(voice, &name, &HomeNames::default());
    wiring::print(&serde_json::to_string_pretty(&model)?)
}
