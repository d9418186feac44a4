//! Skill management, against an Amazon that a test decides.

mod builds;
mod clocks;
mod cuts;
mod failures;
mod foreign;
mod inspect;
mod manifest;
mod permission;
mod sign_in;
mod story;
mod texts;
mod waits;
mod world;
