//! The readers of what a browser sends, for tests that feed them with any bytes.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::CookieJar;
use ring::hmac;

use super::flash::Flash;
use super::session::{OwnerSession, SessionCookie};
use super::{cookies, guard, login};
use crate::clock::{NoRandomness, Random, Timestamp};
use crate::i18n::PageLanguage;

/// A cookie of ours in a `Cookie` header.
#[must_use]
pub fn cookie(header: &[u8], name: &str, https: bool) -> Option<String> {
    let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_bytes(header).ok()?)]);
    let jar = CookieJar::from_headers(&headers);
    jar.get(&cookies::name(name, https)).map(|cookie| cookie.value().to_owned())
}

/// The cookie of a new session, signed with `secret`.
///
/// # Errors
/// When there is no randomness.
pub fn session_cookie(secret: &[u8], now: Timestamp, random: &dyn Random) -> Result<String, NoRandomness> {
    OwnerSession::signed(&key(secret), now, 0, random)
}

/// Whether the cookie of a session is current and signed with `secret`.
#[must_use]
pub fn accepts_session(secret: &[u8], cookie: &str, now: Timestamp) -> bool {
    SessionCookie::parse(cookie, now).is_some_and(|sent| sent.is_signed_by(&key(secret)))
}

fn key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

/// A message from one page to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlashMessage {
    /// The value of its cookie.
    pub cookie: String,
    /// Its text in each language.
    pub texts: Vec<String>,
}

/// Reads the cookie of a message.
#[must_use]
pub fn message(cookie: &str) -> Option<FlashMessage> {
    let flash = Flash::from_cookie(cookie)?;
    let texts = PageLanguage::all().map(|language| flash.text(language)).collect();
    Some(FlashMessage { cookie: flash.to_cookie(), texts })
}

/// The token that a login form has to send with its cookie.
#[must_use]
pub fn login_token(cookie: &str) -> Option<String> {
    login::form_nonce(cookie).map(login::form_token)
}

/// The page that a login leads to, if it is one of ours.
#[must_use]
pub fn page_after_login(path: &str) -> Option<&str> {
    login::local(path)
}

/// A field of a form.
#[must_use]
pub fn field(form: &[u8], name: &str) -> Option<String> {
    guard::field(form, name)
}
