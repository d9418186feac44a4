//! The readers of request bodies by themselves, for tests that feed them with any bytes.

use super::body;
use super::error::ApiError;
use super::ma::PushBody;

/// Reads the body of a push.
///
/// # Errors
/// When it is no JSON of a push; the error says where.
pub fn push_body(bytes: &[u8]) -> Result<PushBody, ApiError> {
    body::parse(bytes)
}
