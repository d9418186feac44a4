//! Stored form of the Amazon side, the same in both stores. A play reads none of it.

use serde::{Deserialize, Serialize};

use crate::account::{Lease, RequestLane};

/// The lease on the refresh of the session.
pub(super) const REFRESH: &str = "account#renewal";

/// The lease on the stream of live events.
pub(super) const LIVE: &str = "account#live";

/// The wanted volumes.
pub(super) const VOLUMES: &str = "account#volumes";

/// The list of devices.
pub(super) const DEVICES: &str = "account#devices";

/// The key of a lane.
pub(super) fn lane_key(lane: RequestLane) -> String {
    format!("account#lane#{}", lane.as_str())
}

/// A lease on something, as an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Leased {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lease: Option<Lease>,
}
