//! The library's behaviour through its public face, in one binary so that it links once.

mod account;
mod alexa;
#[cfg(all(feature = "http", feature = "client", feature = "sqlite"))]
mod api;
mod clock;
mod config;
#[cfg(all(feature = "http", feature = "client", feature = "sqlite", feature = "verification"))]
mod corpus;
#[cfg(all(feature = "http", feature = "client", feature = "sqlite"))]
mod deadlines;
#[cfg(feature = "http")]
mod doctor;
mod logs;
mod modules;
mod playback;
mod process;
mod readme;
mod secrets;
#[cfg(feature = "server")]
mod server;
#[cfg(all(feature = "http", feature = "client", feature = "sqlite"))]
mod skill;
#[cfg(feature = "music-assistant")]
mod spoken;
mod store;
mod telemetry;
#[cfg(feature = "upnp")]
mod upnp;
#[cfg(feature = "verification")]
mod verification;
mod voice;
#[cfg(all(feature = "http", feature = "client", feature = "sqlite"))]
mod web;
