//! The Echos, as Amazon lists them: for commands, and for those that play nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::timeout;

use crate::account::{Device, DeviceKind, DeviceList};
use crate::amazon::Freshness;
use crate::api::ApiState;
use crate::api::devices::listed;
use crate::playback::Household;
use crate::web::devices::{Picture, key, volumes};
use crate::web::page::Page;

/// Time that Amazon gets for the volumes. The page does without them after that.
const PATIENCE: Duration = Duration::from_secs(2);

/// The list of an account; empty without one.
#[derive(Default)]
pub(super) struct EchoList {
    list: Vec<Device>,
    /// Volumes by serial number, where Amazon reports them.
    pub(super) volumes: BTreeMap<String, u8>,
}

/// An Echo that no player of Music Assistant has started yet.
pub(super) struct Quiet {
    pub(super) name: String,
    pub(super) picture: Picture,
    /// The class of its state.
    pub(super) tone: &'static str,
    pub(super) state: String,
    /// The id of its card.
    pub(super) place: String,
    /// Its serial number, where it can be paired with a click.
    pub(super) pairs: Option<String>,
}

impl EchoList {
    /// The list that is known, with volumes; empty where Amazon does not answer in time.
    pub(super) async fn of(state: &ApiState) -> Self {
        let known = async {
            let list: DeviceList = listed(state, Freshness::Cached).await.ok()?.list;
            let volumes = volumes(state, &list).await;
            Some(Self { list: list.devices, volumes })
        };
        timeout(PATIENCE, known).await.ok().flatten().unwrap_or_default()
    }

    /// The device of a player: the one that serves it, else the one of its name.
    pub(super) fn of_player(&self, player: &str, serial: Option<&str>) -> Option<&Device> {
        let served = |device: &&Device| Some(device.serial.as_str()) == serial;
        self.list.iter().find(served).or_else(|| self.list.iter().find(|device| device.name == player))
    }

    /// The Echos beside those with a serial number of `shown`.
    pub(super) fn quiet(&self, page: &Page, household: &Household, shown: &BTreeSet<&str>) -> Vec<Quiet> {
        let halves: BTreeSet<&String> = self
            .list
            .iter()
            .filter(|device| device.kind == DeviceKind::StereoPair)
            .flat_map(|pair| &pair.members)
            .collect();
        self.list
            .iter()
            .filter(|device| matches!(device.kind, DeviceKind::Echo | DeviceKind::StereoPair))
            .filter(|device| !halves.contains(&device.serial) && !shown.contains(device.serial.as_str()))
            .map(|device| Quiet::of(page, household, device))
            .collect()
    }
}

impl Quiet {
    fn of(page: &Page, household: &Household, device: &Device) -> Self {
        let mut echos = household.echos.iter();
        let is_paired = echos.any(|echo| {
            let is_it = echo
                .serial
                .as_ref()
                .is_some_and(|serial| *serial == device.serial || device.members.contains(serial));
            is_it && !household.served_by(&echo.device).is_empty()
        });
        let (tone, state, can_pair) = match (device.online, is_paired) {
            (false, _) => ("bad", "devices-offline", false),
            (true, true) => ("", "home-quiet", false),
            (true, false) => ("", "devices-not-paired", true),
        };
        Self {
            name: device.name.clone(),
            picture: Picture::of(device),
            tone,
            state: page.text(state),
            place: format!("quiet-{}", key(&device.serial)),
            pairs: can_pair.then(|| device.serial.clone()),
        }
    }
}
