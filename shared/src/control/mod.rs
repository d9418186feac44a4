//! Requests of people to Music Assistant, by voice or by a button, and the replies.
//!
//! [`Control`] is the one face of it for the skill. At home it is Music Assistant's client in the same process; from AWS a
//! message to the home. Everything here is plain data that may cross a queue, so that matching and Music Assistant's token stay
//! at home. Of the library the names of playlists alone leave it: Alexa learns them as [`HomeNames`].
//!
//! Only a person's words and buttons become a [`ControlRequest`]. Music Assistant's own sentences and the reports of an Echo
//! never do, which makes loops impossible.

mod action;
mod names;
mod pause;
mod reply;
mod waiting;

use std::fmt;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::playback::{PlayerId, RequestId};

pub use action::{Action, MusicKind, MusicRequest, MusicSource, MusicUse, Repeating};
pub use names::{HomeNames, folded_name, spoken_name};
pub use pause::JUST_PAUSED;
pub use reply::{ControlError, Reply, Suggestion};
pub use waiting::{LONGEST_WAIT, Presence, WaitingRequest};

/// A request of a person to Music Assistant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlRequest {
    /// Id of the Alexa request. A request of the same id is carried out once.
    pub id: RequestId,
    /// Player that the Echo serves.
    pub player: PlayerId,
    /// Locale of the Echo, such as `de-DE`, for what was heard.
    pub locale: String,
    /// Moment after which it is not carried out any more: the person has been answered by then.
    pub until: Timestamp,
    /// The action.
    pub action: Action,
}

/// Carries out what people ask for.
pub trait Control: fmt::Debug + Send + Sync {
    /// Carries a request out, and replies as soon as its outcome is known. What starts music replies once Music Assistant has
    /// the command, and does not wait for the sound. It ends by itself within 6 s.
    fn carry_out<'a>(&'a self, request: &'a ControlRequest) -> BoxFuture<'a, Reply>;

    /// Takes note that a person stops an Echo: nothing begins there by itself, and its queue may be paused. It must not wait.
    fn silenced(&self, _device: &DeviceId) {}

    /// Does what is left of the last answers, for which no person waits. A function calls it once Alexa has the answer; it
    /// ends by itself within 1 s.
    fn settle(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {})
    }
}
