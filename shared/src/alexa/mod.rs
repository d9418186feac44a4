//! To be written.

mod ids;
pub use ids::{DeviceId, EndpointId, UserId};
