//! The Amazon side, with Amazon as the tests decide.

mod clocks;
mod commands;
mod list;
mod login;
mod manners;
mod openapi;
mod pairing;
mod renamed;
mod secrecy;
mod session;
mod story;
mod throttles;
mod volumes;
pub(crate) mod world;
