//! Items as the stores hold them.

use std::fmt::Debug;

use ma_alexa::account::{DeviceList, Lease, LimiterState, PairingChallenge, Volumes};
use ma_alexa::config::Settings;
use ma_alexa::diagnostics::{DoctorReport, ProviderSnapshot};
use ma_alexa::playback::{Echo, Household, Player};
use ma_alexa::smapi::Provisioning;
use ma_alexa::store::Activity;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::household::NOW;

/// What is written of an item of any kind is read as the same.
pub(super) fn item(data: &[u8]) {
    if let Some(player) = read::<Player>(data) {
        let household = Household { players: vec![player.clone()], ..Household::default() };
        let view = household.view(&player, NOW);
        assert!(view.error.is_none() || view.player.effective_report().is_some());
        let _ = (player.is_playable(NOW), player.is_fresh(NOW), household.strays());
    }
    read::<Activity>(data);
    read::<DeviceList>(data);
    read::<Echo>(data);
    read::<PairingChallenge>(data);
    read::<Provisioning>(data);
    read::<LimiterState>(data);
    read::<Lease>(data);
    read::<ProviderSnapshot>(data);
    read::<DoctorReport>(data);
    read::<Settings>(data);
    read::<Volumes>(data);
}

fn read<T: Serialize + DeserializeOwned + PartialEq + Debug>(data: &[u8]) -> Option<T> {
    let item: T = serde_json::from_slice(data).ok()?;
    let written = serde_json::to_vec(&item).unwrap_or_default();
    let again: Option<T> = serde_json::from_slice(&written).ok();
    assert_eq!(again.as_ref(), Some(&item), "{}", String::from_utf8_lossy(&written));
    again
}
