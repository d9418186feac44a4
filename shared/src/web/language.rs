//! Language of a page.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum_extra::extract::CookieJar;

use super::cookies;
use crate::config::{LOCALES, LocaleCode};
use crate::i18n::PageLanguage;

/// The cookie that keeps the chosen language.
pub(super) const COOKIE: &str = "language";

/// Most ranges of `Accept-Language` that are read.
const MOST_RANGES: usize = 64;

/// The language of the address, in `lang`.
pub(super) fn asked(parts: &Parts) -> Option<PageLanguage> {
    let query = parts.uri.query()?;
    let (_, tag) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang")?;
    PageLanguage::of(&tag)
}

/// The language of a request: what it asks for, what was chosen before, what the browser prefers, or English.
pub(super) fn of(parts: &Parts, jar: &CookieJar, https: bool) -> PageLanguage {
    asked(parts)
        .or_else(|| {
            jar.get(&cookies::name(COOKIE, https)).and_then(|cookie| PageLanguage::of(cookie.value()))
        })
        .or_else(|| preferred(&parts.headers))
        .unwrap_or_else(PageLanguage::english)
}

/// The best of `Accept-Language` that there is (RFC 9110, 12.5.4).
fn preferred(headers: &HeaderMap) -> Option<PageLanguage> {
    PageLanguage::best_of(accepted(headers))
}

/// The language of Alexa's that the browser prefers; none where Alexa speaks none of them.
pub(super) fn preferred_locale(headers: &HeaderMap) -> Option<LocaleCode> {
    accepted(headers).into_iter().find_map(|tag| {
        let exact = LOCALES.iter().find(|locale| locale.eq_ignore_ascii_case(tag));
        // The country of a bare language: its own where there is one, else the first.
        let country = match tag {
            "en" => "US",
            language => language,
        };
        let own = format!("{tag}-{country}");
        let own = || LOCALES.iter().find(|locale| locale.eq_ignore_ascii_case(&own));
        let any = || LOCALES.iter().find(|locale| locale.split('-').next() == tag.split('-').next());
        LocaleCode::parse(exact.or_else(own).or_else(any)?).ok()
    })
}

/// The tags of `Accept-Language`, the best first.
fn accepted(headers: &HeaderMap) -> Vec<&str> {
    let accepted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut ranges: Vec<(&str, f32)> = accepted.split(',').take(MOST_RANGES).filter_map(range).collect();
    ranges.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    ranges.into_iter().map(|(tag, _)| tag).collect()
}

/// The tag and the quality of a range; none for a tag that the browser excludes. The parser of `fluent-langneg` leaves
/// out the quality.
fn range(range: &str) -> Option<(&str, f32)> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next()?;
    let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok())?;
    (quality > 0.0).then_some((tag, quality))
}
