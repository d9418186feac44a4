//! The access token by itself, for what lasts as long as the token does.

use std::time::Duration;

use secrecy::SecretString;

use super::manager::{SessionManager, signed_in};
use crate::account::{AccessToken, Marketplace};
use crate::amazon::error::AmazonError;
use crate::clock::{SKEW, Timestamp};

/// An access token with its sign-in.
#[derive(Debug)]
pub(in crate::amazon) struct LongAccess {
    pub(in crate::amazon) token: SecretString,
    pub(in crate::amazon) issued_at: Timestamp,
    pub(in crate::amazon) expires_at: Timestamp,
    /// The serial number of the device that we are to Amazon, which each sign-in makes again.
    pub(in crate::amazon) serial: String,
    /// The account's shop, once it is known.
    pub(in crate::amazon) marketplace: Option<Marketplace>,
}

impl SessionManager {
    /// The access token, refreshed where it lasts for less than `lasts`, or is the one of `refused`, by the time of its
    /// issue. Where Amazon gives none for so long, the new one serves all the same.
    pub(in crate::amazon) async fn long_access(
        &self,
        lasts: Duration,
        refused: Option<Timestamp>,
    ) -> Result<LongAccess, AmazonError> {
        if let Some(access) = self.stored_access(lasts, refused).await? {
            return Ok(access);
        }
        let refreshed = self.refresh_access().await;
        // Another part may have failed, and another process may have refreshed it.
        match (self.stored_access(Duration::ZERO, refused).await?, refreshed) {
            (Some(access), _) => Ok(access),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Err(AmazonError::Busy { until: self.clock.now() }),
        }
    }

    /// The serial number of the device of the present sign-in; none where no account is signed in.
    pub(in crate::amazon) async fn signed_in_serial(&self) -> Option<String> {
        let stored = self.secrets.amazon().await.ok()?;
        signed_in(&stored.session).ok().map(|alexa| alexa.serial.clone())
    }

    async fn stored_access(
        &self,
        lasts: Duration,
        refused: Option<Timestamp>,
    ) -> Result<Option<LongAccess>, AmazonError> {
        let session = self.secrets.amazon().await?.session;
        let alexa = signed_in(&session)?;
        let now = self.clock.now();
        let serves = |access: &&AccessToken| {
            access.expires_at > now.plus(lasts)
                && access.issued_at.since(now) <= SKEW
                && Some(access.issued_at) != refused
        };
        Ok(alexa.access.as_ref().filter(serves).map(|access| LongAccess {
            token: access.token.clone(),
            issued_at: access.issued_at,
            expires_at: access.expires_at,
            serial: alexa.serial.clone(),
            marketplace: alexa.place.as_ref().map(|place| place.marketplace.clone()),
        }))
    }
}
