//! Live events of Amazon: frames, events, the table, and the stream over days that pass in a moment.

mod dial;
mod events;
mod frames;
mod host;
mod states;
mod stream;
mod wire;
