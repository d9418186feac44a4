//! Shared library of the functions of Music Assistant for Alexa: everything but their mains.
//!
//! The modules stand in the order of their dependence: each imports only from those above it. `alexa`,
//! `playback` and `account` do no I/O and know nothing of AWS. Nor does `verification`, but for its module `fetch`.

pub mod clock;
mod host_place;

pub mod config;
#[cfg(feature = "client")]
pub mod deadline;
#[cfg(feature = "client")]
pub mod http_client;
mod private;
#[cfg(feature = "http")]
mod routing;
mod task;
pub mod telemetry;

#[cfg(feature = "aws")]
pub mod aws;

pub mod alexa;
#[cfg(feature = "verification")]
pub mod verification;

pub mod playback;

pub mod control;

pub mod speakers;

#[cfg(feature = "http")]
pub mod renderer_report;

pub mod account;
#[cfg(feature = "http")]
pub mod fetch_report;
pub mod grant;
pub mod store;

pub mod secrets;

#[cfg(feature = "http")]
pub mod access;

#[cfg(feature = "sqlite")]
pub mod backup;

#[cfg(feature = "acme")]
pub mod certificates;

pub mod deps;

pub mod i18n;
#[cfg(feature = "music-assistant")]
pub mod spoken;
pub mod voice;

#[cfg(feature = "client")]
pub mod amazon;
#[cfg(feature = "http")]
pub mod door;
#[cfg(feature = "http")]
pub mod probe;
#[cfg(feature = "http")]
pub mod smapi;
#[cfg(feature = "upnp")]
pub mod upnp;
#[cfg(feature = "http")]
pub mod ways;

#[cfg(feature = "music-assistant")]
pub mod music_assistant;

#[cfg(feature = "music-assistant")]
pub mod home_control;

pub mod bridge;

#[cfg(feature = "upnp")]
pub mod renderer;

pub mod skill;

#[cfg(feature = "http")]
pub mod diagnostics;

#[cfg(feature = "http")]
pub mod updates;

#[cfg(feature = "http")]
pub mod api;
#[cfg(feature = "http")]
pub mod web;

#[cfg(feature = "http")]
pub mod app;
#[cfg(feature = "server")]
pub mod server;
