//! Events for controllers that subscribe to a service (GENA; UPnP Device Architecture 1.0, section 4).

mod delivery;
mod headers;
mod message;
mod subscriptions;

pub(super) use delivery::{Notifier, Recipient};
pub(super) use headers::{Subscribe, SubscriptionError, read, read_sid};
pub(super) use subscriptions::{Asker, Full, Subscriptions};
