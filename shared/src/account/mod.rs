//! The Amazon side of a household as plain data: the account's devices, the session, and the manners that keep
//! Amazon from shutting us out.
//!
//! Nothing here does I/O. A store keeps what functions have to share (lanes, leases, wanted volumes, the list of
//! devices, codes), and runs these functions on it; what is secret is in [`AmazonSession`] and goes into the secret
//! alone.

mod code;
mod device;
mod host;
mod lane;
mod session;
mod volume;

pub use code::{Code, CodeUse, Errand, ErrandKind};
pub use device::{Device, DeviceKind, DeviceList};
pub use host::{AmazonHost, HostError, Marketplace};
pub use lane::{
    Cooling, LEASE, Lane, LaneAnswer, LaneLeave, LaneState, LaneVerdict, LaneWish, Lease, LeaseAnswer,
    LeaseWish,
};
pub use session::{
    AccessToken, AlexaSession, AmazonSession, DeveloperSession, Ended, JarCookie, Leaving,
    PendingDeveloperLogin, PendingLogin, Place, Refused, SessionCookies, SessionError,
};
pub use volume::{DeviceVolume, Reached, Sent, SentOutcome, Ticket, VolumeWish, Volumes, Wanted, Wished};
