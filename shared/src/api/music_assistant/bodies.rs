//! Bodies of the connection to Music Assistant.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::music_assistant::PlayerWay;

/// A sign-in at Music Assistant: with a user name and password, with a token, or with neither at a server before logins.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ConnectBody {
    /// The address of its pages: one of the home, or one that begins with https. Where it is left out, the one that is set.
    #[serde(default)]
    #[schema(example = "http://192.168.1.5:8095")]
    pub address: Option<String>,
    /// A user of Music Assistant with the role `user` or `admin`.
    #[serde(default)]
    pub username: Option<String>,
    /// The password, which makes a token and is kept nowhere.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub password: Option<SecretString>,
    /// A long-lived token, from the profile of such a user.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub token: Option<SecretString>,
}

/// The connection to Music Assistant.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConnectedBody {
    /// Whether it answers, takes the token and lets control players.
    pub connected: bool,
    /// Its address; null where none is set.
    #[schema(example = "http://192.168.1.5:8095")]
    pub address: Option<String>,
    /// Why it is not connected; null where it is.
    pub problem: Option<ProblemBody>,
    /// Its release.
    #[schema(example = "2.8.0")]
    pub version: Option<String>,
    /// The number of its API's schema.
    #[schema(example = 29)]
    pub schema: Option<u64>,
    /// The user of the token; null at a server before logins.
    pub user: Option<String>,
    /// The user's role: `admin`, `user`, or `other` for a role of the owner's own making.
    pub role: Option<String>,
    /// The Echos and pairs of this household with their players in Music Assistant, by name.
    pub echos: Vec<EchoPlayersBody>,
    /// Addresses at which Music Assistant may be, as pushes and its searches in the network show.
    pub suggestions: Vec<String>,
}

/// The reason why Music Assistant is not connected.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// The code of an error.
    #[schema(example = "music_assistant_unreachable")]
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// An Echo, and its players in Music Assistant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EchoPlayersBody {
    /// The Echo's name.
    pub echo: String,
    /// Its players, the one that is controlled first; empty where Music Assistant has none.
    pub players: Vec<MaPlayerBody>,
}

/// A player of Music Assistant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MaPlayerBody {
    /// Its id in Music Assistant.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether Music Assistant found it in the network (`renderer`), or its Alexa provider has it (`provider`).
    #[schema(value_type = String, example = "renderer")]
    pub way: PlayerWay,
    /// Whether Music Assistant reaches it.
    pub available: bool,
}
