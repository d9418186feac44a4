//! The library's behaviour through its public face, in one binary so that it links once.

mod alexa;
#[cfg(feature = "http")]
mod api;
mod playback;
mod skill;
mod store;
#[cfg(feature = "verification")]
mod verification;
mod voice;
