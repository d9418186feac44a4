//! Echos, stereo pairs and groups as media renderers: what stands between [`crate::upnp::MediaRenderer`] and the playback of an
//! Echo.
//!
//! [`Transport`] is the state machine of one Echo, without I/O. An [`Ensemble`] has one, or one for each member of a group.
//! A task runs it over [`Echos`], and [`offer`] keeps one for each device of the account. [`HouseholdEchos`] asks the functions
//! that know the account, in this process or in AWS. What an Echo reports comes by a [`NewsFeed`], from the skill in this
//! process or by the bridge; what it reports to another process is read from the store.

mod actor;
mod command;
mod commands;
mod echo_renderer;
mod echos;
mod ensemble;
mod household_echos;
mod in_flight;
mod level;
mod media;
mod playable;
mod playhead;
mod registry;
mod speech;
mod stage;
mod starts;
mod timer;
mod transport;

pub use command::{CommandId, Effect, Input};
pub use echo_renderer::udn;
pub use echos::{Echos, News, NewsFeed, SpeakerObservation};
pub use ensemble::{Effects, Ensemble};
pub use household_echos::HouseholdEchos;
pub use playable::Playable;
pub use registry::offer;
pub use stage::{
    CONFIRMED_WITHIN, LOST_AFTER, NEXT_WITHIN, REPORTED_WITHIN, STOP_WAITS, STOP_WAITS_FOR_PLAY,
};
pub use timer::{Timer, TokioTimer};
pub use transport::Transport;

pub use crate::speakers::{
    LevelChange, Member, Observed, ObservedReport, ObservedState, Refusal, Speaker, SpeakerLevel,
};
