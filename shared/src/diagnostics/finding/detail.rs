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

impl Detail for Timestamp {
    /// Writes the minute in UTC: `2026-11-22 08:00 UTC`.
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
    /// Writes an empty text where there is no time.
    fn write(&self, name: &str, details: &mut Details) {
        match self {
            Some(at) => at.write(name, details),
            None => String::new().write(name, details),
        }
    }
}
