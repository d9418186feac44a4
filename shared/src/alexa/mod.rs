//! The Alexa Skills Kit on the wire: what Alexa asks ([`request`]) and what a skill may answer
//! ([`response`]).
//!
//! Requests are read leniently, because Amazon adds fields, values and whole request types at any time.
//! Responses are typed strictly: each class of request has its own type, and what Alexa would refuse cannot
//! be built. Nothing here does I/O.

mod id;
mod locale;
mod open_enum;
pub mod request;
pub mod response;

pub use id::{DeviceId, EndpointId, SessionId, UserId};
pub use locale::Locale;
