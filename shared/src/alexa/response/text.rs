//! Texts that Alexa speaks or shows, cut to what it takes.

use serde::Serialize;

/// The longest speech and the longest card, in characters; Alexa refuses the whole answer beyond it.
const SPEECH_LIMIT: usize = 8000;

/// The longest line on a screen, in characters. Alexa documents no limit; an Echo Show has room for fewer
/// than 100, and four such lines keep an answer far below the 24 KB that Alexa is sure to take.
const LINE_LIMIT: usize = 200;

/// `text` up to `limit` characters. Characters outside the Basic Multilingual Plane count as two, as they do
/// in Java.
fn cut(text: &str, limit: usize) -> &str {
    let mut units = 0;
    for (at, character) in text.char_indices() {
        units += character.len_utf16();
        if units > limit {
            return &text[..at];
        }
    }
    text
}

/// One line for a screen; `None` where there is nothing to see.
pub(super) fn line(text: Option<&str>) -> Option<&str> {
    let text = text?.trim();
    (!text.is_empty()).then(|| cut(text, LINE_LIMIT).trim_end())
}

/// Plain text for Alexa to speak, at most 8000 characters: what is beyond is cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainText(String);

impl PlainText {
    /// `text` without what is too long.
    #[must_use]
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(cut(text.as_ref().trim(), SPEECH_LIMIT).to_owned())
    }

    /// The spoken text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `None` where there is nothing to say: Alexa refuses empty speech.
    pub(super) fn wire(&self) -> Option<OutputSpeech<'_>> {
        (!self.0.is_empty()).then_some(OutputSpeech::PlainText { text: &self.0 })
    }
}

impl From<&str> for PlainText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for PlainText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// `outputSpeech`. Always plain: titles and names would have to be escaped in SSML.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) enum OutputSpeech<'a> {
    PlainText { text: &'a str },
}
