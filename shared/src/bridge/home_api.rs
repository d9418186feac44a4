//! The functions in AWS as the program at home sees them.

use std::fmt;

use super::ticket::Ticket;
use crate::clock::Timestamp;
use crate::control::Reply;
use crate::playback::{PlayerId, RequestId};
use futures_util::future::BoxFuture;

/// The functions in AWS as the home sees them.
pub trait HomeApi: fmt::Debug + Send + Sync {
    /// Asks for a ticket. With it comes the time of the functions.
    fn ticket(&self) -> BoxFuture<'_, Result<(Ticket, Timestamp), HomeApiError>>;

    /// Reports that the home is there; the time of the functions.
    fn seen(&self) -> BoxFuture<'_, Result<Timestamp, HomeApiError>>;

    /// Sends the reply to a request.
    fn answer<'a>(&'a self, id: &'a RequestId, reply: &'a Reply) -> BoxFuture<'a, Result<(), HomeApiError>>;

    /// Whether the present version of a player was given to a person's answer, and no Echo has begun it.
    fn is_lost<'a>(&'a self, player: &'a PlayerId) -> BoxFuture<'a, Result<bool, HomeApiError>>;
}

/// The functions did not serve. The text has no password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HomeApiError {
    /// They do not take the user name and password, or have no bridge.
    #[error("{0}")]
    Refused(String),
    /// They cannot be reached, or did not answer in time.
    #[error("{0}")]
    Unavailable(String),
    /// No request of this id waits any more.
    #[error("the request does not wait any more")]
    NotWaiting,
}
