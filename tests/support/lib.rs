//! Support.

pub mod signing;
