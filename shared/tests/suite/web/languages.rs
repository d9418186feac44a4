//! Every text is there in every language.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ma_alexa::i18n::PageLanguage;

use super::browser::Browser;
use crate::api::harness::App;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The keys of a language with the names that each has filled in, file by file.
fn keys(language: &str) -> BTreeSet<(String, String, BTreeSet<String>)> {
    let folder = root().join("src/i18n/pages").join(language);
    let mut found = BTreeSet::new();
    for file in files(&folder) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let mut message: Option<(String, BTreeSet<String>)> = None;
        for line in text.lines() {
            let starts = line.split_once('=').filter(|_| line.starts_with(|c: char| c.is_ascii_alphabetic()));
            if let Some((key, _)) = starts {
                found.extend(message.take().map(|(key, names)| (name.clone(), key, names)));
                message = Some((key.trim().to_owned(), BTreeSet::new()));
            }
            if let Some((_, names)) = &mut message {
                let used = line.split('$').skip(1).map(|rest| {
                    rest.chars()
                        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-')
                        .collect::<String>()
                });
                names.extend(used);
            }
        }
        found.extend(message.take().map(|(key, names)| (name.clone(), key, names)));
    }
    found
}

#[test]
fn every_language_has_every_text() {
    let english = keys("en");
    assert!(english.len() > 30);
    for language in PageLanguage::all() {
        let own = keys(language.tag());
        let missing: Vec<_> = english.symmetric_difference(&own).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", language.tag());
        for (file, key, _) in &own {
            assert!(language.has(key), "{file}: {key} cannot be read");
            assert!(!language.text(key).trim().is_empty(), "{file}: {key} is empty");
        }
        let once: BTreeSet<&String> = own.iter().map(|(_, key, _)| key).collect();
        assert_eq!(once.len(), own.len(), "a key stands twice in {}", language.tag());
    }
}

#[test]
fn every_text_that_is_asked_for_is_there() {
    let mut asked = BTreeSet::new();
    for file in files(&root().join("src/web")).into_iter().chain(files(&root().join("templates"))) {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for call in [
            ".text(\"",
            ".format(\"",
            ".format_one(\"",
            ".format_two(\"",
            ".count(\"",
            "Flash::good(\"",
            "Flash::bad(\"",
            "nav_item(\"",
        ] {
            for rest in text.split(call).skip(1) {
                let mut literals = rest.split('"');
                let key = if call == "nav_item(\"" { literals.nth(2) } else { literals.next() };
                asked.insert((file.clone(), key.unwrap().to_owned()));
            }
        }
    }
    asked.extend(named());
    assert!(asked.len() > 150, "{asked:?}");
    for (file, key) in asked {
        for language in PageLanguage::all() {
            assert!(language.has(&key), "{} asks for {key} in {}", file.display(), language.tag());
        }
    }
}

/// What the code names by itself, to be asked for elsewhere.
fn named() -> BTreeSet<(PathBuf, String)> {
    let groups =
        ["state", "failed", "happened", "paired", "kind", "status", "devices", "token", "login", "error"];
    let mut found = BTreeSet::new();
    for file in files(&root().join("src/web")) {
        // A picture is no text.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for literal in text.split('"').skip(1).step_by(2) {
            let is_key = literal.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            let group = literal.split_once('-').map(|(group, _)| group);
            if is_key && group.is_some_and(|group| groups.contains(&group)) {
                found.insert((file.clone(), literal.to_owned()));
                if group == Some("error") {
                    found.insert((file.clone(), format!("{literal}-title")));
                }
            }
        }
    }
    found
}

#[tokio::test]
async fn a_browser_gets_its_language() {
    let app = App::start().await;
    let long = format!("{}de", "it,".repeat(63));
    let too_long = format!("{}de", "it,".repeat(64));
    let preferred = [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr", "fr"),
        ("fr-CA, en;q=0.5", "fr"),
        ("de;q=0.3, fr;q=0.4", "fr"),
        ("it, en;q=0.5, de;q=0.7", "de"),
        ("it", "en"),
        ("de;q=0, en", "en"),
        ("*", "en"),
        ("", "en"),
        ("de;q=nonsense, en;q=0.1", "en"),
        ("DE_at", "de"),
        ("de-Latn-CH-1996, en", "de"),
        ("de-u-co-phonebk, en", "de"),
        ("en;q=0.5, de ; q=0.6", "de"),
        ("de;q=0.000, it", "en"),
        ("*, de;q=0.5", "de"),
        ("zh-Hant, de;q=0.1", "de"),
        ("zh-Hant-TW", "en"),
        (", ;q=1, -, de", "de"),
        ("d, deutsch-, de-, q=1", "de"),
        (too_long.as_str(), "en"),
        (long.as_str(), "de"),
    ];
    for (header, language) in preferred {
        let seen = Browser::new(&app).with("accept-language", header).get("/login").await;
        assert!(seen.text.contains(&format!("<html lang=\"{language}\">")), "{header}: {}", seen.text);
    }
}

#[tokio::test]
async fn a_chosen_language_stays() {
    let app = App::start().await;
    let browser = Browser::new(&app).with("accept-language", "en");
    assert!(browser.get("/login?lang=de").await.text.contains("<html lang=\"de\">"));
    assert!(browser.get("/login").await.text.contains("<html lang=\"de\">"));
    assert!(browser.get("/login?lang=xx").await.text.contains("<html lang=\"de\">"));
    assert!(browser.get("/login?lang=en").await.text.contains("<html lang=\"en\">"));
    assert!(browser.get("/login").await.text.contains("<html lang=\"en\">"));
}
