//! Is this request from Alexa? The whole proof, and each way to fail it.

mod certificate_url;
mod chain;
#[cfg(feature = "client")]
mod fetch;
mod flights;
mod harness;
mod proof;
#[expect(unreachable_pub, reason = "public for the end-to-end tests")]
#[path = "../../../../tests/support/signing.rs"]
mod signing;
