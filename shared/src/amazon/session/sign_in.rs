//! Sign-in, sign-out and status of the account.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::sleep;

use super::deregister::deregister_leaving;
use super::exchange::exchange_cookies;
use super::manager::SessionManager;
use crate::account::{
    AlexaSession, AmazonSession, PendingDeregistration, PendingLogin, RequestKind, RequestLane, Revoked,
};
use crate::amazon::error::{AmazonError, LoginError};
use crate::amazon::http::RequestSeries;
use crate::amazon::login;
use crate::amazon::tokens::TokenClient;
use crate::clock::Timestamp;
use crate::playback::short_hash;
use crate::secrets::SecretsError;
use crate::store::ActivityKind;

/// Longest time of the attempts to store a new session.
const STORED_WITHIN: Duration = Duration::from_secs(10);

/// Pause between two of these attempts.
const STORE_RETRY_PAUSE: Duration = Duration::from_millis(250);

/// The address of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginUrl {
    /// The address of Amazon's page.
    pub url: String,
}

/// A sign-in that is complete.
#[derive(Debug)]
pub struct LoginDone {
    /// First name of the person, where Amazon gives it.
    pub name: Option<String>,
    /// The problem that keeps the account from use, although the sign-in is stored; a later request solves it.
    pub not_ready: Option<AmazonError>,
}

/// The result of a sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogoutDone {
    /// Whether our device is off the account already; otherwise that is tried again.
    pub deregistered: bool,
}

/// The account's status in the secret, without a request to Amazon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountStatus {
    /// Whether a person signed in, and has not signed out.
    pub signed_in: bool,
    /// The end of the session, where Amazon ended it.
    pub ended: Option<Revoked>,
    /// First name of the person.
    pub name: Option<String>,
    /// The account's shop, such as `amazon.de`.
    pub marketplace: Option<String>,
    /// Time of the sign-in.
    pub signed_in_at: Option<Timestamp>,
    /// Issue time of the access token.
    pub token_renewed_at: Option<Timestamp>,
    /// Issue time of the cookies.
    pub cookies_renewed_at: Option<Timestamp>,
    /// Begin of a sign-in that waits for its address.
    pub login_began_at: Option<Timestamp>,
}

impl SessionManager {
    /// Begins a sign-in, which replaces one that has not come back. A signed-in account stays so until
    /// it is complete. `language` is that of the page, such as `de-DE`.
    ///
    /// # Errors
    /// When the secret cannot be written.
    pub async fn begin_login(&self, language: &str) -> Result<LoginUrl, AmazonError> {
        self.update_session(|session| {
            // A device whose registration was never stored is replaced by the one of the same serial number.
            let serial = session.login.take().map(|login| login.serial);
            let login = login::begin(serial, self.random.as_ref(), self.clock.now())?;
            let url = login::sign_in_url(&login, language);
            session.login = Some(login);
            Ok(LoginUrl { url })
        })
        .await
    }

    /// The address of a sign-in that has not come back; none where none is pending. Sends nothing to Amazon.
    ///
    /// # Errors
    /// When the secret cannot be read.
    pub async fn pending_login(&self, language: &str) -> Result<Option<LoginUrl>, AmazonError> {
        let login = self.secrets.amazon().await?.session.login;
        let login = login.filter(|login| login.is_open(self.clock.now()));
        Ok(login.map(|login| LoginUrl { url: login::sign_in_url(&login, language) }))
    }

    /// Completes a sign-in with the address of the page that was not found.
    ///
    /// # Errors
    /// When it is not that address, or it does not work any more; or the registration cannot be made or stored.
    pub async fn complete_login(&self, address: &str) -> Result<LoginDone, AmazonError> {
        let code = login::code_of(address)?;
        let mark = short_hash(code.expose_secret()).as_str().to_owned();
        self.pending(&mark).await?;
        let series = self.open_for_sign_in().await?;
        let name = match self.register(&code, mark, &series).await {
            Ok(name) => name,
            Err(error) => return series.close(Err(error)).await,
        };
        let ready = self.make_ready(&series).await;
        Ok(LoginDone { name, not_ready: series.close(ready).await.err() })
    }

    /// Opens a series for a sign-in. Its code lasts for five minutes, and a throttled lane of reads may be closed for an
    /// hour. Then the sign-in uses the lane of commands, so that the number of requests in flight stays bounded.
    async fn open_for_sign_in(&self) -> Result<RequestSeries, AmazonError> {
        match self.http().open(RequestLane::Reads, RequestKind::Other).await {
            Err(AmazonError::Throttled { .. }) => {
                self.http().open(RequestLane::Commands, RequestKind::Other).await
            }
            opened => opened,
        }
    }

    /// Registers our device, and stores its session. Returns the person's first name, where Amazon gives it.
    async fn register(
        &self,
        code: &SecretString,
        mark: String,
        series: &RequestSeries,
    ) -> Result<Option<String>, AmazonError> {
        // The lane's previous holder may have completed the same sign-in.
        let login = self.pending(&mark).await?;
        let registration = login::registration(&login, code, self.random.as_ref())?;
        let now = self.clock.now();
        let registered = match series.send(&registration, RequestKind::Other).await {
            Ok(reply) => login::registered(reply, &login, now),
            Err(error) => Err(error),
        };
        if let Err(AmazonError::Login(LoginError::Expired)) = &registered
            && self.was_completed_with(&mark).await?
        {
            return Err(LoginError::Used.into());
        }
        let alexa = AlexaSession { login: Some(mark), ..registered? };
        // Before anything else: a device that no secret names stays on the account.
        self.store_login(&alexa).await?;
        self.evict().await;
        self.record_activity(ActivityKind::SignedIn).await;
        Ok(alexa.name)
    }

    /// The sign-in that waits for its code.
    async fn pending(&self, mark: &str) -> Result<PendingLogin, AmazonError> {
        let login = self.secrets.amazon().await?.session.login;
        let is_late = match login {
            Some(login) if login.is_open(self.clock.now()) => return Ok(login),
            login => login.is_some(),
        };
        let used = self.was_completed_with(mark).await?;
        Err(match (used, is_late) {
            (true, _) => LoginError::Used,
            (false, true) => LoginError::TooLate,
            (false, false) => LoginError::NotBegun,
        }
        .into())
    }

    async fn was_completed_with(&self, mark: &str) -> Result<bool, AmazonError> {
        let stored = self.secrets.amazon().await?;
        Ok(stored.session.alexa.is_some_and(|alexa| alexa.login.as_deref() == Some(mark)))
    }

    /// Stores the session of a registration on top of other changes. An unavailable secret is tried again for a while:
    /// a code registers only once.
    async fn store_login(&self, alexa: &AlexaSession) -> Result<(), AmazonError> {
        let patience = self.clock.now().plus(STORED_WITHIN);
        loop {
            let stored = self.update_session(|session| {
                take_leave(session, self.clock.now());
                // A failed write may have succeeded, and a repeated registration is of the same device.
                session.pending_deregistrations.retain(|pending| pending.serial != alexa.serial);
                session.alexa = Some(alexa.clone());
                session.login = None;
                Ok(())
            });
            let error = match stored.await {
                Ok(()) => return Ok(()),
                Err(
                    error @ (AmazonError::Conflict | AmazonError::Secrets(SecretsError::Unavailable { .. })),
                ) => error,
                Err(error) => return Err(error),
            };
            if self.clock.now() >= patience {
                return Err(error);
            }
            tracing::warn!(%error, "a new session is not stored yet");
            sleep(STORE_RETRY_PAUSE).await;
        }
    }

    /// Exchanges the cookies of a new session, and takes the device of the sign-in before off its account.
    async fn make_ready(&self, series: &RequestSeries) -> Result<(), AmazonError> {
        self.store.put_devices(None).await?;
        let stored = self.secrets.amazon().await?;
        let mut session = stored.session;
        let tokens = TokenClient::new(series, self.clock.as_ref());
        let exchanged = match session.alexa.as_mut() {
            Some(alexa) => exchange_cookies(tokens, alexa).await,
            None => Err(AmazonError::NotSignedIn),
        };
        if let Err(error) = &exchanged {
            series.record_error(error);
        }
        deregister_leaving(&mut session, tokens).await;
        // On a conflict, the next request completes the session.
        self.put_session(&session, &stored.version).await?;
        exchanged
    }

    /// Signs out: removes the session from the secret, then our device from the account.
    ///
    /// # Errors
    /// When no account is signed in, or the secret cannot be written.
    pub async fn logout(&self) -> Result<LogoutDone, AmazonError> {
        let was_signed_in = self.remove_sign_in().await?;
        self.evict().await;
        if was_signed_in {
            self.record_activity(ActivityKind::SignedOut).await;
        }
        self.store.put_devices(None).await?;
        let deregistered = match self.deregister_now().await {
            Ok(deregistered) => deregistered,
            Err(error) => {
                tracing::warn!(%error, "the device is still on the account, and is taken off it later");
                false
            }
        };
        Ok(LogoutDone { deregistered })
    }

    /// Removes the session and a pending sign-in from the secret. Returns whether an account was signed in.
    async fn remove_sign_in(&self) -> Result<bool, AmazonError> {
        self.update_session(|session| {
            let was_signed_in = session.alexa.is_some();
            if !was_signed_in && session.login.is_none() {
                return Err(AmazonError::NotSignedIn);
            }
            take_leave(session, self.clock.now());
            session.login = None;
            Ok(was_signed_in)
        })
        .await
    }

    async fn deregister_now(&self) -> Result<bool, AmazonError> {
        let series = self.http().open(RequestLane::Reads, RequestKind::Other).await?;
        let deregistered = self.deregister_with(&series).await;
        series.close(deregistered).await
    }

    /// Deregisters the devices of earlier sign-ins; whether all of them are off their accounts.
    async fn deregister_with(&self, series: &RequestSeries) -> Result<bool, AmazonError> {
        let stored = self.secrets.amazon().await?;
        let mut session = stored.session;
        let before = session.pending_deregistrations.len();
        deregister_leaving(&mut session, TokenClient::new(series, self.clock.as_ref())).await;
        if session.pending_deregistrations.len() != before {
            self.put_session(&session, &stored.version).await?;
        }
        Ok(session.pending_deregistrations.is_empty())
    }

    /// The account's status.
    ///
    /// # Errors
    /// When the secret cannot be read.
    pub async fn status(&self) -> Result<AccountStatus, AmazonError> {
        let session = self.secrets.amazon().await?.session;
        let pending = session.login.filter(|login| login.is_open(self.clock.now()));
        let login_began_at = pending.map(|login| login.began_at);
        let Some(alexa) = session.alexa else {
            return Ok(AccountStatus { login_began_at, ..AccountStatus::default() });
        };
        Ok(AccountStatus {
            signed_in: true,
            ended: alexa.ended,
            name: alexa.name,
            marketplace: alexa.place.map(|place| place.marketplace.to_string()),
            signed_in_at: Some(alexa.signed_in_at),
            token_renewed_at: alexa.access.map(|access| access.issued_at),
            cookies_renewed_at: alexa.cookies.map(|cookies| cookies.issued_at),
            login_began_at,
        })
    }
}

/// Moves the device of the session to those that have to be deregistered. Where Amazon ended the session, its device
/// is deregistered already.
fn take_leave(session: &mut AmazonSession, since: Timestamp) {
    let Some(alexa) = session.alexa.take().filter(|alexa| alexa.ended.is_none()) else {
        return;
    };
    session.pending_deregistrations.push(PendingDeregistration {
        serial: alexa.serial,
        refresh_token: alexa.refresh_token,
        since,
    });
}
