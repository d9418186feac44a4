//! Requests by which an Echo fetches a tone, with what distinguishes Echos.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// Longest `Range` that is kept, in characters.
const MAX_RANGE: usize = 40;

/// Longest name of a program that is kept, in characters.
const MAX_AGENT: usize = 40;

/// The word in the place of a header that is not of the usual shape.
const OTHER: &str = "other";

/// One request for a tone. It has no address of the one who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToneRequest {
    /// Time of the request.
    pub at: Timestamp,
    /// Whether it was a `HEAD`; else it was a `GET`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_head: bool,
    /// The part that was asked for.
    pub part: TonePart,
    /// Its `Range`, or `other` where that is no single range in bytes; absent where it had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// The first program of its `User-Agent`, such as `AlexaMediaPlayer/2.1`, or `other`; absent where it had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// A part of what is served for a tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TonePart {
    /// The sound as a whole.
    Sound,
    /// The answer that redirects to the sound.
    Redirect,
    /// A playlist, or a list of pieces.
    List,
    /// A piece of the sound.
    Piece,
}

impl ToneRequest {
    /// A request with the values of these two headers.
    #[must_use]
    pub fn new(
        at: Timestamp,
        is_head: bool,
        part: TonePart,
        range: Option<&str>,
        agent: Option<&str>,
    ) -> Self {
        Self { at, is_head, part, range: range.map(kept_range), agent: agent.map(kept_agent) }
    }
}

fn kept_range(text: &str) -> String {
    let numbers = text.strip_prefix("bytes=").and_then(|rest| rest.split_once('-'));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_usual = text.len() <= MAX_RANGE
        && numbers.is_some_and(|(first, last)| is_number(first) && is_number(last) && text.len() > 7);
    if is_usual { text.to_owned() } else { OTHER.to_owned() }
}

/// Name and version, and nothing that could be an address.
fn kept_agent(text: &str) -> String {
    let program = text.split([' ', '(', ';', ',']).next().unwrap_or_default();
    let (name, version) = program.split_once('/').unwrap_or((program, ""));
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_usual = program.len() <= MAX_AGENT
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && name.bytes().all(|byte| is_name(byte) && byte != b'.')
        && version.bytes().all(is_name);
    if is_usual { program.to_owned() } else { OTHER.to_owned() }
}
