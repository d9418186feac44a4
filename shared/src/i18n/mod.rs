//! Every spoken sentence, in every language.
//!
//! A sentence is asked for by a [`Message`], so no key can be misspelt, and comes out in the language of the
//! locale. Each of the ten languages has every sentence itself: nothing falls back from one language on another.
//! A variant of a language (the Spanish of the Americas) holds only what differs and falls back on its own
//! language. The files are part of the binary; a language is parsed when it is first spoken.

mod language;
mod message;
#[cfg(feature = "http")]
mod negotiation;
#[cfg(feature = "http")]
mod page;

pub use message::{Message, Music};
#[cfg(feature = "http")]
pub use page::PageLanguage;

use language::Catalog;

/// Number of names that a sentence lists at most; more cannot be kept in mind by listening.
pub const LISTED_NAMES: usize = 5;

/// The sentence for `message` in the language of `locale`, a tag like `de-DE`.
///
/// An unknown locale speaks its language, an unknown language English. Names come through as they are; the caller who
/// builds SSML escapes the result.
#[must_use]
pub fn say(locale: &str, message: &Message) -> String {
    Catalog::of(locale).format(message)
}

/// The languages that have every sentence, as language tags in alphabetical order.
pub fn languages() -> impl Iterator<Item = &'static str> {
    language::LANGUAGES.iter().map(Catalog::tag)
}
