//! Names that no queue, no picture and no host has.

use crate::clock::Random;

/// Names that no queue, no picture and no host has: other ones at each walk, so that nothing is prepared for them.
#[derive(Clone, Debug)]
pub(super) struct Nobody {
    /// 64 digits (hex), as long as the names of Music Assistant's pictures.
    digits: String,
}

impl Nobody {
    /// Makes them up.
    pub(super) fn new(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        // Without randomness they are names all the same, and there is nothing of these either.
        if random.fill(&mut bytes).is_err() {
            tracing::debug!("there is no randomness for a made-up name");
        }
        let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
        Self { digits: bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect() }
    }

    /// The name of a queue.
    pub(super) fn name(&self) -> String {
        format!("nobody-{}", &self.digits[..16])
    }

    /// The path of a stream.
    pub(super) fn stream(&self) -> String {
        let (name, digits) = (self.name(), &self.digits);
        format!("/flow/{}/{name}/{}/{name}.mp3", &digits[..8], &digits[8..40])
    }

    /// The path of a picture.
    pub(super) fn picture(&self) -> String {
        format!("/imageproxy/{}", self.digits)
    }

    /// Paths of pictures that are named by their address, as older releases of Music Assistant take them. The first has a
    /// size that is no number: a release that takes the question fails on it before it fetches anything. No other host can
    /// be meant by the name (RFC 2606, section 2).
    pub(super) fn foreign_pictures(&self) -> [String; 2] {
        let path = format!("path=http%3A%2F%2F{}.invalid%2Fa.png", self.name());
        [format!("/imageproxy?{path}&size=x"), format!("/imageproxy?{path}")]
    }
}
