//! The pages, served over real connections on a loopback port.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

mod browser;
mod compression;
#[cfg(feature = "music-assistant")]
mod connection;
mod csrf;
mod devices;
mod door;
mod ingress;
mod languages;
mod link;
mod log;
mod login;
mod pages;
mod players;
#[cfg(feature = "music-assistant")]
mod queue;
mod remedies;
mod sessions;
mod settings;
mod setup;
mod status;
mod steps;
mod tokens;
#[cfg(feature = "server")]
mod updates;
mod wording;
