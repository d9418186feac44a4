//! A stored text, read as the value of one setting.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

/// A stored setting, read where its text comes from outside. A malformed one keeps its text, so that it never makes the
/// others unreadable and is written as it was.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String", bound(deserialize = "T: FromStr<Err: fmt::Display>"))]
pub enum Setting<T> {
    /// A well-formed value, which is written in its usual form.
    Value(T),
    /// A text that is no value.
    Malformed {
        /// The whole text, which may be blank.
        text: String,
        /// The rule that it breaks.
        problem: String,
    },
}

impl<T> Setting<T> {
    /// The value, if it is well-formed.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Malformed { .. } => None,
        }
    }

    /// The text and its problem, if it is malformed and not blank.
    pub fn malformed(&self) -> Option<(&str, &str)> {
        match self {
            Self::Malformed { text, problem } if !text.trim().is_empty() => Some((text, problem)),
            Self::Malformed { .. } | Self::Value(_) => None,
        }
    }
}

/// Reads a text; space around it does not count.
impl<T: FromStr<Err: fmt::Display>> From<String> for Setting<T> {
    fn from(text: String) -> Self {
        match text.trim().parse::<T>() {
            Ok(value) => Self::Value(value),
            Err(problem) => Self::Malformed { problem: problem.to_string(), text },
        }
    }
}

impl<T: FromStr<Err: fmt::Display>> From<&str> for Setting<T> {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// The text that is stored.
impl<T: fmt::Display> fmt::Display for Setting<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(formatter),
            Self::Malformed { text, .. } => formatter.write_str(text),
        }
    }
}

impl<T: fmt::Display> Serialize for Setting<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
