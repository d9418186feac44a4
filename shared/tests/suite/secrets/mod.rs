//! Secrets in files and in Secrets Manager.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

#[cfg(all(feature = "secrets-manager", feature = "http"))]
mod by_name;
mod contract;
mod credentials;
#[cfg(all(feature = "secrets-manager", feature = "dynamodb", feature = "sqlite"))]
mod emulated;
#[cfg(all(feature = "secrets-manager", feature = "http"))]
mod fake;
mod file;
#[cfg(all(feature = "secrets-manager", feature = "http"))]
mod first_and_lost;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ma_alexa::account::AmazonSession;
use secrecy::ExposeSecret as _;
use serde_json::json;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What no error and no `Debug` may show.
pub(crate) const TOKEN: &str = "Atnr|never-to-be-seen";

/// The session of a person called `name`.
pub(crate) fn session(name: &str) -> AmazonSession {
    let json = json!({
        "schema": 1,
        "alexa": {
            "serial": "0123456789ABCDEF0123456789ABCDEF",
            "account": "amzn1.account.SAMPLE",
            "name": name,
            "refresh_token": TOKEN,
            "signed_in_at": 1_790_000_000_000_i64,
        },
    });
    AmazonSession::from_json(&json.to_string()).unwrap()
}

/// Who is signed in.
fn name(session: &AmazonSession) -> Option<&str> {
    session.alexa.as_ref()?.name.as_deref()
}

/// Whether two sessions are the same, down to the tokens.
fn same(one: &AmazonSession, other: &AmazonSession) -> bool {
    one.to_json().expose_secret() == other.to_json().expose_secret()
}
