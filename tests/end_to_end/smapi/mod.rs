//! Skill management, against an Amazon that a test decides.

mod inspect;
mod sign_in;
mod world;
