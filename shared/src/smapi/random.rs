//! Random names and waits.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::clock::{NoRandomness, Random};

/// The random bytes of a name: 96 bits.
const ID_BYTES: usize = 12;

/// A unique name for the holder of a lease.
pub(super) fn random_id(random: &dyn Random) -> Result<String, NoRandomness> {
    let mut bytes = [0; ID_BYTES];
    random.fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A wait of `span` and up to as much again at random, so that clients that were refused together do not return
/// together.
pub(super) fn jittered(random: &dyn Random, span: Duration) -> Result<Duration, NoRandomness> {
    let mut bytes = [0; 1];
    random.fill(&mut bytes)?;
    Ok(span + span * u32::from(bytes[0]) / 255)
}
