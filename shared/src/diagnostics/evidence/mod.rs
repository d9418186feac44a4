//! Evidence for the checks: a snapshot of the state, and the results of probes.
//!
//! The checks are pure functions of it.

mod door;
mod probe_client;
mod probes;
mod public_origin;
mod random_name;
mod reached;
mod snapshot;

pub(super) use door::DoorResult;
pub(super) use probe_client::{ProbeResult, Sample};
pub(super) use probes::{ProbeResults, TIMEOUT};
pub(super) use public_origin::PublicOriginResult;
pub(super) use random_name::RandomName;
pub(super) use reached::Reached;
pub(super) use snapshot::Snapshot;
