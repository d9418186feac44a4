//! Volumes that people want, and what of it reached Amazon.
//!
//! A slider moves faster than Amazon takes commands. Each move only notes the value that is wanted; whoever holds the
//! command lane sends what is wanted then, for all devices in one request, until nothing newer is wanted.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// A wish that nobody sent for this long is not sent any more: whoever had it was told that it failed, or died.
const STALE: Duration = Duration::from_secs(20);

/// Counts wishes; a later wish has a higher number.
pub type Ticket = u64;

/// The volumes of all devices, as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volumes {
    /// The last ticket.
    #[serde(default)]
    pub ticket: Ticket,
    /// By serial number.
    #[serde(default)]
    pub devices: BTreeMap<String, DeviceVolume>,
}

/// What is known and wanted of one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceVolume {
    /// The volume that is wanted, 0 to 100.
    pub wanted: u8,
    /// The wish.
    pub ticket: Ticket,
    /// When it was made.
    pub wanted_at: Timestamp,
    /// What reached Amazon, or did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    /// Whether it is muted, by us: Amazon has no command for that, so its volume is 0.
    #[serde(default)]
    pub muted: bool,
    /// What to set when it is unmuted; never 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_mute: Option<u8>,
}

/// The last value that somebody tried to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The value, 0 to 100.
    pub value: u8,
    /// The wish that it was.
    pub ticket: Ticket,
    /// When the answer came.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: SentOutcome,
}

/// What became of a request with volumes in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum SentOutcome {
    /// Amazon took it.
    Accepted,
    /// Amazon says that the device has this volume now.
    Confirmed,
    /// It did not reach the device, for this reason: the code of an error of the API.
    Failed {
        /// The code.
        code: String,
        /// A sentence for people.
        message: String,
        /// Until when Amazon throttles, where it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
}

/// What somebody wants of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeWish {
    /// The device.
    pub serial: String,
    /// 0 to 100.
    pub value: u8,
    /// Whether this mutes it, from the volume that it has now, where that is known.
    pub mute: Option<Option<u8>>,
}

impl Volumes {
    /// Notes wishes, all under one ticket.
    pub fn want(&mut self, wishes: &[VolumeWish], at: Timestamp) -> Ticket {
        self.ticket += 1;
        for wish in wishes {
            let before = self.devices.get(&wish.serial);
            let last = before.map(|device| device.wanted).filter(|wanted| *wanted > 0);
            let remembered = before.and_then(|device| device.before_mute);
            let (muted, before_mute) = match wish.mute {
                // Muted twice, it is still the volume before the first time that counts.
                Some(now) => {
                    let now = now.filter(|now| *now > 0);
                    let was_muted = before.is_some_and(|device| device.muted);
                    (true, if was_muted { remembered.or(now) } else { now.or(last).or(remembered) })
                }
                None => (false, if wish.value > 0 { Some(wish.value) } else { remembered }),
            };
            let device = DeviceVolume {
                wanted: wish.value,
                ticket: self.ticket,
                wanted_at: at,
                sent: before.and_then(|device| device.sent.clone()),
                muted,
                before_mute,
            };
            self.devices.insert(wish.serial.clone(), device);
        }
        self.ticket
    }

    /// What has to be sent at `now`: the devices whose last wish nobody tried to send.
    #[must_use]
    pub fn pending(&self, now: Timestamp) -> Vec<(&str, &DeviceVolume)> {
        self.devices
            .iter()
            .filter(|(_, device)| device.sent.as_ref().is_none_or(|sent| sent.ticket < device.ticket))
            .filter(|(_, device)| now.since(device.wanted_at) < STALE)
            .map(|(serial, device)| (serial.as_str(), device))
            .collect()
    }

    /// Notes what became of a wish, unless more is known already.
    pub fn note_sent(&mut self, serial: &str, sent: &Sent) {
        if let Some(device) = self.devices.get_mut(serial) {
            let is_older = device.sent.as_ref().is_some_and(|before| before.ticket > sent.ticket);
            // A wish that is not known would hide the ones that are.
            let is_known = sent.ticket <= device.ticket;
            if is_known && !is_older {
                device.sent = Some(sent.clone());
            }
        }
    }

    /// Forgets all devices. The tickets go on, so that whoever still holds an old one takes no new wish for it.
    pub fn forget(&mut self) {
        self.devices.clear();
    }

    /// What became of the wish `ticket` or a later one for this device; none while nobody tried.
    #[must_use]
    pub fn outcome(&self, serial: &str, ticket: Ticket) -> Option<&Sent> {
        self.devices.get(serial)?.sent.as_ref().filter(|sent| sent.ticket >= ticket)
    }
}
