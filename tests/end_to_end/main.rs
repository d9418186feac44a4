//! The real binaries, and the whole composition, from the outside.

mod amazon;
mod attack;
mod browser;
mod cargo_lambda;
mod compressed;
mod deployed;
mod doctor;
mod dynamodb;
mod fake_amazon;
mod faults;
mod flow;
mod functions;
mod gate;
mod home;
mod identify;
mod local;
mod local_start;
mod malformed_events;
mod metrics;
mod music_assistant;
mod pages;
mod proxies;
mod recorded;
mod signed;
mod smapi;
mod store_calls;
