//! The configuration in effect: the environment, and the stored settings behind it.

use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(feature = "http")]
use super::api::ApiConfig;
use super::env::{ConfigError, Env};
use super::language::{LocaleCode, Speech, SpeechOverrides};
use super::settings::Settings;
use super::skill_ids::SkillIds;
use super::stored::{MalformedSetting, StoredSettings};
use super::streams::StreamOverrides;
use super::voice_pause::VoicePause;
#[cfg(feature = "http")]
use super::{MaApi, SetupOverrides, SkillEndpoint};

/// The configuration of the environment, read once when a function starts.
#[derive(Debug, Default)]
pub struct Config {
    /// `SKILL_ID`.
    pub skill_ids: SkillIds,
    /// The addresses of streams and pictures.
    pub streams: StreamOverrides,
    /// The language, the name and the phrases.
    pub speech: SpeechOverrides,
    /// `MA_VOICE_PAUSE`.
    pub voice_pause: VoicePause,
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
            voice_pause: env.read("MA_VOICE_PAUSE", VoicePause::from_str)?.unwrap_or_default(),
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
        let streams = streams(&config.streams, settings, &mut stored);
        let speech = speech(&config.speech, settings, &mut stored);
        #[cfg(feature = "http")]
        let (setup, ma_api, skill_locales) = (
            setup(&config.api.setup, settings, &streams, &mut stored),
            ma_api(&config.api.ma_api, settings, &mut stored),
            skill_locales(settings, &speech, &mut stored),
        );
        // Unlike any other setting, one does not take the other's place: a deployment fixes the first skill, and further
        // ones are set up later.
        let skill_ids = config.skill_ids.with(stored.values(&settings.skill_ids, "SKILL_ID"));
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

fn streams(fixed: &StreamOverrides, settings: &Settings, stored: &mut StoredSettings) -> StreamOverrides {
    StreamOverrides {
        stream_base: stored.env_or_setting(
            fixed.stream_base.as_ref(),
            settings.stream_base_url.as_ref(),
            "STREAM_BASE_URL",
        ),
        ma_origin: stored.env_or_setting(
            fixed.ma_origin.as_ref(),
            settings.ma_stream_origin.as_ref(),
            "MA_STREAM_ORIGIN",
        ),
        art_base: stored.env_or_setting(
            fixed.art_base.as_ref(),
            settings.art_base_url.as_ref(),
            "ART_BASE_URL",
        ),
        door: stored.env_or_setting(fixed.door.as_ref(), settings.door_url.as_ref(), "DOOR_URL"),
        lan_door: stored.env_or_setting(
            fixed.lan_door.as_ref(),
            settings.door_lan_url.as_ref(),
            "DOOR_LAN_URL",
        ),
        playlist: stored.env_or_setting(
            fixed.playlist.as_ref(),
            settings.playlist_url.as_ref(),
            "PLAYLIST_URL",
        ),
        route: stored.env_or_setting(fixed.route.as_ref(), settings.stream_route.as_ref(), "STREAM_ROUTE"),
    }
}

fn speech(fixed: &SpeechOverrides, settings: &Settings, stored: &mut StoredSettings) -> Speech {
    Speech {
        locale: stored
            .env_or_setting(fixed.locale.as_ref(), settings.locale.as_ref(), "LOCALE")
            .unwrap_or(LocaleCode::EN_US),
        invocation_name: stored
            .env_or_setting(
                fixed.invocation_name.as_ref(),
                settings.invocation_name.as_ref(),
                "INVOCATION_NAME",
            )
            .unwrap_or_default(),
        ma_phrases: stored
            .env_or_setting(fixed.ma_phrases.as_ref(), settings.ma_phrases.as_ref(), "MA_PHRASES")
            .unwrap_or_default(),
    }
}

/// The addresses of this deployment. Alexa calls the door, where no other endpoint is set.
#[cfg(feature = "http")]
fn setup(
    fixed: &SetupOverrides,
    settings: &Settings,
    streams: &StreamOverrides,
    stored: &mut StoredSettings,
) -> SetupOverrides {
    let endpoint = stored.env_or_setting(
        fixed.skill_endpoint.as_ref(),
        settings.skill_endpoint.as_ref(),
        "SKILL_ENDPOINT",
    );
    let door = || SkillEndpoint::parse(&streams.door.as_ref()?.join("/")).ok();
    SetupOverrides {
        skill_endpoint: endpoint.or_else(door),
        api_url: stored.env_or_setting(fixed.api_url.as_ref(), settings.api_url.as_ref(), "API_URL"),
    }
}

#[cfg(feature = "http")]
fn ma_api(fixed: &MaApi, settings: &Settings, stored: &mut StoredSettings) -> MaApi {
    MaApi { url: stored.env_or_setting(fixed.url.as_ref(), settings.ma_api_url.as_ref(), "MA_API_URL") }
}

/// The chosen locales of the skill, else the one of Music Assistant's phrases.
#[cfg(feature = "http")]
fn skill_locales(settings: &Settings, speech: &Speech, stored: &mut StoredSettings) -> Vec<LocaleCode> {
    let chosen = stored.values(&settings.skill_locales, "LOCALE");
    if chosen.is_empty() { vec![speech.locale] } else { chosen }
}
