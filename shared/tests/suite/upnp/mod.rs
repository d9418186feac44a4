//! Media renderers over real sockets, before stand-ins for Echos and controllers.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

mod actions;
mod attacks;
mod control_point;
mod controller;
mod descriptions;
mod discovery;
mod events;
mod home;
mod properties;
mod renderer;
