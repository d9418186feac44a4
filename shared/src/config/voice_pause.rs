//! Whether Music Assistant learns of a person's pause.

use std::str::FromStr;

/// Whether Music Assistant learns that a person paused an Echo of its Alexa provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VoicePause {
    /// On where its provider asks before it speaks: the pause itself needs no sentence then.
    #[default]
    Auto,
    /// Never.
    Never,
}

impl FromStr for VoicePause {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "auto" => Ok(Self::Auto),
            "never" => Ok(Self::Never),
            _ => Err("it has to be auto or never".to_owned()),
        }
    }
}
