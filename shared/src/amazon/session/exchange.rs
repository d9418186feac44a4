//! Exchange of the refresh token for an access token, cookies of the account's own shop, and its hosts.

use serde::Deserialize;

use crate::account::{AccountHosts, AlexaSession, AmazonHost, Marketplace};
use crate::amazon::app;
use crate::amazon::error::AmazonError;
use crate::amazon::jar::Jar;
use crate::amazon::tokens::{TokenClient, TokenError};

/// Moves from shop to shop that are followed, where an account names another one each time.
const MAX_MOVES: usize = 3;

/// The account in the app's API (docs/amazon-api.md, 3.1).
#[derive(Deserialize)]
pub(in crate::amazon) struct Me {
    pub(in crate::amazon) id: String,
    #[serde(rename = "marketPlaceDomainName")]
    marketplace: Option<String>,
}

impl Me {
    /// The account's own shop, which is the one that was asked where Amazon names none.
    pub(in crate::amazon) fn shop(&self, requested: &Marketplace) -> Result<Marketplace, AmazonError> {
        match self.marketplace.as_deref().map(Marketplace::parse) {
            Some(Ok(own)) => Ok(own),
            Some(Err(error)) => {
                tracing::error!(%error, "the account's shop is unknown");
                Err(AmazonError::UnexpectedResponse { what: "the account's shop" })
            }
            None => Ok(requested.clone()),
        }
    }
}

/// The hosts of the app's API (docs/amazon-api.md, 3.2).
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
            .inspect_err(|error| tracing::warn!(%error, "Amazon named a host that gets no cookies"))
            .ok()?;
        (host.marketplace().as_ref() == Some(marketplace)).then_some(host)
    }
}

/// Exchanges the refresh token for a new access token. Only here does Amazon report the end of a session.
pub(super) async fn refresh_access_token(
    tokens: TokenClient<'_>,
    session: &mut AlexaSession,
) -> Result<(), TokenError> {
    session.access = Some(tokens.access_token(&session.refresh_token).await?);
    Ok(())
}

/// Exchanges the refresh token for cookies of the account's own shop, with its csrf token and its hosts.
pub(super) async fn exchange_cookies(
    tokens: TokenClient<'_>,
    session: &mut AlexaSession,
) -> Result<(), AmazonError> {
    let mut marketplace =
        session.place.as_ref().map_or_else(Marketplace::com, |place| place.marketplace.clone());
    for _ in 0..MAX_MOVES {
        let now = tokens.clock().now();
        let jar = tokens.cookies(&session.refresh_token, &marketplace).await?;
        let me: Me = tokens.page(&jar, &marketplace, &me_path(), "the account").await?;
        let own = me.shop(&marketplace)?;
        // Another shop than the account's own may have no csrf token for it.
        if own == marketplace {
            tokens.csrf(&jar, &marketplace).await?;
            let api = api_host(tokens, &jar, &marketplace).await?;
            session.cookies = Some(jar.cookies(&marketplace, now));
            session.place = Some(AccountHosts { marketplace, api, customer: me.id });
            return Ok(());
        }
        marketplace = own;
    }
    Err(AmazonError::UnexpectedResponse { what: "the account's shop" })
}

/// The host of the API; where Amazon names none that gets our cookies, the shop's own pages serve.
async fn api_host(
    tokens: TokenClient<'_>,
    jar: &Jar,
    marketplace: &Marketplace,
) -> Result<AmazonHost, AmazonError> {
    let found: Result<Endpoints, _> = tokens.page(jar, marketplace, "/api/endpoints", "the hosts").await;
    let host = match found {
        Ok(endpoints) => endpoints.host(marketplace),
        Err(
            error @ (AmazonError::UnexpectedResponse { .. }
            | AmazonError::Unavailable(_)
            | AmazonError::SessionRefused),
        ) => {
            tracing::warn!(%error, "Amazon does not name its hosts");
            None
        }
        Err(error) => return Err(error),
    };
    Ok(host.unwrap_or_else(|| marketplace.web()))
}

fn me_path() -> String {
    format!("/api/users/me?platform=ios&version={}", app::APP_VERSION)
}
