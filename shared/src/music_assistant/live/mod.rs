//! Music Assistant's events: what its players and queues do, without a question for each look.
//!
//! [`Follower`] holds one web socket open (`controllers/webserver/websocket_client`) and keeps [`LiveQueues`] current.
//! Commands go by `POST /api` all the same.

mod event;
mod follow;
mod queues;
mod socket;

pub use follow::Follower;
pub use queues::{LiveQueue, LiveQueues, QueueChanges};
