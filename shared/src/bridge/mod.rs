//! The bridge: the way between functions in AWS and a home, with nothing open there.
//!
//! The skill sends a request of a person into a queue, and waits in the store for the reply. The program at home asks the
//! queue for requests, carries them out beside Music Assistant, and sends each reply to the HTTP API. What Echos report goes
//! home by a second queue, for the renderers there, whose commands go to the HTTP API. That gives the home a ticket: the keys
//! of both queues, for an hour. What the home was not seen to do for a while is not asked of it.
//!
//! A standard queue delivers at least once, in any order (Amazon SQS, "Standard queues"). So a request has an end, after
//! which it is not begun any more, and an id, which is carried out once. A report has the revision of its player's item, and
//! counts where no newer one was there.

#[cfg(all(feature = "client", feature = "music-assistant"))]
mod api_client;
#[cfg(feature = "music-assistant")]
mod carrier;
#[cfg(feature = "music-assistant")]
mod far_control;
mod heard;
#[cfg(feature = "music-assistant")]
mod home_api;
mod open;
#[cfg(feature = "music-assistant")]
mod poller;
mod queue;
#[cfg(feature = "music-assistant")]
mod reader;
mod received;
#[cfg(all(feature = "client", feature = "music-assistant"))]
mod remote_echos;
mod reports;
mod sender;
mod server_time;
#[cfg(feature = "bridge")]
mod sqs;
#[cfg(feature = "ticket")]
mod sts;
pub mod testing;
mod ticket;

pub use heard::{HeardReports, HeardVerdict};
#[cfg(feature = "bridge")]
pub use open::reports_from_env;
pub use open::{NotBuilt, control_from_env};
pub use queue::{Delivery, Inbox, OpenInbox, Outbox, QueueError, REPORT_AT_MOST, REQUEST_AT_MOST};
pub use received::{Admission, Received};
pub use reports::HomeReports;
pub use sender::{BridgeControl, POLL};
pub use server_time::ServerTime;
pub use ticket::{Ticket, TicketError, TicketOffice};

#[cfg(all(feature = "client", feature = "music-assistant"))]
pub use api_client::{ApiClient, ApiClientError};
#[cfg(feature = "music-assistant")]
pub use carrier::Carrier;
#[cfg(feature = "music-assistant")]
pub use far_control::FarControl;
#[cfg(feature = "music-assistant")]
pub use home_api::{HomeApi, HomeApiError};
#[cfg(feature = "music-assistant")]
pub use open::inboxes_from_env;
#[cfg(feature = "music-assistant")]
pub use reader::ReportReader;
#[cfg(all(feature = "client", feature = "music-assistant"))]
pub use remote_echos::RemoteEchos;
#[cfg(feature = "bridge")]
pub use sqs::{SqsInboxes, SqsOutbox};
#[cfg(feature = "ticket")]
pub use sts::{TicketSettings, office_from_env};
