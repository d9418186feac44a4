//! The pages over a household with Amazon.

mod browser;
mod devices;
mod status;
