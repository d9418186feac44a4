//! Forms: shapes of an address or an answer that are no route, and that a tone can be played in.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::Route;

/// Most digits of a number in a granted path.
const MAX_DIGITS: usize = 19;

/// A shape of an address or an answer that is no route. What is stored and sent calls them by these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// An https playlist whose one line is a public address without TLS.
    PlaylistHttp,
    /// An https address with another port than 443.
    Port,
    /// An https address whose host is an IP address.
    Address,
    /// An https address that redirects to the sound.
    Redirect,
    /// An HLS list of all MP3 pieces, with its end.
    HlsEnded,
    /// An HLS list that grows while it is played.
    HlsLive,
}

impl Form {
    /// All forms, in the order in which they are played. One that may keep an Echo waiting comes last.
    pub const ALL: [Self; 6] =
        [Self::PlaylistHttp, Self::Port, Self::Address, Self::Redirect, Self::HlsEnded, Self::HlsLive];

    /// Its name in stored items, addresses and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PlaylistHttp => "playlist_http",
            Self::Port => "port",
            Self::Address => "address",
            Self::Redirect => "redirect",
            Self::HlsEnded => "hls_ended",
            Self::HlsLive => "hls_live",
        }
    }
}

/// The kind of a tone: by a route, or in a form that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToneKind {
    /// By a route.
    Route(Route),
    /// In a form.
    Form(Form),
}

impl ToneKind {
    /// The name of the route or form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Route(route) => route.as_str(),
            Self::Form(form) => form.as_str(),
        }
    }

    /// The route; none for a form.
    #[must_use]
    pub fn route(self) -> Option<Route> {
        match self {
            Self::Route(route) => Some(route),
            Self::Form(_) => None,
        }
    }

    /// The form; none for a route.
    #[must_use]
    pub fn form(self) -> Option<Form> {
        match self {
            Self::Form(form) => Some(form),
            Self::Route(_) => None,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let route = Route::ALL.into_iter().find(|route| route.as_str() == text).map(Self::Route);
        route.or_else(|| Form::ALL.into_iter().find(|form| form.as_str() == text).map(Self::Form))
    }
}

impl fmt::Display for ToneKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The reason why a trial leaves a route or form out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOutReason {
    /// The door has no public address.
    NoDoor,
    /// The door has no address at home.
    NoLanDoor,
    /// No plain address at home serves the tone.
    NoToneAtHome,
    /// Music Assistant alone answers by this route.
    MusicAssistantOnly,
    /// No address of the door has another port than 443.
    NoOtherPort,
    /// No address of the door is a bare IP address.
    NoBareAddress,
    /// No public address without TLS serves the tone.
    NoPublicPlain,
}

impl LeftOutReason {
    /// All reasons.
    pub const ALL: [Self; 7] = [
        Self::NoDoor,
        Self::NoLanDoor,
        Self::NoToneAtHome,
        Self::MusicAssistantOnly,
        Self::NoOtherPort,
        Self::NoBareAddress,
        Self::NoPublicPlain,
    ];

    /// The code for programs; it never changes its meaning.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoDoor => "no_door",
            Self::NoLanDoor => "no_lan_door",
            Self::NoToneAtHome => "no_tone_at_home",
            Self::MusicAssistantOnly => "music_assistant_only",
            Self::NoOtherPort => "no_other_port",
            Self::NoBareAddress => "no_bare_address",
            Self::NoPublicPlain => "no_public_plain",
        }
    }
}

/// A route or form that a trial leaves out, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The route or form.
    #[serde(flatten)]
    pub kind: ToneKind,
    /// The reason.
    pub reason: LeftOutReason,
}

/// The path in the grant of a tone: which trial, which of its tones, and how that is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TonePath {
    /// The trial's number.
    pub number: u64,
    /// The position of the tone among those of its trial.
    pub at: usize,
    /// Its kind.
    pub kind: ToneKind,
}

impl TonePath {
    /// Reads a granted path; none for that of an older release, which says nothing.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix("/tone/")?.split('/');
        let (number, at, kind) = (parts.next()?, parts.next()?, parts.next()?);
        let is_number = |text: &str| {
            (1..=MAX_DIGITS).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_digit())
                && (text == "0" || !text.starts_with('0'))
        };
        if parts.next().is_some() || !is_number(number) || !is_number(at) {
            return None;
        }
        Some(Self { number: number.parse().ok()?, at: at.parse().ok()?, kind: ToneKind::parse(kind)? })
    }
}

impl fmt::Display for TonePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/tone/{}/{}/{}", self.number, self.at, self.kind)
    }
}
