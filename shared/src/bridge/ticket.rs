//! Tickets: the keys of the queues, for an hour.

use std::fmt;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::clock::Timestamp;

/// The keys with which the home asks the queues. They open these alone, for an hour.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Address of the queue of what people say.
    pub queue: String,
    /// Address of the queue of what Echos report; none where the functions send none.
    pub reports: Option<String>,
    /// Region of AWS that they are in.
    pub region: String,
    /// Id of the key.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: SecretString,
    /// The token of the session, which belongs to the key.
    pub session_token: SecretString,
    /// Moment at which they end.
    pub expires_at: Timestamp,
}

/// Reason why there is no ticket. It holds the code of AWS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// This deployment may not make one, or the role is not there.
    #[error("AWS gives no keys of the queues: {0}")]
    Denied(String),
    /// AWS does not answer, or not now.
    #[error("AWS gives no keys of the queues now: {0}")]
    Unavailable(String),
}

/// Makes tickets.
#[async_trait]
pub trait TicketOffice: fmt::Debug + Send + Sync {
    /// Makes a ticket.
    async fn issue(&self) -> Result<Ticket, TicketError>;
}
