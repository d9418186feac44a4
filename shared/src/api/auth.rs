//! Who calls.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use ring::digest::{SHA256, digest};
use ring::hmac;
use subtle::{Choice, ConstantTimeEq as _};

use super::attempts::Attempts;
use super::caller::CallerAddress;
use crate::clock::{Clock, Moment};
use crate::config::{ApiCredentials, Pair};
use crate::secrets::{SecretStore, SecretsError};

/// How long credentials are taken as they were read.
const CACHED: Duration = Duration::from_mins(5);

/// A wrong password causes at most one more reading in this time, so that a new one works at once and nobody who
/// guesses makes us read.
const REREAD: Duration = Duration::from_secs(30);

/// How soon a reading that failed is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// How often the log says that the credentials cannot be read.
const TOLD_AGAIN: Duration = Duration::from_mins(1);

/// Longest header that is looked at, in bytes.
const MAX_HEADER: usize = 4096;

/// Some clients leave the padding out.
const BASIC: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whose credentials they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Opens everything.
    Owner,
    /// Opens what Music Assistant calls.
    MusicAssistant,
}

impl Role {
    /// Whether these credentials open what is there for `needed`.
    #[must_use]
    pub fn opens(self, needed: Self) -> bool {
        self == Self::Owner || self == needed
    }
}

/// Why nobody is let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No credentials were sent, or not by HTTP Basic.
    #[error("this needs a user name and a password, by HTTP Basic")]
    Missing,
    /// They are wrong.
    #[error("the user name or the password is wrong")]
    Wrong,
    /// Too many were wrong: the next may be sent after this time.
    #[error("too many user names or passwords were wrong; try again later")]
    TooMany(Duration),
    /// Those that are asked for cannot be read. Strangers are told no more than this; the log says where they have to
    /// be and how to mend it, once a minute.
    #[error("this server cannot read its user names and passwords; its log says how to mend that")]
    Unavailable,
}

/// Compares what is sent with what the environment fixes and with the secret. Names and passwords are compared as
/// digests in constant time, both of both pairs whatever the first comparison says.
pub struct Authenticator {
    fixed: Pairs,
    secrets: Arc<dyn SecretStore>,
    clock: Arc<dyn Clock>,
    cache: Mutex<Cache>,
    attempts: Attempts,
    /// Held while the secret is read, so that a burst of requests reads it once, and those whose credentials are
    /// known wait for nobody.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Cache {
    known: Option<Pairs>,
    /// When `known` was read.
    read_at: Option<Moment>,
    /// When a reading failed, and what it said.
    failed: Option<(Moment, String)>,
    /// When a wrong password last caused a reading.
    reread_at: Option<Moment>,
    /// When the log last said the cure.
    told_at: Option<Moment>,
}

#[derive(Clone, Default)]
struct Pairs {
    owner: Option<PairDigest>,
    music_assistant: Option<PairDigest>,
}

#[derive(Clone)]
struct PairDigest {
    username: [u8; 32],
    password: [u8; 32],
}

impl Authenticator {
    /// Takes the pairs of the environment, and those of the secret where it fixes none.
    #[must_use]
    pub fn new(fixed: &ApiCredentials, secrets: Arc<dyn SecretStore>, clock: Arc<dyn Clock>) -> Self {
        Self {
            fixed: Pairs {
                owner: fixed.owner.as_ref().map(PairDigest::of),
                music_assistant: fixed.music_assistant.as_ref().map(PairDigest::of),
            },
            secrets,
            clock,
            cache: Mutex::default(),
            attempts: Attempts::default(),
            reading: tokio::sync::Mutex::default(),
        }
    }

    /// Says who sends this `Authorization` header, from the address `caller`.
    ///
    /// # Errors
    /// When nobody is known by it, or too many were wrong; see [`AuthError`].
    pub async fn check(
        &self,
        header: Option<&[u8]>,
        caller: Option<CallerAddress>,
    ) -> Result<Role, AuthError> {
        let sent = header.and_then(Sent::parse).ok_or(AuthError::Missing)?;
        self.role_in_time(&sent, caller).await
    }

    /// Says whose user name and password these are, sent from the address `caller`.
    ///
    /// # Errors
    /// When nobody is known by them, or too many were wrong; see [`AuthError`].
    pub async fn check_pair(
        &self,
        username: &str,
        password: &str,
        caller: Option<CallerAddress>,
    ) -> Result<Role, AuthError> {
        let pair = || PairDigest::new(username.as_bytes(), password.as_bytes());
        self.role_in_time(&Sent([pair(), pair()]), caller).await
    }

    /// The same for whoever need not wait. What is sent before its time is not looked at, so that no guess is tried.
    async fn role_in_time(&self, sent: &Sent, caller: Option<CallerAddress>) -> Result<Role, AuthError> {
        let name = &sent.0[0].username;
        let wait = self.attempts.wait(caller, name, self.clock.moment());
        if !wait.is_zero() {
            return Err(AuthError::TooMany(wait));
        }
        let role = self.role_of(sent).await;
        if role == Err(AuthError::Wrong) {
            self.attempts.note(caller, name, self.clock.moment());
        }
        role
    }

    /// The key that signs the owner's sessions at present. It comes from the owner's user name and password, so that
    /// a new password ends every session.
    ///
    /// # Errors
    /// When the credentials cannot be read.
    pub async fn session_key(&self) -> Result<hmac::Key, AuthError> {
        if let Some(owner) = &self.fixed.owner {
            return Ok(owner.session_key());
        }
        self.refresh().await;
        self.known_session_key()
    }

    /// The key among those of the present owner that `accepts` takes. One that is not taken may be older than the
    /// password, and is read again as for a wrong password.
    ///
    /// # Errors
    /// [`AuthError::Wrong`] when none is taken, or when the credentials cannot be read.
    pub async fn accepted_session_key(
        &self,
        accepts: impl Fn(&hmac::Key) -> bool + Send,
    ) -> Result<hmac::Key, AuthError> {
        if let Some(owner) = &self.fixed.owner {
            return Some(owner.session_key()).filter(&accepts).ok_or(AuthError::Wrong);
        }
        let read_now = self.refresh().await;
        let key = self.known_session_key()?;
        if accepts(&key) {
            return Ok(key);
        }
        if !read_now {
            let _reading = self.reading.lock().await;
            if self.may_reread() {
                self.read().await;
            }
        }
        Some(self.known_session_key()?).filter(accepts).ok_or(AuthError::Wrong)
    }

    fn known_session_key(&self) -> Result<hmac::Key, AuthError> {
        let mut cache = self.cache();
        let owner = cache.known.as_ref().and_then(|known| known.owner.as_ref());
        let key = owner.map(PairDigest::session_key);
        key.ok_or_else(|| self.unavailable(&mut cache))
    }

    async fn role_of(&self, sent: &Sent) -> Result<Role, AuthError> {
        if let Some(role) = self.fixed.role_of(sent) {
            return Ok(role);
        }
        if self.fixed.owner.is_some() && self.fixed.music_assistant.is_some() {
            return Err(AuthError::Wrong);
        }
        let read_now = self.refresh().await;
        if let Some(role) = self.known_role(sent)? {
            return Ok(role);
        }
        if read_now {
            return Err(AuthError::Wrong);
        }
        // Whoever comes while another request reads waits for what that one finds.
        let _reading = self.reading.lock().await;
        if self.may_reread() {
            self.read().await;
        }
        self.known_role(sent)?.ok_or(AuthError::Wrong)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known_role(&self, sent: &Sent) -> Result<Option<Role>, AuthError> {
        let mut cache = self.cache();
        let known = cache.known.clone().ok_or_else(|| self.unavailable(&mut cache))?;
        drop(cache);
        Ok(self.behind_fixed(known).role_of(sent))
    }

    /// The pairs of the secret that the environment does not replace.
    fn behind_fixed(&self, known: Pairs) -> Pairs {
        Pairs {
            owner: known.owner.filter(|_| self.fixed.owner.is_none()),
            music_assistant: known.music_assistant.filter(|_| self.fixed.music_assistant.is_none()),
        }
    }

    /// Reads the secret if what is known is old; whether it did.
    async fn refresh(&self) -> bool {
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
                cache.known = Some(Pairs {
                    owner: Some(PairDigest::of(&credentials.owner)),
                    music_assistant: Some(PairDigest::of(&credentials.music_assistant)),
                });
                cache.read_at = Some(now);
                cache.failed = None;
                return;
            }
            Ok(None) => (format!("{} does not exist", self.secrets.place()), false),
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

    /// What a stranger learns where there are no credentials; the log learns the rest.
    fn unavailable(&self, cache: &mut Cache) -> AuthError {
        self.tell(cache, self.clock.moment());
        AuthError::Unavailable
    }

    /// Says in the log why the credentials cannot be read and what helps, once a minute.
    fn tell(&self, cache: &mut Cache, now: Moment) {
        let Some((_, reason)) = &cache.failed else { return };
        if cache.told_at.is_some_and(|at| now.since(at) < TOLD_AGAIN) {
            return;
        }
        tracing::error!(
            error = %reason,
            place = self.secrets.place(),
            "no credentials can be read: write a user name and a password of 16 characters or more for `owner` and for \
             `music_assistant` there, or set API_USERNAME, API_PASSWORD, PUSH_USERNAME and PUSH_PASSWORD"
        );
        cache.told_at = Some(now);
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

impl Pairs {
    fn role_of(&self, sent: &Sent) -> Option<Role> {
        let owner = sent.is(self.owner.as_ref());
        let music_assistant = sent.is(self.music_assistant.as_ref());
        if owner.into() {
            Some(Role::Owner)
        } else if music_assistant.into() {
            Some(Role::MusicAssistant)
        } else {
            None
        }
    }
}

impl PairDigest {
    fn of(pair: &Pair) -> Self {
        Self::new(pair.username().as_bytes(), pair.password().as_bytes())
    }

    fn new(username: &[u8], password: &[u8]) -> Self {
        Self { username: sha256(username), password: sha256(password) }
    }

    fn session_key(&self) -> hmac::Key {
        let pair = [self.username, self.password].concat();
        let key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &pair), b"sessions of the pages");
        hmac::Key::new(hmac::HMAC_SHA256, key.as_ref())
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut short = [0; 32];
    short.copy_from_slice(digest(&SHA256, bytes).as_ref());
    short
}

/// What was sent, read as UTF-8 and as Latin-1: RFC 7617 leaves it open, and Music Assistant sends Latin-1.
struct Sent([PairDigest; 2]);

impl Sent {
    fn parse(header: &[u8]) -> Option<Self> {
        if header.len() > MAX_HEADER {
            return None;
        }
        let (scheme, encoded) = std::str::from_utf8(header).ok()?.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let bytes = BASIC.decode(encoded.trim()).ok()?;
        let colon = bytes.iter().position(|byte| *byte == b':')?;
        let (username, password) = (&bytes[..colon], &bytes[colon + 1..]);
        let latin1 = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect::<String>();
        Some(Self([
            PairDigest::new(username, password),
            PairDigest::new(latin1(username).as_bytes(), latin1(password).as_bytes()),
        ]))
    }

    fn is(&self, known: Option<&PairDigest>) -> Choice {
        let nobody = PairDigest { username: [0; 32], password: [0; 32] };
        let against = known.unwrap_or(&nobody);
        let [utf8, latin1] = self
            .0
            .each_ref()
            .map(|sent| sent.username.ct_eq(&against.username) & sent.password.ct_eq(&against.password));
        (utf8 | latin1) & Choice::from(u8::from(known.is_some()))
    }
}
