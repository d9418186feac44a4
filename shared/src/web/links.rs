//! A link of a chain, from the start of a play to its sound.

/// A link, as pages show it.
pub(crate) struct Link {
    /// The key of its name.
    pub(crate) name: &'static str,
    pub(crate) reached: bool,
    /// Whether it may still be reached.
    pub(crate) waits: bool,
}

impl Link {
    /// The class of its picture.
    pub(crate) fn state(&self) -> &'static str {
        match (self.reached, self.waits) {
            (true, _) => "lit",
            (false, true) => "waits",
            (false, false) => "dark",
        }
    }

    /// The key of its state in words.
    pub(crate) fn word(&self) -> &'static str {
        match (self.reached, self.waits) {
            (true, _) => "chain-reached",
            (false, true) => "chain-waits",
            (false, false) => "chain-not-reached",
        }
    }
}
