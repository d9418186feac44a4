//! The pages, served over real connections on a loopback port.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

mod browser;
mod compression;
mod csrf;
mod devices;
mod languages;
mod login;
mod pages;
mod sessions;
mod setup;
mod status;
