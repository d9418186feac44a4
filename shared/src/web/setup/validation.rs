//! Problems of entered values, in the language of the page.

use crate::config::{BaseUrlError, InvocationNameError};
use crate::i18n::PageLanguage;

/// The problem of an address.
pub(super) fn address(problem: BaseUrlError, language: PageLanguage) -> String {
    language.text(match problem {
        BaseUrlError::Malformed => "setup-address-malformed",
        BaseUrlError::NotHttps => "setup-address-not-https",
        BaseUrlError::NotPublic => "setup-address-not-public",
        BaseUrlError::TooMuch => "setup-address-too-much",
    })
}

/// The rule of Amazon's that a name breaks, as a sentence.
pub(super) fn invocation_name(problem: &InvocationNameError, language: PageLanguage) -> String {
    let fill = |key: &str, found: &str| language.format(key, &[("found", found)]);
    match problem {
        InvocationNameError::Length(length) => fill("setup-name-length", &length.to_string()),
        InvocationNameError::UpperCase(found) => fill("setup-name-upper-case", &found.to_string()),
        InvocationNameError::Digit(found) => fill("setup-name-digit", &found.to_string()),
        InvocationNameError::Character(found) => fill("setup-name-character", &found.to_string()),
        InvocationNameError::Spacing => language.text("setup-name-spacing"),
        InvocationNameError::Apostrophe(found) => fill("setup-name-apostrophe", found),
        InvocationNameError::Period(found) => fill("setup-name-period", found),
        InvocationNameError::OneWord => language.text("setup-name-one-word"),
        InvocationNameError::ReservedWord(found) => fill("setup-name-reserved", found),
        InvocationNameError::LaunchWord(found) => fill("setup-name-launch", found),
        InvocationNameError::ConnectingWord(found) => fill("setup-name-connecting", found),
        InvocationNameError::ShortWord(found) => fill("setup-name-short", found),
    }
}
