//! Start phrases of Music Assistant in a locale.

use serde::Deserialize;

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

impl StartOutcome {
    /// Its name in a table, in Markdown.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PlayAudio => "`PlayAudio`",
            Self::LaunchRequest => "`LaunchRequest`",
            Self::NotUnderstood => "nothing: not understood",
        }
    }
}
