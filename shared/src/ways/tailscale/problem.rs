//! Reasons why Tailscale does not lead to the door.

use std::borrow::Cow;

use strum::IntoEnumIterator as _;

/// The reason why Tailscale does not lead to the door.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::EnumIter)]
#[error("{}. {}", self.message(), self.remedy())]
pub enum TailscaleProblem {
    /// There is neither a socket nor a command.
    NotInstalled,
    /// The daemon does not run.
    NotRunning,
    /// This process may not ask the daemon, or not change it.
    NoRights,
    /// The machine is signed in to no account.
    LoggedOut,
    /// An admin of the network has yet to admit the machine.
    NotApproved,
    /// The machine is disconnected.
    Stopped,
    /// The daemon is about to connect.
    Starting,
    /// The network gives no names.
    MagicDnsOff,
    /// The network gives no certificates.
    HttpsOff,
    /// The policy of the network allows the machine no Funnel.
    FunnelNotAllowed,
    /// The policy allows Funnel on other ports alone.
    PortNotAllowed,
    /// Port 443 of the name serves something else.
    PortTaken,
    /// Tailscale asks a person to agree, on this page.
    Consent(String),
    /// There is a socket and no command, so that nothing can be turned on from here.
    NoCommand,
    /// It took longer than the time limit.
    TooSlow,
    /// The answer is not one of a known release, or has more than 1 MB.
    Unreadable,
    /// The command failed for another reason.
    Failed,
}

impl TailscaleProblem {
    /// A sample of every problem.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// The code for programs; it never changes its meaning.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotInstalled => "not_installed",
            Self::NotRunning => "not_running",
            Self::NoRights => "no_rights",
            Self::LoggedOut => "logged_out",
            Self::NotApproved => "not_approved",
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::MagicDnsOff => "magic_dns_off",
            Self::HttpsOff => "https_off",
            Self::FunnelNotAllowed => "funnel_not_allowed",
            Self::PortNotAllowed => "port_not_allowed",
            Self::PortTaken => "port_taken",
            Self::Consent(_) => "consent",
            Self::NoCommand => "no_command",
            Self::TooSlow => "too_slow",
            Self::Unreadable => "unreadable",
            Self::Failed => "failed",
        }
    }

    /// The reason as a sentence, without a full stop.
    #[must_use]
    pub fn message(&self) -> &'static str {
        match self {
            Self::NotInstalled => "Tailscale is not installed on this machine",
            Self::NotRunning => "Tailscale is installed and does not run",
            Self::NoRights => "Tailscale does not let the user of this program ask or change it",
            Self::LoggedOut => "Tailscale is signed in to no account",
            Self::NotApproved => "The network has not admitted this machine yet",
            Self::Stopped => "Tailscale is disconnected",
            Self::Starting => "Tailscale is about to connect",
            Self::MagicDnsOff => "MagicDNS is off, so this machine has no name",
            Self::HttpsOff => "HTTPS certificates are off, so the name of this machine has none",
            Self::FunnelNotAllowed => "The policy of the network does not allow Funnel for this machine",
            Self::PortNotAllowed => {
                "The policy of the network does not allow Funnel on port 443, which Amazon needs"
            }
            Self::PortTaken => "Port 443 of this machine's name in Tailscale already serves something else",
            Self::Consent(_) => "Tailscale wants a person to agree to Funnel once",
            Self::NoCommand => "The command tailscale is not here, so this program cannot turn Funnel on",
            Self::TooSlow => "Tailscale did not answer in time",
            Self::Unreadable => "Tailscale gave an answer that this release does not know",
            Self::Failed => "The command tailscale did not work",
        }
    }

    /// The one thing to do, as a sentence with its full stop.
    #[must_use]
    pub fn remedy(&self) -> Cow<'static, str> {
        let remedy = match self {
            Self::NotInstalled => "Install it as on https://tailscale.com/download, and sign in.",
            Self::NotRunning => "Start it: sudo systemctl enable --now tailscaled",
            Self::NoRights => {
                "Run once, with the user of this program as USER: sudo tailscale set --operator=USER"
            }
            Self::LoggedOut => "Run: sudo tailscale login",
            Self::NotApproved => "Approve it under Machines in Tailscale's admin console.",
            Self::Stopped => "Run: sudo tailscale up",
            Self::Starting | Self::TooSlow => "Try again in a minute.",
            Self::MagicDnsOff => "Turn it on under DNS in Tailscale's admin console.",
            Self::HttpsOff => "Enable HTTPS under DNS in Tailscale's admin console.",
            Self::FunnelNotAllowed => {
                "Turn Funnel on in the step Public address, and agree on the page that opens. Or add the node attribute \
                 funnel to the policy."
            }
            Self::PortNotAllowed => "Allow port 443 in the node attribute funnel of the policy.",
            Self::PortTaken => "See what it is with tailscale serve status, and move it to another port.",
            Self::Consent(page) => {
                return format!("Open {page}, agree, and turn Funnel on once more.").into();
            }
            Self::NoCommand => {
                "Run on the machine of Tailscale: tailscale funnel --bg and the port of the door."
            }
            Self::Unreadable => {
                "Update Tailscale. Or enter the address in the step Public address of the setup."
            }
            Self::Failed => {
                "Run it in a terminal, to see why: tailscale funnel --bg and the port of the door."
            }
        };
        remedy.into()
    }
}
