//! The ways in which an Echo can reach a stream.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The route of a stream to an Echo. What is stored and sent calls them by these names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Music Assistant's own path under `STREAM_BASE_URL`, or a public address that was pushed.
    #[default]
    Direct,
    /// A grant of the door, through its public address.
    Door,
    /// A grant of the door, through a public name that leads to its address at home.
    Lan,
    /// An https playlist whose one line is Music Assistant's address at home.
    Playlist,
}

impl Route {
    /// All routes, those before that need less of the owner.
    pub const ALL: [Self; 4] = [Self::Playlist, Self::Lan, Self::Door, Self::Direct];

    /// Its name in settings, logs and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Door => "door",
            Self::Lan => "lan",
            Self::Playlist => "playlist",
        }
    }
}

/// A value that names no route.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has to be playlist, lan, door or direct")]
pub struct UnknownRoute;

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Route {
    type Err = UnknownRoute;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|route| route.as_str() == text).ok_or(UnknownRoute)
    }
}
