//! Variables and settings: one struct for each concern, read once from the environment when a function starts.
//!
//! A variable that is missing or malformed stops the start and names itself with an example. A malformed *setting*,
//! which people change while everything runs, is ignored with a warning: it never stops a function.

mod address;
mod credentials;
mod env;
mod hosts;
mod invocation_name;
mod language;
mod malformed;
mod overrides;
mod places;
mod proxies;
mod settings;
mod setup;
mod skill_ids;
mod variables;

pub use address::{BaseUrl, BaseUrlError, Origin};
pub use credentials::{ApiCredentials, Pair, PairError};
pub use env::{ConfigError, Env, Runtime};
pub use hosts::TrustedHosts;
#[cfg(feature = "http")]
pub(crate) use hosts::plain as plain_host;
pub use invocation_name::{InvocationName, InvocationNameError};
pub use language::{LOCALES, LocaleCode, MaPhrases, Speech, SpeechOverrides, UnknownMaPhrases};
pub use malformed::malformed_settings;
pub use overrides::{AmazonEndpoint, MaApi, MaApiUrl, StreamOverrides};
pub use places::{Bind, SecretsUrl, StoreUrl};
pub use proxies::TrustedProxies;
pub use settings::Settings;
pub use setup::{ApiUrl, SetupOverrides, SkillEndpoint};
pub use skill_ids::{SkillId, SkillIds};
pub use variables::{VARIABLES, Variable};
