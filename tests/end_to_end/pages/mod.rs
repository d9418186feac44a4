//! The pages over a household with Amazon.

pub(crate) mod browser;
mod devices;
mod players;
mod status;
