//! The Amazon side, with Amazon as the tests decide.

mod clocks;
mod commands;
mod concurrency;
mod forms;
pub(crate) mod harness;
mod list;
mod live;
mod login;
mod mutes;
mod openapi;
mod pairing;
mod renamed;
mod renderers;
mod secrecy;
mod session;
mod story;
mod throttles;
pub(crate) mod trial;
mod volumes;
