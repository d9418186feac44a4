//! The readers of what Amazon and a person hand over, for tests that feed them with any text.

use secrecy::SecretString;

use super::error::SmapiError;
use super::sign_in::read;
use crate::amazon::bare;

/// What the address of a return page says.
#[derive(Debug)]
pub struct Returned {
    /// The proof of who began the sign-in.
    pub state: String,
    /// The code, or Amazon's word for why there is none.
    pub code: Result<SecretString, String>,
}

/// Reads the address of a return page as a person pasted it.
///
/// # Errors
/// When it is not the address that a sign-in with this `return_url` ends at.
pub fn returned(address: &str, return_url: &str) -> Result<Returned, SmapiError> {
    let answer = read(bare(address), return_url)?;
    Ok(Returned { state: answer.state, code: answer.code })
}
