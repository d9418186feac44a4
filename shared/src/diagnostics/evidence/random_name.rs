//! Random names of queues, pictures and hosts that do not exist.

use crate::clock::Random;

/// A random name that no queue, picture or host has. Each run has its own, so no server can be prepared for it.
#[derive(Clone, Debug)]
pub(in crate::diagnostics) struct RandomName {
    /// 64 hex digits, the length of Music Assistant's picture names.
    digits: String,
}

impl RandomName {
    /// A name from 32 random bytes.
    pub(in crate::diagnostics) fn new(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        // Without randomness the name consists of zeros: no queue or picture has that name either.
        if random.fill(&mut bytes).is_err() {
            tracing::debug!("there is no randomness for the name of a probe");
        }
        let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
        Self { digits: bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect() }
    }

    /// The name of a queue.
    pub(super) fn queue(&self) -> String {
        format!("unused-{}", &self.digits[..16])
    }

    /// The path of a command to the queue.
    pub(super) fn command_path(&self) -> String {
        format!("/command/{}/next.mp3", self.queue())
    }

    /// The path of a stream.
    pub(super) fn stream_path(&self) -> String {
        let (queue, digits) = (self.queue(), &self.digits);
        format!("/flow/{}/{queue}/{}/{queue}.mp3", &digits[..8], &digits[8..40])
    }

    /// The path of a picture.
    pub(super) fn picture_path(&self) -> String {
        format!("/imageproxy/{}", self.digits)
    }

    /// Paths of pictures by their address, as older releases of Music Assistant take them. The first has a malformed size:
    /// a release that takes the path fails on it before it fetches the picture. The host is reserved for names that do
    /// not exist (RFC 2606, section 2).
    pub(super) fn foreign_picture_paths(&self) -> [String; 2] {
        let path = format!("path=http%3A%2F%2F{}.invalid%2Fa.png", self.queue());
        [format!("/imageproxy?{path}&size=x"), format!("/imageproxy?{path}")]
    }
}
