//! The doctor, in a household with an internet around it.

mod broken;
mod healthy;
mod patience;
mod probe;
mod provider;
mod terminal;
pub(crate) mod world;
