//! All values that open an account: made here or sent here, and never to be read anywhere else.
#![expect(clippy::unwrap_used, reason = "a machine without randomness runs no test")]

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};

/// Least length of a secret in the ledger. Shorter ones are made up by a test, and would be found in any text.
const SHORTEST: usize = 8;

/// All secrets that this Amazon ever gave out or was sent.
#[derive(Debug, Default)]
pub(super) struct SecretLedger(BTreeSet<String>);

impl SecretLedger {
    /// A new secret that begins with `prefix`, and is found in no text by chance.
    pub(super) fn make(&mut self, prefix: &str) -> String {
        self.keep(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<48>())))
    }

    /// The same of decimal digits.
    pub(super) fn make_digits(&mut self, prefix: &str, digits: usize) -> String {
        self.keep(format!("{prefix}{}", random_digits(digits)))
    }

    /// Remembers what was made elsewhere.
    pub(super) fn keep(&mut self, secret: String) -> String {
        if secret.len() >= SHORTEST {
            self.0.insert(secret.clone());
        }
        secret
    }

    /// Every one of them.
    pub(super) fn all(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }

    /// Those in a text; the tag before the bar of a token does not count, because the bar may be encoded.
    pub(super) fn found_in(&self, text: &str) -> Vec<String> {
        let is_in = |secret: &&String| {
            let part = secret.rsplit('|').next().filter(|part| part.len() >= SHORTEST);
            text.contains(part.unwrap_or(secret))
        };
        self.0.iter().filter(is_in).cloned().collect()
    }
}

/// Random bytes.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).unwrap();
    bytes
}

/// Random digits, at most 64, of which the first is not zero.
pub(super) fn random_digits(count: usize) -> String {
    let digits = random::<64>().map(|byte| char::from(b'0' + byte % 10));
    let first = if digits[0] == '0' { '7' } else { digits[0] };
    std::iter::once(first).chain(digits[1..count].iter().copied()).collect()
}
