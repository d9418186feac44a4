//! The bridge: the way from the functions in AWS to Music Assistant at home.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "music-assistant")]
mod carrier;
#[cfg(feature = "music-assistant")]
mod reader;
#[cfg(feature = "music-assistant")]
mod redelivered;
#[cfg(feature = "sqlite")]
mod reports;
#[cfg(feature = "sqlite")]
mod sender;
