//! The Alexa Skills Kit on the wire.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps nothing")]

mod debug;
mod intents;
mod leniency;
mod locales;
mod responses;
mod samples;

use std::fs;
use std::path::{Path, PathBuf};

use ma_alexa::alexa::request::RequestEnvelope;
use serde_json::Value;

fn events() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

/// The body of one sample request, named without its `.json`.
fn sample(name: &str) -> Vec<u8> {
    fs::read(events().join(format!("{name}.json"))).unwrap()
}

fn sample_value(name: &str) -> Value {
    serde_json::from_slice(&sample(name)).unwrap()
}

fn envelope(name: &str) -> RequestEnvelope {
    RequestEnvelope::parse(&sample(name)).unwrap()
}

/// The names of all sample requests in `events/`.
fn sample_names() -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(events())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}
