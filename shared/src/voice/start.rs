//! Start phrases of Music Assistant in a locale.

use std::fmt::Write as _;

use serde::Deserialize;

use super::locale::{LocaleSpec, locales};

/// A sentence that Music Assistant speaks to start the music. It is fixed inside Music Assistant, with the name
/// `music assistant` in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartPhrase {
    /// The whole sentence.
    pub says: String,
    /// The request that the skill receives.
    pub arrives_as: StartOutcome,
    /// The versions of Music Assistant that speak it; every version when absent.
    pub versions: Option<String>,
}

/// The request that the skill receives for a start phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum StartOutcome {
    /// An intent request for `PlayAudio`.
    PlayAudio,
    /// A launch request, the same as when a person opens the skill.
    LaunchRequest,
    /// Nothing: an Echo of that locale does not understand the sentence.
    NotUnderstood,
}

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

impl StartOutcome {
    fn name(self) -> &'static str {
        match self {
            Self::PlayAudio => "`PlayAudio`",
            Self::LaunchRequest => "`LaunchRequest`",
            Self::NotUnderstood => "nothing: not understood",
        }
    }
}
