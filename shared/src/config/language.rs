//! The language in which Music Assistant speaks to the Echos, and its phrases.

use std::fmt;
use std::str::FromStr;

use super::env::{ConfigError, Env};
use super::invocation_name::InvocationName;

/// The locales of Alexa skills (Alexa Skills Kit, "Develop skills in multiple languages").
pub const LOCALES: [&str; 17] = [
    "ar-SA", "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES", "es-MX", "es-US", "fr-CA",
    "fr-FR", "hi-IN", "it-IT", "ja-JP", "nl-NL", "pt-BR",
];

/// One of [`LOCALES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocaleCode(&'static str);

impl LocaleCode {
    /// English of the United States.
    pub const EN_US: Self = Self("en-US");

    /// Reads a locale, in any case of its letters.
    ///
    /// # Errors
    /// When Alexa does not speak it.
    pub fn parse(text: &str) -> Result<Self, String> {
        LOCALES
            .into_iter()
            .find(|locale| locale.eq_ignore_ascii_case(text.trim()))
            .map(Self)
            .ok_or_else(|| format!("it has to be one of {}", LOCALES.join(", ")))
    }

    /// The locale, such as `de-DE`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for LocaleCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for LocaleCode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The phrases of Music Assistant for pause, resume and stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MaPhrases {
    /// The samples of `MaPause`, `MaResume` and `MaStop`, which no person says.
    #[default]
    Own,
    /// Plain pause, resume and stop, should Alexa not understand the own ones.
    Builtin,
}

/// A value that names no set of sentences.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has to be own or builtin")]
pub struct UnknownMaPhrases;

impl fmt::Display for MaPhrases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "own",
            Self::Builtin => "builtin",
        })
    }
}

impl FromStr for MaPhrases {
    type Err = UnknownMaPhrases;

    /// Reads `own` or `builtin`.
    ///
    /// # Errors
    /// For any other text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "own" => Ok(Self::Own),
            "builtin" => Ok(Self::Builtin),
            _ => Err(UnknownMaPhrases),
        }
    }
}

/// The language as far as the environment fixes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpeechOverrides {
    /// `LOCALE`.
    pub locale: Option<LocaleCode>,
    /// `INVOCATION_NAME`.
    pub invocation_name: Option<InvocationName>,
    /// `MA_PHRASES`.
    pub ma_phrases: Option<MaPhrases>,
}

/// The language in effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speech {
    /// The locale of the phrases.
    pub locale: LocaleCode,
    /// The name by which the skill is called.
    pub invocation_name: InvocationName,
    /// The phrases for pause, resume and stop.
    pub ma_phrases: MaPhrases,
}

impl SpeechOverrides {
    /// Reads the three variables.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            locale: env.read("LOCALE", LocaleCode::parse)?,
            invocation_name: env.read("INVOCATION_NAME", InvocationName::parse)?,
            ma_phrases: env.read("MA_PHRASES", MaPhrases::from_str)?,
        })
    }
}
