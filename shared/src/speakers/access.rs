//! Requests of renderers to the functions that know the account and the players.

use std::fmt;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::failure::RendererFailure;
use super::item::MediaItem;
use super::observed::Observed;
use super::speaker::{LevelChange, Speaker, SpeakerLevel};

/// The functions that know the Echos, wherever they run.
pub trait EchoAccess: fmt::Debug + Send + Sync {
    /// Answers a request, each with the answer that it names. It ends by itself within 25 s.
    ///
    /// # Errors
    /// When nothing of it was done.
    fn ask(&self, request: EchoRequest) -> BoxFuture<'_, Result<EchoAnswer, Refusal>>;

    /// Whether each request costs, so that what changes rarely is asked for rarely.
    fn is_far(&self) -> bool;
}

/// A request of a renderer. Devices are named by their serial numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EchoRequest {
    /// The devices that are offered: [`EchoAnswer::Offered`].
    Offered {},
    /// The players of these names as they are stored: [`EchoAnswer::Players`].
    Players(Vec<String>),
    /// The volumes of devices, as Amazon reports them now: [`EchoAnswer::Levels`].
    Levels(Vec<String>),
    /// Stores an item as the next version of the player of a device. Nothing is heard: [`EchoAnswer::Stored`].
    Store {
        /// The device.
        serial: String,
        /// The item.
        item: MediaItem,
    },
    /// Hands a stored version over to a person's request that waits: [`EchoAnswer::Handed`].
    HandOver {
        /// The device.
        serial: String,
        /// The version.
        version: u64,
    },
    /// Makes devices ask for versions of their players, all by one command to Amazon: [`EchoAnswer::Asked`].
    Ask(Vec<(String, u64)>),
    /// Waits up to 12 s until devices that were made to ask did so: [`EchoAnswer::Done`].
    AwaitWords {
        /// The device of the renderer, of which it is seen whether it is reached where no word came back.
        serial: String,
        /// The words that they bring back.
        words: Vec<String>,
    },
    /// Stops what devices play, all by one command to Amazon: [`EchoAnswer::Stopped`].
    Stop(Vec<String>),
    /// Stops a device once the person's request that waits for its player has ended without a start: [`EchoAnswer::Done`].
    StopUnlessStarted {
        /// The device.
        serial: String,
        /// The version of its player when the request was seen to wait.
        version: u64,
    },
    /// Keeps the item that follows a version of the player of this name: [`EchoAnswer::Done`].
    KeepNext {
        /// The name.
        player: String,
        /// The version.
        version: u64,
        /// The item; none where nothing follows.
        next: Option<MediaItem>,
    },
    /// Changes the volume of a device, of a group that of each member: [`EchoAnswer::Level`].
    ChangeLevel {
        /// The device.
        serial: String,
        /// The change.
        change: LevelChange,
    },
}

/// The answer to a request of a renderer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EchoAnswer {
    /// It was done.
    Done {},
    /// The devices that are offered.
    Offered {
        /// The devices.
        speakers: Vec<Speaker>,
        /// Whether media of the home reaches an Echo.
        has_door: bool,
    },
    /// The players that are known, by their names. A next item counts as given to the Echo.
    Players(Vec<(String, Observed)>),
    /// The volumes that are known, by device.
    Levels(Vec<(String, SpeakerLevel)>),
    /// The item is stored.
    Stored {
        /// The version that it is.
        version: u64,
        /// Whether a person's request that waited was handed it, so that no Echo has to be made to ask.
        handed: bool,
    },
    /// Whether the version was handed over.
    Handed(bool),
    /// The devices were made to ask, but for the refusals.
    Asked {
        /// The refusal of each device, in their order; none where it was made to ask.
        refusals: Vec<Option<Refusal>>,
        /// The words that they bring back.
        words: Vec<String>,
    },
    /// The outcome of each stop, in their order.
    Stopped(Vec<Stopping>),
    /// The volume that Amazon took.
    Level(SpeakerLevel),
}

/// The outcome of a stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopping {
    /// Amazon took it.
    Sent,
    /// It was left out: a person's request waits for a start of the player, which has this version.
    Awaited(u64),
    /// It was refused.
    Refused(Refusal),
}

/// Reason why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Its kind.
    pub code: RendererFailure,
    /// A sentence for people.
    pub reason: String,
    #[serde(skip)]
    is_of_way: bool,
}

impl Refusal {
    /// A refusal with this code, for this reason.
    #[must_use]
    pub fn new(code: impl Into<RendererFailure>, reason: impl Into<String>) -> Self {
        Self { code: code.into(), reason: reason.into(), is_of_way: false }
    }

    /// A refusal by what lies between a renderer and the functions, which may have done what was asked.
    #[must_use]
    pub fn of_way(code: impl Into<RendererFailure>, reason: impl Into<String>) -> Self {
        Self { is_of_way: true, ..Self::new(code, reason) }
    }

    /// Whether the way to the functions is the reason, so that they say nothing of the Echo.
    #[must_use]
    pub fn is_of_way(&self) -> bool {
        self.is_of_way
    }
}
