//! The headers of every page.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Nothing inline, nothing of another site, and no frame. A form may lead nowhere else either, and a browser counts
/// where the answer redirects to: what leads to another site is a link.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const PERMISSIONS_POLICY: &str =
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()";

/// With this header the script learns to which page it goes.
pub(super) const GO: HeaderName = HeaderName::from_static("x-go");

/// With this header the script learns which page of Amazon it opens. A form may lead there neither by itself nor by a
/// redirect, and without the script a person has a link.
pub(super) const OPEN: HeaderName = HeaderName::from_static("x-open");

/// With this header the script knows an answer of ours: a proxy or a gateway between may answer in our place.
const PAGE: HeaderName = HeaderName::from_static("x-page");

/// Marks an answer that must not be compressed: one that holds a password, or repeats a part of its request beside the
/// token of a form. Its length would tell an observer how much of the secret another site has guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotCompressed;

/// Puts them on. `Cache-Control` stays as it is where a handler chose it. Whether a whole host is for https alone is not
/// said: other things of the home may be on its other ports.
pub(super) fn put(headers: &mut HeaderMap) {
    let fixed: [(HeaderName, &'static str); 7] = [
        (PAGE, "1"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        // With `no-referrer` a browser would not say of a form either that it is ours.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
