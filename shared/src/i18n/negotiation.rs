//! Language negotiation: the best of our languages for the tags of a device or a browser.

use fluent_langneg::NegotiationStrategy;
use fluent_langneg::negotiate::filter_matches;
use unic_langid::LanguageIdentifier;

/// The language of a tag such as `de-DE` or `de_DE`, without extensions; none where it names no language.
pub(super) fn identifier(tag: &str) -> Option<LanguageIdentifier> {
    let mut subtags = tag.split(['-', '_']).map(str::as_bytes).peekable();
    LanguageIdentifier::try_from_iter(&mut subtags, true).ok()
}

/// The available language that is best for the first wanted one that has any.
pub(super) fn best<'a, A: AsRef<LanguageIdentifier>>(
    wanted: &[LanguageIdentifier],
    available: &'a [A],
) -> Option<&'a A> {
    filter_matches(wanted, available, NegotiationStrategy::Lookup).into_iter().next()
}
