//! Everything is set that has to be.

use std::str::FromStr as _;

use crate::config::{
    ApiUrl, BaseUrl, LocaleCode, MaApi, MaPhrases, Origin, Settings, SkillEndpoint, SkillId, VARIABLES,
};
use crate::doctor::codes::found;
use crate::doctor::examination::{Finding, Link, LinkKind};
use crate::doctor::facts::Facts;
use crate::doctor::walk::DoctorParts;

pub(super) fn link(facts: &Facts) -> Link {
    let mut findings: Vec<Finding> =
        facts.malformed.iter().map(|setting| malformed_setting(setting)).collect();
    match &facts.credentials {
        Err(_) => findings.push(found("secrets-unreadable", &[("place", &facts.place)])),
        Ok(opened) if !opened.are_complete => {
            findings.push(found("credentials-missing", &[("place", &facts.place)]));
        }
        Ok(_) => {}
    }
    Link::of(LinkKind::Configuration, findings, || found("configuration-ok", &[]))
}

fn malformed_setting(setting: &str) -> Finding {
    let variable = VARIABLES.iter().find(|variable| variable.name == setting);
    let example = variable.map_or("", |variable| variable.example);
    found("setting-malformed", &[("setting", setting), ("example", example)])
}

/// The settings that hold a text which is no value, and for which the environment does not stand in. The invocation name
/// has a finding of its own.
pub(in crate::doctor) fn malformed(parts: &DoctorParts, settings: &Settings) -> Vec<&'static str> {
    let text = |stored: &Option<String>| stored.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let bad = |name, fixed: bool, stored: &Option<String>, read: &dyn Fn(&str) -> bool| {
        let stored = text(stored);
        (!fixed && !stored.is_empty() && !read(&stored)).then_some(name)
    };
    let ma_api_url = |_: &str| MaApi::default().merged(settings).url.is_some();
    let (streams, setup) = (&parts.streams, &parts.setup);
    let unknown = |locale: &String| LocaleCode::parse(locale).is_err();
    let ids = settings.skill_ids.iter().any(|id| SkillId::parse(id).is_err());
    [
        bad("STREAM_BASE_URL", streams.stream_base.is_some(), &settings.stream_base_url, &|it| {
            BaseUrl::parse(it).is_ok()
        }),
        bad("MA_STREAM_ORIGIN", streams.ma_origin.is_some(), &settings.ma_stream_origin, &|it| {
            Origin::parse(it).is_ok()
        }),
        bad("ART_BASE_URL", streams.art_base.is_some(), &settings.art_base_url, &|it| {
            BaseUrl::parse(it).is_ok()
        }),
        bad("LOCALE", parts.speech.locale.is_some(), &settings.locale, &|it| LocaleCode::parse(it).is_ok()),
        settings.skill_locales.iter().any(unknown).then_some("LOCALE"),
        bad("MA_PHRASES", parts.speech.ma_phrases.is_some(), &settings.ma_phrases, &|it| {
            MaPhrases::from_str(it).is_ok()
        }),
        bad("SKILL_ENDPOINT", setup.skill_endpoint.is_some(), &settings.skill_endpoint, &|it| {
            SkillEndpoint::parse(it).is_ok()
        }),
        bad("API_URL", setup.api_url.is_some(), &settings.api_url, &|it| ApiUrl::parse(it).is_ok()),
        bad("MA_API_URL", parts.ma_api.url.is_some(), &settings.ma_api_url, &ma_api_url),
        ids.then_some("SKILL_ID"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
