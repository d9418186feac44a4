//! Return addresses of Login with Amazon: the page to which a sign-in redirects, with its state and code.

use secrecy::SecretString;
use url::{Url, form_urlencoded};

use super::error::{AddressProblem, SmapiError};

/// Longest error code of Amazon's that is passed on, in characters.
const MAX_ERROR_CODE: usize = 60;

/// The parameters of a return address.
#[derive(Debug)]
pub(super) struct ReturnAddress {
    /// The state by which a sign-in is recognized.
    pub(super) state: String,
    /// The authorization code, or Amazon's error code.
    pub(super) code: Result<SecretString, String>,
}

/// Checks an address to which a sign-in is to return.
///
/// # Errors
/// When it is no URL, or has a query or a fragment.
pub(super) fn check(return_url: &str) -> Result<(), SmapiError> {
    let url = Url::parse(return_url).ok();
    match url.filter(|url| url.query().is_none() && url.fragment().is_none()) {
        Some(_) => Ok(()),
        None => Err(SmapiError::LoginWrongAddress(AddressProblem::Unusable)),
    }
}

/// Reads a return address, or its query alone.
///
/// # Errors
/// When it is not `return_url`, or has not one state and one code or error.
pub(super) fn parse(address: &str, return_url: &str) -> Result<ReturnAddress, SmapiError> {
    let wrong = SmapiError::LoginWrongAddress;
    if address.contains("://") && !is_same_page(address, return_url) {
        return Err(wrong(AddressProblem::Elsewhere));
    }
    let pairs = pairs(address);
    let once = |name: &str| {
        let mut found = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone());
        found.next().filter(|value| !value.is_empty() && found.next().is_none())
    };
    let state = once("state").ok_or(wrong(AddressProblem::NoState))?;
    let code = match (once("error"), once("code")) {
        (Some(error), _) => Err(error_code(&error)),
        (None, Some(code)) => Ok(SecretString::from(code)),
        (None, None) => return Err(wrong(AddressProblem::NoCode)),
    };
    Ok(ReturnAddress { state, code })
}

/// The first state of an address, valid or not.
pub(super) fn state_of(address: &str) -> Option<String> {
    pairs(address).into_iter().find(|(name, _)| name == "state").map(|(_, state)| state)
}

fn is_same_page(address: &str, return_url: &str) -> bool {
    match (Url::parse(address), Url::parse(return_url)) {
        (Ok(address), Ok(expected)) => {
            address.origin() == expected.origin() && address.path() == expected.path()
        }
        _ => false,
    }
}

/// The parameters of an address or of a query.
fn pairs(text: &str) -> Vec<(String, String)> {
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Amazon's error code, without characters that no code has.
fn error_code(error: &str) -> String {
    error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(MAX_ERROR_CODE).collect()
}
