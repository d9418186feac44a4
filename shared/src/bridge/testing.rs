//! Tickets without AWS.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use super::ticket::{Ticket, TicketError, TicketOffice};
use crate::clock::Timestamp;

/// An office whose tickets open nothing. It can be closed.
#[derive(Clone, Copy, Debug)]
pub struct FakeTickets {
    /// Whether AWS gives keys.
    pub is_open: bool,
}

#[async_trait]
impl TicketOffice for FakeTickets {
    async fn issue(&self) -> Result<Ticket, TicketError> {
        if !self.is_open {
            return Err(TicketError::Denied("AccessDenied".to_owned()));
        }
        Ok(Ticket {
            queue: "https://sqs.eu-west-1.amazonaws.com/123456789012/home-bridge".to_owned(),
            reports: Some("https://sqs.eu-west-1.amazonaws.com/123456789012/home-reports".to_owned()),
            region: "eu-west-1".to_owned(),
            access_key_id: "ASIAEXAMPLE".to_owned(),
            secret_access_key: SecretString::from("a-key"),
            session_token: SecretString::from("a-token"),
            expires_at: Timestamp::from_millis(1_795_334_400_000).plus(Duration::from_hours(1)),
        })
    }
}
