//! The HTTP API, served over real connections on a loopback port.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

mod activity;
mod auth;
mod bridge;
mod caller;
mod door_secret;
mod echos;
mod grants;
pub(crate) mod harness;
mod hosts;
mod inputs;
pub(crate) mod metrics;
mod mistakes;
mod openapi;
mod players;
mod push;
mod server;
pub(crate) mod store;
mod tokens;
