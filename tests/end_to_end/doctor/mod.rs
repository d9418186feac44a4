//! The doctor, in a household with an internet around it.

mod broken;
mod door;
pub(crate) mod harness;
mod healthy;
mod patience;
mod probe;
mod provider;
pub(crate) mod sites;
mod terminal;
