//! What people ask for at home, against a stand-in for Music Assistant that can misbehave.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod failures;
mod far;
mod harness;
mod music;
mod names;
mod rooms;
mod transport;
