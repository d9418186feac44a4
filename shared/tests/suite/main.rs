//! The library's behaviour through its public face, in one binary so that it links once.

mod account;
mod alexa;
#[cfg(all(feature = "http", feature = "client", feature = "sqlite"))]
mod api;
#[cfg(all(feature = "sqlite", feature = "dynamodb"))]
mod backup;
mod bridge;
#[cfg(feature = "acme")]
mod certificates;
mod clock;
mod config;
#[cfg(all(
    feature = "client",
    feature = "music-assistant",
    feature = "sqlite",
    feature = "upnp",
    feature = "verification"
))]
mod corpus;
#[cfg(all(feature = "http", feature = "client", feature = "sqlite"))]
mod deadlines;
mod doc_comments;
#[cfg(feature = "http")]
mod doctor;
#[cfg(all(feature = "server", feature = "prometheus"))]
mod door;
#[cfg(all(feature = "music-assistant", feature = "sqlite"))]
mod home_control;
#[cfg(feature = "live")]
mod live;
mod logs;
mod modules;
#[cfg(all(feature = "music-assistant", feature = "sqlite"))]
mod music_assistant;
mod playback;
mod process;
mod readme;
#[cfg(feature = "upnp")]
mod renderer;
mod secrets;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "server")]
mod server_tls;
#[cfg(all(feature = "http", feature = "client", feature = "sqlite"))]
mod skill;
mod sources;
#[cfg(feature = "music-assistant")]
mod spoken;
mod store;
mod telemetry;
mod type_names;
#[cfg(feature = "upnp")]
mod upnp;
#[cfg(feature = "verification")]
mod verification;
mod voice;
#[cfg(all(feature = "http", feature = "client", feature = "sqlite"))]
mod ways;
#[cfg(all(feature = "http", feature = "client", feature = "sqlite"))]
mod web;
