//! The devices of the account: their list, their state, and commands to them.

mod behavior;
mod confirm;
mod control;
mod device_client;
pub(super) mod list;
mod pairing_challenge;
mod play;
mod renamed;
pub(super) mod state;
mod volume;

pub use control::TransportCommand;
pub use device_client::{CommandOutcome, DeviceClient, DeviceOutcome, Devices, Freshness};
pub use pairing_challenge::{Identification, IdentifyOutcome, PlayTarget, SentWords};
pub use play::PlayOutcome;
pub use volume::{VolumeChange, VolumeOutcome};
