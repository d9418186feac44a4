//! One-time words: an Echo runs a sentence with a word that no person says. The request that brings the word back
//! identifies Amazon's device.

use serde::{Deserialize, Serialize};

use crate::alexa::DeviceId;
use crate::clock::{NoRandomness, Random, Timestamp};
use crate::playback::{EchoKind, PlayerId, RequestId, Transition};

/// The letters of a word, by position. A consonant at both ends, and these, make no word that a person says:
/// none of the 1024 is in the frequency lists of 44 languages, those of all our locales among them (`wordfreq`
/// 3.1.1). Of two syllables that end in a vowel, nearly all are.
const LETTERS: [&[u8; 4]; 5] = [b"vwxz", b"aiou", b"fmvw", b"aiou", b"bfpv"];

/// A word of the word list: five letters that mean nothing anywhere. It is typed and not heard, so that it need not
/// be easy to understand.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OneTimeWord(String);

impl OneTimeWord {
    /// Number of words.
    pub const COUNT: usize = 4_usize.pow(5);

    /// The word with this number, which is taken modulo [`Self::COUNT`].
    #[must_use]
    pub fn from_index(number: usize) -> Self {
        let mut rest = number;
        let word = LETTERS.iter().map(|letters| {
            let letter = letters[rest % letters.len()];
            rest /= letters.len();
            char::from(letter)
        });
        Self(word.collect())
    }

    /// All words.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self::from_index)
    }

    /// Any of them.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn random(random: &dyn Random) -> Result<Self, NoRandomness> {
        let mut bytes = [0; 2];
        random.fill(&mut bytes)?;
        Ok(Self::from_index(usize::from(u16::from_be_bytes(bytes)) % Self::COUNT))
    }

    /// From the text of a slot; `None` where it is no word of the list.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.trim().to_ascii_lowercase();
        let known = word.len() == LETTERS.len()
            && LETTERS.iter().zip(word.bytes()).all(|(letters, letter)| letters.contains(&letter));
        known.then_some(Self(word))
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A pairing challenge: a one-time word for one Echo, and its purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairingChallenge {
    /// The word.
    #[serde(rename = "code")]
    pub word: OneTimeWord,
    /// Serial number of the device that is made to say it.
    pub serial: String,
    /// Its kind; absent in items of older releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo_kind: Option<EchoKind>,
    /// Name of the device at Amazon, which is its player's id in Music Assistant.
    pub player: PlayerId,
    /// Purpose of the word.
    #[serde(flatten)]
    pub kind: ChallengePurpose,
    /// The Echo that brought it back; none yet where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<ChallengeResponse>,
    /// End of the item, in seconds since the epoch.
    pub expires_at: i64,
}

/// The purpose of a one-time word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "errand", rename_all = "snake_case")]
pub enum ChallengePurpose {
    /// To tell which Echo it is; answered without a sound.
    Identify,
    /// To play this version of the player.
    Play {
        /// The version.
        version: u64,
    },
    /// To play the tones of a trial.
    Test {
        /// The trial's number.
        number: u64,
    },
}

/// The return of a one-time word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeResponse {
    /// The Echo, by its id for the skill.
    pub device: DeviceId,
    /// The request that brought it.
    pub request: RequestId,
    /// Time of the response.
    pub at: Timestamp,
}

impl PairingChallenge {
    /// Lifetime of a word.
    pub const LASTS: std::time::Duration = std::time::Duration::from_mins(2);

    /// Whether the word can come back still. One that was issued before the clock was set back cannot.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        now.is_before(Timestamp::from_millis(self.expires_at.saturating_mul(1000)), Self::LASTS)
    }

    /// Takes the word, which works once: for the request that took it before it works again. Refused where another
    /// request took it, or it is too late.
    pub fn take(&mut self, taken: &ChallengeResponse) -> Transition {
        if !self.is_open(taken.at) {
            return Transition::Rejected;
        }
        match &self.used {
            Some(before) if before.request == taken.request => Transition::AlreadyApplied,
            Some(_) => Transition::Rejected,
            None => {
                self.used = Some(taken.clone());
                Transition::Applied
            }
        }
    }

    /// Whether it is the same challenge, whether or not the word of either came back.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let unused = |challenge: &Self| Self { used: None, ..challenge.clone() };
        unused(self) == unused(other)
    }
}
