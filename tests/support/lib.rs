//! Support.

pub mod dynamo_proxy;
pub mod signing;
