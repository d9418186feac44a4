//! Signing in to the developer account: Login with Amazon, authorization code grant.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tokio::time::sleep;
use url::{Url, form_urlencoded};

use super::error::SmapiError;
use super::manager::SkillManager;
use super::profile::SecurityProfile;
use super::tokens::{refused_client, token_error};
use crate::account::{AmazonSession, DeveloperSession, Marketplace, PendingDeveloperLogin};
use crate::amazon::{TokenError, bare, developer_answer, developer_call};
use crate::secrets::{PutResult, SecretsError};

/// What the sign-in asks for, which is the least that the set-up needs: skills, their models, and testing them.
const SCOPES: &str = "alexa::ask:skills:readwrite alexa::ask:models:readwrite alexa::ask:skills:test";

/// Random bytes of the proof: 256 bits.
const STATE_BYTES: usize = 32;

/// How often a change of the secret is made anew on what another wrote meanwhile.
const MAX_ATTEMPTS: usize = 5;

/// How often a secret that cannot be written for a moment is tried again, and after how long. There is no second
/// exchange of the same code.
const KEPT_TRIES: usize = 8;
const KEPT_AGAIN: Duration = Duration::from_millis(500);

/// Why an address is not that of the return page, or cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    /// A sign-in cannot return there.
    #[error("a sign-in returns to an address that may have a path, and nothing after it")]
    Unusable,
    /// It is of another page.
    #[error("it begins otherwise than the return address of the sign-in")]
    Elsewhere,
    /// There is no state in it, or more than one.
    #[error("there is no state in it")]
    NoState,
    /// There is no code in it, or more than one.
    #[error("there is no code in it")]
    NoCode,
}

impl AddressProblem {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Unusable => "login-return-unusable",
            Self::Elsewhere => "login-address-elsewhere",
            Self::NoState => "login-address-no-state",
            Self::NoCode => "login-address-no-code",
        }
    }
}

/// What the return page was told.
pub(super) struct Return {
    pub(super) state: String,
    /// The code, or Amazon's word for why there is none.
    pub(super) code: Result<SecretString, String>,
}

impl SkillManager {
    /// Begins a sign-in, in the place of one that waits; the address at Amazon that the person has to open.
    /// `return_url` is one of the return addresses that the security profile allows.
    ///
    /// # Errors
    /// When the profile or the return address cannot be one, or the secret cannot be written.
    pub async fn begin_sign_in(
        &self,
        profile: &SecurityProfile,
        return_url: &str,
    ) -> Result<String, SmapiError> {
        profile.check()?;
        let to = Url::parse(return_url).ok();
        if to.is_none_or(|to| to.query().is_some() || to.fragment().is_some()) {
            return Err(SmapiError::LoginWrongAddress(AddressProblem::Unusable));
        }
        let mut bytes = [0; STATE_BYTES];
        self.parts().random.fill(&mut bytes)?;
        let state = URL_SAFE_NO_PAD.encode(bytes);
        let login = PendingDeveloperLogin {
            client_id: profile.client_id.clone(),
            client_secret: profile.client_secret.clone(),
            state: SecretString::from(state.clone()),
            return_url: return_url.to_owned(),
            began_at: self.parts().clock.now(),
        };
        self.change_secret(|session| {
            session.developer_login = Some(login.clone());
            Ok(())
        })
        .await?;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &profile.client_id)
            .append_pair("scope", SCOPES)
            .append_pair("redirect_uri", return_url)
            .append_pair("state", &state)
            .finish();
        Ok(format!("https://{}/ap/oa?{query}", Marketplace::com().retail()))
    }

    /// Completes a sign-in with the whole address of the return page, also as a person copied it because the page
    /// failed to load, or with the query of that address. It works once, and goes on to its end once it has begun,
    /// whether or not anybody waits for it.
    ///
    /// # Errors
    /// When no such sign-in is under way, the person did not agree, or Amazon does not give the tokens.
    pub async fn complete_sign_in(&self, address: &str) -> Result<(), SmapiError> {
        let (manager, address) = (self.clone(), bare(address).to_owned());
        Self::to_the_end(async move { manager.exchange(&address).await }).await
    }

    /// Exchanges the code of an address for the tokens, and keeps them.
    async fn exchange(&self, address: &str) -> Result<(), SmapiError> {
        let login = self.claim(address).await?;
        let (login, code) = match login {
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
        let reply = self.parts().transport.send(&call).await?;
        if refused_client(&reply) {
            return Err(SmapiError::InvalidClient);
        }
        let now = self.parts().clock.now();
        let (access, refresh_token) = match developer_answer(reply, now) {
            Ok((access, Some(refresh_token))) => (access, refresh_token),
            Ok((_, None)) => return Err(SmapiError::Changed("a sign-in to the developer account")),
            Err(TokenError::Revoked(_)) => return Err(SmapiError::LoginCodeRefused),
            Err(TokenError::Failed(error)) => return Err(token_error(&error, now)),
        };
        let developer = DeveloperSession {
            client_id: login.client_id,
            client_secret: login.client_secret,
            refresh_token,
            access: Some(access),
            login: Some(mark(login.state.expose_secret())),
            ended: None,
        };
        self.keep(&developer).await?;
        self.forget_token().await;
        Ok(())
    }

    /// Signs out of the developer account, and gives up a sign-in that waits. The skill stays as it is.
    ///
    /// # Errors
    /// When nobody is signed in or about to be, or that cannot be kept.
    pub async fn sign_out(&self) -> Result<(), SmapiError> {
        self.change_secret(|session| {
            let was_there = session.developer.take().is_some() | session.developer_login.take().is_some();
            was_there.then_some(()).ok_or(SmapiError::NotSignedIn)
        })
        .await?;
        self.forget_token().await;
        Ok(())
    }

    /// Takes the sign-in that waits for this address out of the secret, so that nobody else completes it.
    async fn claim(
        &self,
        address: &str,
    ) -> Result<(PendingDeveloperLogin, Result<SecretString, String>), SmapiError> {
        let now = self.parts().clock.now();
        let (mut claimed, mut expired) = (None, false);
        self.change_secret(|session| {
            let login = pending(session, address)?;
            let answer = read(address, &login.return_url)?;
            if !is_same(&answer.state, login.state.expose_secret()) {
                let used = session.developer.as_ref().and_then(|developer| developer.login.as_deref());
                let used = used == Some(mark(&answer.state).as_str());
                return Err(if used { SmapiError::LoginUsed } else { SmapiError::LoginWrongState });
            }
            expired = !login.is_open(now);
            claimed = Some((login, answer.code));
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

    /// Keeps a session, also where the secret cannot be written for a moment.
    async fn keep(&self, developer: &DeveloperSession) -> Result<(), SmapiError> {
        let mut tries = 0;
        loop {
            let kept = self.change_secret(|session| {
                session.developer = Some(developer.clone());
                Ok(())
            });
            match kept.await {
                Err(SmapiError::Secrets(error @ SecretsError::Unavailable { .. })) if tries < KEPT_TRIES => {
                    tracing::warn!(%error, "a new session of the developer account was not kept yet");
                    tries += 1;
                    sleep(KEPT_AGAIN).await;
                }
                kept => return kept,
            }
        }
    }

    /// Changes the secret, from what another wrote where somebody was faster.
    pub(super) async fn change_secret(
        &self,
        mut change: impl FnMut(&mut AmazonSession) -> Result<(), SmapiError> + Send,
    ) -> Result<(), SmapiError> {
        for _ in 0..MAX_ATTEMPTS {
            let held = self.parts().secrets.amazon().await?;
            let mut session = held.session;
            change(&mut session)?;
            if let PutResult::Stored(_) = self.parts().secrets.put_amazon(&session, &held.version).await? {
                return Ok(());
            }
        }
        Err(SmapiError::Overtaken)
    }
}

fn pending(session: &AmazonSession, address: &str) -> Result<PendingDeveloperLogin, SmapiError> {
    if let Some(login) = &session.developer_login {
        return Ok(login.clone());
    }
    let state = pairs(address).into_iter().find(|(name, _)| name == "state").map(|(_, state)| state);
    let used = session.developer.as_ref().and_then(|developer| developer.login.clone());
    let is_used = used.is_some() && used == state.map(|state| mark(&state));
    Err(if is_used { SmapiError::LoginUsed } else { SmapiError::LoginNotBegun })
}

/// Reads the address of the return page, or its query.
pub(super) fn read(address: &str, return_url: &str) -> Result<Return, SmapiError> {
    let wrong = SmapiError::LoginWrongAddress;
    if address.contains("://") {
        let same = match (Url::parse(address), Url::parse(return_url)) {
            (Ok(address), Ok(expected)) => {
                address.origin() == expected.origin() && address.path() == expected.path()
            }
            _ => false,
        };
        if !same {
            return Err(wrong(AddressProblem::Elsewhere));
        }
    }
    let pairs = pairs(address);
    let once = |name: &str| {
        let mut found = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone());
        found.next().filter(|value| !value.is_empty() && found.next().is_none())
    };
    let state = once("state").ok_or(wrong(AddressProblem::NoState))?;
    let code = match (once("error"), once("code")) {
        (Some(error), _) => Err(short(&error)),
        (None, Some(code)) => Ok(SecretString::from(code)),
        (None, None) => return Err(wrong(AddressProblem::NoCode)),
    };
    Ok(Return { state, code })
}

/// The parameters of an address or of a query.
fn pairs(text: &str) -> Vec<(String, String)> {
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// What stays of a proof that was used.
fn mark(state: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, state.as_bytes()))
}

/// Amazon's word, as far as it is one.
fn short(error: &str) -> String {
    error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(60).collect()
}
