//! Echos, stereo pairs and groups as media renderers: what stands between [`crate::upnp::MediaRenderer`] and the playback of an
//! Echo.
//!
//! [`Transport`] is the state machine of one Echo, without I/O. An [`Ensemble`] has one, or one for each member of a group.
//! A task runs it over [`Echos`], and [`offer`] keeps one for each device of the account. What an Echo reports in this process comes by a [`NewsFeed`]; what it reports to
//! another one is read from the store.

mod actor;
mod command;
mod commands;
mod echo_renderer;
mod echos;
mod ensemble;
mod in_flight;
mod level;
mod observed;
mod playable;
mod playhead;
mod registry;
mod speech;
mod stage;
mod timer;
mod transport;

pub use command::{Effect, Input, Ticket};
pub use echo_renderer::udn;
pub use echos::{
    Echos, LevelChange, Member, News, NewsFeed, Refusal, Speaker, SpeakerLevel, SpeakerObservation,
};
pub use ensemble::{Effects, Ensemble};
pub use observed::{Observed, ObservedReport, ObservedState};
pub use playable::Playable;
pub use registry::offer;
pub use stage::{
    CONFIRMED_WITHIN, LOST_AFTER, NEXT_WITHIN, REPORTED_WITHIN, STOP_WAITS, STOP_WAITS_FOR_PLAY,
};
pub use timer::{Timer, TokioTimer};
pub use transport::Transport;
