//! Signing in and out.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::sleep;

use crate::account::{
    AlexaSession, AmazonSession, Feedback, PendingDeregistration, PendingLogin, RequestLane, Revoked,
};
use crate::amazon::error::{AmazonError, LoginError};
use crate::amazon::login;
use crate::amazon::rate_limit::Permit;
use crate::amazon::session::refresh::RefreshReport;
use crate::clock::Timestamp;
use crate::playback::short_hash;
use crate::secrets::{PutResult, SecretsError};
use crate::store::ActivityKind;

use super::{MAX_ATTEMPTS, SessionKeeper};

/// How long it is tried to keep a new session.
const KEPT_WITHIN: Duration = Duration::from_secs(10);

/// How long after a failure that is tried again.
const KEPT_AGAIN: Duration = Duration::from_millis(250);

/// Where a person signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginUrl {
    /// A page of Amazon's.
    pub url: String,
}

/// A sign-in that is complete.
#[derive(Debug)]
pub struct LoginDone {
    /// Who is signed in, by first name, where Amazon tells.
    pub name: Option<String>,
    /// Why the account cannot be used yet, although the sign-in is kept; a later try mends it.
    pub not_ready: Option<AmazonError>,
}

/// What became of a wish to sign out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogoutDone {
    /// Whether our device is off the account already; otherwise that is tried again.
    pub deregistered: bool,
}

/// What is known of the account without asking Amazon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountStatus {
    /// Whether a person signed in, and has not signed out.
    pub signed_in: bool,
    /// Amazon took the session back.
    pub ended: Option<Revoked>,
    /// Who it is, by first name.
    pub name: Option<String>,
    /// The account's shop, such as `amazon.de`.
    pub marketplace: Option<String>,
    /// When the person signed in.
    pub signed_in_at: Option<Timestamp>,
    /// When the access token was renewed last.
    pub token_renewed_at: Option<Timestamp>,
    /// When the cookies were renewed last.
    pub cookies_renewed_at: Option<Timestamp>,
    /// Since when a sign-in waits for its address.
    pub login_began_at: Option<Timestamp>,
}

impl SessionKeeper {
    /// Begins a sign-in, which replaces one that has not come back. Nothing changes for whoever is signed in until
    /// it is complete. `language` is that of the page, such as `de-DE`.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn begin_login(&self, language: &str) -> Result<LoginUrl, AmazonError> {
        for _ in 0..MAX_ATTEMPTS {
            let held = self.secrets.amazon().await?;
            let mut session = held.session;
            // A device whose registration was never kept is replaced by the one of the same serial number.
            let serial = session.login.take().map(|login| login.serial);
            let login = login::begin(serial, self.random.as_ref(), self.clock.now())?;
            let url = login::sign_in_url(&login, language);
            session.login = Some(login);
            if let PutResult::Stored(_) = self.secrets.put_amazon(&session, &held.version).await? {
                return Ok(LoginUrl { url });
            }
        }
        Err(AmazonError::Overtaken)
    }

    /// Completes a sign-in with the address of the page that was not found.
    ///
    /// # Errors
    /// When it is not that address, or it does not work any more; or the registration cannot be made or kept.
    pub async fn complete_login(&self, address: &str) -> Result<LoginDone, AmazonError> {
        let code = login::code_of(address)?;
        let mark = short_hash(code.expose_secret()).as_str().to_owned();
        self.pending(&mark).await?;
        let permit = self.enter_to_sign_in().await?;
        match self.complete_in_lane(&code, mark, &permit).await {
            Ok(LoginDone { name, not_ready: Some(error) }) => {
                Ok(LoginDone { name, not_ready: Some(self.limiter.fail(&permit, false, error).await) })
            }
            Ok(done) => {
                self.limiter.leave(&permit, false, Feedback::Unknown).await;
                Ok(done)
            }
            Err(error) => Err(self.limiter.fail(&permit, false, error).await),
        }
    }

    /// The code lasts for five minutes and a lane of reads that was throttled may be closed for an hour: then the
    /// sign-in goes where commands go, so that there are no more requests at once than ever.
    async fn enter_to_sign_in(&self) -> Result<Permit, AmazonError> {
        match self.limiter.enter(RequestLane::Reads, false).await {
            Err(AmazonError::Throttled { .. }) => self.limiter.enter(RequestLane::Commands, false).await,
            entered => entered,
        }
    }

    async fn complete_in_lane(
        &self,
        code: &SecretString,
        mark: String,
        permit: &Permit,
    ) -> Result<LoginDone, AmazonError> {
        // Whoever was in the lane before may have completed the same sign-in.
        let login = self.pending(&mark).await?;
        let registered =
            self.auth.register(permit, &login, code, self.random.as_ref(), self.clock.now()).await;
        if let Err(AmazonError::Login(LoginError::Expired)) = &registered
            && self.was_completed_with(&mark).await?
        {
            return Err(LoginError::Used.into());
        }
        let alexa = AlexaSession { login: Some(mark), ..registered? };
        // Before anything else: a device that nobody knows of stays on the account.
        self.keep_login(&alexa).await?;
        self.forget().await;
        self.tell(ActivityKind::SignedIn).await;
        Ok(self.make_ready(alexa.name, permit).await)
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
        let held = self.secrets.amazon().await?;
        Ok(held.session.alexa.is_some_and(|alexa| alexa.login.as_deref() == Some(mark)))
    }

    /// Keeps what a registration gave, whatever else was written meanwhile. A place that cannot be written for a
    /// moment is tried for a while: there is no second registration with the same code.
    async fn keep_login(&self, alexa: &AlexaSession) -> Result<(), AmazonError> {
        let patience = self.clock.now().plus(KEPT_WITHIN);
        loop {
            let error = match self.write_login(alexa).await {
                Ok(PutResult::Stored(_)) => return Ok(()),
                Ok(PutResult::Conflict) => AmazonError::Overtaken,
                Err(error @ SecretsError::Unavailable { .. }) => {
                    tracing::warn!(%error, "a new session was not kept yet");
                    error.into()
                }
                Err(error) => return Err(error.into()),
            };
            if self.clock.now() >= patience {
                return Err(error);
            }
            sleep(KEPT_AGAIN).await;
        }
    }

    async fn write_login(&self, alexa: &AlexaSession) -> Result<PutResult, SecretsError> {
        let held = self.secrets.amazon().await?;
        let mut session = held.session;
        leave(&mut session, self.clock.now());
        // A write that failed may have been done, and a device whose registration was repeated is the same one.
        session.leaving.retain(|leaving| leaving.serial != alexa.serial);
        session.alexa = Some(alexa.clone());
        session.login = None;
        self.secrets.put_amazon(&session, &held.version).await
    }

    /// Finds out where the account is at home, and takes the device of the sign-in before off its account.
    async fn make_ready(&self, name: Option<String>, permit: &Permit) -> LoginDone {
        let readied = async {
            self.store.put_devices(None).await?;
            let held = self.secrets.amazon().await?;
            let mut session = held.session;
            let minted = match session.alexa.as_mut() {
                Some(alexa) => self.mint_cookies(alexa, permit).await,
                None => Err(AmazonError::NotSignedIn),
            };
            if let Err(error) = &minted {
                permit.note(error);
            }
            self.deregister_leaving(&mut session, permit, &mut RefreshReport::default()).await;
            // Should another have written meanwhile, it is made ready by whoever needs it first.
            self.secrets.put_amazon(&session, &held.version).await?;
            minted
        };
        LoginDone { name, not_ready: readied.await.err() }
    }

    /// Signs out: the session is forgotten, then our device is taken off the account.
    ///
    /// # Errors
    /// When nobody is signed in, or that cannot be kept.
    pub async fn logout(&self) -> Result<LogoutDone, AmazonError> {
        let was_signed_in = self.forget_sign_in().await?;
        self.forget().await;
        if was_signed_in {
            self.tell(ActivityKind::SignedOut).await;
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

    /// Forgets whoever is signed in or about to be; whether somebody was signed in.
    async fn forget_sign_in(&self) -> Result<bool, AmazonError> {
        for _ in 0..MAX_ATTEMPTS {
            let held = self.secrets.amazon().await?;
            let mut session = held.session;
            let was_signed_in = session.alexa.is_some();
            if !was_signed_in && session.login.is_none() {
                return Err(AmazonError::NotSignedIn);
            }
            leave(&mut session, self.clock.now());
            session.alexa = None;
            session.login = None;
            if let PutResult::Stored(_) = self.secrets.put_amazon(&session, &held.version).await? {
                return Ok(was_signed_in);
            }
        }
        Err(AmazonError::Overtaken)
    }

    async fn deregister_now(&self) -> Result<bool, AmazonError> {
        let permit = self.limiter.enter(RequestLane::Reads, false).await?;
        let done = async {
            let held = self.secrets.amazon().await?;
            let mut session = held.session;
            if self.deregister_leaving(&mut session, &permit, &mut RefreshReport::default()).await {
                self.secrets.put_amazon(&session, &held.version).await?;
            }
            Ok(session.leaving.is_empty())
        }
        .await;
        self.limiter.leave(&permit, false, Feedback::Unknown).await;
        done
    }

    /// The serial number of the device that we are to Amazon now. A session of an earlier sign-in is not used any
    /// longer.
    pub(in crate::amazon) async fn serial(&self) -> Result<Option<String>, AmazonError> {
        let own = self.secrets.amazon().await?.session.alexa.map(|alexa| alexa.serial);
        self.keep_only(own.as_deref()).await;
        Ok(own)
    }

    /// The customer's id in commands, where that was found out.
    pub(in crate::amazon) async fn customer(&self) -> Result<Option<String>, AmazonError> {
        let alexa = self.secrets.amazon().await?.session.alexa;
        Ok(alexa.and_then(|alexa| alexa.place).map(|place| place.customer))
    }

    /// What is known of the account.
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

/// Puts the device of whoever is signed in among those that are to go. One whose session Amazon ended is gone.
fn leave(session: &mut AmazonSession, since: Timestamp) {
    let Some(alexa) = session.alexa.take().filter(|alexa| alexa.ended.is_none()) else {
        return;
    };
    session.leaving.push(PendingDeregistration {
        serial: alexa.serial,
        refresh_token: alexa.refresh_token,
        since,
    });
}
