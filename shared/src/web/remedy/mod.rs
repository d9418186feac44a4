//! Places where a person acts on a problem: the very field, or the part of a page.

mod error;
mod failure;
mod finding;

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;
use url::Url;

use crate::config::VARIABLES;
use crate::i18n::PageLanguage;

pub(super) use failure::of_failure;
pub(super) use finding::{is_not_set_up, of_finding};

/// A field or a part of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
pub(super) enum PagePart {
    DoorUrl,
    DoorWays,
    SkillEndpoint,
    StreamBaseUrl,
    ArtBaseUrl,
    MaStreamOrigin,
    MaApiUrl,
    /// The configurations for a proxy before Music Assistant itself.
    Proxies,
    AddressCheck,
    Developer,
    Household,
    SkillForm,
    InvocationName,
    Locale,
    ApiUrl,
    /// Music Assistant's Alexa provider.
    Provider,
    /// The connection to Music Assistant's API.
    Connection,
    /// The Echos that Music Assistant finds.
    Players,
    Pairing,
    Devices,
    Home,
    Log,
}

/// A link to a place, or to a page of another site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) text: String,
    /// Whether it leads away from these pages.
    pub(crate) is_outside: bool,
}

impl PagePart {
    /// Its address. A fold that hides it is named, so that the server opens it.
    pub(super) fn href(self) -> &'static str {
        match self {
            Self::DoorUrl => "/setup/address#door_url",
            Self::DoorWays => "/setup/address#door-ways",
            Self::SkillEndpoint => "/setup/address?open=advanced#skill_endpoint",
            Self::StreamBaseUrl => "/setup/address?open=advanced#stream_base_url",
            Self::ArtBaseUrl => "/setup/address?open=advanced#art_base_url",
            Self::MaStreamOrigin => "/setup/address?open=advanced#ma_stream_origin",
            Self::MaApiUrl => "/setup/address?open=advanced#ma_api_url",
            Self::Proxies => "/setup/address?open=proxies#proxies",
            Self::AddressCheck => "/setup/address#address-check",
            Self::Developer => "/setup/amazon#developer",
            Self::Household => "/setup/amazon#household",
            Self::SkillForm => "/setup/skill?open=form#skill-form",
            Self::InvocationName => "/setup/skill?open=advanced#invocation_name",
            Self::Locale => "/setup/skill?open=advanced#locale",
            Self::ApiUrl => "/setup/music-assistant?open=provider#api_url",
            Self::Provider => "/setup/music-assistant?open=provider#provider",
            Self::Connection => "/setup/music-assistant?open=connection#ma-connection",
            Self::Players => "/setup/music-assistant#players",
            Self::Pairing => "/setup/music-assistant#pairing",
            Self::Devices => "/devices",
            Self::Home => "/status",
            Self::Log => "/log",
        }
    }

    /// The key of the text of a link to it.
    fn text(self) -> &'static str {
        match self {
            Self::DoorUrl
            | Self::DoorWays
            | Self::SkillEndpoint
            | Self::StreamBaseUrl
            | Self::ArtBaseUrl
            | Self::MaStreamOrigin
            | Self::MaApiUrl
            | Self::Proxies
            | Self::AddressCheck => "remedy-address",
            Self::Developer | Self::Household => "remedy-amazon",
            Self::SkillForm | Self::InvocationName | Self::Locale => "remedy-skill",
            Self::ApiUrl | Self::Provider | Self::Connection | Self::Players | Self::Pairing => {
                "remedy-music-assistant"
            }
            Self::Devices => "remedy-devices",
            Self::Home => "remedy-home",
            Self::Log => "remedy-log",
        }
    }

    /// The path of its page, without the fold and the element.
    pub(super) fn path(self) -> &'static str {
        let href = self.href();
        href.split(['?', '#']).next().unwrap_or(href)
    }

    /// The field of the setting of a variable.
    fn of_setting(variable: &str) -> Option<Self> {
        let known = VARIABLES.iter().find(|known| known.name == variable)?;
        Self::VARIANTS.iter().copied().find(|place| place.variable() == Some(known.name))
    }

    /// The variable of the setting that it is the field of.
    fn variable(self) -> Option<&'static str> {
        match self {
            Self::DoorUrl => Some("DOOR_URL"),
            Self::SkillEndpoint => Some("SKILL_ENDPOINT"),
            Self::StreamBaseUrl => Some("STREAM_BASE_URL"),
            Self::ArtBaseUrl => Some("ART_BASE_URL"),
            Self::MaStreamOrigin => Some("MA_STREAM_ORIGIN"),
            Self::MaApiUrl => Some("MA_API_URL"),
            Self::InvocationName => Some("INVOCATION_NAME"),
            Self::Locale => Some("LOCALE"),
            Self::ApiUrl => Some("API_URL"),
            // The skill is made again by its form.
            Self::SkillForm => Some("SKILL_ID"),
            Self::DoorWays
            | Self::Proxies
            | Self::AddressCheck
            | Self::Developer
            | Self::Household
            | Self::Provider
            | Self::Connection
            | Self::Players
            | Self::Pairing
            | Self::Devices
            | Self::Home
            | Self::Log => None,
        }
    }

    /// The place where Music Assistant's API is connected: at home by a form, in AWS by an address alone.
    fn connection() -> Self {
        if cfg!(feature = "music-assistant") { Self::Connection } else { Self::MaApiUrl }
    }

    /// The link to it.
    pub(super) fn link(self, language: PageLanguage) -> Link {
        Link { href: self.href().to_owned(), text: language.text(self.text()), is_outside: false }
    }
}

impl Link {
    /// The link to a page of Tailscale's; none for any other address.
    pub(super) fn of_tailscale(language: PageLanguage, address: &str) -> Option<Self> {
        let url = Url::parse(address).ok().filter(|url| url.scheme() == "https")?;
        let host = url.host_str()?;
        let is_theirs = host == "tailscale.com" || host.ends_with(".tailscale.com");
        let text = || language.format("remedy-site", &[("host", host)]);
        is_theirs.then(|| Self { text: text(), href: url.to_string(), is_outside: true })
    }
}
