//! The account and the store as the stream uses them, behind a trait: tests let days pass in a moment.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::SecretString;

use super::capabilities;
use crate::account::{LeaseRequest, LeaseResult, Marketplace};
use crate::amazon::devices::DeviceClient;
use crate::amazon::error::AmazonError;
use crate::clock::Timestamp;
use crate::deps::Deps;

/// An access token with its sign-in.
#[derive(Clone, Debug)]
pub struct LiveBearer {
    /// The token.
    pub token: SecretString,
    /// Time of issue.
    pub issued_at: Timestamp,
    /// Time of expiry.
    pub expires_at: Timestamp,
    /// The serial number of the device that we are to Amazon, which each sign-in makes again.
    pub serial: String,
    /// The account's shop, once it is known.
    pub marketplace: Option<Marketplace>,
}

/// The account of the stream.
pub trait LiveAccount: fmt::Debug + Send + Sync {
    /// An access token that lasts for `lasts`, where Amazon gives one, and is not the one that was issued at `refused`.
    fn bearer(
        &self,
        lasts: Duration,
        refused: Option<Timestamp>,
    ) -> BoxFuture<'_, Result<LiveBearer, AmazonError>>;

    /// Registers at Amazon what our device can do; the status of the answer.
    fn register<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<u16, AmazonError>>;

    /// Asks Amazon what plays. The table takes the answers.
    fn query_sessions(&self) -> BoxFuture<'_, ()>;

    /// Asks Amazon for all that live events tell. The table takes the answers.
    fn query_everything(&self) -> BoxFuture<'_, ()>;

    /// The serial number of the present sign-in; none where no account is signed in.
    fn serial(&self) -> BoxFuture<'_, Option<String>>;

    /// Takes or renews the lease on the account's one stream; whether the holder has it.
    fn lease<'a>(&'a self, holder: &'a str, span: Duration) -> BoxFuture<'a, bool>;

    /// Gives the lease back.
    fn release<'a>(&'a self, holder: &'a str) -> BoxFuture<'a, ()>;
}

/// The account whose devices a client knows.
#[derive(Debug)]
pub(super) struct OwnAccount {
    pub(super) client: DeviceClient,
    pub(super) deps: Deps,
}

impl LiveAccount for OwnAccount {
    fn bearer(
        &self,
        lasts: Duration,
        refused: Option<Timestamp>,
    ) -> BoxFuture<'_, Result<LiveBearer, AmazonError>> {
        Box::pin(async move {
            let access = self.client.session().long_access(lasts, refused).await?;
            Ok(LiveBearer {
                token: access.token,
                issued_at: access.issued_at,
                expires_at: access.expires_at,
                serial: access.serial,
                marketplace: access.marketplace,
            })
        })
    }

    fn register<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<u16, AmazonError>> {
        Box::pin(capabilities::put(self.client.session().http(), token))
    }

    fn query_sessions(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let client = self.client.clone();
            note_unread(self.client.finish(async move { client.query_sessions().await }).await);
        })
    }

    fn query_everything(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let client = self.client.clone();
            note_unread(self.client.finish(async move { client.query_everything().await }).await);
        })
    }

    fn serial(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(self.client.session().signed_in_serial())
    }

    fn lease<'a>(&'a self, holder: &'a str, span: Duration) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let request = LeaseRequest { holder: holder.to_owned(), at: self.deps.clock.now(), span };
            match self.deps.store.acquire_live_lease(&request).await {
                Ok(LeaseResult::Granted) => true,
                Ok(LeaseResult::Held(_)) => false,
                // A store that does not answer gives it to no other process either.
                Err(error) => {
                    tracing::debug!(%error, "the lease of the live events was not renewed");
                    true
                }
            }
        })
    }

    fn release<'a>(&'a self, holder: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(error) = self.deps.store.release_live_lease(holder).await {
                tracing::debug!(%error, "the lease of the live events ends by itself");
            }
        })
    }
}

fn note_unread(queried: Result<(), AmazonError>) {
    if let Err(error) = queried {
        tracing::debug!(%error, "the states of the devices were not read");
    }
}
