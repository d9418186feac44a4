//! Music Assistant's API and the connection to it, against a stand-in.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod client;
pub(crate) mod connection;
mod control;
pub(crate) mod live;
pub(crate) mod socket;
pub(crate) mod stand_in;
mod token;
