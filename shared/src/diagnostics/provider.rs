//! The phrases of Music Assistant's provider, which keeps them until it is reloaded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::config::Speech;
use crate::voice::LocaleSpec;

/// The phrases that the provider requested last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderSnapshot {
    /// The time of the request, up to an hour early.
    pub at: Timestamp,
    /// The locale.
    pub locale: String,
    /// The words before each utterance.
    pub invocation_name: String,
    /// The words after them, by intent.
    pub utterances: BTreeMap<String, Vec<String>>,
}

impl ProviderSnapshot {
    /// The phrases of these settings.
    #[must_use]
    pub fn of(speech: &Speech, at: Timestamp) -> Self {
        let voice = LocaleSpec::of(speech.locale.as_str());
        let utterances = voice.map(|voice| voice.ma_utterances(speech.ma_phrases)).into_iter().flatten();
        Self {
            at,
            locale: speech.locale.as_str().to_owned(),
            invocation_name: voice.map(|voice| voice.carrier(&speech.invocation_name)).unwrap_or_default(),
            utterances: utterances.map(|(intent, phrases)| (intent.to_owned(), phrases.to_vec())).collect(),
        }
    }

    /// Whether the other snapshot has the same phrases, at any time.
    #[must_use]
    pub fn same_phrases(&self, other: &Self) -> bool {
        Self { at: other.at, ..self.clone() } == *other
    }
}
