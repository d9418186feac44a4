//! Skill management, against an Amazon that a test decides.

mod builds;
mod clocks;
mod failures;
mod foreign;
mod harness;
mod inspect;
mod interruption;
mod manifest;
mod names;
mod permission;
mod sign_in;
mod story;
mod texts;
mod waits;
