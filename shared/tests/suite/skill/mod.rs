//! The skill, from the body of a request to its answer. Every answer that a test asks for is held against what
//! Alexa takes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod amazon;
mod asked;
mod bad_input;
mod control;
mod envelope;
mod events;
mod failures;
mod generated;
mod home;
mod home_names;
mod identify;
mod lost;
mod metrics;
mod mistakes;
mod music;
mod next_items;
mod own_commands;
mod pairing;
mod renamed;
pub(crate) mod rules;
mod samples;
mod screen;
mod skill_ids;
mod speech;
pub(crate) mod tables;
