//! The Amazon side, with Amazon as the tests decide.

mod clocks;
mod commands;
mod concurrency;
pub(crate) mod harness;
mod list;
mod login;
mod openapi;
mod pairing;
mod renamed;
mod secrecy;
mod session;
mod story;
mod throttles;
mod volumes;
