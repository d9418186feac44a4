//! The bridge: the way from the functions in AWS to a Music Assistant at home, with nothing open there.
//!
//! The skill sends a request of a person into a queue, and waits in the store for the reply. The program at home asks the
//! queue for requests, carries them out beside Music Assistant, and sends each reply to the HTTP API. The HTTP API gives it
//! a ticket: the keys of that queue, for an hour. What the home was not seen to do for a while is not asked of it.
//!
//! A standard queue delivers at least once, in any order (Amazon SQS, "Standard queues"). So a request has an end, after
//! which it is not begun any more, and an id, which is carried out once.

#[cfg(all(feature = "client", feature = "music-assistant"))]
mod api_client;
#[cfg(feature = "music-assistant")]
mod carrier;
mod open;
mod queue;
mod received;
mod sender;
mod server_time;
#[cfg(feature = "bridge")]
mod sqs;
#[cfg(feature = "ticket")]
mod sts;
pub mod testing;
mod ticket;

pub use open::{NotBuilt, control_from_env};
pub use queue::{Delivery, Inbox, MESSAGE_AT_MOST, OpenInbox, Outbox, QueueError};
pub use received::{Received, Verdict};
pub use sender::{BridgeControl, POLL};
pub use server_time::ServerTime;
pub use ticket::{Ticket, TicketError, TicketOffice};

#[cfg(all(feature = "client", feature = "music-assistant"))]
pub use api_client::{ApiClient, ApiClientError};
#[cfg(feature = "music-assistant")]
pub use carrier::{Carrier, HomeApi, HomeApiError};
#[cfg(feature = "music-assistant")]
pub use open::inboxes_from_env;
#[cfg(feature = "bridge")]
pub use sqs::{SqsInboxes, SqsOutbox};
#[cfg(feature = "ticket")]
pub use sts::{TicketSettings, office_from_env};
