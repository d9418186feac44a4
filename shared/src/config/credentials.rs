//! User names, passwords and the token of the metrics.

use secrecy::{ExposeSecret as _, SecretString};

use super::env::{ConfigError, Env};

/// Shortest password that is taken, in characters.
const MIN_PASSWORD: usize = 16;

/// A user name and a password. `Debug` prints no password.
#[derive(Clone, Debug)]
pub struct UserPassword {
    username: String,
    password: SecretString,
}

/// The rule that a user name or a password breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserPasswordError {
    /// The user name is empty, or cannot be sent by HTTP Basic.
    #[error("the user name has to have characters, and no colon or control character")]
    Username,
    /// The password is shorter than 16 characters.
    #[error("the password has to have at least {MIN_PASSWORD} characters")]
    ShortPassword,
    /// The password cannot be sent by HTTP Basic.
    #[error("the password must not have a control character")]
    Password,
}

impl UserPassword {
    /// Checks a user name and a password.
    ///
    /// # Errors
    /// When HTTP Basic cannot carry them (RFC 7617), or the password has fewer than 16 characters.
    pub fn new(username: &str, password: &str) -> Result<Self, UserPasswordError> {
        if username.is_empty() || username.chars().any(|c| c == ':' || c.is_control()) {
            return Err(UserPasswordError::Username);
        }
        if password.chars().count() < MIN_PASSWORD {
            return Err(UserPasswordError::ShortPassword);
        }
        if password.chars().any(char::is_control) {
            return Err(UserPasswordError::Password);
        }
        Ok(Self { username: username.to_owned(), password: SecretString::from(password) })
    }

    /// The user name.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The password.
    #[must_use]
    pub fn password(&self) -> &str {
        self.password.expose_secret()
    }
}

/// A token for `GET /metrics`. `Debug` does not print it.
#[derive(Clone, Debug)]
pub struct MetricsToken(SecretString);

/// The rule that a token breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetricsTokenError {
    /// It is shorter than 16 characters.
    #[error("the token has to have at least {MIN_PASSWORD} characters")]
    Short,
    /// A header cannot carry it as one word.
    #[error("the token has to consist of visible ASCII characters, without blanks")]
    Characters,
}

impl MetricsToken {
    /// Checks a token.
    ///
    /// # Errors
    /// When it has fewer than 16 characters, or one that no bearer token has.
    pub fn new(token: &str) -> Result<Self, MetricsTokenError> {
        if token.chars().count() < MIN_PASSWORD {
            return Err(MetricsTokenError::Short);
        }
        if !token.chars().all(|c| c.is_ascii_graphic()) {
            return Err(MetricsTokenError::Characters);
        }
        Ok(Self(SecretString::from(token)))
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The credentials that the environment fixes; each pair goes before that of the secret.
#[derive(Clone, Debug, Default)]
pub struct ApiCredentials {
    /// `API_USERNAME` and `API_PASSWORD`: opens everything.
    pub owner: Option<UserPassword>,
    /// `PUSH_USERNAME` and `PUSH_PASSWORD`: opens what Music Assistant calls.
    pub music_assistant: Option<UserPassword>,
    /// `METRICS_TOKEN`: opens `GET /metrics`. No secret has one.
    pub metrics_token: Option<MetricsToken>,
}

impl ApiCredentials {
    /// Whether the environment fixes both pairs.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.owner.is_some() && self.music_assistant.is_some()
    }

    /// Reads both pairs and the token.
    ///
    /// # Errors
    /// When half of a pair is missing, a half or the token is malformed, or two of them have one password.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let owner = pair(env, "API_USERNAME", "API_PASSWORD")?;
        let music_assistant = pair(env, "PUSH_USERNAME", "PUSH_PASSWORD")?;
        if let (Some(owner), Some(music_assistant)) = (&owner, &music_assistant)
            && owner.password() == music_assistant.password()
        {
            return Err(ConfigError::malformed(
                "PUSH_PASSWORD",
                &"it has to be another one than API_PASSWORD, which opens everything",
            ));
        }
        let metrics_token = metrics_token(env)?;
        let is_password = |pair: &Option<UserPassword>| {
            let token = metrics_token.as_ref().map(MetricsToken::token);
            pair.as_ref().is_some_and(|pair| Some(pair.password()) == token)
        };
        if is_password(&owner) || is_password(&music_assistant) {
            let problem = "it has to be another one than the passwords, which open more";
            return Err(ConfigError::malformed("METRICS_TOKEN", &problem));
        }
        Ok(Self { owner, music_assistant, metrics_token })
    }
}

fn metrics_token(env: &Env) -> Result<Option<MetricsToken>, ConfigError> {
    let token = env.get("METRICS_TOKEN").map(|token| MetricsToken::new(&token));
    token.transpose().map_err(|problem| ConfigError::malformed("METRICS_TOKEN", &problem))
}

fn pair(
    env: &Env,
    username: &'static str,
    password: &'static str,
) -> Result<Option<UserPassword>, ConfigError> {
    let (name, word) = match (env.get(username), env.get(password)) {
        (None, None) => return Ok(None),
        (Some(name), Some(word)) => (name, word),
        (None, Some(_)) => {
            let problem = format!("it is missing, although {password} is set");
            return Err(ConfigError::malformed(username, &problem));
        }
        (Some(_), None) => {
            let problem = format!("it is missing, although {username} is set");
            return Err(ConfigError::malformed(password, &problem));
        }
    };
    UserPassword::new(&name, &word).map(Some).map_err(|problem| {
        let variable = match problem {
            UserPasswordError::Username => username,
            UserPasswordError::ShortPassword | UserPasswordError::Password => password,
        };
        ConfigError::malformed(variable, &problem)
    })
}
