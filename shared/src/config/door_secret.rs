//! Secret of the door.

use std::str::FromStr;

use secrecy::{ExposeSecret as _, SecretString};

use super::env::{ConfigError, Env};

/// Fewest characters of the secret.
const MIN_LENGTH: usize = 16;

/// A secret that CloudFront shows to the door with each request. `Debug` does not print it.
#[derive(Clone, Debug)]
pub struct DoorSecret(SecretString);

/// A text that is no secret of a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has to have at least {MIN_LENGTH} characters, which are visible ASCII, without blanks")]
pub struct DoorSecretError;

impl DoorSecret {
    /// Reads `DOOR_SECRET`.
    ///
    /// # Errors
    /// When it is short, or no header can carry it.
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        env.read("DOOR_SECRET", Self::from_str)
    }

    /// The secret.
    #[must_use]
    pub fn secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for DoorSecret {
    type Err = DoorSecretError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_secret = text.len() >= MIN_LENGTH && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_secret.then(|| Self(text.into())).ok_or(DoorSecretError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<DoorSecret>, ConfigError> {
        let text = text.to_owned();
        DoorSecret::from_env(&Env::new(move |name| (name == "DOOR_SECRET").then(|| text.clone())))
    }

    #[test]
    fn a_secret_is_long_enough_and_fits_into_a_header() {
        assert!(read("").unwrap().is_none());
        assert_eq!(read("0123456789abcdef").unwrap().unwrap().secret(), "0123456789abcdef");
        for wrong in ["0123456789abcde", "0123456789 abcdef", "0123456789äbcdef"] {
            let error = read(wrong).unwrap_err();
            assert_eq!(error.name(), "DOOR_SECRET");
            assert!(!error.to_string().contains(wrong), "{error}");
        }
    }

    #[test]
    fn a_debug_print_has_no_secret() {
        assert!(!format!("{:?}", read("0123456789abcdef")).contains("0123456789abcdef"));
    }
}
