//! Variables and settings. [`Config`] holds the environment, read once when a function starts; [`Config::with`] puts the
//! stored [`Settings`] behind it.
//!
//! A malformed variable stops the start; its error names it, with an example. A malformed *setting*, which people
//! change while everything runs, is reported and ignored: it never stops a function.

mod address;
#[cfg(feature = "http")]
mod api;
mod bridge;
mod certificates;
mod credentials;
mod door;
mod door_secret;
mod effective;
mod endpoints;
mod env;
mod file;
mod hosts;
#[cfg(feature = "http")]
mod ingress;
mod invocation_name;
mod language;
mod locations;
mod log;
mod proxies;
mod renderer;
mod renderers;
mod route;
mod setting;
mod settings;
mod setup;
mod skill_ids;
mod stored;
mod streams;
#[cfg(feature = "http")]
mod updates;
mod variable;
mod variables;
mod voice_pause;
#[cfg(feature = "http")]
mod ways;

pub use address::{BaseUrl, BaseUrlError, Origin};
#[cfg(feature = "http")]
pub use api::ApiConfig;
pub use bridge::BridgeConfig;
pub use certificates::{CertificateConfig, CertificateName, ChallengeConfig, DnsConfig};
pub use credentials::{ApiCredentials, MetricsToken, MetricsTokenError, UserPassword, UserPasswordError};
pub use door::{DoorBind, DoorConfig};
pub use door_secret::{DoorSecret, DoorSecretError};
pub use effective::{Config, Effective};
pub use endpoints::{AmazonEndpoint, MaApi, MaApiUrl};
pub use env::{ConfigError, Env, Runtime};
pub use file::{EnvFile, EnvFileError, EnvFileProblem, MAX_ENV_FILE};
pub use hosts::TrustedHosts;
#[cfg(feature = "http")]
pub(crate) use hosts::plain as plain_host;
#[cfg(feature = "http")]
pub use ingress::IngressConfig;
pub use invocation_name::{InvocationName, InvocationNameError};
pub use language::{LOCALES, LocaleCode, MaPhrases, Speech, SpeechOverrides, UnknownMaPhrases};
pub use locations::{Bind, DataDir, SecretsUrl, StoreUrl};
pub use log::LogFormat;
pub use proxies::TrustedProxies;
pub use renderer::RendererBind;
pub use renderers::OfferedRenderers;
pub use route::{Route, UnknownRoute};
pub use setting::Setting;
pub use settings::Settings;
pub use setup::{ApiUrl, SetupOverrides, SkillEndpoint};
pub use skill_ids::{SkillId, SkillIds};
pub use stored::MalformedSetting;
pub use streams::StreamOverrides;
#[cfg(feature = "http")]
pub use updates::{UpdateConfig, is_in_container};
pub use variable::Variable;
pub use variables::{VARIABLES, shown_variables};
pub use voice_pause::VoicePause;
#[cfg(feature = "http")]
pub use ways::WaysConfig;
