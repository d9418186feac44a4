//! The words of the pages: short sentences, and one word for one thing.

use std::fs;
use std::path::Path;

/// Most words of a sentence.
const MOST: usize = 20;

/// Words that a text of a language must not have, in lower case, and why.
const REJECTED: [(&str, &str, &str); 33] = [
    ("en", "log in", "sign in"),
    ("en", "log out", "sign out"),
    ("en", "logged", "signed in, signed out"),
    ("en", "set-up", "setup"),
    ("en", " cure", "what to do"),
    ("en", "fix it", "the name of the step"),
    ("en", "what helps", "what to do"),
    ("en", "account of the echos", "household account"),
    ("en", "account of your echos", "household account"),
    ("en", "test tone", "sound test"),
    ("en", " cover", "picture"),
    ("en", "is to be done", "leave it as it is"),
    ("en", "let the door out", "publish the door"),
    ("en", "up to date,", "update"),
    ("en", "both programs up", "update"),
    ("en", "if it stays,", "if that does not help"),
    ("en", "by halves", "incomplete"),
    ("en", "took it", "accepted it"),
    ("en", "the arn of", "the address of the function (ARN)"),
    ("en", "reservedconcurrency", "more requests at once"),
    ("en", "hex digits", "hash"),
    ("en", "nobody", "no one"), // allow-word
    ("en", "anew", "again"),    // allow-word
    ("de", "kopplung", "Zuordnung"),
    ("de", "cover", "Bild"),
    ("de", "hexadezimal", "Hash"),
    ("de", "testton", "Tontest"),
    ("de", "konto der echos", "Konto deiner Echos"),
    ("de", "reservedconcurrency", "mehr Anfragen zugleich"),
    ("fr", "pochette", "image"),
    ("fr", "hexadécim", "hash"),
    ("fr", "compte des echo", "compte du foyer"),
    ("fr", "reservedconcurrency", "plus de demandes à la fois"),
];

/// The texts of a language: the key of each with its lines, a variant a line.
fn texts(language: &str) -> Vec<(String, Vec<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/i18n/pages").join(language);
    let mut texts: Vec<(String, Vec<String>)> = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let file = fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in file.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            match line.split_once(" = ") {
                Some((key, text)) if line.starts_with(|c: char| c.is_ascii_lowercase()) => {
                    texts.push((key.to_owned(), vec![text.to_owned()]));
                }
                _ => texts.last_mut().unwrap().1.push(line.trim().to_owned()),
            }
        }
    }
    texts
}

/// The text with one word in the place of what is filled in.
fn filled(text: &str) -> String {
    let (mut filled, mut is_inside) = (String::new(), false);
    for c in text.chars() {
        match c {
            '{' => {
                is_inside = true;
                filled.push('X');
            }
            '}' => is_inside = false,
            _ if !is_inside => filled.push(c),
            _ => {}
        }
    }
    filled
}

/// The numbers of words of the sentences of a text.
fn lengths(text: &str) -> Vec<usize> {
    let mut lengths = vec![0];
    for word in text.split_ascii_whitespace().filter(|word| word.contains(char::is_alphanumeric)) {
        *lengths.last_mut().unwrap() += 1;
        if word.trim_end_matches(['”', '“', ')', '»', '\u{202f}']).ends_with(['.', '!', '?']) {
            lengths.push(0);
        }
    }
    lengths
}

#[test]
fn no_sentence_of_the_pages_is_long() {
    assert_eq!(lengths("One two. Three “four.” Five"), [2, 2, 1]);
    for language in ["en", "de", "fr"] {
        let texts = texts(language);
        assert!(texts.len() > 800, "{language}: {}", texts.len());
        for (key, lines) in texts {
            for line in lines {
                let longest = lengths(&filled(&line)).into_iter().max().unwrap_or_default();
                assert!(longest <= MOST, "{language}: {key} has a sentence of {longest} words: {line}");
            }
        }
    }
}

#[test]
fn no_text_of_the_pages_has_a_rejected_word() {
    for language in ["en", "de", "fr"] {
        for (key, lines) in texts(language) {
            let text = format!(" {}", filled(&lines.join(" ")).to_lowercase());
            for (_, word, instead) in REJECTED.into_iter().filter(|(of, ..)| *of == language) {
                assert!(!text.contains(word), "{language}: {key} says “{word}”, not “{instead}”: {text}");
            }
        }
    }
}
