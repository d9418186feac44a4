//! Making a session usable: an access token, the cookies of the account's own shop, its csrf token and its hosts.

use reqwest::Method;
use serde::Deserialize;

use super::SessionKeeper;
use crate::account::{AccountHosts, AlexaSession, AmazonHost, Marketplace};
use crate::amazon::answer;
use crate::amazon::app;
use crate::amazon::error::AmazonError;
use crate::amazon::jar::Jar;
use crate::amazon::rate_limit::Permit;
use crate::amazon::tokens::{TokenError, signed, take_cookies};
use crate::amazon::transport::{Call, Reply};

/// How often an account may name another shop before we stop following it.
const MOVES: usize = 3;

/// The account, as the app's API tells it (docs/amazon-api.md, 3.1).
#[derive(Deserialize)]
pub(in crate::amazon) struct Me {
    pub(in crate::amazon) id: String,
    #[serde(rename = "marketPlaceDomainName")]
    marketplace: Option<String>,
}

impl Me {
    /// The account's own shop, which is the one that was asked where Amazon names none.
    pub(in crate::amazon) fn shop(&self, asked: &Marketplace) -> Result<Marketplace, AmazonError> {
        match self.marketplace.as_deref().map(Marketplace::parse) {
            Some(Ok(own)) => Ok(own),
            Some(Err(error)) => {
                tracing::error!(%error, "the account's shop is unknown");
                Err(AmazonError::Changed { what: "the account's shop" })
            }
            None => Ok(asked.clone()),
        }
    }
}

/// Where the app's API is (docs/amazon-api.md, 3.2).
#[derive(Deserialize)]
pub(in crate::amazon) struct Endpoints {
    #[serde(rename = "websiteApiUrl")]
    api: Option<String>,
}

impl Endpoints {
    /// The host of the API, if it is one of Amazon's in this shop. Cookies go by shop, so that a host of another one
    /// would get none.
    pub(in crate::amazon) fn host(&self, marketplace: &Marketplace) -> Option<AmazonHost> {
        let host = AmazonHost::parse(self.api.as_deref()?)
            .inspect_err(|error| tracing::error!(%error, "Amazon named a host that gets no cookies"))
            .ok()?;
        (host.marketplace().as_ref() == Some(marketplace)).then_some(host)
    }
}

impl SessionKeeper {
    /// Makes everything anew that is made from the refresh token.
    pub(super) async fn mint(&self, session: &mut AlexaSession, permit: &Permit) -> Result<(), TokenError> {
        self.mint_access(session, permit).await?;
        Ok(self.mint_cookies(session, permit).await?)
    }

    /// A new access token. It is here that the end of a session shows, and not in what else fails.
    pub(super) async fn mint_access(
        &self,
        session: &mut AlexaSession,
        permit: &Permit,
    ) -> Result<(), TokenError> {
        session.access =
            Some(self.auth.access_token(permit, &session.refresh_token, self.clock.now()).await?);
        Ok(())
    }

    /// New cookies, for the shop that the account says is its own, and the hosts that go with it.
    pub(super) async fn mint_cookies(
        &self,
        session: &mut AlexaSession,
        permit: &Permit,
    ) -> Result<(), AmazonError> {
        let mut marketplace =
            session.place.as_ref().map_or_else(Marketplace::com, |place| place.marketplace.clone());
        for _ in 0..MOVES {
            let now = self.clock.now();
            let jar = self.auth.cookies(permit, &session.refresh_token, &marketplace).await?;
            let me: Me = self.ask(&jar, &marketplace, &me_path(), "the account", permit).await?;
            let own = me.shop(&marketplace)?;
            // Another shop than the account's own may have no csrf token for it.
            if own == marketplace {
                self.auth.csrf(permit, &jar, &marketplace).await?;
                let api = self.api_host(&jar, &marketplace, permit).await?;
                session.cookies = Some(jar.cookies(&marketplace, now));
                session.place = Some(AccountHosts { marketplace, api, customer: me.id });
                return Ok(());
            }
            marketplace = own;
        }
        Err(AmazonError::Changed { what: "the account's shop" })
    }

    /// The host of the API; where Amazon names none that gets our cookies, the shop's own pages serve.
    async fn api_host(
        &self,
        jar: &Jar,
        marketplace: &Marketplace,
        permit: &Permit,
    ) -> Result<AmazonHost, AmazonError> {
        let found: Result<Endpoints, _> =
            self.ask(jar, marketplace, "/api/endpoints", "the hosts", permit).await;
        let host = match found {
            Ok(endpoints) => endpoints.host(marketplace),
            Err(
                error @ (AmazonError::Changed { .. }
                | AmazonError::Unavailable(_)
                | AmazonError::SessionRefused),
            ) => {
                tracing::warn!(%error, "Amazon does not tell its hosts");
                None
            }
            Err(error) => return Err(error),
        };
        Ok(host.unwrap_or_else(|| marketplace.web()))
    }

    /// Asks the app's pages of a shop.
    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        jar: &Jar,
        marketplace: &Marketplace,
        path: &str,
        what: &'static str,
        permit: &Permit,
    ) -> Result<T, AmazonError> {
        let web = marketplace.web();
        let call = signed(Call::new(Method::GET, &web, path), jar, &web);
        let reply = self.auth.send(permit, &call, false).await?;
        take_cookies(jar, &reply, &call.url());
        read(reply, what)
    }
}

fn me_path() -> String {
    format!("/api/users/me?platform=ios&version={}", app::APP_VERSION)
}

/// What an answer of the app's pages holds.
pub(in crate::amazon) fn read<T: serde::de::DeserializeOwned>(
    reply: Reply,
    what: &'static str,
) -> Result<T, AmazonError> {
    let reply = answer::sort(reply).map_err(|refusal| AmazonError::of_refusal(&refusal, what))?;
    reply.json().ok_or(AmazonError::Changed { what })
}
