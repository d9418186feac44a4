//! Pages of a person's browser: the sign-in page, and the page that is not there where it ends.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use url::form_urlencoded;

use super::account::{Account, Code};
use super::asked::Asked;
use super::page::{self, Page};

const LANDING: &str = "https://www.amazon.com/ap/maplanding";

/// Suffix of the ids of all clients of the app.
const CLIENT_SUFFIX: &str = "23413249564c5635564d32573831";

/// The parameters of a sign-in that have one value.
const FIXED: [(&str, &str); 12] = [
    ("openid.return_to", LANDING),
    ("openid.assoc_handle", "amzn_dp_project_dee_ios"),
    ("pageId", "amzn_dp_project_dee_ios"),
    ("openid.identity", "http://specs.openid.net/auth/2.0/identifier_select"),
    ("openid.claimed_id", "http://specs.openid.net/auth/2.0/identifier_select"),
    ("accountStatusPolicy", "P1"),
    ("openid.mode", "checkid_setup"),
    ("openid.ns", "http://specs.openid.net/auth/2.0"),
    ("openid.ns.oa2", "http://www.amazon.com/ap/ext/oauth/2"),
    ("openid.ns.pape", "http://specs.openid.net/extensions/pape/1.0"),
    ("openid.pape.max_auth_age", "0"),
    ("openid.oa2.response_type", "code"),
];

/// `GET /ap/signin`: the person signs in at once, and lands with a code. Any other address than the app's shows a page
/// that is not there.
pub(super) fn sign_in(account: &mut Account, asked: &Asked) -> Page {
    let client_id = asked.query("openid.oa2.client_id").strip_prefix("device:").unwrap_or_default();
    let challenge = asked.query("openid.oa2.code_challenge");
    if !is_from_the_app(asked) || !is_client_id(client_id) || !is_hash(challenge) {
        return page::not_found();
    }
    let code = account.secret_ledger.make("AN");
    account.codes.push(Code {
        text: code.clone(),
        client_id: client_id.to_owned(),
        challenge: challenge.to_owned(),
    });
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("openid.assoc_handle", asked.query("openid.assoc_handle"));
    query.append_pair("openid.mode", "id_res");
    query.append_pair("openid.ns", asked.query("openid.ns"));
    query.append_pair("openid.oa2.authorization_code", &code);
    query.append_pair("openid.return_to", LANDING);
    page::redirect(&format!("{LANDING}?{}", query.finish()))
}

fn is_from_the_app(asked: &Asked) -> bool {
    let once = |name: &str| asked.query.iter().filter(|(known, _)| known == name).count() == 1;
    let scopes = ["device_auth_access", "device_auth_access offline_access"];
    FIXED.iter().all(|(name, value)| once(name) && asked.query(name) == *value)
        && scopes.contains(&asked.query("openid.oa2.scope"))
        && asked.query("openid.oa2.code_challenge_method") == "S256"
        && is_language(asked.query("language"))
}

/// Such as `de_DE` or `de-DE`.
fn is_language(language: &str) -> bool {
    matches!(language.split_once(['_', '-']), Some((language, country))
        if language.len() == 2 && country.len() == 2)
}

/// The serial of a device and `#A2IVLV5VM2W81`, in lower-case hexadecimal digits.
fn is_client_id(client_id: &str) -> bool {
    let serial = client_id.strip_suffix(CLIENT_SUFFIX).unwrap_or_default();
    serial.len() == 64 && serial.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The same for a serial.
pub(super) fn client_id(serial: &str) -> String {
    let mut client_id = String::new();
    for byte in serial.bytes() {
        client_id
            .extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
    }
    client_id + CLIENT_SUFFIX
}

fn is_hash(challenge: &str) -> bool {
    URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|hash| hash.len() == 32)
}

/// Text on the page of a sign-in for this verifier.
pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}
