//! The documentation of files and of visible items: its first words name the thing.

use crate::sources;

/// Words that stand for a noun, which then has to be looked for.
const WITHOUT_NOUN: [&str; 4] = ["That", "Those", "It", "What"];

fn begins_without_noun(text: &str) -> bool {
    let word = text.trim_start().split(|character: char| !character.is_alphanumeric()).next();
    word.is_some_and(|word| WITHOUT_NOUN.contains(&word))
}

/// The documentation that begins without a noun: of the file, and of each item that is visible outside of it.
fn faults(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let first = lines.first().filter(|line| line.strip_prefix("//!").is_some_and(begins_without_noun));
    let items = lines.iter().enumerate().filter_map(|(number, line)| {
        let is_first = number == 0 || !lines[number - 1].starts_with("///");
        let is_fault = is_first && line.strip_prefix("///").is_some_and(begins_without_noun);
        (is_fault && is_visible(&lines[number..])).then_some(line)
    });
    first.into_iter().chain(items).copied().collect()
}

/// Whether the item behind documentation and attributes is visible outside of its file.
fn is_visible(lines: &[&str]) -> bool {
    let mut is_attribute = false;
    let item = lines.iter().find(|line| {
        let is_inside = is_attribute;
        is_attribute = (is_inside || line.starts_with("#[")) && !line.ends_with(']');
        !(is_inside || line.starts_with("#[") || line.starts_with("//"))
    });
    item.is_some_and(|item| item.starts_with("pub ") || item.starts_with("pub("))
}

#[test]
fn documentation_begins_with_what_the_thing_is() {
    let sources = sources::of_all();
    let found = sources.iter().flat_map(|(path, text)| {
        faults(text).into_iter().map(move |line| format!("{}: {line}", path.display()))
    });
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "these begin without a noun: {found:#?}");
}

/// The rule sees what it is to find, and takes a sentence about a case of an enumeration.
#[test]
fn documentation_that_begins_without_a_noun_is_found() {
    let file = "//! What is here.\n//! It goes on.\n\n/// That of a name.\n/// The second line.\n#[must_use]\npub fn of() {}";
    assert_eq!(faults(file), ["//! What is here.", "/// That of a name."]);
    let field = "pub struct Seen {\n    /// Those that can be read.\n    #[expect(\n        dead_code,\n    )]\n    pub(super) seen: u8,";
    assert_eq!(faults(field), ["/// Those that can be read."]);
    let taken = "//! Its parts.\n/// Italian words.\npub fn words() {}\n/// A name.\n/// It is short.\npub struct Name;";
    assert_eq!(faults(taken), [""; 0]);
    assert_eq!(faults("pub enum State {\n    /// It plays.\n    Playing,\n"), [""; 0]);
    assert_eq!(faults("/// What it costs.\nfn cost() {}"), [""; 0]);
}
