//! A queue of the bridge, by its two ends.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::ticket::Ticket;

/// Longest request that is sent or read, in bytes.
pub const REQUEST_AT_MOST: usize = 4096;

/// Longest report that is sent or read, in bytes: it has two addresses with their names.
pub const REPORT_AT_MOST: usize = 16 * 1024;

/// The queue did not serve. The text has no key in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// The keys have ended, or do not open it.
    #[error("the queue does not take the keys: {0}")]
    Refused(String),
    /// It cannot be reached, or did not answer in time.
    #[error("the queue cannot be reached: {0}")]
    Unavailable(String),
}

/// A message as the queue delivers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The text.
    pub body: String,
    /// Handle of this delivery, by which it is deleted.
    pub receipt: String,
}

/// The end of a queue at which messages go in.
#[async_trait]
pub trait Outbox: fmt::Debug + Send + Sync {
    /// Sends a text.
    async fn send(&self, body: String) -> Result<(), QueueError>;
}

/// The end of a queue at which messages come out.
#[async_trait]
pub trait Inbox: fmt::Debug + Send + Sync {
    /// Waits up to `wait`, in whole seconds of at most 20, for messages; at most `count` of them, which is 1 to 10.
    async fn receive(&self, count: usize, wait: Duration) -> Result<Vec<Delivery>, QueueError>;

    /// Deletes a message, so that it is not delivered again.
    async fn delete(&self, receipt: &str) -> Result<(), QueueError>;
}

/// Makes the end of a queue that a ticket opens.
pub trait OpenInbox: fmt::Debug + Send + Sync {
    /// Opens the queue at the address `queue`.
    ///
    /// # Errors
    /// When there can be no client of it.
    fn open(&self, ticket: &Ticket, queue: &str) -> Result<Arc<dyn Inbox>, QueueError>;
}
