//! Everything that the doctor can find has its texts, in every language of the pages.

use std::collections::BTreeSet;

use ma_alexa::doctor::{LinkKind, Verdict, codes};
use ma_alexa::i18n::PageLanguage;

/// A value that no text has by itself.
const VALUE: &str = "VALUE";

/// A text with nothing filled in but `names`, and whether each of them is in it.
fn fill(language: PageLanguage, key: &str, names: &[&str]) -> String {
    let values: Vec<(&str, &str)> = names.iter().map(|name| (*name, VALUE)).collect();
    language.fill(key, &values)
}

#[test]
fn every_code_has_its_texts_with_everything_filled_in() {
    for language in PageLanguage::all() {
        for code in codes() {
            let message = format!("doctor-{}", code.code);
            let cure = format!("{message}-cure");
            assert!(language.has(&message), "{}: {message}", language.tag());
            assert_eq!(language.has(&cure), code.verdict != Verdict::Ok, "{}: {cure}", language.tag());
            for key in [message, cure].iter().filter(|key| language.has(key)) {
                let text = fill(language, key, code.details);
                assert!(!text.contains(['{', '}']), "{}: {key} wants more: {text}", language.tag());
                let ends = [".", "!", "?", ":", VALUE];
                assert!(
                    ends.iter().any(|end| text.ends_with(end)) || text.ends_with(".pem)."),
                    "{key}: {text}"
                );
            }
        }
        for link in LinkKind::ALL {
            assert!(language.has(&format!("doctor-link-{}", link.as_str())), "{}", link.as_str());
        }
        for verdict in [Verdict::Ok, Verdict::NotCheckable, Verdict::Broken] {
            assert!(language.has(&format!("doctor-verdict-{}", verdict.as_str())), "{}", verdict.as_str());
        }
    }
}

#[test]
fn no_detail_is_carried_for_nothing() {
    for code in codes() {
        // Of an address both its host and its variable are told wherever they may be wanted.
        for detail in code.details.iter().filter(|detail| !["host", "setting"].contains(detail)) {
            let is_used = PageLanguage::all().any(|language| {
                ["", "-cure"].into_iter().any(|end| {
                    let key = format!("doctor-{}{end}", code.code);
                    language.has(&key) && fill(language, &key, &[detail]).contains(VALUE)
                })
            });
            assert!(is_used, "{}: {detail}", code.code);
        }
    }
}

#[test]
fn no_code_is_another_and_no_text_is_left_over() {
    let known: BTreeSet<String> = codes().into_iter().map(|code| code.code).collect();
    assert_eq!(known.len(), codes().len());
    let texts = include_str!("../../src/i18n/pages/en/doctor.ftl");
    for line in texts.lines().filter(|line| line.starts_with("doctor-")) {
        let key = line.split(' ').next().unwrap_or_default().trim_start_matches("doctor-");
        let code = key.strip_suffix("-cure").unwrap_or(key);
        let is_other = ["link-", "verdict-"].iter().any(|other| key.starts_with(other))
            || ["cure-is", "all-well", "not-well"].contains(&key);
        assert!(is_other || known.contains(code), "{key}");
    }
}

#[test]
fn the_languages_differ() {
    let [english, german] = ["en", "de"].map(|tag| PageLanguage::of(tag).unwrap());
    for code in codes() {
        let key = format!("doctor-{}", code.code);
        assert_ne!(fill(english, &key, code.details), fill(german, &key, code.details), "{key}");
    }
}
