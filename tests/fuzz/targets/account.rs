//! One-time codes, Amazon's hosts, and the secret with the session.

use ma_alexa::account::{AmazonHost, AmazonSession, Marketplace, OneTimeWord};
use secrecy::ExposeSecret as _;

/// A code is parsed from what it is printed as.
pub(super) fn code(text: &str) {
    if let Some(code) = OneTimeWord::parse(text) {
        assert_eq!(OneTimeWord::parse(code.as_str()), Some(code));
    }
}

/// No host of a stranger's gets a request with a token in it.
pub(super) fn host(text: &str) {
    if let Ok(host) = AmazonHost::parse(text) {
        assert!(host.as_str().contains(".amazon.") || host.as_str() == "api.amazonalexa.com", "{host:?}");
        assert!(host.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)));
        assert_eq!(AmazonHost::parse(host.as_str()), Ok(host));
    }
    if let Ok(shop) = Marketplace::parse(text) {
        assert_eq!(AmazonHost::parse(shop.web().as_str()), Ok(shop.web()));
    }
}

/// What is written of a session is read as the same, and nothing secret is in what is logged of it.
pub(super) fn session(text: &str) {
    if let Ok(session) = AmazonSession::from_json(text) {
        let written = session.to_json();
        let again = AmazonSession::from_json(written.expose_secret());
        assert!(again.is_ok_and(|again| again.to_json().expose_secret() == written.expose_secret()));
        if let Some(alexa) = &session.alexa {
            let token = alexa.refresh_token.expose_secret();
            let is_telling = token.len() >= 16 && written.expose_secret().matches(token).count() == 1;
            assert!(!is_telling || !format!("{session:?}").contains(token));
        }
    }
}
