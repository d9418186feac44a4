//! Signing in without a password: the person's own browser, and the address of the page that it ends at
//! (docs/amazon-api.md, 1).

use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::app;
use super::error::{AmazonError, LoginError};
use super::response::{self, ApiFailure};
use super::tokens::ExpiresIn;
use super::transport::{AmazonRequest, AmazonResponse};
use crate::account::{AccessToken, AlexaSession, AmazonHost, PendingLogin};
use crate::clock::{NoRandomness, Random, Timestamp};

const RETURN_TO: &str = "https://www.amazon.com/ap/maplanding";
const CODE: &str = "openid.oa2.authorization_code";
const HANDLE: &str = "amzn_dp_project_dee_ios";
const IDENTIFIER: &str = "http://specs.openid.net/auth/2.0/identifier_select";

/// A sign-in that begins now.
pub(super) fn begin(
    serial: Option<String>,
    random: &dyn Random,
    began_at: Timestamp,
) -> Result<PendingLogin, AmazonError> {
    let serial = serial.map_or_else(|| app::new_serial(random), Ok)?;
    Ok(PendingLogin { serial, verifier: app::new_verifier(random)?, began_at })
}

/// The address of the sign-in: at amazon.com for an account of any country. `language` is such as `de-DE`.
pub(super) fn sign_in_url(login: &PendingLogin, language: &str) -> String {
    let client_id = format!("device:{}", app::client_id(&login.serial));
    let challenge = app::challenge(&login.verifier);
    let language = language.replace('-', "_");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("openid.return_to", RETURN_TO),
            ("openid.assoc_handle", HANDLE),
            ("pageId", HANDLE),
            ("openid.identity", IDENTIFIER),
            ("openid.claimed_id", IDENTIFIER),
            ("accountStatusPolicy", "P1"),
            ("openid.mode", "checkid_setup"),
            ("openid.ns", "http://specs.openid.net/auth/2.0"),
            ("openid.ns.oa2", "http://www.amazon.com/ap/ext/oauth/2"),
            ("openid.ns.pape", "http://specs.openid.net/extensions/pape/1.0"),
            ("openid.pape.max_auth_age", "0"),
            ("openid.oa2.client_id", &client_id),
            ("openid.oa2.response_type", "code"),
            ("openid.oa2.scope", "device_auth_access offline_access"),
            ("openid.oa2.code_challenge_method", "S256"),
            ("openid.oa2.code_challenge", &challenge),
            ("language", &language),
        ])
        .finish();
    format!("https://www.amazon.com/ap/signin?{query}")
}

/// The code in the address of the page that is not found.
pub(super) fn code_of(address: &str) -> Result<SecretString, LoginError> {
    let wrong = LoginError::WrongAddress;
    let url = Url::parse(&with_scheme(address)).map_err(|_| wrong("it is not an address"))?;
    let bare = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    if url.scheme() != "https" || url.host_str() != Some("www.amazon.com") || !bare {
        return Err(wrong("it is not on https://www.amazon.com"));
    }
    if url.path().starts_with("/ap/signin") {
        return Err(wrong("it is the page to sign in at, so that you are not signed in yet"));
    }
    if url.path() != "/ap/maplanding" {
        return Err(wrong("it is another page of Amazon's"));
    }
    let mut codes = url.query_pairs().filter(|(name, _)| name == CODE);
    match (codes.next(), codes.next()) {
        (Some((_, code)), None) if !code.is_empty() => Ok(SecretString::from(code.into_owned())),
        _ => Err(wrong("it has no code in it; is it complete?")),
    }
}

/// An address as a person pasted it, without the quotes or brackets around it.
pub(crate) fn bare(address: &str) -> &str {
    const AROUND: &str = "\"'`<>()[]“”„‘’‚«»";
    address.trim_matches(|c: char| c.is_whitespace() || AROUND.contains(c))
}

/// An address with its scheme, which some browsers do not copy.
fn with_scheme(address: &str) -> String {
    let address = bare(address);
    match address.split_once("://") {
        // A query may hold an address of its own.
        Some((scheme, _)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => address.to_owned(),
        _ => format!("https://{address}"),
    }
}

/// Classifies the response to a registration. Amazon has no session to refuse yet. Only an error in JSON concerns the
/// code, and its one known reason is a code that is wrong, used or too old.
fn classify(reply: AmazonResponse, what: &'static str) -> Result<AmazonResponse, AmazonError> {
    let (status, is_page) = (reply.status, reply.is_page());
    let is_error = reply
        .json::<Value>()
        .is_some_and(|body| body.pointer("/response/error").is_some_and(Value::is_object));
    response::classify(reply).map_err(|failure| match failure {
        ApiFailure::Unexpected(400) | ApiFailure::Unauthorized if is_error && matches!(status, 400 | 401) => {
            LoginError::Expired.into()
        }
        ApiFailure::Unauthorized if !is_page => AmazonError::Unavailable(status),
        ApiFailure::Unauthorized => AmazonError::UnexpectedResponse { what },
        failure => AmazonError::of_failure(&failure, what),
    })
}

#[derive(Deserialize)]
struct Registered {
    response: Response,
}

#[derive(Deserialize)]
struct Response {
    success: Option<Success>,
}

#[derive(Deserialize)]
struct Success {
    tokens: Tokens,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Deserialize)]
struct Tokens {
    bearer: Bearer,
}

#[derive(Deserialize)]
struct Bearer {
    access_token: SecretString,
    refresh_token: SecretString,
    expires_in: ExpiresIn,
}

#[derive(Default, Deserialize)]
struct Extensions {
    #[serde(default)]
    customer_info: CustomerInfo,
}

#[derive(Default, Deserialize)]
struct CustomerInfo {
    #[serde(default)]
    user_id: String,
    given_name: Option<String>,
}

/// The request that registers our device, once for each sign-in. Its response has to be stored before anything else
/// happens: a device that no secret names stays on the account.
pub(super) fn registration(
    login: &PendingLogin,
    code: &SecretString,
    random: &dyn Random,
) -> Result<AmazonRequest, NoRandomness> {
    let frc = app::new_frc(random)?;
    let body = json!({
        "requested_extensions": ["device_info", "customer_info"],
        "cookies": { "website_cookies": [], "domain": ".amazon.com" },
        "registration_data": {
            "domain": "Device",
            "app_version": app::APP_VERSION,
            "device_type": app::DEVICE_TYPE,
            "device_name": format!("%FIRST_NAME%'s%DUPE_STRATEGY_1ST%{}", app::APP_NAME),
            "os_version": app::OS_VERSION,
            "device_serial": login.serial,
            "device_model": "iPhone",
            "app_name": app::APP_NAME,
            "software_version": "1",
        },
        "auth_data": {
            "client_id": app::client_id(&login.serial),
            "authorization_code": code.expose_secret(),
            "code_verifier": login.verifier.expose_secret(),
            "code_algorithm": "SHA-256",
            "client_domain": "DeviceLegacy",
        },
        "user_context_map": { "frc": frc },
        "requested_token_type": ["bearer", "mac_dms", "website_cookies"],
    });
    Ok(AmazonRequest::new(Method::POST, &AmazonHost::api(), "/auth/register")
        .header(reqwest::header::ACCEPT, "application/json")
        .header(reqwest::header::USER_AGENT, app::APP_AGENT)
        .header(reqwest::header::COOKIE, format!("frc={frc}"))
        .body("application/json", SecretString::from(body.to_string())))
}

/// The session that the answer to a registration begins.
pub(super) fn registered(
    reply: AmazonResponse,
    login: &PendingLogin,
    now: Timestamp,
) -> Result<AlexaSession, AmazonError> {
    const WHAT: &str = "a registration";
    let answer: Option<Registered> = classify(reply, WHAT)?.json();
    let Some(Success { tokens: Tokens { bearer }, extensions }) =
        answer.and_then(|answer| answer.response.success)
    else {
        return Err(AmazonError::UnexpectedResponse { what: WHAT });
    };
    let customer = extensions.customer_info;
    Ok(AlexaSession {
        serial: login.serial.clone(),
        account: customer.user_id,
        name: customer.given_name,
        refresh_token: bearer.refresh_token,
        access: Some(AccessToken {
            token: bearer.access_token,
            issued_at: now,
            expires_at: now.plus(bearer.expires_in.span()),
        }),
        place: None,
        cookies: None,
        signed_in_at: now,
        login: None,
        refused: None,
        ended: None,
    })
}
