//! Compression of answers, for clients that accept gzip.

use axum::http::{Extensions, HeaderMap, StatusCode, Version};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::web::NotCompressed;

/// Smallest body that is compressed, in bytes. A smaller one fits into a packet or two as it is.
const SMALLEST: u16 = 1024;

/// The layer that compresses pages, the style, the script and JSON. Pictures are compressed by their own formats.
///
/// Compression and TLS together tell a secret to an observer who adds text to the same body (BREACH,
/// <https://breachattack.com>). So bodies that repeat their request, and those with a password, stay as they are: see
/// [`NotCompressed`]. The answers of the API hold no secret. Pages show pushed text beside the token of their forms; the
/// token alone opens nothing, since a form of another site brings neither the cookie nor our origin.
pub(super) fn layer() -> CompressionLayer<impl Predicate + Send + Sync + 'static> {
    let may_be = |_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions| {
        extensions.get::<NotCompressed>().is_none()
    };
    // Of events, each has to arrive at once.
    let predicate = SizeAbove::new(SMALLEST)
        .and(NotForContentType::const_new("image/"))
        .and(NotForContentType::SSE)
        .and(may_be);
    CompressionLayer::new().compress_when(predicate)
}
