//! The configuration in effect: the environment, and the stored settings behind it.

use std::sync::{Arc, Mutex, PoisonError};

#[cfg(feature = "http")]
use super::api::ApiConfig;
use super::env::{ConfigError, Env};
use super::language::{Speech, SpeechOverrides};
use super::settings::Settings;
use super::skill_ids::SkillIds;
use super::stored::{MalformedSetting, StoredSettings};
use super::streams::StreamOverrides;
#[cfg(feature = "http")]
use super::{LocaleCode, MaApi, SetupOverrides};

/// The configuration of the environment, read once when a function starts.
#[derive(Debug, Default)]
pub struct Config {
    /// `SKILL_ID`.
    pub skill_ids: SkillIds,
    /// The addresses of streams and pictures.
    pub streams: StreamOverrides,
    /// The language, the name and the phrases.
    pub speech: SpeechOverrides,
    /// The variables that only the API and the pages read.
    #[cfg(feature = "http")]
    pub api: ApiConfig,
    last: Mutex<Option<Arc<Effective>>>,
}

/// The configuration in effect: each value from the environment, else from the settings, else the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The skills whose requests are accepted: those of the environment and of the settings.
    pub skill_ids: SkillIds,
    /// The addresses of streams and pictures.
    pub streams: StreamOverrides,
    /// The language, the name and the phrases.
    pub speech: Speech,
    /// The addresses of this deployment.
    #[cfg(feature = "http")]
    pub setup: SetupOverrides,
    /// The address of Music Assistant's API.
    #[cfg(feature = "http")]
    pub ma_api: MaApi,
    /// The locales in which the skill is built: at least one.
    #[cfg(feature = "http")]
    pub skill_locales: Vec<LocaleCode>,
    /// The settings that cannot be read and that the environment leaves open. They count as unset.
    pub malformed: Vec<MalformedSetting>,
    settings: Settings,
}

impl Config {
    /// Reads the variables.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            skill_ids: SkillIds::from_env(env)?,
            streams: StreamOverrides::from_env(env)?,
            speech: SpeechOverrides::from_env(env)?,
            #[cfg(feature = "http")]
            api: ApiConfig::from_env(env)?,
            last: Mutex::default(),
        })
    }

    /// The configuration in effect with `settings`. Settings are read, and malformed ones logged, only where they are
    /// not those of the last call.
    #[must_use]
    pub fn with(&self, settings: &Settings) -> Arc<Effective> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = last.as_ref().filter(|known| known.settings == *settings) {
            return Arc::clone(known);
        }
        let effective = Arc::new(Effective::new(self, settings));
        for MalformedSetting { variable, problem } in &effective.malformed {
            tracing::warn!(setting.name = variable, problem, "a malformed setting is ignored");
        }
        *last = Some(Arc::clone(&effective));
        effective
    }
}

impl Effective {
    fn new(config: &Config, settings: &Settings) -> Self {
        let mut stored = StoredSettings::default();
        let streams = config.streams.effective(settings, &mut stored);
        let speech = config.speech.effective(settings, &mut stored);
        #[cfg(feature = "http")]
        let (setup, ma_api, skill_locales) = (
            config.api.setup.effective(settings, &mut stored),
            config.api.ma_api.effective(settings, &mut stored),
            skill_locales(settings, &speech, &mut stored),
        );
        let skill_ids = config.skill_ids.effective(settings, &mut stored);
        Self {
            skill_ids,
            streams,
            speech,
            #[cfg(feature = "http")]
            setup,
            #[cfg(feature = "http")]
            ma_api,
            #[cfg(feature = "http")]
            skill_locales,
            malformed: stored.into_malformed(),
            settings: settings.clone(),
        }
    }
}

/// The chosen locales of the skill, else the one of Music Assistant's phrases.
#[cfg(feature = "http")]
fn skill_locales(settings: &Settings, speech: &Speech, stored: &mut StoredSettings) -> Vec<LocaleCode> {
    let chosen = stored.read_all(&settings.skill_locales, "LOCALE", LocaleCode::parse);
    if chosen.is_empty() { vec![speech.locale] } else { chosen }
}
