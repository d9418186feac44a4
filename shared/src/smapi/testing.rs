//! Parsers of foreign text, for tests that feed them with any text.

use secrecy::SecretString;

use super::error::SmapiError;
use super::return_address::parse;
use crate::amazon::bare;

/// The parameters of a return address.
#[derive(Debug)]
pub struct Returned {
    /// The state by which a sign-in is recognized.
    pub state: String,
    /// The authorization code, or Amazon's error code.
    pub code: Result<SecretString, String>,
}

/// Reads the address of a return page as a person pasted it.
///
/// # Errors
/// When it is not the address that a sign-in with this `return_url` ends at.
pub fn returned(address: &str, return_url: &str) -> Result<Returned, SmapiError> {
    let returned = parse(bare(address), return_url)?;
    Ok(Returned { state: returned.state, code: returned.code })
}
