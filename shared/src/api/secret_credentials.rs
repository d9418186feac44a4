//! The credentials of the secret, as they were last read.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ring::hmac;
use secrecy::ExposeSecret as _;

use super::auth::{AuthError, PairDigest, Pairs};
use crate::clock::{Clock, Moment};
use crate::grant::GrantKeys;
use crate::secrets::{Credentials, SecretStore, SecretsError};

/// Time that credentials which were read are used.
const CACHED: Duration = Duration::from_mins(5);

/// A wrong password causes at most one more reading in this time: a new password works at once, and guessing causes no
/// load.
const REREAD: Duration = Duration::from_secs(30);

/// Time after a failed reading until the next one.
const RETRY: Duration = Duration::from_secs(5);

/// Time between two log lines about credentials that cannot be read.
const TOLD_AGAIN: Duration = Duration::from_mins(1);

/// Reads the secret `credentials` and remembers it.
pub(super) struct SecretCredentials {
    secrets: Arc<dyn SecretStore>,
    clock: Arc<dyn Clock>,
    has_users: bool,
    cache: Mutex<Cache>,
    /// Held while the secret is read. A burst of requests reads it once, and known credentials wait for no reading.
    reading: tokio::sync::Mutex<()>,
    has_warned: AtomicBool,
}

/// The content of the secret.
#[derive(Clone)]
pub(super) struct SecretContent {
    pub(super) pairs: Pairs,
    /// Signs sessions of the pages; secrets of older releases have none.
    pub(super) session_key: Option<hmac::Key>,
    /// Seal and open grants; secrets of older releases have none.
    pub(super) grant_keys: Option<Arc<GrantKeys>>,
}

#[derive(Default)]
struct Cache {
    known: Option<SecretContent>,
    /// The time at which `known` was read.
    read_at: Option<Moment>,
    /// The time and the error of a failed reading.
    failed: Option<(Moment, String)>,
    /// The time of the last reading for a wrong password.
    reread_at: Option<Moment>,
    /// The time at which the log last named the remedy.
    told_at: Option<Moment>,
}

impl SecretCredentials {
    /// Nothing read yet. `has_users` says whether user names and passwords are taken from the secret at all.
    pub(super) fn new(secrets: Arc<dyn SecretStore>, clock: Arc<dyn Clock>, has_users: bool) -> Self {
        Self {
            secrets,
            clock,
            has_users,
            cache: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            has_warned: AtomicBool::new(false),
        }
    }

    /// The content of the secret when it was last read; none where it cannot be read, is gone or is malformed.
    pub(super) fn known(&self) -> Option<SecretContent> {
        self.cache().known.clone()
    }

    /// Reads the secret if what is known is old; whether it did.
    pub(super) async fn refresh(&self) -> bool {
        if !self.is_due() {
            return false;
        }
        let _reading = self.reading.lock().await;
        if !self.is_due() {
            return false;
        }
        self.read().await;
        true
    }

    /// Reads the secret because something sent does not fit it, unless that was done a moment ago. A request that comes
    /// while another one reads waits for that reading.
    pub(super) async fn read_after_wrong(&self) {
        let _reading = self.reading.lock().await;
        if self.may_reread() {
            self.read().await;
        }
    }

    /// Reads them now, since they were changed here.
    #[cfg(feature = "sqlite")]
    pub(super) async fn read_changed(&self) {
        let _reading = self.reading.lock().await;
        self.read().await;
    }

    /// The error for a stranger where there are no credentials; the log has the rest.
    pub(super) fn unavailable(&self) -> AuthError {
        self.tell(&mut self.cache(), self.clock.moment());
        AuthError::Unavailable
    }

    /// Says once in the log that sessions end with this process, and the remedy.
    pub(super) fn warn_of_missing_session_key(&self) {
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                place = self.secrets.location(),
                "the secret has no `session_key`, so a log-in to the pages holds in this process only, until it ends: \
                 start `ma-alexa` once where it may write there, or run infra/deploy again, which add one"
            );
        }
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self) -> bool {
        let now = self.clock.moment();
        let cache = self.cache();
        let current = cache.read_at.is_some_and(|at| now.since(at) < CACHED);
        let failing = cache.failed.as_ref().is_some_and(|(at, _)| now.since(*at) < RETRY);
        !current && !failing
    }

    /// Whether a wrong password may cause a reading now; it counts as one.
    fn may_reread(&self) -> bool {
        let now = self.clock.moment();
        let mut cache = self.cache();
        let may = cache.reread_at.is_none_or(|at| now.since(at) >= REREAD);
        if may {
            cache.reread_at = Some(now);
        }
        may
    }

    /// Reads the secret. While it cannot be reached, what was known goes on to hold; a secret that is gone or
    /// malformed closes the door.
    async fn read(&self) {
        let answer = self.secrets.credentials().await;
        let now = self.clock.moment();
        let mut cache = self.cache();
        let (reason, keeps) = match answer {
            Ok(Some(credentials)) => {
                cache.known = Some(SecretContent::of(&credentials));
                cache.read_at = Some(now);
                cache.failed = None;
                return;
            }
            Ok(None) => (format!("{} does not exist", self.secrets.location()), false),
            Err(err) => {
                let keeps = matches!(err, SecretsError::Unavailable { .. });
                (err.to_string(), keeps)
            }
        };
        cache.failed = Some((now, reason));
        self.tell(&mut cache, now);
        if !keeps {
            cache.known = None;
            cache.read_at = None;
        }
    }

    /// Says in the log why the credentials cannot be read and what helps, once a minute.
    fn tell(&self, cache: &mut Cache, now: Moment) {
        let Some((_, reason)) = cache.failed.as_ref().filter(|_| self.has_users) else { return };
        if cache.told_at.is_some_and(|at| now.since(at) < TOLD_AGAIN) {
            return;
        }
        tracing::error!(
            error = %reason,
            place = self.secrets.location(),
            "no credentials can be read: write a user name and a password of 16 characters or more for `owner` and for \
             `music_assistant` there, or set API_USERNAME, API_PASSWORD, PUSH_USERNAME and PUSH_PASSWORD"
        );
        cache.told_at = Some(now);
    }
}

impl SecretContent {
    fn of(credentials: &Credentials) -> Self {
        let key = |key: &str| hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        Self {
            pairs: Pairs {
                owner: Some(PairDigest::of(&credentials.owner)),
                music_assistant: Some(PairDigest::of(&credentials.music_assistant)),
            },
            session_key: credentials.session_key.as_ref().map(|secret| key(secret.expose_secret())),
            grant_keys: credentials.grant_keys.clone().map(Arc::new),
        }
    }
}
