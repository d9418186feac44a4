//! Requests to Music Assistant, with bounds on time, size and addresses.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{
    AUTHORIZATION, CONNECTION, CONTENT_TYPE, DATE, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{Client, Method, StatusCode, Upgraded};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use tokio::time::timeout;
use url::{Host, Url};

use super::error::MusicAssistantError;
use crate::clock::Timestamp;
use crate::config::MaApiUrl;
use crate::deadline;
use crate::http_client::{self, BodyError};
use crate::probe::{AddressPolicy, guarded_client, may_carry_token};

/// The longest time until there is a connection.
const CONNECT: Duration = Duration::from_millis(1500);

/// The longest time of a whole request.
pub(super) const ANSWER: Duration = Duration::from_secs(5);

/// The longest time that an idle connection is kept. The server closes it after 75 s (aiohttp, `keepalive_timeout`).
const IDLE: Duration = Duration::from_secs(20);

/// The most bytes that are read of an answer.
const BODY: usize = 4 * 1024 * 1024;

/// The most characters of a token. Music Assistant's are JWTs of about 300.
pub const TOKEN_LENGTH: usize = 4096;

/// Sends requests to Music Assistant; cheap to clone. It follows no redirect, which would carry the token elsewhere.
#[derive(Clone, Debug)]
pub struct MusicAssistantClient {
    /// None where none can be built, which the log says.
    http: Option<Client>,
}

/// One server, and the token for it.
#[derive(Clone, Debug)]
pub(super) struct ApiTarget {
    pub(super) client: MusicAssistantClient,
    pub(super) url: Url,
    pub(super) token: Option<HeaderValue>,
    /// The longest time of a command.
    pub(super) patience: Duration,
}

/// The answer to a request that was heard.
pub(super) struct ApiReply {
    pub(super) status: u16,
    /// The time of the answer by the server's clock; none where it does not say it.
    pub(super) date: Option<Timestamp>,
    pub(super) body: Vec<u8>,
}

impl Default for MusicAssistantClient {
    fn default() -> Self {
        Self::new()
    }
}

impl MusicAssistantClient {
    /// A client that connects to addresses of the home and to public ones, but to none of a cloud machine's services.
    #[must_use]
    pub fn new() -> Self {
        let built = guarded_client(AddressPolicy::Anywhere).and_then(|builder| {
            builder.connect_timeout(CONNECT).pool_idle_timeout(IDLE).build().map_err(Into::into)
        });
        let http = built.inspect_err(|error| tracing::error!(%error, "Music Assistant cannot be asked")).ok();
        Self { http }
    }
}

impl ApiTarget {
    /// The server at an address, with its token.
    ///
    /// # Errors
    /// When the address would carry the token over the internet without encryption, is that of a service of a cloud machine,
    /// or the token is none.
    pub(super) fn new(
        client: &MusicAssistantClient,
        address: &MaApiUrl,
        token: Option<&SecretString>,
    ) -> Result<Self, MusicAssistantError> {
        let url = address.as_url().clone();
        if !may_carry_token(&url) {
            return Err(MusicAssistantError::NotEncrypted);
        }
        let target =
            Self { client: client.clone(), url, token: token.map(bearer).transpose()?, patience: ANSWER };
        match target.literal() {
            Some(address) if !AddressPolicy::Anywhere.allows(address) => {
                Err(target.unreachable("it is no machine of a home"))
            }
            _ => Ok(target),
        }
    }

    /// The same server with another token.
    pub(super) fn with_token(self, token: &SecretString) -> Result<Self, MusicAssistantError> {
        Ok(Self { token: Some(bearer(token)?), ..self })
    }

    /// The same server, of which each command may take so long.
    pub(super) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The host, for sentences.
    pub(super) fn host(&self) -> String {
        self.url.host_str().unwrap_or_default().to_owned()
    }

    /// Reads what `path` answers.
    pub(super) async fn get(&self, path: &str, patience: Duration) -> Result<ApiReply, MusicAssistantError> {
        self.send(Method::GET, path, None, patience).await
    }

    /// Sends JSON to `path`.
    pub(super) async fn post(
        &self,
        path: &str,
        body: &impl Serialize,
        patience: Duration,
    ) -> Result<ApiReply, MusicAssistantError> {
        let body = serde_json::to_vec(body)
            .map_err(|_| MusicAssistantError::Invalid("it cannot be written as JSON"))?;
        self.send(Method::POST, path, Some(body), patience).await
    }

    /// Opens a web socket at `path` with a random `key` (RFC 6455, section 4.1). The token is no part of it.
    pub(super) async fn upgrade(&self, path: &str, key: &str) -> Result<Upgraded, MusicAssistantError> {
        let http = self.client.http.as_ref().ok_or_else(|| self.unreachable("no client can be made"))?;
        let request = http
            .get(self.url_of(path))
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, key);
        let response = http_client::send(request).await.map_err(|error| self.failure(&error))?;
        let accepted = response.headers().get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
        if response.status() != StatusCode::SWITCHING_PROTOCOLS || accepted != Some(accept(key).as_bytes()) {
            return Err(self.garbage());
        }
        response.upgrade().await.map_err(|error| self.failure(&error))
    }

    /// The token as it stands in a message; none where there is none.
    pub(super) fn plain_token(&self) -> Option<&str> {
        self.token.as_ref()?.to_str().ok()?.strip_prefix("Bearer ")
    }

    fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }

    pub(super) fn unreachable(&self, reason: &'static str) -> MusicAssistantError {
        MusicAssistantError::Unreachable { host: self.host(), reason }
    }

    pub(super) fn garbage(&self) -> MusicAssistantError {
        MusicAssistantError::Garbage { host: self.host() }
    }

    fn literal(&self) -> Option<IpAddr> {
        match self.url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) | None => None,
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        patience: Duration,
    ) -> Result<ApiReply, MusicAssistantError> {
        let patience = deadline::at_most(patience);
        if patience.is_zero() {
            return Err(MusicAssistantError::Slow);
        }
        let sent = timeout(patience, self.send_unbounded(method, path, body)).await;
        let reply = sent.unwrap_or(Err(MusicAssistantError::Slow));
        if let Err(error) = &reply {
            tracing::debug!(ma.path = path, %error, "Music Assistant did not answer");
        }
        reply
    }

    async fn send_unbounded(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<ApiReply, MusicAssistantError> {
        let http = self.client.http.as_ref().ok_or_else(|| self.unreachable("no client can be made"))?;
        let mut request = http.request(method, self.url_of(path));
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = http_client::send(request).await.map_err(|error| self.failure(&error))?;
        let status = response.status().as_u16();
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(Timestamp::parse_http_date);
        let body = http_client::body(response, BODY).await.map_err(|error| match error {
            BodyError::Transport(error) => self.failure(&error),
            BodyError::TooLarge(_) => self.garbage(),
        })?;
        Ok(ApiReply { status, date, body })
    }

    fn failure(&self, error: &reqwest::Error) -> MusicAssistantError {
        if error.is_timeout() && !error.is_connect() {
            return MusicAssistantError::Slow;
        }
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = cause {
            let text = error.to_string();
            if text.contains("dns error") || text.contains("no such name") {
                return self.unreachable("the name does not resolve");
            }
            if text.contains("certificate") {
                return self.unreachable("its certificate is not accepted");
            }
            cause = error.source();
        }
        self.unreachable(if error.is_connect() {
            "no connection is made"
        } else {
            "the connection breaks off"
        })
    }
}

/// The answer to a key (RFC 6455, section 4.2.2).
fn accept(key: &str) -> String {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(key.as_bytes());
    context.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(context.finish())
}

/// The header of a token, which no log shows.
fn bearer(token: &SecretString) -> Result<HeaderValue, MusicAssistantError> {
    let text = token.expose_secret().trim();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.is_empty() || text.len() > TOKEN_LENGTH || !is_plain {
        return Err(MusicAssistantError::Invalid("this is no token of Music Assistant's"));
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {text}"))
        .map_err(|_| MusicAssistantError::Invalid("this is no token of Music Assistant's"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_accepted_as_in_the_example_of_the_standard() {
        assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
