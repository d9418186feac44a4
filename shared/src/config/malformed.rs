//! Stored settings that cannot be parsed.

use std::str::FromStr as _;

use super::{
    ApiUrl, BaseUrl, LocaleCode, MaApi, MaPhrases, Origin, Settings, SetupOverrides, SkillEndpoint, SkillId,
    SpeechOverrides, StreamOverrides,
};

/// The variables whose stored setting is malformed, and that the environment leaves open. The invocation name is not
/// among them: the doctor has a finding of its own for it.
#[must_use]
pub fn malformed_settings(
    settings: &Settings,
    streams: &StreamOverrides,
    speech: &SpeechOverrides,
    setup: &SetupOverrides,
    ma_api: &MaApi,
) -> Vec<&'static str> {
    let is_malformed = |stored: &Option<String>, is_valid: &dyn Fn(&str) -> bool| {
        let text = stored.as_deref().map(str::trim).unwrap_or_default();
        !text.is_empty() && !is_valid(text)
    };
    let is_base = |text: &str| BaseUrl::parse(text).is_ok();
    let is_locale = |text: &str| LocaleCode::parse(text).is_ok();
    let is_ma_api = |_: &str| MaApi::default().merged(settings).url.is_some();
    let has_bad_locale = settings.skill_locales.iter().any(|locale| !is_locale(locale));
    let has_bad_id = settings.skill_ids.iter().any(|id| SkillId::parse(id).is_err());
    [
        (
            "STREAM_BASE_URL",
            streams.stream_base.is_none() && is_malformed(&settings.stream_base_url, &is_base),
        ),
        (
            "MA_STREAM_ORIGIN",
            streams.ma_origin.is_none()
                && is_malformed(&settings.ma_stream_origin, &|text| Origin::parse(text).is_ok()),
        ),
        ("ART_BASE_URL", streams.art_base.is_none() && is_malformed(&settings.art_base_url, &is_base)),
        ("LOCALE", speech.locale.is_none() && is_malformed(&settings.locale, &is_locale)),
        ("LOCALE", has_bad_locale),
        (
            "MA_PHRASES",
            speech.ma_phrases.is_none()
                && is_malformed(&settings.ma_phrases, &|text| MaPhrases::from_str(text).is_ok()),
        ),
        (
            "SKILL_ENDPOINT",
            setup.skill_endpoint.is_none()
                && is_malformed(&settings.skill_endpoint, &|text| SkillEndpoint::parse(text).is_ok()),
        ),
        (
            "API_URL",
            setup.api_url.is_none() && is_malformed(&settings.api_url, &|text| ApiUrl::parse(text).is_ok()),
        ),
        ("MA_API_URL", ma_api.url.is_none() && is_malformed(&settings.ma_api_url, &is_ma_api)),
        ("SKILL_ID", has_bad_id),
    ]
    .into_iter()
    .filter_map(|(variable, is_malformed)| is_malformed.then_some(variable))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn malformed(settings: &Settings, streams: &StreamOverrides) -> Vec<&'static str> {
        let (speech, setup) = (SpeechOverrides::default(), SetupOverrides::default());
        malformed_settings(settings, streams, &speech, &setup, &MaApi::default())
    }

    fn all(text: &str) -> Settings {
        let text = || Some(text.to_owned());
        Settings {
            stream_base_url: text(),
            ma_stream_origin: text(),
            art_base_url: text(),
            locale: text(),
            ma_phrases: text(),
            skill_endpoint: text(),
            api_url: text(),
            ma_api_url: text(),
            ..Settings::default()
        }
    }

    #[test]
    fn each_setting_is_judged_by_its_own_rules() {
        let expected = [
            "STREAM_BASE_URL",
            "MA_STREAM_ORIGIN",
            "ART_BASE_URL",
            "LOCALE",
            "MA_PHRASES",
            "SKILL_ENDPOINT",
            "API_URL",
            "MA_API_URL",
        ];
        assert_eq!(malformed(&all("no value"), &StreamOverrides::default()), expected);
        let lists = Settings {
            skill_locales: vec!["en-US".to_owned(), "no locale".to_owned()],
            skill_ids: vec!["no id".to_owned()],
            ..Settings::default()
        };
        assert_eq!(malformed(&lists, &StreamOverrides::default()), ["LOCALE", "SKILL_ID"]);
    }

    #[test]
    fn an_empty_setting_is_not_malformed() {
        for empty in ["", " ", "\n"] {
            assert_eq!(malformed(&all(empty), &StreamOverrides::default()), Vec::<&str>::new());
        }
        assert_eq!(malformed(&Settings::default(), &StreamOverrides::default()), Vec::<&str>::new());
    }

    #[test]
    fn the_environment_goes_before_a_malformed_setting() {
        let base = BaseUrl::parse("https://music.example.com").unwrap();
        let streams = StreamOverrides { stream_base: Some(base), ..StreamOverrides::default() };
        let settings = Settings {
            stream_base_url: Some("no value".to_owned()),
            art_base_url: Some("no value".to_owned()),
            ..Settings::default()
        };
        assert_eq!(malformed(&settings, &streams), ["ART_BASE_URL"]);
    }
}
