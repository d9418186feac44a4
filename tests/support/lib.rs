//! Support for tests and measurements of the real binaries.
#![expect(clippy::missing_panics_doc, reason = "whatever goes wrong here ends the test that it happens to")]

pub mod amazon;
pub mod api;
pub mod bridge;
pub mod cloud;
pub mod dynamo_proxy;
pub mod emulator;
pub mod envelope;
pub mod household;
pub mod internet;
pub mod library;
pub mod machine;
pub mod measured;
pub mod music_assistant;
pub mod network;
pub mod passage;
pub mod ports;
pub mod processor;
pub mod program;
pub mod recorded;
pub mod recorder;
pub mod runtime_api;
pub mod signing;
pub mod tap;
pub mod tones;
pub mod voice;
