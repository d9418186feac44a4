//! HTTP Basic authentication of the owner and of Music Assistant, and the token of the metrics.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use ring::hmac;
use subtle::{Choice, ConstantTimeEq as _};

use super::attempts::{Name, WrongPasswords};
use super::caller::CallerAddress;
use super::secret_credentials::SecretCredentials;
use crate::access;
use crate::clock::{Clock, Random};
use crate::config::{ApiCredentials, UserPassword};
use crate::grant::GrantKeys;
use crate::secrets::SecretStore;

/// Longest header that is looked at, in bytes.
const MAX_HEADER: usize = 4096;

/// Some clients leave the padding out.
const BASIC: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The holder of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The owner, who may call everything.
    Owner,
    /// Music Assistant, which may call its own routes.
    MusicAssistant,
}

impl Role {
    /// Whether this role may call the routes of `needed`.
    #[must_use]
    pub fn permits(self, needed: Self) -> bool {
        self == Self::Owner || self == needed
    }
}

/// A secret that is sent without a user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nameless {
    SignInLink,
    ApiToken,
    MetricsToken,
}

impl Nameless {
    /// The name under which wrong ones count. No user name has a colon, so that no pair counts for it.
    fn name(self) -> Name {
        let name: &[u8] = match self {
            Self::SignInLink => b"link:sign-in",
            Self::ApiToken => b"token:api",
            Self::MetricsToken => b"token:metrics",
        };
        access::hash(name)
    }
}

/// Reason why a caller is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No credentials were sent, or not by HTTP Basic.
    #[error("this needs a user name and a password, by HTTP Basic")]
    Missing,
    /// The user name or the password is wrong.
    #[error("the user name or the password is wrong")]
    Wrong,
    /// Too many were wrong: the next may be sent after this time.
    #[error("too many user names, passwords or tokens were wrong; try again later")]
    TooMany(Duration),
    /// Those that are asked for cannot be read. A stranger learns no more than this; the log says where they have to
    /// be and how to mend it, once a minute.
    #[error("this server cannot read its user names and passwords; its log says how to mend that")]
    Unavailable,
}

/// Compares what is sent with what the environment fixes and with the secret. Names and passwords are compared as
/// digests in constant time, both of both pairs, also after a difference.
pub struct Authenticator {
    fixed: Pairs,
    secret: SecretCredentials,
    /// The digest of `METRICS_TOKEN`.
    metrics_token: Option<[u8; 32]>,
    clock: Arc<dyn Clock>,
    attempts: WrongPasswords,
    /// Signs sessions where the secret has no key; none where the machine gave no random bytes.
    own_key: Option<hmac::Key>,
}

/// The user names and passwords of one source, as digests.
#[derive(Clone, Default)]
pub(super) struct Pairs {
    pub(super) owner: Option<PairDigest>,
    pub(super) music_assistant: Option<PairDigest>,
}

/// The SHA-256 digests of a user name and a password.
#[derive(Clone)]
pub(super) struct PairDigest {
    username: [u8; 32],
    password: [u8; 32],
}

impl Authenticator {
    /// Takes the pairs of the environment, and those of the secret where it fixes none.
    #[must_use]
    pub fn new(
        fixed: &ApiCredentials,
        secrets: Arc<dyn SecretStore>,
        clock: Arc<dyn Clock>,
        random: &dyn Random,
    ) -> Self {
        let mut own_key = [0; 32];
        Self {
            fixed: Pairs {
                owner: fixed.owner.as_ref().map(PairDigest::of),
                music_assistant: fixed.music_assistant.as_ref().map(PairDigest::of),
            },
            secret: SecretCredentials::new(secrets, clock.clone(), !fixed.is_complete()),
            metrics_token: fixed.metrics_token.as_ref().map(|token| access::hash(token.token().as_bytes())),
            clock,
            attempts: WrongPasswords::default(),
            own_key: random.fill(&mut own_key).ok().map(|()| hmac::Key::new(hmac::HMAC_SHA256, &own_key)),
        }
    }

    /// The role of the sender of this `Authorization` header, from the address `caller`.
    ///
    /// # Errors
    /// When it is wrong or missing, or too many were wrong; see [`AuthError`].
    pub async fn check(
        &self,
        header: Option<&[u8]>,
        caller: Option<CallerAddress>,
    ) -> Result<Role, AuthError> {
        let sent = header.and_then(SentCredentials::parse).ok_or(AuthError::Missing)?;
        self.role_in_time(&sent, caller).await
    }

    /// The role of this user name and password, sent from the address `caller`.
    ///
    /// # Errors
    /// When they are wrong, or too many were wrong; see [`AuthError`].
    pub async fn check_pair(
        &self,
        username: &str,
        password: &str,
        caller: Option<CallerAddress>,
    ) -> Result<Role, AuthError> {
        let pair = || PairDigest::new(username.as_bytes(), password.as_bytes());
        self.role_in_time(&SentCredentials([pair(), pair()]), caller).await
    }

    /// Checks a token for the metrics, sent from the address `caller`. Where there is none, each is wrong.
    ///
    /// # Errors
    /// When it is wrong, or too many were wrong; see [`AuthError`].
    pub fn check_metrics_token(&self, sent: &[u8], caller: Option<CallerAddress>) -> Result<(), AuthError> {
        self.may_try(Nameless::MetricsToken, caller)?;
        let known = self.metrics_token.unwrap_or_default();
        let is_right =
            access::hash(sent).ct_eq(&known) & Choice::from(u8::from(self.metrics_token.is_some()));
        if is_right.into() {
            return Ok(());
        }
        self.note_wrong(Nameless::MetricsToken, caller);
        Err(AuthError::Wrong)
    }

    /// Whether this caller may try such a secret now.
    ///
    /// # Errors
    /// [`AuthError::TooMany`] when it has to wait.
    pub(crate) fn may_try(&self, what: Nameless, caller: Option<CallerAddress>) -> Result<(), AuthError> {
        let wait = self.attempts.wait(caller, &what.name(), self.clock.moment());
        if wait.is_zero() { Ok(()) } else { Err(AuthError::TooMany(wait)) }
    }

    /// Counts such a secret that is wrong, as a wrong password is counted.
    pub(crate) fn note_wrong(&self, what: Nameless, caller: Option<CallerAddress>) {
        self.attempts.note(caller, &what.name(), self.clock.moment());
    }

    /// The role of a caller who need not wait. Credentials that come too early are not compared, so that no guess is tried.
    async fn role_in_time(
        &self,
        sent: &SentCredentials,
        caller: Option<CallerAddress>,
    ) -> Result<Role, AuthError> {
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

    /// Takes the credentials that were just changed: the old ones open nothing from now on.
    #[cfg(feature = "sqlite")]
    pub(crate) async fn credentials_changed(&self) {
        self.secret.read_changed().await;
    }

    /// The key that signs the owner's sessions at present. It is derived from the random key of the secret and the
    /// owner's user name and password. A new password therefore ends every session. Where the secret has no key, this
    /// process has one of its own.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`] when the credentials cannot be read.
    pub async fn session_key(&self) -> Result<hmac::Key, AuthError> {
        self.secret.refresh().await;
        self.known_session_key()
    }

    /// The key among those of the present owner that `accepts` takes. One that is not taken may be older than the
    /// password, and is read again as for a wrong password.
    ///
    /// # Errors
    /// [`AuthError::Wrong`] when none is taken, [`AuthError::Unavailable`] when the credentials cannot be read.
    pub async fn accepted_session_key(
        &self,
        accepts: impl Fn(&hmac::Key) -> bool + Send,
    ) -> Result<hmac::Key, AuthError> {
        let read_now = self.secret.refresh().await;
        let key = self.known_session_key()?;
        if accepts(&key) {
            return Ok(key);
        }
        if !read_now {
            self.secret.read_after_wrong().await;
        }
        Some(self.known_session_key()?).filter(accepts).ok_or(AuthError::Wrong)
    }

    /// The keys of the grants, as they were at most five minutes ago; none where the secret has none or cannot be read.
    pub async fn grant_keys(&self) -> Option<Arc<GrantKeys>> {
        self.secret.refresh().await;
        self.secret.known()?.grant_keys
    }

    fn known_session_key(&self) -> Result<hmac::Key, AuthError> {
        let (pairs, session_key) =
            self.secret.known().map_or_else(Default::default, |known| (known.pairs, known.session_key));
        let owner = self.fixed.owner.clone().or(pairs.owner).ok_or_else(|| self.secret.unavailable())?;
        let root = session_key.or_else(|| {
            self.secret.warn_of_missing_session_key();
            self.own_key.clone()
        });
        Ok(owner.session_key(&root.ok_or(AuthError::Unavailable)?))
    }

    async fn role_of(&self, sent: &SentCredentials) -> Result<Role, AuthError> {
        if let Some(role) = self.fixed.role_of(sent) {
            return Ok(role);
        }
        if self.fixed.owner.is_some() && self.fixed.music_assistant.is_some() {
            return Err(AuthError::Wrong);
        }
        let read_now = self.secret.refresh().await;
        if let Some(role) = self.known_role(sent)? {
            return Ok(role);
        }
        if read_now {
            return Err(AuthError::Wrong);
        }
        self.secret.read_after_wrong().await;
        self.known_role(sent)?.ok_or(AuthError::Wrong)
    }

    fn known_role(&self, sent: &SentCredentials) -> Result<Option<Role>, AuthError> {
        let known = self.secret.known().ok_or_else(|| self.secret.unavailable())?;
        Ok(self.behind_fixed(known.pairs).role_of(sent))
    }

    /// The pairs of the secret that the environment does not replace.
    fn behind_fixed(&self, known: Pairs) -> Pairs {
        Pairs {
            owner: known.owner.filter(|_| self.fixed.owner.is_none()),
            music_assistant: known.music_assistant.filter(|_| self.fixed.music_assistant.is_none()),
        }
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

impl Pairs {
    fn role_of(&self, sent: &SentCredentials) -> Option<Role> {
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
    /// The digests of a pair.
    pub(super) fn of(pair: &UserPassword) -> Self {
        Self::new(pair.username().as_bytes(), pair.password().as_bytes())
    }

    fn new(username: &[u8], password: &[u8]) -> Self {
        Self { username: access::hash(username), password: access::hash(password) }
    }

    /// The key of this owner's sessions, below the random key `root`.
    fn session_key(&self, root: &hmac::Key) -> hmac::Key {
        let mut context = hmac::Context::with_key(root);
        context.update(b"sessions of the pages");
        context.update(&self.username);
        context.update(&self.password);
        hmac::Key::new(hmac::HMAC_SHA256, context.sign().as_ref())
    }
}

/// Credentials of a request, read as UTF-8 and as Latin-1: RFC 7617 leaves it open, and Music Assistant sends Latin-1.
struct SentCredentials([PairDigest; 2]);

impl SentCredentials {
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
        let absent = PairDigest { username: [0; 32], password: [0; 32] };
        let against = known.unwrap_or(&absent);
        let [utf8, latin1] = self
            .0
            .each_ref()
            .map(|sent| sent.username.ct_eq(&against.username) & sent.password.ct_eq(&against.password));
        (utf8 | latin1) & Choice::from(u8::from(known.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    use super::*;

    #[test]
    fn a_header_of_more_than_4096_bytes_is_not_read() {
        for (bytes, length, is_read) in [(3067, 4096, true), (3068, 4097, false), (6000, 8006, false)] {
            let pair = format!("owner:{}", "x".repeat(bytes - 6));
            let header = format!("Basic {}", STANDARD_NO_PAD.encode(pair));
            assert_eq!(
                (header.len(), SentCredentials::parse(header.as_bytes()).is_some()),
                (length, is_read)
            );
        }
    }
}
