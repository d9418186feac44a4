//! The codes of the doctor, and their texts in every language of the pages.

use std::collections::BTreeSet;

use ma_alexa::diagnostics::{CheckKind, ReportedFinding, Verdict, all_findings};
use ma_alexa::i18n::PageLanguage;

/// A value that no text has by itself.
const VALUE: &str = "VALUE";

/// All codes with verdict and details, as clients and stored reports know them.
const CODES: &str = include_str!("doctor_codes.txt");

/// A text in which only these details are filled in.
fn fill<'a>(language: PageLanguage, key: &str, details: impl IntoIterator<Item = &'a String>) -> String {
    let values: Vec<(&str, &str)> = details.into_iter().map(|name| (name.as_str(), VALUE)).collect();
    language.format(key, &values)
}

fn message(finding: &ReportedFinding) -> String {
    format!("doctor-{}", finding.code)
}

#[test]
fn codes_verdicts_and_details_never_change() {
    let mut lines: Vec<String> = all_findings()
        .into_iter()
        .map(|ReportedFinding { code, verdict, details }| {
            let verdict = serde_json::to_value(verdict).unwrap();
            let names = details.into_keys();
            [code, verdict.as_str().unwrap().to_owned()]
                .into_iter()
                .chain(names)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, CODES.lines().collect::<Vec<_>>());
}

#[test]
fn names_in_json_and_in_keys_of_texts_never_change() {
    let kinds: Vec<(String, &str)> =
        CheckKind::ALL.iter().map(|kind| (serde_json::to_string(kind).unwrap(), kind.as_str())).collect();
    let names: Vec<String> = kinds.iter().map(|(json, key)| format!("{json} {key}")).collect();
    let expected = [
        r#""configuration" configuration"#,
        r#""clock" clock"#,
        r#""api" api"#,
        r#""door" door"#,
        r#""stream" stream"#,
        r#""art" art"#,
        r#""skill" skill"#,
        r#""language" language"#,
        r#""push" push"#,
        r#""echo" echo"#,
        r#""playback" playback"#,
        r#""amazon" amazon"#,
        r#""live" live"#,
        r#""renderers" renderers"#,
        r#""music_assistant" music-assistant"#,
    ];
    assert_eq!(names, expected);
    let verdicts = [Verdict::Ok, Verdict::Unknown, Verdict::Broken];
    let names = verdicts.map(|verdict| (serde_json::to_string(&verdict).unwrap(), verdict.as_str()));
    let names = names.each_ref().map(|(json, key)| (json.as_str(), *key));
    let expected = [("\"ok\"", "ok"), ("\"not_checkable\"", "not-checkable"), ("\"broken\"", "broken")];
    assert_eq!(names, expected);
}

#[test]
fn every_code_has_its_texts_with_everything_filled_in() {
    for language in PageLanguage::all() {
        for finding in all_findings() {
            let message = message(&finding);
            let remedy = format!("{message}-remedy");
            assert!(language.has(&message), "{}: {message}", language.tag());
            assert_eq!(language.has(&remedy), finding.verdict != Verdict::Ok, "{}: {remedy}", language.tag());
            for key in [message, remedy].iter().filter(|key| language.has(key)) {
                let text = fill(language, key, finding.details.keys());
                assert!(!text.contains(['{', '}']), "{}: {key} wants more: {text}", language.tag());
                let ends = [".", "!", "?", ":", VALUE];
                assert!(
                    ends.iter().any(|end| text.ends_with(end)) || text.ends_with(".pem)."),
                    "{key}: {text}"
                );
            }
        }
        for kind in CheckKind::ALL {
            assert!(language.has(&format!("doctor-check-{}", kind.as_str())), "{}", kind.as_str());
        }
        for verdict in [Verdict::Ok, Verdict::Unknown, Verdict::Broken] {
            assert!(language.has(&format!("doctor-verdict-{}", verdict.as_str())), "{}", verdict.as_str());
        }
    }
}

/// Whether a detail chooses among the variants of a text.
fn chooses(detail: &str, key: &str) -> bool {
    let texts = include_str!("../../src/i18n/pages/en/doctor.ftl");
    let text = texts.split_once(&format!("\n{key} = ")).map_or("", |(_, text)| text);
    let text = text.split("\ndoctor-").next().unwrap_or_default();
    text.contains(&format!("{{ ${detail} ->"))
}

#[test]
fn every_detail_is_used_by_a_text() {
    for finding in all_findings() {
        // The host and the variable of an address are details of all its findings; not every text has both.
        for detail in finding.details.keys().filter(|detail| !["host", "setting"].contains(&detail.as_str()))
        {
            let is_used = PageLanguage::all().any(|language| {
                ["", "-remedy"].into_iter().any(|end| {
                    let key = format!("{}{end}", message(&finding));
                    let is_shown = language.has(&key) && fill(language, &key, [detail]).contains(VALUE);
                    is_shown || chooses(detail, &key)
                })
            });
            assert!(is_used, "{}: {detail}", finding.code);
        }
    }
}

#[test]
fn every_code_is_unique_and_every_text_has_a_code() {
    let known: BTreeSet<String> = all_findings().into_iter().map(|finding| finding.code).collect();
    assert_eq!(known.len(), all_findings().len());
    let texts = include_str!("../../src/i18n/pages/en/doctor.ftl");
    for line in texts.lines().filter(|line| line.starts_with("doctor-")) {
        let key = line.split(' ').next().unwrap_or_default().trim_start_matches("doctor-");
        let code = key.strip_suffix("-remedy").unwrap_or(key);
        let is_other = ["check-", "verdict-"].iter().any(|other| key.starts_with(other))
            || ["remedy-is", "all-well", "not-well"].contains(&key);
        assert!(is_other || known.contains(code), "{key}");
    }
}

#[test]
fn the_languages_differ() {
    for finding in all_findings() {
        let key = message(&finding);
        let texts: BTreeSet<String> =
            PageLanguage::all().map(|language| fill(language, &key, finding.details.keys())).collect();
        assert_eq!(texts.len(), PageLanguage::all().count(), "{key}: {texts:?}");
    }
}
