//! Values in the texts of findings.

use std::collections::BTreeMap;

use crate::clock::Timestamp;

/// The values of a finding, by name.
pub(super) type Details = BTreeMap<String, String>;

/// A value in the texts of a finding.
pub(super) trait Detail {
    /// Writes the value under its name. A value that is made of several has names for them.
    fn write(&self, name: &str, details: &mut Details);
}

/// Implements [`Detail`] for values with a text of their own.
macro_rules! plain_details {
    ($($type:ty),+) => {
        $(impl Detail for $type {
            fn write(&self, name: &str, details: &mut Details) {
                details.insert(name.to_owned(), self.to_string());
            }
        })+
    };
}

plain_details!(String, &'static str, u16, u32, u64);

/// The text in the place of no time.
const NEVER: &str = "–";

impl Detail for Timestamp {
    /// Writes the minute in UTC: `2026-11-22 08:00 UTC`. [`time`] reads it.
    fn write(&self, name: &str, details: &mut Details) {
        let text = self.rfc3339();
        let minute = match (text.get(..10), text.get(11..16)) {
            (Some(day), Some(time)) => format!("{day} {time} UTC"),
            _ => text,
        };
        details.insert(name.to_owned(), minute);
    }
}

impl Detail for Option<Timestamp> {
    fn write(&self, name: &str, details: &mut Details) {
        match self {
            Some(at) => at.write(name, details),
            None => NEVER.write(name, details),
        }
    }
}

/// The time of a detail; none where it is no time.
pub(in crate::diagnostics) fn time(detail: &str) -> Option<Timestamp> {
    let (day, time) = detail.strip_suffix(" UTC")?.split_once(' ')?;
    Timestamp::parse_rfc3339(&format!("{day}T{time}:00Z"))
}
