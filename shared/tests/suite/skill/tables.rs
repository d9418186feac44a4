//! What several tests go through.

use ma_alexa::control::{Action, ControlError, Repeating};

/// Amazon's own intents that ask Music Assistant, without `AMAZON.` and `Intent`, and what each asks for.
pub(super) const OF_AMAZON: [(&str, Action); 8] = [
    ("Next", Action::Next),
    ("Previous", Action::Previous),
    ("StartOver", Action::StartOver),
    ("Repeat", Action::StartOver),
    ("ShuffleOn", Action::Shuffle(true)),
    ("ShuffleOff", Action::Shuffle(false)),
    ("LoopOn", Action::Repeat(Repeating::All)),
    ("LoopOff", Action::Repeat(Repeating::Off)),
];

/// Every reason why a request is not carried out.
pub(crate) const CONTROL_ERRORS: [ControlError; 14] = [
    ControlError::NotConnected,
    ControlError::HomeSilent,
    ControlError::Unsent,
    ControlError::Unreachable,
    ControlError::Slow,
    ControlError::SignedOut,
    ControlError::NotAllowed,
    ControlError::PlayerUnknown,
    ControlError::QueueEmpty,
    ControlError::NoSuchItem,
    ControlError::MusicGone,
    ControlError::NoGroup,
    ControlError::NotPossible,
    ControlError::Failed,
];
