//! The stops of people before an Echo began what it was handed.

use super::{Store, StoreError};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::playback::Household;

/// Notes at each player that an Echo was stopped which has not begun what it was handed. Nothing begins there by itself then.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn note_silence(
    store: &dyn Store,
    devices: &[DeviceId],
    household: &Household,
    now: Timestamp,
) -> Result<(), StoreError> {
    for player in &household.players {
        let Some(device) = player.lost_hand_over(player.version()) else { continue };
        if devices.contains(device) {
            store.silence(player.player.key(), device, now).await?;
        }
    }
    Ok(())
}
