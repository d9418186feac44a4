//! What Music Assistant's provider was told to say, which it keeps until it is reloaded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::config::Speech;
use crate::voice::LocaleSpec;

/// What it was told, and when it last asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderSeen {
    /// When it last asked, to the hour.
    pub at: Timestamp,
    /// The language.
    pub locale: String,
    /// What stands before each utterance.
    pub invocation_name: String,
    /// What stands behind it, for each intent.
    pub utterances: BTreeMap<String, Vec<String>>,
}

impl ProviderSeen {
    /// What it is told now.
    #[must_use]
    pub fn now(speech: &Speech, at: Timestamp) -> Self {
        let voice = LocaleSpec::of(speech.locale.as_str());
        let utterances = voice.map(|voice| voice.ma_utterances(speech.ma_phrases)).into_iter().flatten();
        Self {
            at,
            locale: speech.locale.as_str().to_owned(),
            invocation_name: voice.map(|voice| voice.carrier(&speech.invocation_name)).unwrap_or_default(),
            utterances: utterances.map(|(intent, said)| (intent.to_owned(), said.to_vec())).collect(),
        }
    }

    /// Whether it says the same, whenever it was told.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        Self { at: other.at, ..self.clone() } == *other
    }
}
