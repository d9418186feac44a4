//! The table of the locales in which Music Assistant can start the music.

use std::fmt::Write as _;

use super::locale::{LocaleSpec, locales};
use super::start::StartPhrase;

/// The locales in which Music Assistant can start the music, as a Markdown table with one row for each locale.
#[must_use]
pub fn start_table() -> String {
    let mut table = String::from(
        "| Language of the Echo | Music Assistant says | The skill receives | Starts |\n| --- | --- | --- | --- |\n",
    );
    for voice in locales().filter_map(LocaleSpec::of) {
        let sentences = voice.start_sentences();
        let says: Vec<String> = sentences.iter().map(says).collect();
        let receives: Vec<&str> = sentences.iter().map(|sentence| sentence.arrives_as.name()).collect();
        let starts = if voice.ma_can_start() { "yes" } else { "no" };
        // Writing into a string does not fail.
        let _ = writeln!(
            table,
            "| {} | {} | {} | {starts} |",
            voice.locale(),
            says.join("<br>"),
            receives.join("<br>")
        );
    }
    table
}

fn says(sentence: &StartPhrase) -> String {
    match &sentence.versions {
        Some(versions) => format!("`{}` ({versions})", sentence.says),
        None => format!("`{}`", sentence.says),
    }
}
