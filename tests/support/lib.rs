//! Support.

pub mod dynamo_proxy;
