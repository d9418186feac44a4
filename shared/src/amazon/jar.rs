//! The cookies of a session, with the rules of which request gets which.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cookie_store::{CookieStore, RawCookie};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::account::{Marketplace, SessionCookies, StoredCookie};
use crate::clock::Timestamp;

/// The cookie whose value goes into the header of the same name (docs/amazon-api.md, 2.3).
const CSRF: &str = "csrf";

/// A jar for the cookies of one shop.
pub(super) struct Jar {
    store: Mutex<CookieStore>,
}

impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jar").finish_non_exhaustive()
    }
}

impl Jar {
    pub(super) fn empty() -> Self {
        Self { store: Mutex::new(CookieStore::new()) }
    }

    pub(super) fn of(cookies: &SessionCookies) -> Self {
        let jar = Self::empty();
        for cookie in &cookies.jar {
            jar.add(cookie, &cookies.marketplace);
        }
        jar
    }

    /// Puts a cookie of this shop in. One of another domain is left out, and one that no request can carry.
    pub(super) fn add(&self, cookie: &StoredCookie, marketplace: &Marketplace) {
        let domain = cookie.domain.trim_start_matches('.');
        if !is_of(domain, marketplace) {
            tracing::warn!(cookie.domain = domain, "a cookie of another domain is left out");
            return;
        }
        // With it in the jar, no request could be sent any more.
        if HeaderValue::from_str(&format!("{}={}", cookie.name, cookie.value.expose_secret())).is_err() {
            tracing::warn!(cookie.name, "a cookie that no header can carry is left out");
            return;
        }
        let Ok(url) = Url::parse(&format!("https://www.{domain}/")) else {
            return;
        };
        let raw = RawCookie::build((cookie.name.clone(), cookie.value.expose_secret().to_owned()))
            .domain(domain.to_owned())
            .path(cookie.path.clone())
            .secure(true)
            .build();
        // What the rules refuse is no cookie of this shop.
        let _ = self.lock().insert_raw(&raw, &url);
    }

    /// Takes what an answer sets.
    pub(super) fn take(&self, set_cookie: &str, url: &str) {
        if let Ok(url) = Url::parse(url) {
            let _ = self.lock().parse(set_cookie, &url);
        }
    }

    /// The header for a request; none where no cookie belongs to it.
    pub(super) fn header(&self, url: &str) -> Option<String> {
        let url = Url::parse(url).ok()?;
        let store = self.lock();
        let pairs: Vec<String> =
            store.get_request_values(&url).map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// The token that the shop's hosts ask for besides the cookies.
    pub(super) fn csrf(&self, url: &str) -> Option<String> {
        let url = Url::parse(url).ok()?;
        let store = self.lock();
        store.get_request_values(&url).find(|(name, _)| *name == CSRF).map(|(_, value)| value.to_owned())
    }

    /// The cookies, to be kept.
    pub(super) fn cookies(&self, marketplace: &Marketplace, issued_at: Timestamp) -> SessionCookies {
        let store = self.lock();
        let all = store.iter_unexpired().map(|cookie| {
            // A path that is none counts as absent (RFC 6265, §5.2.4).
            let path = cookie.path().filter(|path| path.starts_with('/'));
            let kept = StoredCookie {
                name: cookie.name().to_owned(),
                value: SecretString::from(cookie.value().to_owned()),
                domain: cookie.domain().map_or_else(|| marketplace.cookie_domain(), str::to_owned),
                path: path.unwrap_or("/").to_owned(),
            };
            (kept, cookie.domain().is_none())
        });
        // A host may set one for all of `.com`, which is no shop's.
        let mut jar: Vec<_> = all.filter(|(cookie, _)| is_of(&cookie.domain, marketplace)).collect();
        // One of a single host's becomes the shop's, unless the shop has one of that name itself.
        jar.sort_by(|(a, of_host), (b, of_other)| place(a).cmp(&place(b)).then(of_host.cmp(of_other)));
        jar.dedup_by(|(later, _), (earlier, _)| place(later) == place(earlier));
        let jar = jar.into_iter().map(|(cookie, _)| cookie).collect();
        SessionCookies { marketplace: marketplace.clone(), jar, issued_at }
    }

    fn lock(&self) -> MutexGuard<'_, CookieStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a domain is a shop's.
fn is_of(domain: &str, marketplace: &Marketplace) -> bool {
    let (domain, shop) = (domain.trim_start_matches('.').to_ascii_lowercase(), marketplace.cookie_domain());
    let before = domain.strip_suffix(shop.trim_start_matches('.'));
    before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The key of a cookie in a jar.
fn place(cookie: &StoredCookie) -> (&str, String, &str) {
    (&cookie.name, cookie.domain.trim_start_matches('.').to_ascii_lowercase(), &cookie.path)
}

/// A cookie's value without the one pair of quotes that Amazon wraps some in (docs/amazon-api.md, T14).
pub(super) fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}
