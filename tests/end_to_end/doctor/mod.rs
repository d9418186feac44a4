//! The doctor, in a household with an internet around it.

mod healthy;
mod probe;
mod world;
