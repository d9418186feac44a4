//! Settings, which stand behind the variables.

use ma_alexa::config::{BaseUrl, Config, LocaleCode, MaPhrases, Settings};
use serde_json::json;

use super::{SKILL, env};
use crate::logs;

#[test]
fn settings_stand_behind_the_environment_and_malformed_ones_stop_nothing() {
    let settings = Settings {
        stream_base_url: Some("https://setting.example.com/".into()),
        ma_stream_origin: Some("nonsense".into()),
        art_base_url: Some(" ".into()),
        locale: Some("DE-de".into()),
        invocation_name: Some("x".into()),
        ma_phrases: Some("builtin".into()),
        ma_api_url: Some("http://192.168.1.5:8095".into()),
        ..Settings::default()
    };
    let config = Config::default();
    logs::keep();
    let effective = config.with(&settings);
    assert_eq!(config.with(&settings.clone()), effective);
    let warned: Vec<String> =
        logs::kept().iter().map(|line| format!("{} {}", line["level"], line["setting.name"])).collect();
    assert_eq!(warned, ["\"WARN\" \"MA_STREAM_ORIGIN\"", "\"WARN\" \"INVOCATION_NAME\""], "each once");
    assert_eq!(effective.streams.stream_base, BaseUrl::parse("https://setting.example.com").ok());
    assert_eq!((&effective.streams.ma_origin, &effective.streams.art_base), (&None, &None));
    let speech = &effective.speech;
    assert_eq!(
        (speech.locale.as_str(), speech.invocation_name.as_str(), speech.ma_phrases),
        ("de-DE", "music assistant", MaPhrases::Builtin)
    );
    assert_eq!(effective.ma_api.url.as_ref().unwrap().as_url().as_str(), "http://192.168.1.5:8095/");
    let malformed: Vec<&str> = effective.malformed.iter().map(|setting| setting.variable).collect();
    assert_eq!(malformed, ["MA_STREAM_ORIGIN", "INVOCATION_NAME"]);

    let fixed = env(&[
        ("STREAM_BASE_URL", "https://fixed.example.com"),
        ("LOCALE", "fr-CA"),
        ("INVOCATION_NAME", "küchen musik"),
        ("MA_PHRASES", "own"),
    ]);
    let effective = Config::from_env(&fixed).unwrap().with(&settings);
    assert_eq!(effective.streams.stream_base, BaseUrl::parse("https://fixed.example.com").ok());
    let speech = &effective.speech;
    assert_eq!(
        (speech.locale.as_str(), speech.invocation_name.as_str(), speech.ma_phrases),
        ("fr-CA", "küchen musik", MaPhrases::Own)
    );
}

#[test]
fn changed_settings_are_read_again() {
    let config = Config::default();
    let settings = |url: &str| Settings { stream_base_url: Some(url.into()), ..Settings::default() };
    for url in ["https://one.example.com", "https://two.example.com", "https://one.example.com"] {
        assert_eq!(config.with(&settings(url)).streams.stream_base, BaseUrl::parse(url).ok());
    }
}

#[test]
fn alexa_calls_the_door_where_no_other_endpoint_is_set() {
    const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:skill";
    let endpoint = |variables: &[(&str, &str)], settings: &Settings| {
        let effective = Config::from_env(&env(variables)).unwrap().with(settings);
        effective.setup.skill_endpoint.as_ref().map(ToString::to_string)
    };
    let door = Settings { door_url: Some("https://door.example.com".into()), ..Settings::default() };
    let found = |text: &str| Some(text.to_owned());
    assert_eq!(endpoint(&[], &Settings::default()), None);
    assert_eq!(endpoint(&[], &door), found("https://door.example.com/"));
    assert_eq!(endpoint(&[("DOOR_URL", "https://a.example.com")], &door), found("https://a.example.com/"));
    assert_eq!(endpoint(&[("SKILL_ENDPOINT", ARN)], &door), found(ARN));
    let own = Settings { skill_endpoint: Some("https://skill.example.com/".into()), ..door };
    assert_eq!(endpoint(&[], &own), found("https://skill.example.com/"));
    // Alexa calls port 443 alone.
    let other_port = [("DOOR_URL", "https://door.example.com:8443")];
    assert_eq!(endpoint(&other_port, &Settings::default()), None);
}

fn malformed(config: &Config, settings: &Settings) -> Vec<&'static str> {
    config.with(settings).malformed.iter().map(|setting| setting.variable).collect()
}

fn all_settings(text: &str) -> Settings {
    Settings {
        stream_base_url: Some(text.into()),
        ma_stream_origin: Some(text.into()),
        art_base_url: Some(text.into()),
        locale: Some(text.into()),
        invocation_name: Some(text.into()),
        ma_phrases: Some(text.into()),
        skill_endpoint: Some(text.into()),
        api_url: Some(text.into()),
        ma_api_url: Some(text.into()),
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
        "INVOCATION_NAME",
        "MA_PHRASES",
        "SKILL_ENDPOINT",
        "API_URL",
        "MA_API_URL",
    ];
    assert_eq!(malformed(&Config::default(), &all_settings("No value")), expected);
    let lists = Settings {
        skill_locales: vec!["en-US".into(), "no locale".into()],
        skill_ids: vec!["no id".into()],
        ..Settings::default()
    };
    assert_eq!(malformed(&Config::default(), &lists), ["LOCALE", "SKILL_ID"]);
}

#[test]
fn an_empty_setting_is_not_malformed() {
    for empty in ["", " ", "\n"] {
        assert_eq!(malformed(&Config::default(), &all_settings(empty)), Vec::<&str>::new());
    }
    assert_eq!(malformed(&Config::default(), &Settings::default()), Vec::<&str>::new());
}

#[test]
fn a_malformed_setting_is_written_as_it_was_and_leaves_the_others_readable() {
    let text = json!({
        "stream_base_url": " no value ",
        "art_base_url": "",
        "skill_ids": ["my skill", SKILL],
        "locale": "DE-de",
        "ma_phrases": "builtin",
        "ma_api_url": "http://192.168.1.5:8095",
        "api_url": "http://192.168.1.5:5000/ma/",
    });
    let settings: Settings = serde_json::from_value(text.clone()).unwrap();
    assert_eq!(settings.locale.as_ref().unwrap().value(), LocaleCode::parse("de-DE").ok().as_ref());
    assert_eq!(settings.stream_base_url.as_ref().unwrap().value(), None);
    let written = serde_json::to_value(&settings).unwrap();
    let mut expected = text;
    expected["locale"] = json!("de-DE");
    expected["api_url"] = json!("http://192.168.1.5:5000/ma");
    assert_eq!(written, expected);
    assert_eq!(serde_json::from_value::<Settings>(written).unwrap(), settings);
}

#[test]
fn the_environment_goes_before_a_malformed_setting() {
    let settings = Settings {
        stream_base_url: Some("no value".into()),
        art_base_url: Some("no value".into()),
        ..Settings::default()
    };
    let config = Config::from_env(&env(&[("STREAM_BASE_URL", "https://music.example.com")])).unwrap();
    assert_eq!(malformed(&config, &settings), ["ART_BASE_URL"]);
}
