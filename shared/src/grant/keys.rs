//! The keys that seal and open grants.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Grant, GrantKind, SealError};
use crate::clock::{NoRandomness, Random, Timestamp};
use crate::config::{ConfigError, Env};

/// The variable with the text of keys.
const GRANT_KEYS: &str = "GRANT_KEYS";

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// Keys that are kept: the one that seals, and the one before it.
const KEPT: usize = 2;

/// Longest text that is opened, in characters: the longest grant has fewer.
const MAX_TEXT: usize = 5600;

/// The purpose that a sealed grant is bound to, besides its key: nothing else that is sealed with the key opens as a
/// grant.
const PURPOSE: &[u8] = b"ma-alexa grant 1";

/// Keys of the grants: the first seals, all open. `Debug` shows no key.
///
/// Its text is `ID:KEY`, or several with commas between them: a number from 0 to 255, and 32 bytes in base64url.
#[derive(Clone)]
pub struct GrantKeys {
    keys: Vec<GrantKey>,
    text: SecretString,
}

#[derive(Clone)]
struct GrantKey {
    id: u8,
    key: LessSafeKey,
}

/// The text is no text of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("grant keys are a number, a colon and 32 bytes in base64url, or two of them with a comma between")]
pub struct GrantKeysError;

impl GrantKeys {
    /// One new key.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, NoRandomness> {
        let first = new_key(1, random)?;
        Ok(Self { keys: vec![first.0], text: first.1.into() })
    }

    /// These keys with a new one before them. What the last key before it sealed still opens, older grants do not: a
    /// second rotation closes what was given out until the first.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn rotated(&self, random: &dyn Random) -> Result<Self, NoRandomness> {
        let id = self.keys.first().map_or(1, |key| key.id.wrapping_add(1));
        let (key, text) = new_key(id, random)?;
        let texts = self.text.expose_secret().split(',').map(str::trim).take(KEPT - 1);
        let text = std::iter::once(text.as_str()).chain(texts).collect::<Vec<_>>().join(",");
        let keys = std::iter::once(key).chain(self.keys.iter().take(KEPT - 1).cloned()).collect();
        Ok(Self { keys, text: text.into() })
    }

    /// Reads the text of keys.
    ///
    /// # Errors
    /// When it is none, or has more than two keys or two of one number.
    pub fn parse(text: &str) -> Result<Self, GrantKeysError> {
        let keys: Vec<GrantKey> =
            text.split(',').map(read_key).collect::<Option<_>>().ok_or(GrantKeysError)?;
        let is_twice = keys.len() == KEPT && keys[0].id == keys[1].id;
        if keys.len() > KEPT || is_twice {
            return Err(GrantKeysError);
        }
        Ok(Self { keys, text: text.to_owned().into() })
    }

    /// Reads `GRANT_KEYS`; none where it is unset.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        let read =
            |text: String| Self::parse(&text).map_err(|error| ConfigError::malformed(GRANT_KEYS, &error));
        env.get(GRANT_KEYS).map(read).transpose()
    }

    /// The text, for the secret that keeps it.
    #[must_use]
    pub fn text(&self) -> &SecretString {
        &self.text
    }

    /// Seals a grant: base64url, without a dot or a slash.
    ///
    /// # Errors
    /// When its path cannot be granted, or there is no randomness.
    pub fn seal(&self, grant: &Grant, random: &dyn Random) -> Result<String, SealError> {
        let GrantKey { id, key } = self.keys.first().ok_or(SealError::NoRandomness(NoRandomness))?;
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce)?;
        let mut sealed = grant.encode()?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound_to(*id), &mut sealed)
            .map_err(|_| SealError::Path)?;
        let mut bytes = Vec::with_capacity(1 + NONCE_LEN + sealed.len());
        bytes.push(*id);
        bytes.extend_from_slice(&nonce);
        bytes.append(&mut sealed);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The grant in a text, where it is of this kind and holds now; none otherwise, whatever the reason.
    #[must_use]
    pub fn open(&self, text: &str, kind: GrantKind, now: Timestamp) -> Option<Grant> {
        self.open_one_of(text, &[kind], now)
    }

    /// The same for several kinds.
    #[must_use]
    pub fn open_one_of(&self, text: &str, kinds: &[GrantKind], now: Timestamp) -> Option<Grant> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, rest) = bytes.split_first()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        let key = &self.keys.iter().find(|key| key.id == *id)?.key;
        let mut sealed = sealed.to_vec();
        let opened =
            key.open_in_place(Nonce::assume_unique_for_key(*nonce), bound_to(*id), &mut sealed).ok()?;
        Grant::decode(opened).filter(|grant| kinds.contains(&grant.kind) && grant.holds(now))
    }
}

impl fmt::Debug for GrantKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrantKeys").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

fn bound_to(id: u8) -> Aad<Vec<u8>> {
    Aad::from([PURPOSE, &[id]].concat())
}

fn new_key(id: u8, random: &dyn Random) -> Result<(GrantKey, String), NoRandomness> {
    let mut bytes = [0; KEY_BYTES];
    random.fill(&mut bytes)?;
    let key = unbound(&bytes).ok_or(NoRandomness)?;
    Ok((GrantKey { id, key }, format!("{id}:{}", URL_SAFE_NO_PAD.encode(bytes))))
}

fn read_key(text: &str) -> Option<GrantKey> {
    let (id, key) = text.trim().split_once(':')?;
    let bytes = URL_SAFE_NO_PAD.decode(key).ok()?;
    Some(GrantKey { id: id.parse().ok()?, key: unbound(&bytes)? })
}

fn unbound(bytes: &[u8]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::testing::SeededRandom;
    use crate::grant::{GRANT_LIFETIME, MAX_GRANTED_PATH};
    use crate::playback::PlayerId;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const PATH: &str = "/flow/Aa2keUeZ/Kitchen/1234/Kitchen.mp3";

    fn keys(seed: u64) -> GrantKeys {
        GrantKeys::generate(&SeededRandom::new(seed)).unwrap_or_else(|err| panic!("{err}"))
    }

    fn grant(kind: GrantKind, path: &str) -> Grant {
        Grant::new(kind, PlayerId::from("Kitchen").key(), path.to_owned(), NOW)
    }

    fn seal(keys: &GrantKeys, grant: &Grant, seed: u64) -> String {
        keys.seal(grant, &SeededRandom::new(seed)).unwrap_or_else(|err| panic!("{err}"))
    }

    fn altered(text: &str, bit: usize) -> String {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let bit = bit % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    #[test]
    fn a_grant_opens_what_was_granted_and_for_its_kind_alone() {
        let (keys, granted) = (keys(1), grant(GrantKind::Stream, PATH));
        let text = seal(&keys, &granted, 2);
        let opened = keys.open(&text, GrantKind::Stream, NOW).unwrap();
        assert_eq!((opened.kind, opened.player, &*opened.path), (granted.kind, granted.player, PATH));
        assert_eq!(keys.open(&text, GrantKind::Picture, NOW), None);
        let picture = seal(&keys, &grant(GrantKind::Picture, PATH), 2);
        assert_eq!(keys.open(&picture, GrantKind::Stream, NOW), None);
    }

    #[test]
    fn every_bit_of_a_grant_is_authenticated() {
        let keys = keys(1);
        let text = seal(&keys, &grant(GrantKind::Stream, PATH), 2);
        let bits = URL_SAFE_NO_PAD.decode(&text).unwrap().len() * 8;
        assert!(bits > 8 * PATH.len());
        for bit in 0..bits {
            assert_eq!(keys.open(&altered(&text, bit), GrantKind::Stream, NOW), None, "bit {bit}");
        }
        for length in 0..text.len() {
            assert_eq!(keys.open(&text[..length], GrantKind::Stream, NOW), None, "{length} characters");
        }
    }

    #[test]
    fn a_grant_ends_after_its_lifetime_and_by_a_clock_that_was_set_back() {
        let keys = keys(1);
        let text = seal(&keys, &grant(GrantKind::Stream, PATH), 2);
        let opens = |now| keys.open(&text, GrantKind::Stream, now).is_some();
        assert!(opens(NOW.plus(GRANT_LIFETIME / 2)));
        assert!(!opens(NOW.plus(GRANT_LIFETIME)));
        assert!(!opens(NOW.minus(GRANT_LIFETIME)));
    }

    #[test]
    fn a_rotation_keeps_the_key_before_it_and_no_older_one() {
        let first = keys(1);
        let second = first.rotated(&SeededRandom::new(7)).unwrap();
        let third = second.rotated(&SeededRandom::new(8)).unwrap();
        let old = seal(&first, &grant(GrantKind::Stream, PATH), 2);
        assert!(second.open(&old, GrantKind::Stream, NOW).is_some());
        assert!(third.open(&old, GrantKind::Stream, NOW).is_none());
        let new = seal(&second, &grant(GrantKind::Stream, PATH), 2);
        assert!(third.open(&new, GrantKind::Stream, NOW).is_some());
        let read = GrantKeys::parse(third.text().expose_secret()).unwrap();
        assert!(read.open(&new, GrantKind::Stream, NOW).is_some());
    }

    #[test]
    fn two_grants_of_one_path_have_nothing_in_common_that_shows_it() {
        let (keys, granted) = (keys(1), grant(GrantKind::Stream, PATH));
        let random = SeededRandom::new(2);
        let texts = [keys.seal(&granted, &random).unwrap(), keys.seal(&granted, &random).unwrap()];
        assert_ne!(texts[0][2..], texts[1][2..]);
        for text in texts {
            let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
            assert!(!bytes.windows(7).any(|window| window == b"Kitchen"));
        }
        assert!(!format!("{granted:?} {keys:?}").contains("flow"));
    }

    #[test]
    fn a_path_that_is_too_long_or_none_is_not_granted() {
        let keys = keys(1);
        let longest = format!("/{}", "a".repeat(MAX_GRANTED_PATH - 1));
        let text = seal(&keys, &grant(GrantKind::Stream, &longest), 2);
        assert!(text.len() <= MAX_TEXT, "{}", text.len());
        assert!(keys.open(&text, GrantKind::Stream, NOW).is_some());
        for path in [format!("{longest}a"), String::new(), "flow".to_owned()] {
            let sealed = keys.seal(&grant(GrantKind::Stream, &path), &SeededRandom::new(2));
            assert_eq!(sealed.err(), Some(SealError::Path));
        }
    }

    #[test]
    fn a_grant_of_media_has_its_whole_address_and_shows_nothing_of_it() {
        const MEDIA: &str = "http://homeassistant.local:8123/api/tts_proxy/a.mp3";
        let keys = keys(1);
        let text = seal(&keys, &grant(GrantKind::Media, MEDIA), 2);
        assert_eq!(keys.open(&text, GrantKind::Media, NOW).unwrap().path, MEDIA);
        let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        assert!(!bytes.windows(4).any(|window| MEDIA.as_bytes().windows(4).any(|part| part == window)));
        for no_address in ["/flow/a/b.mp3", "//a/b.mp3", "ftp://a/b.mp3", "HTTP://a/b.mp3", ""] {
            let sealed = keys.seal(&grant(GrantKind::Media, no_address), &SeededRandom::new(2));
            assert_eq!(sealed.err(), Some(SealError::Path), "{no_address}");
        }
        for kind in [GrantKind::Stream, GrantKind::Picture, GrantKind::Tone] {
            let sealed = keys.seal(&grant(kind, MEDIA), &SeededRandom::new(2));
            assert_eq!(sealed.err(), Some(SealError::Path), "{kind:?}");
        }
    }

    #[test]
    fn a_malformed_text_of_keys_is_refused() {
        let one = keys(1).text().expose_secret().to_owned();
        let short = &one[..one.len() - 2];
        for text in
            ["", "1:", "1", ":", "256:AAAA", short, &format!("{one},{one}"), &format!("{one},"), &one[2..]]
        {
            assert!(GrantKeys::parse(text).is_err(), "{text}");
        }
        assert!(GrantKeys::parse(&one).is_ok());
    }

    fn kind() -> impl Strategy<Value = GrantKind> {
        prop::sample::select(vec![GrantKind::Stream, GrantKind::Picture, GrantKind::Tone, GrantKind::Media])
    }

    proptest! {
        #[test]
        fn a_grant_opens_as_its_own_kind_alone(
            sealed in kind(),
            others in prop::collection::vec(kind(), 0..4),
            rest in r"\PC{0,40}",
        ) {
            let before = if sealed == GrantKind::Media { "http://192.168.1.5/" } else { "/" };
            let path = format!("{before}{rest}");
            let text = seal(&keys(1), &grant(sealed, &path), 2);
            let opened = keys(1).open_one_of(&text, &others, NOW);
            prop_assert_eq!(opened.is_some(), others.contains(&sealed));
            prop_assert!(opened.is_none_or(|opened| opened.kind == sealed && opened.path == path));
        }

        #[test]
        fn no_other_key_and_no_other_text_opens(text in "[A-Za-z0-9_-]{0,400}", seed in 2_u64..1000) {
            prop_assert!(keys(1).open(&text, GrantKind::Stream, NOW).is_none());
            let foreign = seal(&keys(seed), &grant(GrantKind::Stream, PATH), seed);
            prop_assert!(keys(1).open(&foreign, GrantKind::Stream, NOW).is_none());
        }
    }
}
