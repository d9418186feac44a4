//! Probed addresses and their problems, which compose codes.

use strum::{Display, EnumIter};

use super::detail::{Detail, Details};

/// An address of the set-up, as the beginning of codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, Display)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Address {
    /// The public origin of streams.
    #[default]
    Stream,
    /// The public origin of pictures.
    Art,
    /// The door.
    Door,
    /// The HTTP API of this program.
    Api,
    /// The endpoint of the skill.
    Endpoint,
    /// The API of Music Assistant.
    MaApi,
}

impl Address {
    /// The variable that names it.
    pub(in crate::diagnostics) fn setting(self) -> &'static str {
        match self {
            Self::Stream => "STREAM_BASE_URL",
            Self::Art => "ART_BASE_URL",
            Self::Door => "DOOR_URL",
            Self::Api => "API_URL",
            Self::Endpoint => "SKILL_ENDPOINT",
            Self::MaApi => "MA_API_URL",
        }
    }
}

/// The reason why an address gives no response of its own server, as the end of codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, EnumIter, Display)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum AccessProblem {
    #[default]
    NameUnknown,
    PrivateAddress,
    PortClosed,
    Timeout,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateWrongName,
    CertificateUntrusted,
    CertificateRefused,
    Tls,
    NoHttp,
    Redirects {
        to: String,
    },
    BotChallenge,
    UnreachableUpstream {
        status: u16,
    },
}

/// A public origin, through which Echos reach Music Assistant, as the beginning of codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, Display)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum PublicOrigin {
    #[default]
    Stream,
    Art,
}

impl PublicOrigin {
    /// The address of this origin.
    pub(in crate::diagnostics) fn address(self) -> Address {
        match self {
            Self::Stream => Address::Stream,
            Self::Art => Address::Art,
        }
    }
}

/// The fault of a public origin that lets out too little or too much, as the end of codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, EnumIter, Display)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum PublicOriginProblem {
    #[default]
    AnswersEverything,
    FetchesForeign,
    NotFound {
        player: String,
    },
    WrongStatus {
        status: u16,
    },
    LeaksCommands {
        path: String,
    },
    LeaksPages {
        path: String,
    },
    StillPublic,
}

impl Detail for Address {
    fn write(&self, _: &str, details: &mut Details) {
        self.setting().write("setting", details);
    }
}

impl Detail for AccessProblem {
    fn write(&self, _: &str, details: &mut Details) {
        match self {
            Self::Redirects { to } => to.write("to", details),
            Self::UnreachableUpstream { status } => status.write("status", details),
            Self::NameUnknown
            | Self::PrivateAddress
            | Self::PortClosed
            | Self::Timeout
            | Self::CertificateExpired
            | Self::CertificateNotYetValid
            | Self::CertificateWrongName
            | Self::CertificateUntrusted
            | Self::CertificateRefused
            | Self::Tls
            | Self::NoHttp
            | Self::BotChallenge => {}
        }
    }
}

impl Detail for PublicOrigin {
    /// Writes nothing: the code names the origin.
    fn write(&self, _: &str, _: &mut Details) {}
}

impl Detail for PublicOriginProblem {
    fn write(&self, _: &str, details: &mut Details) {
        match self {
            Self::AnswersEverything | Self::FetchesForeign | Self::StillPublic => {}
            Self::NotFound { player } => player.write("player", details),
            Self::WrongStatus { status } => status.write("status", details),
            Self::LeaksCommands { path } | Self::LeaksPages { path } => path.write("path", details),
        }
    }
}
