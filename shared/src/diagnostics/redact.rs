//! Removal of secrets from a report that leaves the home.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::time::timeout;

use crate::account::AmazonSession;
use crate::config::ApiCredentials;
use crate::deadline::at_most;
use crate::secrets::{Credentials, SecretStore};

/// Shortest text that counts as a secret: what is shorter stands in many places by chance. Passwords and tokens of ours
/// have at least this.
const SHORTEST: usize = 16;

/// Time that each secret is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// The text in the place of a secret.
const REMOVED: &str = "[removed]";

/// Removes every secret of this deployment from texts. Nothing puts one there; this makes sure of it. `Debug` prints none.
#[derive(Default)]
pub struct Redactor(Vec<SecretString>);

impl Redactor {
    /// The secrets of the environment and of the secret store. Those that cannot be read are in no report either.
    pub async fn of(fixed: &ApiCredentials, secrets: &dyn SecretStore) -> Self {
        let mut redactor = Self::default();
        for pair in [&fixed.owner, &fixed.music_assistant].into_iter().flatten() {
            redactor.add(pair.password());
        }
        if let Some(token) = &fixed.metrics_token {
            redactor.add(token.token());
        }
        if let Ok(Ok(Some(credentials))) = timeout(at_most(PATIENCE), secrets.credentials()).await {
            redactor.add_credentials(&credentials);
        }
        if let Ok(Ok(held)) = timeout(at_most(PATIENCE), secrets.amazon()).await {
            redactor.add_session(&held.session);
        }
        redactor
    }

    /// Adds a secret, and its parts where commas or colons join several.
    pub fn add(&mut self, secret: &str) {
        let parts = secret.split([',', ':']).filter(|part| *part != secret);
        let long = std::iter::once(secret).chain(parts).filter(|text| text.len() >= SHORTEST);
        self.0.extend(long.map(SecretString::from));
        // A part of another one must not hide it.
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
    }

    fn add_credentials(&mut self, credentials: &Credentials) {
        self.add(credentials.owner.password());
        self.add(credentials.music_assistant.password());
        for secret in [&credentials.ma_token, &credentials.session_key].into_iter().flatten() {
            self.add(secret.expose_secret());
        }
        if let Some(keys) = &credentials.grant_keys {
            self.add(keys.text().expose_secret());
        }
    }

    /// Every text of the session: its tokens and cookies, and who the account is.
    fn add_session(&mut self, session: &AmazonSession) {
        let json = serde_json::from_str::<Value>(session.to_json().expose_secret()).unwrap_or_default();
        let mut open = vec![&json];
        while let Some(value) = open.pop() {
            match value {
                Value::String(text) => self.add(text),
                Value::Array(values) => open.extend(values),
                Value::Object(members) => open.extend(members.values()),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
    }

    /// Removes the secrets from every text of a value.
    pub fn redact(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                for secret in &self.0 {
                    if text.contains(secret.expose_secret()) {
                        *text = text.replace(secret.expose_secret(), REMOVED);
                    }
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.redact(value)),
            Value::Object(members) => members.values_mut().for_each(|value| self.redact(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").field("secrets", &self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_removed_wherever_it_stands() {
        let mut redactor = Redactor::default();
        redactor.add("owner-password-0001");
        redactor.add("1:AAECAwQFBgcICQoLDA0ODxAR,2:BBECAwQFBgcICQoLDA0ODxAR");
        redactor.add("short");
        let mut report = json!({
            "log": ["the password is owner-password-0001, and short"],
            "keys": { "one": "BBECAwQFBgcICQoLDA0ODxAR" },
            "count": 3,
        });
        redactor.redact(&mut report);
        let removed = json!({
            "log": ["the password is [removed], and short"], "keys": { "one": "[removed]" }, "count": 3,
        });
        assert_eq!(report, removed);
    }

    #[test]
    fn a_secret_that_holds_another_is_removed_as_a_whole() {
        let mut redactor = Redactor::default();
        redactor.add("abcdefghijklmnop");
        redactor.add("abcdefghijklmnopqrstuvwxyz");
        let mut text = json!("abcdefghijklmnopqrstuvwxyz");
        redactor.redact(&mut text);
        assert_eq!(text, json!("[removed]"));
    }
}
