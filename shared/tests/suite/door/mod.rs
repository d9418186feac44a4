//! The door over real connections, before a stand-in for Music Assistant.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

mod answers;
mod failures;
mod harness;
mod limits;
mod media;
mod music_assistant;
mod routes;
mod sharing;
