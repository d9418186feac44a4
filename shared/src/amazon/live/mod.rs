//! Live events: what Amazon reports of the devices by itself, over one long answer of HTTP/2.
//!
//! Amazon documents none of this; docs/amazon-api.md, 8, holds the facts. A stream carries parts, a part one message,
//! a message several events. They fill a table of volumes, mutes and the rest, which answers and pages read in place of
//! a query. They are never the only source: each stream begins with queries, and what is older than minutes is asked
//! for again. A volume that we play is the skill's to report, not Amazon's.

#[cfg(feature = "live")]
mod account;
#[cfg(feature = "live")]
mod capabilities;
mod change;
#[cfg(feature = "live")]
mod connection;
#[cfg(feature = "live")]
mod dial;
mod event;
mod frame;
mod health;
#[cfg(feature = "live")]
mod listener;
#[cfg(feature = "live")]
mod pace;
mod region;
mod states;
mod table;
#[cfg(feature = "live")]
mod watch;

#[cfg(feature = "live")]
pub use account::{LiveAccount, LiveBearer};
pub use change::{Knowledge, LiveChange, LiveValue};
#[cfg(feature = "live")]
pub use dial::{Dial, DialError, Dialer, Wire};
pub use event::{EventKind, LiveEvent, events};
pub use frame::{Frame, FrameTooLong, Framer, MAX_PART};
pub use health::{LiveProblem, LiveReport, LiveStage};
#[cfg(feature = "live")]
pub use listener::LiveListener;
pub use region::LiveRegion;
pub use states::LiveStates;
