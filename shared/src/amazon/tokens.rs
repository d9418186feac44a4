//! Tokens and cookies from a refresh token (docs/amazon-api.md, 2).

use std::collections::HashMap;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, COOKIE, ORIGIN, REFERER, USER_AGENT};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::app;
use super::error::AmazonError;
use super::http::RequestSeries;
use super::jar::{Jar, unquoted};
use super::response::{self, ApiFailure};
use super::transport::{AmazonRequest, AmazonResponse};
use crate::account::{AccessToken, AmazonHost, DeveloperSession, Marketplace, RequestKind, StoredCookie};
use crate::clock::{Clock, Timestamp};

/// Pages of a shop that may give its csrf token, in the order of the attempts.
const CSRF_PLACES: [&str; 4] = [
    "/api/language",
    "/spa/index.html",
    "/api/devices-v2/device?cached=false",
    "/templates/oobe/d-device-pick.handlebars",
];

/// A client of Amazon's token endpoints, within one series of requests.
#[derive(Clone, Copy)]
pub(super) struct TokenClient<'a> {
    series: &'a RequestSeries,
    clock: &'a dyn Clock,
}

/// A failed request for a token.
#[derive(Debug)]
pub(crate) enum TokenError {
    /// The refresh token is void; Amazon's word for it.
    Revoked(String),
    /// A failure that may pass.
    Failed(AmazonError),
}

impl From<AmazonError> for TokenError {
    fn from(error: AmazonError) -> Self {
        Self::Failed(error)
    }
}

/// A number of seconds, which Amazon writes as a number or as a text.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Text(#[serde(deserialize_with = "number")] u64),
}

fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    String::deserialize(deserializer)?.trim().parse().map_err(serde::de::Error::custom)
}

/// Lifetime of a token.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct ExpiresIn(Seconds);

impl ExpiresIn {
    pub(super) fn span(self) -> Duration {
        let (Seconds::Number(seconds) | Seconds::Text(seconds)) = self.0;
        // A token that lasts for more than a day was misread.
        Duration::from_secs(seconds.min(24 * 60 * 60))
    }
}

#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    access_token: SecretString,
    expires_in: ExpiresIn,
    refresh_token: Option<SecretString>,
}

impl TokenAnswer {
    /// Lifetime of the access token.
    pub(super) fn lasts(&self) -> Duration {
        self.expires_in.span()
    }
}

#[derive(Deserialize)]
struct CookieAnswer {
    response: CookieResponse,
}

#[derive(Deserialize)]
struct CookieResponse {
    tokens: CookieTokens,
}

#[derive(Deserialize)]
struct CookieTokens {
    cookies: HashMap<String, Vec<CookieEntry>>,
}

#[derive(Deserialize)]
struct CookieEntry {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Value")]
    value: String,
    #[serde(rename = "Path")]
    path: Option<String>,
}

impl<'a> TokenClient<'a> {
    pub(super) fn new(series: &'a RequestSeries, clock: &'a dyn Clock) -> Self {
        Self { series, clock }
    }

    pub(super) fn clock(&self) -> &'a dyn Clock {
        self.clock
    }

    pub(super) fn series(&self) -> &'a RequestSeries {
        self.series
    }

    async fn send(&self, call: &AmazonRequest) -> Result<AmazonResponse, AmazonError> {
        self.series.send(call, RequestKind::Other).await
    }

    /// An access token for an hour or so.
    pub(super) async fn access_token(&self, refresh_token: &SecretString) -> Result<AccessToken, TokenError> {
        const WHAT: &str = "a new access token";
        let now = self.clock.now();
        let call = AmazonRequest::new(Method::POST, &AmazonHost::api(), "/auth/token")
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, app::APP_AGENT)
            .form(&[
                ("app_name", app::APP_NAME),
                ("app_version", app::APP_VERSION),
                ("source_token", refresh_token.expose_secret()),
                ("source_token_type", "refresh_token"),
                ("requested_token_type", "access_token"),
                ("package_name", app::PACKAGE),
                ("platform", "iOS"),
                ("di.sdk.version", app::SDK_VERSION),
                ("di.hw.version", "iPhone"),
                ("di.os.name", "iOS"),
                ("di.os.version", app::OS_VERSION),
                ("current_version", app::SDK_VERSION),
                ("previous_version", app::SDK_VERSION),
            ]);
        let reply = self.send(&call).await?;
        let answer = token_answer(reply, WHAT)?;
        Ok(access(&answer, now))
    }

    /// A token of Login with Amazon, and the refresh token that replaces the one before, where Amazon gives one
    /// (Login with Amazon, access token request).
    pub(super) async fn developer_token(
        &self,
        session: &DeveloperSession,
    ) -> Result<(AccessToken, Option<SecretString>), TokenError> {
        let now = self.clock.now();
        let reply = self.send(&developer_refresh(session)).await?;
        developer_answer(reply, now)
    }

    /// The cookies of a shop, in a jar of their own: those of another one would be in the way.
    pub(super) async fn cookies(
        &self,
        refresh_token: &SecretString,
        marketplace: &Marketplace,
    ) -> Result<Jar, AmazonError> {
        let domain = marketplace.cookie_domain();
        let call = AmazonRequest::new(Method::POST, &marketplace.retail(), "/ap/exchangetoken/cookies")
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, app::APP_AGENT)
            .form(&[
                ("app_name", app::APP_NAME),
                ("app_version", app::APP_VERSION),
                ("source_token", refresh_token.expose_secret()),
                ("source_token_type", "refresh_token"),
                ("requested_token_type", "auth_cookies"),
                ("domain", &domain),
                ("di.sdk.version", app::SDK_VERSION),
                ("di.hw.version", "iPhone"),
                ("di.os.name", "iOS"),
                ("di.os.version", app::OS_VERSION),
            ]);
        jar_of(self.send(&call).await?, marketplace)
    }

    /// Fetches the csrf token of a shop into the jar. Where a place serves, or is none, without giving the token, the
    /// next one may; any other response would be the same there.
    pub(super) async fn csrf(&self, jar: &Jar, marketplace: &Marketplace) -> Result<(), AmazonError> {
        const WHAT: &str = "a csrf token";
        let web = marketplace.web();
        let mut last = AmazonError::UnexpectedResponse { what: WHAT };
        for place in CSRF_PLACES {
            let call = signed(AmazonRequest::new(Method::GET, &web, place), jar, &web);
            let reply = self.send(&call).await?;
            take_cookies(jar, &reply, &call.url());
            if jar.csrf(&format!("https://{web}/api/")).is_some() {
                return Ok(());
            }
            let is_served = matches!(reply.status, 200..=299 | 404);
            if let Err(failure) = response::classify(reply) {
                last = AmazonError::of_failure(&failure, WHAT);
                // Some places are pages themselves.
                if !is_served || matches!(failure, ApiFailure::Throttled(_)) {
                    return Err(last);
                }
            }
        }
        Err(last)
    }

    /// Gets a page of a shop for the app, and reads the JSON in it.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        jar: &Jar,
        marketplace: &Marketplace,
        path: &str,
        what: &'static str,
    ) -> Result<T, AmazonError> {
        let web = marketplace.web();
        let call = signed(AmazonRequest::new(Method::GET, &web, path), jar, &web);
        let reply = self.send(&call).await?;
        take_cookies(jar, &reply, &call.url());
        read(reply, what)
    }

    /// Takes a device of ours off its account; `false` where Amazon does not know it any more.
    pub(super) async fn deregister(&self, refresh_token: &SecretString) -> Result<bool, AmazonError> {
        let access = match self.access_token(refresh_token).await {
            Ok(access) => access,
            Err(TokenError::Revoked(_)) => return Ok(false),
            Err(TokenError::Failed(error)) => return Err(error),
        };
        let bearer = format!("Bearer {}", access.token.expose_secret());
        let body = r#"{"requested_deregister_type":"deregister_device"}"#;
        let call = AmazonRequest::new(Method::POST, &AmazonHost::api(), "/auth/deregister")
            .header(AUTHORIZATION, bearer)
            .body("application/json", SecretString::from(body));
        let reply = self.send(&call).await?;
        if reply.status == 200 {
            return Ok(true);
        }
        Err(refused(reply, "a deregistration"))
    }
}

/// The JSON in a successful response.
pub(super) fn read<T: DeserializeOwned>(reply: AmazonResponse, what: &'static str) -> Result<T, AmazonError> {
    let reply = response::classify(reply).map_err(|failure| AmazonError::of_failure(&failure, what))?;
    reply.json().ok_or(AmazonError::UnexpectedResponse { what })
}

/// The cookies in an answer, if it has some of the shop that was asked for.
pub(super) fn jar_of(reply: AmazonResponse, marketplace: &Marketplace) -> Result<Jar, AmazonError> {
    const WHAT: &str = "new cookies";
    if reply.status != 200 {
        return Err(refused(reply, WHAT));
    }
    let reply = response::classify(reply).map_err(|failure| AmazonError::of_failure(&failure, WHAT))?;
    let answer: CookieAnswer = reply.json().ok_or(AmazonError::UnexpectedResponse { what: WHAT })?;
    let domain = marketplace.cookie_domain();
    let entries = answer
        .response
        .tokens
        .cookies
        .into_iter()
        .find(|(of, _)| of.trim_start_matches('.') == domain.trim_start_matches('.'));
    let entries = entries.map(|(_, entries)| entries).filter(|entries| !entries.is_empty());
    // Without any for the shop that was asked for, it may give some the next time (docs/amazon-api.md, 2.2).
    let entries = entries.ok_or(AmazonError::Unavailable(reply.status))?;
    let jar = Jar::empty();
    for entry in entries {
        let cookie = StoredCookie {
            name: entry.name,
            value: SecretString::from(unquoted(&entry.value).to_owned()),
            domain: domain.clone(),
            path: entry.path.unwrap_or_else(|| "/".to_owned()),
        };
        jar.add(&cookie, marketplace);
    }
    Ok(jar)
}

/// A request for tokens of Login with Amazon, with what the grant needs besides the security profile.
pub(crate) fn developer_call(
    client_id: &str,
    client_secret: &SecretString,
    grant: &[(&str, &str)],
) -> AmazonRequest {
    let profile = [("client_id", client_id), ("client_secret", client_secret.expose_secret())];
    let fields: Vec<_> = grant.iter().copied().chain(profile).collect();
    AmazonRequest::new(Method::POST, &AmazonHost::api(), "/auth/o2/token")
        .header(ACCEPT, "application/json")
        .form(&fields)
}

/// The request for a token from the refresh token.
pub(crate) fn developer_refresh(session: &DeveloperSession) -> AmazonRequest {
    let grant = [("grant_type", "refresh_token"), ("refresh_token", session.refresh_token.expose_secret())];
    developer_call(&session.client_id, &session.client_secret, &grant)
}

/// The tokens in an answer of Login with Amazon: one for an hour, and a refresh token where Amazon gives one.
pub(crate) fn developer_answer(
    reply: AmazonResponse,
    now: Timestamp,
) -> Result<(AccessToken, Option<SecretString>), TokenError> {
    let answer = token_answer(reply, "a token of the developer account")?;
    Ok((access(&answer, now), answer.refresh_token))
}

/// The tokens in an answer.
pub(super) fn token_answer(reply: AmazonResponse, what: &'static str) -> Result<TokenAnswer, TokenError> {
    if let Some(reason) = ended(&reply) {
        return Err(TokenError::Revoked(reason));
    }
    if reply.status != 200 {
        return Err(refused(reply, what).into());
    }
    let reply = response::classify(reply).map_err(|failure| AmazonError::of_failure(&failure, what))?;
    reply.json().ok_or(TokenError::Failed(AmazonError::UnexpectedResponse { what }))
}

fn refused(reply: AmazonResponse, what: &'static str) -> AmazonError {
    match response::classify(reply) {
        Err(failure) => AmazonError::of_failure(&failure, what),
        Ok(_) => AmazonError::UnexpectedResponse { what },
    }
}

/// A request with the cookies, the csrf token and what the app's own pages send (docs/amazon-api.md, 3.5).
pub(super) fn signed(call: AmazonRequest, jar: &Jar, web: &AmazonHost) -> AmazonRequest {
    let url = call.url();
    let mut call = call
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, app::BROWSER_AGENT)
        .header(REFERER, format!("https://{web}/spa/index.html"))
        .header(ORIGIN, format!("https://{web}"));
    if let Some(cookies) = jar.header(&url) {
        call = call.header(COOKIE, cookies);
    }
    if let Some(csrf) = jar.csrf(&url) {
        call = call.header(reqwest::header::HeaderName::from_static("csrf"), csrf);
    }
    call
}

pub(super) fn take_cookies(jar: &Jar, reply: &AmazonResponse, url: &str) {
    for cookie in reply.set_cookies() {
        jar.take(cookie, url);
    }
}

fn access(answer: &TokenAnswer, now: Timestamp) -> AccessToken {
    AccessToken { token: answer.access_token.clone(), issued_at: now, expires_at: now.plus(answer.lasts()) }
}

/// Amazon's word for a refresh token that is void for good; nothing else is a reason to give one up.
fn ended(reply: &AmazonResponse) -> Option<String> {
    const TERMINAL: [&str; 3] = ["invalid_grant", "invalid_token", "unauthorized_client"];
    if !matches!(reply.status, 400 | 401) {
        return None;
    }
    let body: Value = reply.json()?;
    let error = body.get("error")?.as_str()?;
    TERMINAL.contains(&error).then(|| error.to_owned())
}
