//! The choice of the devices that are offered as media renderers.

use serde::{Deserialize, Serialize};

/// The devices that are offered as media renderers: the Echos and pairs but for those that are switched off, and the
/// groups that are switched on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OfferedRenderers {
    /// Whether none is offered.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all_off: bool,
    /// Serial numbers of those that are not offered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub off: Vec<String>,
    /// Serial numbers of the groups that are offered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
}

impl OfferedRenderers {
    /// Whether it is as in a household that chose nothing.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a group is offered.
    #[must_use]
    pub fn has_group(&self, serial: &str) -> bool {
        !self.all_off && self.on.iter().any(|on| on == serial)
    }

    /// Whether an Echo or a pair is offered.
    #[must_use]
    pub fn has(&self, serial: &str) -> bool {
        !self.all_off && !self.off.iter().any(|off| off == serial)
    }
}
