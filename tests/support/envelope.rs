//! Requests of Alexa's, made from the samples in `events/`.
#![expect(clippy::unwrap_used, reason = "a sample that is missing ends the test")]

use std::fs;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use ma_alexa::clock::{Clock as _, SystemClock, Timestamp};
use serde_json::{Value, json};

use crate::machine;

/// The skill that the samples are requests to.
pub const SKILL: &str = "amzn1.ask.skill.5d3b7c1e-0a4f-4c8d-9e21-7f6a5b4c3d2e";

/// The Echo that the samples come from.
pub const ECHO: &str = "amzn1.ask.device.AMAZMADEUPDEVICE1EXAMPLEJ5L7N9P1R3S5U7V9X2";

/// The file of a sample, named without its `.json`.
#[must_use]
pub fn sample_file(name: &str) -> std::path::PathBuf {
    machine::workspace().join("events").join(format!("{name}.json"))
}

/// One request.
#[derive(Clone, Debug)]
pub struct Envelope(Value);

impl Envelope {
    /// A sample as it stands.
    #[must_use]
    pub fn sample(name: &str) -> Self {
        let path = sample_file(name);
        let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(serde_json::from_slice(&text).unwrap())
    }

    /// A sample as a request of its own, sent now.
    #[must_use]
    pub fn new(name: &str) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let id = format!("amzn1.echo-api.request.{}-{number}", process::id());
        Self::sample(name).with("/request/requestId", json!(id)).at(SystemClock.now())
    }

    /// Something that Alexa reports of the play `token`; `kind` is what stands behind `AudioPlayer.`.
    #[must_use]
    pub fn report(kind: &str, token: &str, offset_ms: u64) -> Self {
        Self::new("playback-started")
            .with("/request/type", json!(format!("AudioPlayer.{kind}")))
            .with("/request/token", json!(token))
            .with("/request/offsetInMilliseconds", json!(offset_ms))
            .playing("PLAYING", token, offset_ms)
    }

    /// An Echo could not play `token`.
    #[must_use]
    pub fn failed(token: &str, error: &str) -> Self {
        Self::new("audio-player-playback-failed-unknown")
            .with("/request/token", json!(token))
            .with("/request/error/type", json!(error))
            .with("/request/currentPlaybackState", json!({ "token": token, "playerActivity": "STOPPED" }))
            .playing("STOPPED", token, 0)
    }

    /// From another Echo.
    #[must_use]
    pub fn from_echo(self, device: &str) -> Self {
        self.with("/context/System/device/deviceId", json!(device))
            .with("/context/System/device/persistentEndpointId", json!(format!("endpoint of {device}")))
    }

    /// Sent at another time.
    #[must_use]
    pub fn at(self, sent: Timestamp) -> Self {
        // Alexa writes whole seconds.
        let sent = Timestamp::from_millis(sent.seconds() * 1000);
        self.with("/request/timestamp", json!(sent.rfc3339()))
    }

    /// The envelope with the Echo's report of its playback.
    #[must_use]
    pub fn playing(self, activity: &str, token: &str, offset_ms: u64) -> Self {
        let state = json!({ "playerActivity": activity, "token": token, "offsetInMilliseconds": offset_ms });
        self.with("/context/AudioPlayer", state)
    }

    /// With another value at `pointer`, which has to be there.
    #[must_use]
    pub fn with(mut self, pointer: &str, value: Value) -> Self {
        *self.0.pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer}")) = value;
        self
    }

    /// The body.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        self.0.to_string().into_bytes()
    }
}

/// The stream that an answer plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// Address from which the Echo fetches it.
    pub url: String,
    /// The token of the play.
    pub token: String,
    /// Position in the stream at which it begins, in milliseconds.
    pub offset_ms: u64,
}

impl Played {
    /// Reads an answer, which has to be one directive that replaces the present stream.
    #[must_use]
    pub fn of(answer: &Value) -> Self {
        let directives = answer["response"]["directives"].as_array().map_or(&[][..], Vec::as_slice);
        let [directive] = directives else { panic!("this plays nothing: {answer}") };
        assert_eq!(directive["type"], "AudioPlayer.Play", "{answer}");
        assert_eq!(directive["playBehavior"], "REPLACE_ALL", "{answer}");
        let stream = &directive["audioItem"]["stream"];
        assert_eq!(stream.get("expectedPreviousToken"), None, "{answer}");
        let text = |field: &str| stream[field].as_str().unwrap().to_owned();
        Self {
            url: text("url"),
            token: text("token"),
            offset_ms: stream["offsetInMilliseconds"].as_u64().unwrap(),
        }
    }
}

/// The answer that says nothing and does nothing.
#[must_use]
pub fn nothing() -> Value {
    json!({ "version": "1.0", "response": {} })
}
