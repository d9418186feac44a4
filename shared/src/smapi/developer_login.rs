//! Sign-in to the developer account: Login with Amazon, authorization code grant.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tokio::time::sleep;
use url::form_urlencoded;

use super::error::SmapiError;
use super::profile::SecurityProfile;
use super::services::Services;
use super::status::DeveloperStatus;
use super::tokens::{AccessTokens, is_invalid_client, token_error};
use super::{return_address, secret};
use crate::account::{AmazonSession, DeveloperSession, Marketplace, PendingDeveloperLogin};
use crate::amazon::{TokenError, bare, developer_answer, developer_call};
use crate::secrets::SecretsError;
use crate::task;

/// The scopes of a sign-in, which are the least that the set-up needs: skills, their models, and testing them.
const SCOPES: &str = "alexa::ask:skills:readwrite alexa::ask:models:readwrite alexa::ask:skills:test";

/// Random bytes of a state: 256 bits.
const STATE_BYTES: usize = 32;

/// Number of attempts, and their distance, to store a new session where the secret cannot be written. There is no
/// second exchange of the same code.
const STORE_ATTEMPTS: usize = 8;
const STORE_INTERVAL: Duration = Duration::from_millis(500);

/// A sign-in that waits for its return. `Debug` does not show the address, which has the state in it.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingConsent {
    /// The address at Amazon for the person to open.
    pub url: String,
    /// The address to which Amazon leads back.
    pub return_url: String,
}

impl std::fmt::Debug for PendingConsent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingConsent").field("return_url", &self.return_url).finish_non_exhaustive()
    }
}

/// The sign-in to the developer account; cheap to clone.
#[derive(Clone, Debug)]
pub struct DeveloperLogin {
    services: Arc<Services>,
    tokens: AccessTokens,
}

impl DeveloperLogin {
    pub(super) fn new(services: Arc<Services>, tokens: AccessTokens) -> Self {
        Self { services, tokens }
    }

    /// The state of the sign-in. Sends nothing to Amazon.
    ///
    /// # Errors
    /// When the secret cannot be read.
    pub async fn status(&self) -> Result<DeveloperStatus, SmapiError> {
        let session = self.services.secrets.amazon().await?.session;
        let pending =
            session.developer_login.as_ref().filter(|login| login.is_open(self.services.deps.clock.now()));
        let login_began_at = pending.map(|login| login.began_at);
        let client_id = session.developer_login.as_ref().map(|login| login.client_id.clone());
        let Some(developer) = session.developer else {
            return Ok(DeveloperStatus { client_id, login_began_at, ..DeveloperStatus::default() });
        };
        Ok(DeveloperStatus {
            signed_in: true,
            client_id: Some(developer.client_id),
            renewed_at: developer.access.map(|access| access.issued_at),
            ended: developer.ended,
            login_began_at,
        })
    }

    /// Begins a sign-in, in the place of a pending one. Returns the address at Amazon for the person to open.
    /// `return_url` is one of the return addresses that the security profile allows.
    ///
    /// # Errors
    /// When the profile or the return address is malformed, or the secret cannot be written.
    pub async fn begin(&self, profile: &SecurityProfile, return_url: &str) -> Result<String, SmapiError> {
        profile.check()?;
        return_address::check(return_url)?;
        let mut bytes = [0; STATE_BYTES];
        self.services.deps.random.fill(&mut bytes)?;
        let state = URL_SAFE_NO_PAD.encode(bytes);
        let login = PendingDeveloperLogin {
            client_id: profile.client_id.clone(),
            client_secret: profile.client_secret.clone(),
            state: SecretString::from(state.clone()),
            return_url: return_url.to_owned(),
            began_at: self.services.deps.clock.now(),
        };
        secret::update(self.services.secrets.as_ref(), |session| {
            session.developer_login = Some(login.clone());
            Ok(())
        })
        .await?;
        Ok(consent_url(&login))
    }

    /// The sign-in that waits for its return; none where none is pending. Sends nothing to Amazon.
    ///
    /// # Errors
    /// When the secret cannot be read.
    pub async fn pending(&self) -> Result<Option<PendingConsent>, SmapiError> {
        let login = self.services.secrets.amazon().await?.session.developer_login;
        let login = login.filter(|login| login.is_open(self.services.deps.clock.now()));
        Ok(login.map(|login| PendingConsent { url: consent_url(&login), return_url: login.return_url }))
    }

    /// Completes a sign-in with the whole address of the return page, or with its query. A person may have copied the
    /// address, because the page failed to load. It works once, and runs to completion even when its caller goes away.
    ///
    /// # Errors
    /// When no such sign-in is pending, the person did not agree, or Amazon does not give the tokens.
    pub async fn complete(&self, address: &str) -> Result<(), SmapiError> {
        let (login, address) = (self.clone(), bare(address).to_owned());
        let exchanged = async move { login.exchange(&address).await };
        task::run_to_completion(exchanged).await.unwrap_or(Err(SmapiError::Unavailable(503)))
    }

    /// Signs out of the developer account, and drops a pending sign-in. The skill stays as it is.
    ///
    /// # Errors
    /// When there is neither, or the secret cannot be written.
    pub async fn sign_out(&self) -> Result<(), SmapiError> {
        secret::update(self.services.secrets.as_ref(), |session| {
            let was_there = session.developer.take().is_some() | session.developer_login.take().is_some();
            was_there.then_some(()).ok_or(SmapiError::NotSignedIn)
        })
        .await?;
        self.tokens.invalidate().await;
        Ok(())
    }

    /// Exchanges the code of an address for tokens, and stores them.
    async fn exchange(&self, address: &str) -> Result<(), SmapiError> {
        let (login, code) = match self.claim(address).await? {
            (login, Ok(code)) => (login, code),
            (_, Err(error)) if error == "access_denied" => return Err(SmapiError::LoginDenied),
            (_, Err(error)) => return Err(SmapiError::LoginRefused(error)),
        };
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", &login.return_url),
        ];
        let call = developer_call(&login.client_id, &login.client_secret, &grant);
        let reply = self.services.transport.send(&call).await?;
        if is_invalid_client(&reply) {
            return Err(SmapiError::InvalidClient);
        }
        let now = self.services.deps.clock.now();
        let (access, refresh_token) = match developer_answer(reply, now) {
            Ok((access, Some(refresh_token))) => (access, refresh_token),
            Ok((_, None)) => {
                return Err(SmapiError::UnexpectedResponse("a sign-in to the developer account"));
            }
            Err(TokenError::Revoked(_)) => return Err(SmapiError::LoginCodeRefused),
            Err(TokenError::Failed(error)) => return Err(token_error(&error, now)),
        };
        let developer = DeveloperSession {
            client_id: login.client_id,
            client_secret: login.client_secret,
            refresh_token,
            access: Some(access),
            login: Some(fingerprint(login.state.expose_secret())),
            ended: None,
        };
        self.store_session(&developer).await?;
        self.tokens.invalidate().await;
        Ok(())
    }

    /// Takes the pending sign-in of this address out of the secret, so that it is completed once.
    async fn claim(
        &self,
        address: &str,
    ) -> Result<(PendingDeveloperLogin, Result<SecretString, String>), SmapiError> {
        let now = self.services.deps.clock.now();
        let (mut claimed, mut expired) = (None, false);
        secret::update(self.services.secrets.as_ref(), |session| {
            let login = pending(session, address)?;
            let returned = return_address::parse(address, &login.return_url)?;
            if !is_same(&returned.state, login.state.expose_secret()) {
                let used = is_used(session, &returned.state);
                return Err(if used { SmapiError::LoginUsed } else { SmapiError::LoginWrongState });
            }
            expired = !login.is_open(now);
            claimed = Some((login, returned.code));
            session.developer_login = None;
            Ok(())
        })
        .await?;
        match claimed {
            Some(_) if expired => Err(SmapiError::LoginExpired),
            Some(claimed) => Ok(claimed),
            None => Err(SmapiError::LoginNotBegun),
        }
    }

    /// Stores a new session; a secret that cannot be written for a moment is tried again.
    async fn store_session(&self, developer: &DeveloperSession) -> Result<(), SmapiError> {
        let mut attempts = 0;
        loop {
            let stored = secret::update(self.services.secrets.as_ref(), |session| {
                session.developer = Some(developer.clone());
                Ok(())
            });
            match stored.await {
                Err(SmapiError::Secrets(error @ SecretsError::Unavailable { .. }))
                    if attempts < STORE_ATTEMPTS =>
                {
                    tracing::warn!(%error, "a new session of the developer account is not stored yet");
                    attempts += 1;
                    sleep(STORE_INTERVAL).await;
                }
                stored => return stored,
            }
        }
    }
}

/// The address at Amazon where the person agrees to a sign-in.
fn consent_url(login: &PendingDeveloperLogin) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", &login.client_id)
        .append_pair("scope", SCOPES)
        .append_pair("redirect_uri", &login.return_url)
        .append_pair("state", login.state.expose_secret())
        .finish();
    format!("https://{}/ap/oa?{query}", Marketplace::com().retail())
}

/// The pending sign-in; an address that completed the one before has its own error.
fn pending(session: &AmazonSession, address: &str) -> Result<PendingDeveloperLogin, SmapiError> {
    if let Some(login) = &session.developer_login {
        return Ok(login.clone());
    }
    let used = return_address::state_of(address).is_some_and(|state| is_used(session, &state));
    Err(if used { SmapiError::LoginUsed } else { SmapiError::LoginNotBegun })
}

/// Whether the present session came from the sign-in of this state.
fn is_used(session: &AmazonSession, state: &str) -> bool {
    let login = session.developer.as_ref().and_then(|developer| developer.login.as_deref());
    login == Some(fingerprint(state).as_str())
}

fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// The SHA-256 of a state, in base64url: it recognizes a state that was used, and is no secret.
fn fingerprint(state: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, state.as_bytes()))
}
