//! The plain data of the Amazon side.

mod hosts;
mod sessions;
