//! Echos as media renderers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod group_rules;
mod groups;
mod household;
mod household_echos;
mod observed;
mod samples;
mod speech;
mod tasks;
mod transport;
mod transport_rules;
