//! The Amazon side of a household as plain data: the account's devices, the session, and the manners that keep
//! Amazon from shutting us out.
//!
//! Nothing here does I/O. A store keeps what functions have to share (lanes, leases, wanted volumes, the list of
//! devices, one-time words), and runs these functions on it. What is secret is in [`AmazonSession`] and goes into the
//! secret alone.

mod challenge;
mod device;
mod host;
mod rate_limit;
mod session;
mod volume;

pub use challenge::{ChallengePurpose, ChallengeResponse, OneTimeWord, PairingChallenge};
pub use device::{Device, DeviceKind, DeviceList};
pub use host::{AmazonHost, HostError, Marketplace};
pub use rate_limit::{
    AcquireRequest, AcquireResult, CoolDown, Feedback, LEASE, LaneRelease, Lease, LeaseRequest, LeaseResult,
    LimiterState, RequestKind, RequestLane,
};
pub use session::{
    AccessToken, AccountHosts, AlexaSession, AmazonSession, DeveloperSession, PendingDeregistration,
    PendingDeveloperLogin, PendingLogin, RefusalBackoff, Revoked, SessionCookies, SessionError, StoredCookie,
};
pub use volume::{
    AppliedVolume, AttemptOutcome, DeviceVolume, QueuedChanges, ResolvedChange, Sequence, VolumeAttempt,
    VolumeRequest, Volumes,
};
